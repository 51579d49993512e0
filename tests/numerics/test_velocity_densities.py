"""Mixtures, the shell, their moments under Maxwell molecules, and laws from tables."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import (
    CorruptFile,
    HomogeneousLandau,
    InvalidInput,
    Law,
    Problem,
    Query,
    Quiet,
    Random,
    UnknownName,
)
from kineticbench.numerics import references
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_moments import maxwell_law
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_shell import GaussianShell
from kineticbench.numerics.velocity_start import VelocityDensity, VelocityStart, cell_centres
from kineticbench.numerics.velocity_table import GriddedDensity, table_law, tabulated

SKEW = GaussianMixture((0.3, 0.7), ((1.0, 0.0, -0.5), (-0.4, 0.2, 0.0)), ((0.8, 0.2, 1.0), (0.5, 1.5, 0.9)))
SHELL = GaussianShell(0.3, 0.3 / 20**0.5, 0.01)
DENSITIES = {"mixture": SKEW, "shell": SHELL}


@pytest.mark.parametrize("density", DENSITIES.values(), ids=DENSITIES)
def test_score_is_the_gradient_of_the_logarithm(density: VelocityDensity):
    v = density.draw(200, np.random.default_rng(0))
    slopes = [np.log(density.density(v + s) / density.density(v - s)) / 2e-6 for s in 1e-6 * np.eye(3)]
    exact = density.score(v)
    np.testing.assert_allclose(np.stack(slopes, axis=1), exact, atol=1e-6 * np.abs(exact).max())


@pytest.mark.parametrize("density", DENSITIES.values(), ids=DENSITIES)
def test_random_and_quiet_samples_have_the_moments_of_the_density(density: VelocityDensity):
    half_width = 7.0 if density is SKEW else 1.0
    v = cell_centres(half_width, 80, 3)
    f = density.density(v) * (2 * half_width / 80) ** 3
    assert f.sum() == pytest.approx(density.mass, rel=1e-6)
    covariance = (v * f[:, None]).T @ v / f.sum()
    for start, tolerance in ((Random(), 0.05), (Quiet(), 2e-3)):
        found = VelocityStart(density, half_width).sample(start, 20_000, 1)
        assert found.weights.sum() == pytest.approx(density.mass)
        x, w = found.velocities[0], found.weights[0] / density.mass
        np.testing.assert_allclose((x * w[:, None]).T @ x, covariance, atol=tolerance * np.abs(covariance).max())


def test_scores_far_out_and_at_the_kink_are_finite():
    assert np.isfinite(SKEW.score(np.full((1, 3), 1e3))).all()
    assert (SHELL.score(np.zeros((1, 3))) == 0).all()


def test_shell_has_the_mass_and_mean_square_of_rosenbluths():
    assert SHELL.mass == pytest.approx(1.996815e-3, rel=1e-6)
    assert SHELL.mean_square == pytest.approx(0.112071, rel=1e-5)


def test_fourth_moment_of_a_mixture():
    v = SKEW.draw(400_000, np.random.default_rng(3))
    assert ((v**2).sum(1) ** 2).mean() == pytest.approx(SKEW.fourth_moment, rel=0.02)
    np.testing.assert_allclose(np.cov(v.T), SKEW.covariance, atol=0.02)


@pytest.mark.parametrize("d", [2, 3, 5, 10])
def test_maxwell_moments_against_their_own_equations_integrated(d):
    """d/dt E[φ] = E[U·∇φ] of Gaussian pairs is checked at t = 0 by samples, and the closed form by Runge–Kutta."""
    sigma, strength = np.diag([1.8, 0.2, *(1.0,) * (d - 2)]), 1 / 24
    fourth = np.trace(sigma) ** 2 + 2 * (sigma**2).sum()
    law = maxwell_law(sigma, fourth, strength)

    def slope(state: np.ndarray) -> np.ndarray:
        matrix, trace = state[:-1].reshape(d, d), np.trace(state[:-1].reshape(d, d))
        growth = 4 * strength * (trace * np.eye(d) - d * matrix)
        quartic = -4 * (d - 1) * strength * (state[-1] - trace**2) + 8 * strength * (trace**2 - (matrix**2).sum())
        return np.append(growth.ravel(), quartic)

    state, dt = np.append(sigma.ravel(), fourth), 0.01
    for _ in range(200):
        k1 = slope(state)
        k2 = slope(state + dt / 2 * k1)
        k3 = slope(state + dt / 2 * k2)
        state = state + dt / 6 * (k1 + 2 * k2 + 2 * k3 + slope(state + dt * k3))
    assert law.covariance is not None
    assert law.fourth_moment is not None
    np.testing.assert_allclose(law.covariance(np.array([2.0]))[0], state[:-1].reshape(d, d), atol=1e-8)
    assert law.fourth_moment(np.array([2.0]))[0] == pytest.approx(state[-1], rel=1e-8)


def test_maxwell_moments_agree_with_the_pair_sum_of_many_particles():
    """The rates of Σ and ⟨|v|⁴⟩ under U of 40 000 quiet Gaussian particles with their exact score, at t = 0."""
    from kineticbench.numerics.collision import maxwell_sum

    density = GaussianMixture((1.0,), ((0.0,) * 3,), ((1.8, 0.2, 1.0),))
    v = VelocityStart(density, 6.0).sample(Quiet(), 40_000, 0).velocities[0]
    push = maxwell_sum(v, density.score(v), np.full(len(v), 1 / len(v)), 1 / 24)
    law = maxwell_law(density.covariance, density.fourth_moment, 1 / 24)
    assert law.covariance is not None
    assert law.fourth_moment is not None
    h = 1e-4
    rate = (law.covariance(np.array([h])) - law.covariance(np.array([0.0])))[0] / h
    np.testing.assert_allclose(2 * np.diag(push.T @ v) / len(v), np.diag(rate), atol=3e-3)
    rate = (law.fourth_moment(np.array([h])) - law.fourth_moment(np.array([0.0])))[0] / h
    assert 4 * ((v**2).sum(1) * (v * push).sum(1)).mean() == pytest.approx(rate, rel=0.02)


def test_gridded_density_of_a_gaussian_is_exact_and_samples_it():
    points, order = cell_centres(6.0, 30, 3), np.random.default_rng(5).permutation(27_000)
    exact = GaussianMixture((1.0,), ((0.1, 0.0, -0.2),), ((0.9, 1.1, 0.8),))
    grid = GriddedDensity(points[order], exact.density(points[order]), exact.covariance)
    v = exact.draw(5000, np.random.default_rng(6))
    v = v[np.abs(v).max(1) < 4]
    np.testing.assert_allclose(grid.density(v), exact.density(v), rtol=1e-3)
    np.testing.assert_allclose(grid.score(v), exact.score(v), atol=2e-2)
    assert grid.density(np.full((1, 3), 7.0))[0] == 0
    drawn = grid.draw(50_000, np.random.default_rng(7))
    np.testing.assert_allclose(drawn.mean(0), exact.mean, atol=0.02)
    np.testing.assert_allclose(np.cov(drawn.T), exact.covariance, atol=0.03)


def posed() -> Problem:
    start = VelocityStart(GaussianMixture((1.0,), ((0.0, 0.0),), ((1.5, 0.5),)), 6.0)
    return pose(start, HomogeneousLandau(2, -3.0, 0.1), "test", None, 1.0, (6.0, 16))


def table(problem: Problem) -> dict[str, np.ndarray]:
    times, points = problem.query.series, problem.query.points
    assert points is not None
    assert problem.initial_density is not None
    share = np.stack([np.eye(2) + np.diag([0.5, -0.5]) * np.exp(-t) for t in times])
    f = problem.initial_density.density(points)[0]
    return {
        "series": times,
        "covariance": share,
        "entropy": np.exp(-times),
        "dissipation": -np.exp(-times),
        "fourth_moment": 8 + np.exp(-times),
        "density": np.stack([f] * problem.query.times.size).astype(np.float32),
        "bar/covariance": np.full(1, 1e-3),
    }


def test_tables_are_splines_in_time():
    law: Law = table_law(table(posed()), posed())
    assert law.entropy is not None
    assert law.covariance is not None
    assert law.density is not None
    t = np.array([0.013, 0.5, 0.77])
    np.testing.assert_allclose(law.entropy(t), np.exp(-t), atol=1e-7)
    np.testing.assert_allclose(law.covariance(t)[:, 0, 0], 1 + 0.5 * np.exp(-t), atol=1e-7)
    for late in (1.1, -0.1):
        with pytest.raises(InvalidInput):
            law.entropy(np.array([late]))
    with pytest.raises(InvalidInput, match="known at"):
        law.density(0.33, np.zeros((1, 2)))


def test_files_are_found_read_and_refused(tmp_path):
    problem, parameters = posed(), {"strength": 0.1}
    with pytest.raises(InvalidInput, match="make_reference"):
        tabulated("some", parameters, problem, tmp_path)
    path = references.location("some", parameters, tmp_path)
    references.store(path, table(problem), {"provenance": "made up"})
    found = tabulated("some", parameters, problem, tmp_path)
    assert found.density is not None
    assert found.density.shape == (4, 1, 256)
    assert found.bars["covariance"] == 1e-3
    assert found.law is not None
    assert found.law.sample is not None
    drawn = found.law.sample(1.0, 20_000, 0)
    np.testing.assert_allclose(np.cov(drawn.T), table(problem)["covariance"][-1], atol=0.05)
    references.store(path, {**table(problem), "density": np.ones((2, 3))}, {})
    with pytest.raises(CorruptFile):
        tabulated("some", parameters, problem, tmp_path)


@pytest.mark.parametrize(
    "arguments",
    [
        ((), (), ()),
        ((1.0,), ((0.0, 0.0),), ((1.0, 0.0),)),
        ((0.5, 0.4), ((0.0,), (1.0,)), ((1.0,), (1.0,))),
        ((1.0,), ((0.0,),), ((1.0, 1.0),)),
        ((1.0,), ((float("inf"),),), ((1.0,),)),
    ],
    ids=["none", "no spread", "shares", "lengths", "infinite"],
)
def test_mixtures_that_cannot_be_meant_are_refused(arguments):
    with pytest.raises(InvalidInput):
        GaussianMixture(*arguments)


def test_problems_that_cannot_be_meant_are_refused():
    start, equation = VelocityStart(SHELL, 1.0), HomogeneousLandau(3, -3.0, 0.1)
    with pytest.raises(UnknownName):
        pose(start, equation, "train", None, 1.0, None)
    for cases, final_time in ((2, 1.0), (0, 1.0), (None, 0.0), (None, -1.0)):
        with pytest.raises(InvalidInput):
            pose(start, equation, "test", cases, final_time, None)
    with pytest.raises(InvalidInput):
        start.density(np.zeros((3, 2)))
    with pytest.raises(InvalidInput):
        start.sample(Random(), 0, 0)
    with pytest.raises(InvalidInput):
        VelocityStart(SHELL, 0.0)
    with pytest.raises(InvalidInput):
        Query(np.array([0.0, 0.0]))
