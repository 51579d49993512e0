"""Stochastic solvers of the Landau equation against exact laws, within sampling errors that theory gives."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import Ensemble, HomogeneousLandau, Problem, Query, Random
from kineticbench.numerics import bkw
from kineticbench.numerics.gaussian_relaxation import relaxed

N = 40_000
B = 1 / 24


def moved(name: str, equation: HomogeneousLandau, v: np.ndarray, time: float, dt: float, seed: int = 0) -> np.ndarray:
    """Particles at a time, of one start."""
    start, query = Ensemble(None, v[None]), Query(np.array([0.0, time]))
    solver: Any = catalog.build("solvers", name, {"dt": dt})
    return solver.fit(Problem(equation, None, start, query), seed=seed)(start, query).trajectory.velocities[1, 0]


def gaussian(variances: Any, particles: int = N, seed: int = 0) -> np.ndarray:
    """Normal particles whose sample covariance is exactly diag(variances)."""
    v = np.random.default_rng(seed).standard_normal((particles, len(variances)))
    v -= v.mean(0)
    return v @ np.linalg.inv(np.linalg.cholesky(np.cov(v.T, bias=True))).T * np.sqrt(variances)


def anisotropy(v: np.ndarray) -> float:
    return float(v[:, 0].var() - v[:, 1].var())


@pytest.mark.parametrize("name", ["grazing_collisions", "langevin"])
@pytest.mark.parametrize("d", [2, 3])
def test_covariance_relaxes_at_the_exact_rate(name, d):
    """Σ∞ − Σ decays as exp(−4dBt). Each component of a sample has a variance of at most 2Σ²/N; at the start, none."""
    variances, time, dt = [1.8, 0.2, 1.0][:d], 2.0, 0.02 if name == "grazing_collisions" else 0.1
    found = anisotropy(moved(name, HomogeneousLandau(d, 0.0, B), gaussian(variances), time, dt))
    late = 1.6 * math.exp(-4 * d * B * time)
    if name == "grazing_collisions":  # of first order in dt
        late *= 1 + 2 * d * B * dt * 4 * d * B * time
    assert found == pytest.approx(late, abs=4 * math.sqrt(2 * 2 * 1.2**2 / N))


@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("d", [2, 3])
def test_a_long_step_of_grazing_collisions_does_what_theory_says(d, steps):
    """Half of the anisotropy lies in relative velocities and decays by exp(−dσ²), σ² = 8B dt; the other half rests."""
    time = 6.0
    found = anisotropy(
        moved("grazing_collisions", HomogeneousLandau(d, 0.0, B), gaussian([1.8, 0.2, 1.0][:d]), time, time / steps)
    )
    per_step = 0.5 * (1 + math.exp(-8 * d * B * time / steps))
    assert found == pytest.approx(1.6 * per_step**steps, abs=4 * math.sqrt(4 * 1.2**2 / N))


def splitting(d: int, time: float, steps: int) -> float:
    """Anisotropy after Strang steps, of 1 at the start: half Ornstein–Uhlenbeck, sphere, half Ornstein–Uhlenbeck."""
    h, friction, decay = time / steps, (d - 1) * B, 4 * d * B
    now = 1.0

    def half(now: float, at: float) -> float:
        s = (np.arange(4000) + 0.5) * h / 8000
        noise = -2 * B * np.exp(-decay * (at + s)) * np.exp(-2 * friction * (h / 2 - s))
        return now * math.exp(-friction * h) + float(noise.mean()) * h / 2

    for step in range(steps):
        now = half(now, step * h) * math.exp(-2 * d * B * h)
        now = half(now, step * h + h / 2)
    return now


@pytest.mark.parametrize("d", [2, 3])
def test_langevin_is_of_second_order(d):
    """Its exact splitting error falls by four when the step halves, and a long step shows just that error."""
    time, exact = 6.0, math.exp(-4 * d * B * 6.0)
    errors = [splitting(d, time, steps) - exact for steps in (4, 8, 16)]
    orders = np.log2(np.divide(errors[:-1], errors[1:]))
    np.testing.assert_allclose(orders, 2, atol=0.05)
    found = anisotropy(
        moved("langevin", HomogeneousLandau(d, 0.0, B), gaussian([1.8, 0.2, 1.0][:d], 4 * N), time, time)
    )
    assert found == pytest.approx(1.6 * splitting(d, time, 1), abs=4 * math.sqrt(4 * 1.2**2 / (4 * N)))


@pytest.mark.parametrize("name", ["grazing_collisions", "langevin"])
@pytest.mark.parametrize(("d", "strength", "start_time", "time"), [(2, 1 / 16, 0.0, 5.0), (3, B, 5.5, 4.0)])
def test_fourth_moment_of_the_exact_solution(name, d, strength, start_time, time):
    """⟨|v|⁴⟩ = d(d+2)K(2−K), which the second moments do not fix."""
    law, start = bkw.law(d, strength, start_time), bkw.start(d, strength, start_time, 5.0)
    assert law.fourth_moment is not None
    v = start.sample(Random(), 2 * N, 1).velocities[0]
    v = v - v.mean(0)
    v *= math.sqrt(d / (v * v).sum(1).mean())
    dt = 0.05 if name == "grazing_collisions" else 0.25
    fourth = (moved(name, HomogeneousLandau(d, 0.0, strength), v, time, dt) ** 2).sum(1) ** 2
    exact_before, exact = law.fourth_moment(np.array([0.0, time]))
    bar = fourth.std() / math.sqrt(len(v))
    assert abs(fourth.mean() - exact) < 4 * bar
    assert exact - exact_before > 5 * bar  # so that standing still would fail


@pytest.mark.parametrize("temperatures", [(0.085, 0.085, 0.04), (0.07, 0.07, 0.05)])
def test_coulomb_anisotropy_begins_to_fall_at_trubnikovs_rate(temperatures):
    equation = HomogeneousLandau(3, -3.0, 1 / (4 * math.pi))
    time = 0.05 * 5 * math.sqrt(math.pi) * 0.07**1.5 / (4 * equation.strength)
    rates = []
    for seed in range(8):
        v = moved("grazing_collisions", equation, gaussian(temperatures, N // 2, seed), time, time / 64, seed)
        rates.append((v[:, 2].var() - temperatures[2]) / time / equation.strength)
    # A Gaussian's rate at the start is exact; within 5 % of a relaxation time its fall is known well enough.
    later = relaxed(np.diag(temperatures), 1.0, equation, np.array([time]))[0][0]
    true = (later[2, 2] - temperatures[2]) / time / equation.strength
    bar = float(np.std(rates, ddof=1)) / math.sqrt(len(rates))
    assert bar < 0.1 * true
    assert np.mean(rates) == pytest.approx(true, abs=4 * bar)
