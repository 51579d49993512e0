"""Score-based transport against exact laws, with few particles and steps."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Mesh, Problem, Query, Random, Solution
from kineticbench.numerics import bkw, score_matching
from kineticbench.numerics.collision import maxwell_sum
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.score_matching_training import Fit, Trainer, regress
from kineticbench.numerics.score_networks import Architecture
from kineticbench.numerics.score_transport_volume import divergence
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_start import VelocityStart
from kineticbench.solvers.sbtm import SBTM

BKW = HomogeneousLandau(2, 0.0, 1 / 16)
GAUSSIAN = HomogeneousLandau(2, 0.0, 1 / 8)
SMALL = SBTM(
    particles=1000,
    loading="random",
    optimiser="adamax",
    width=16,
    layers=3,
    iterations=60,
    rate=2e-3,
    dt=0.1,
    fit_updates=500,
    fit_batch=500,
)


def test_the_losses_at_the_score_are_minus_the_fisher_information():
    """2D BKW at t = 2.5, where ∫|∇f|²/f = 2.178488; 4 000 particles know the loss to about 2 %."""
    truth = bkw.law(2, 1 / 16, 2.5)
    assert truth.sample is not None
    assert truth.score is not None
    x, fresh = truth.sample(0.0, 4000, 0), truth.sample(0.0, 4000, 1)
    w = np.ones(4000)
    with scope("cpu", "float64"):
        trainer = Trainer(Architecture(2, 16, 3, "silu"), "adamax", "cpu", "float64")
        theta = trainer.architecture.initial(np.random.default_rng(0))
        theta, curve = regress(trainer, theta, (x, w, truth.score(0.0, x)), Fit(1e-2, True, 500, 1e-6, 2000), 0)
        implicit, _ = trainer.gradient(theta, trainer.prepared(score_matching.implicit(fresh, w)))
        noise = np.random.default_rng(2).standard_normal(x.shape)
        denoising, _ = trainer.gradient(theta, trainer.prepared(score_matching.denoising(fresh, w, noise, 0.05)))
    assert curve[-1] < 5e-3
    assert implicit == pytest.approx(-2.178488, rel=0.05)
    assert denoising == pytest.approx(-2.178488, rel=0.1)


def test_density_along_the_exact_flow_is_carried_to_first_order():
    """On a mesh, where sums are integrals, the error at t = 1 is that of Euler's steps alone: it halves with dt."""
    truth, density = bkw.law(2, 1 / 16, 0.0), bkw.start(2, 1 / 16, 0.0, 4.0)
    assert truth.score is not None
    assert truth.density is not None
    ensemble = density.sample(Mesh(5.0), 40**2, 0)
    w, errors, h = np.array(ensemble.weights[0]), [], 1e-5
    for steps in (10, 20):
        v, log_det = ensemble.velocities[0], np.zeros(40**2)
        for step in range(steps):
            t = step / steps
            s = truth.score(t, v)
            slopes = [(truth.score(t, v + h * e) - truth.score(t, v - h * e)) / (2 * h) for e in np.eye(2)]
            log_det = log_det + divergence(v, s, w, np.stack(slopes, -1), BKW) / steps
            v = v + maxwell_sum(v, s, w, 1 / 16) / steps
        carried, exact = density.density(ensemble.velocities[0])[0] * np.exp(-log_det), truth.density(1.0, v)
        away = (v * v).sum(1) > 0.5  # f₀ = 0 at the origin, where the score is singular
        errors.append(np.sqrt((w * (carried - exact) ** 2)[away].sum() / (w * exact**2)[away].sum()))
    assert errors[1] < 0.01
    assert errors[0] / errors[1] == pytest.approx(2, rel=0.15)


@cache
def relaxed(dt: float) -> tuple[np.ndarray, Solution]:
    """An anisotropic Gaussian to t = 1; as many updates a unit of time whatever the step."""
    density = VelocityStart(GaussianMixture((1.0,), ((0.0, 0.0),), ((1.8, 0.2),)), 6.0)
    times = np.array([0.0, 1.0])
    problem = Problem(GAUSSIAN, density, None, Query(times, times))
    solver = SBTM(particles=2000, width=16, layers=3, fit_updates=2000, dt=dt, iterations=round(1000 * dt))
    ensemble = density.sample(Random(), solver.particles, 5)
    return ensemble.velocities[0], solver.fit(problem, None, 0)(ensemble, problem.query)


def covariance_error(dt: float) -> float:
    """(Σ − Σ∞) ∝ exp(−4dBt), from the particles' own covariance; in units of what it loses from the start."""
    begin, solution = relaxed(dt)
    assert solution.trajectory is not None
    first, last = np.cov(begin.T), np.cov(solution.trajectory.velocities[1, 0].T)
    rest = np.trace(first) / 2 * np.eye(2)
    exact = rest + (first - rest) * np.exp(-1.0)
    return float(np.linalg.norm(last - exact) / np.linalg.norm(first - exact))


def test_covariance_of_maxwell_molecules_relaxes_at_the_exact_rate_to_first_order_in_the_step():
    """The score of a Gaussian is linear, so a small network learns it, and what is left is Euler's error."""
    coarse, middle, fine = (covariance_error(dt) for dt in (0.2, 0.1, 0.05))
    assert fine < 0.1
    assert coarse / middle == pytest.approx(2, rel=0.2)
    assert middle / fine == pytest.approx(2, rel=0.2)


def test_entropy_and_density_follow_the_gaussian():
    """The entropy to first order in the step; the density no better than its score was learned."""
    spread = 1 + 0.8 * np.exp(-1.0)
    variances = np.array([spread, 2 - spread])
    truth = -0.5 * np.log(4 * np.pi**2 * np.e**2 * variances.prod())
    entropies, densities = [], []
    for dt in (0.2, 0.1, 0.05):
        _, solution = relaxed(dt)
        assert solution.trajectory is not None
        entropies.append(abs(solution.series["entropy"][0, 1] - truth))
        v = solution.trajectory.velocities[1, 0]
        exact = np.exp(-0.5 * (v**2 / variances).sum(1)) / (2 * np.pi * np.sqrt(variances.prod()))
        densities.append(np.linalg.norm(solution.particle_density[1, 0] - exact) / np.linalg.norm(exact))
    assert entropies[0] / entropies[1] == pytest.approx(2, rel=0.2)
    assert entropies[2] < 0.8 * entropies[1]
    assert max(densities) < 0.12


def test_energy_grows_by_the_square_of_each_step():
    """Σ w v·U = 0, so Euler's step adds ½ Σ w |Δv|², and nothing else does."""
    density = VelocityStart(GaussianMixture((1.0,), ((0.0, 0.0),), ((1.8, 0.2),)), 6.0)
    query = Query(SMALL.dt * np.arange(3.0), SMALL.dt * np.arange(3.0))
    ensemble = density.sample(Random(), 200, 5)
    solution = SMALL.fit(Problem(GAUSSIAN, density, None, query), None, 0)(ensemble, query)
    assert solution.trajectory is not None
    moved = np.diff(solution.trajectory.velocities[:, 0], axis=0)
    np.testing.assert_allclose(
        np.diff(solution.series["energy"][0]), 0.5 * (moved**2).sum(2).mean(1), rtol=1e-9, atol=1e-15
    )


def test_score_error_falls_with_the_number_of_particles():
    """Few particles are learned by heart: the loss falls below its minimum and the score is far off."""
    truth, density = bkw.law(2, 1 / 16, 0.0), bkw.start(2, 1 / 16, 0.0, 4.0)
    assert truth.score is not None
    query = Query(np.array([0.0, 0.5]))
    errors = []
    for particles in (60, 3000):
        solver = SBTM(
            particles,
            loading="random",
            optimiser="adamax",
            width=16,
            layers=3,
            iterations=50,
            rate=2e-3,
            dt=0.1,
            fit_updates=1500,
            fit_batch=500,
        )
        ensemble = density.sample(Random(), particles, 5)
        solution = solver.fit(Problem(BKW, density, None, query), None, 0)(ensemble, query)
        assert solution.trajectory is not None
        exact = truth.score(0.5, solution.trajectory.velocities[1, 0])
        errors.append(np.linalg.norm(solution.score[1, 0] - exact) / np.linalg.norm(exact))
    assert errors[1] < 0.3
    assert errors[0] > 1.5 * errors[1]
