"""Coulomb collisions: rates known in closed form, the way to equilibrium, and three methods that share no code."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import HomogeneousLandau, Problem, Query
from kineticbench.numerics.landau_operator import LandauOperator, VelocityGrid
from kineticbench.numerics.landau_radial import radial_answer
from kineticbench.solvers.landau_grid import LandauGrid


def heating(temperatures: tuple[float, float, float], cells: int, half_width: float) -> np.ndarray:
    """dT/dt along each axis of an anisotropic Maxwellian, B = 1."""
    grid = VelocityGrid(cells, half_width, (0.0, 0.0, 0.0))
    v, t = grid.nodes(), np.array(temperatures)
    f = np.exp(-(v**2 / t / 2).sum(axis=1)) / np.sqrt((2 * np.pi * t).prod())
    rate = LandauOperator(grid, HomogeneousLandau(3, -3.0, 1.0)).collide(f.reshape(grid.shape)).rate
    return (v**2).T @ rate.ravel() * grid.volume


@pytest.mark.parametrize(("temperatures", "rate"), [((0.085, 0.085, 0.04), 0.8472), ((0.07, 0.07, 0.05), 0.3997)])
def test_the_initial_rate_of_trubnikov(temperatures, rate):
    found = heating(temperatures, 28, 6.3 * max(temperatures) ** 0.5)
    assert found[2] == pytest.approx(rate, rel=1e-3)
    assert found[0] == pytest.approx(-found[2] / 2, rel=1e-3)


def test_the_rate_near_isotropy():
    """ν = 4B / 5√π T^(3/2), linear in the anisotropy: two of them, extrapolated to none."""
    mean = 0.07
    rates = []
    for share in (0.1, 0.05):
        across, along = mean * (1 + share / 3), mean * (1 - 2 * share / 3)
        found = heating((across, across, along), 20, 1.55)
        rates.append(-(found[0] - found[2]) / (across - along))
    expected = 4 / (5 * np.sqrt(np.pi) * mean**1.5)
    assert rates[1] == pytest.approx(expected, rel=0.02)
    assert 2 * rates[1] - rates[0] == pytest.approx(expected, rel=1e-3)


def test_the_mixture_reaches_equilibrium():
    """At T = 300 its covariance is I and f the standard Maxwellian."""
    problem = catalog.build("datasets", "gaussian_mixture", {"exponent": -3.0}).problem()
    assert problem.query.points is not None
    solution = LandauGrid(32, 1.0, 6.2, 2).fit(problem)(None, problem.query)
    maxwellian = np.exp(-(problem.query.points**2).sum(axis=1) / 2) / (2 * np.pi)
    apart = np.linalg.norm(solution.density[:, 0] - maxwellian, axis=1) / np.linalg.norm(maxwellian)
    assert apart[0] > 0.3
    assert apart[3] < 0.02
    assert (np.diff(apart) < 0).all()
    assert (np.diff(solution.series["entropy"]) < 1e-7).all()
    assert solution.series["entropy"][0, -1] == pytest.approx(-1 - np.log(2 * np.pi), abs=1e-3)


def test_the_bi_gaussian_keeps_mean_and_temperature_and_is_far_from_equilibrium_at_forty():
    problem = catalog.build("datasets", "bi_gaussian_coulomb", {}).problem()
    solution = LandauGrid(32, 0.0, 0.0, 4).fit(problem)(None, problem.query)
    assert solution.series["momentum"].max() < 1e-9
    np.testing.assert_allclose(solution.series["energy"], 0.5 * (2 * 2 + 1), rtol=1e-6)
    assert (np.diff(solution.series["entropy"]) < 0).all()
    points, f = problem.query.points, solution.density[-1, 0]
    assert points is not None
    mean = f @ points / f.sum()
    away = points - mean
    np.testing.assert_allclose(mean, [-1, 0], atol=1e-4)
    spread = (away * f[:, None]).T @ away / f.sum()
    np.testing.assert_allclose(np.linalg.eigvalsh(spread), [1.36, 2.65], atol=0.01)
    assert np.trace(spread) == pytest.approx(4, rel=1e-4)


def test_a_shell_in_three_dimensions_follows_the_radial_equation():
    strength, times = 1.0, np.array([0.0, 0.5])
    points = np.random.default_rng(0).uniform(-1.5, 1.5, (30, 3))

    def profile(r: np.ndarray) -> np.ndarray:
        return (1 + r**2) ** 2 * np.exp(-(r**2)) / 40

    from kineticbench.contracts import InitialDensity

    class Shell(InitialDensity):
        def density(self, v):
            return profile(np.linalg.norm(v, axis=1))[None]

        def score(self, v):
            return np.zeros((1, *v.shape))

        def sample(self, start, particles, seed):
            raise AssertionError("A grid draws no particles.")

    problem = Problem(HomogeneousLandau(3, -3.0, strength), Shell(), None, Query(times, times, points))
    grid = LandauGrid(28, 0.05, 4.8, 2).fit(problem)(None, problem.query)
    radial, bound = radial_answer(profile, strength, times, np.linalg.norm(points, axis=1), 5.0, 50)
    np.testing.assert_allclose(grid.density[:, 0], radial.density, atol=2e-3 * radial.density.max())
    np.testing.assert_allclose(bound.density, radial.density, atol=1e-6 * radial.density.max())
    np.testing.assert_allclose(grid.series["entropy"][0], radial.entropy, atol=1e-3)
    np.testing.assert_allclose(np.diff(radial.mean_square), 0, atol=1e-8)
    assert radial.entropy[1] < radial.entropy[0]
