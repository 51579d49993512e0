"""The Landau grid against the exact solution of Bobylev, Krook and Wu: spectral in cells, of its order in time."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Problem, Query
from kineticbench.numerics import bkw
from kineticbench.solvers.landau_grid import LandauGrid

STRENGTH = {2: 1 / 16, 3: 1 / 24}
BEGIN = {2: 1.0, 3: 6.0}


def posed(dimension: int, end: float) -> tuple[Problem, Any]:
    """BKW until `end`, f asked for on a grid of points, and its law."""
    along = np.linspace(-3, 3, 13 if dimension == 2 else 7)
    points = np.stack(np.meshgrid(*[along] * dimension), axis=-1).reshape(-1, dimension)
    query = Query(np.array([0.0, end]), np.array([0.0, end / 2, end]), points)
    start = bkw.start(dimension, STRENGTH[dimension], BEGIN[dimension], 4.0)
    problem = Problem(HomogeneousLandau(dimension, 0.0, STRENGTH[dimension]), start, None, query)
    return problem, bkw.law(dimension, STRENGTH[dimension], BEGIN[dimension])


def error(problem: Problem, law: Any, solver: LandauGrid) -> float:
    """Relative L2 error of f at the end."""
    f = solver.fit(problem)(None, problem.query).density[-1, 0]
    truth = law.density(problem.query.final_time, problem.query.points)
    return float(np.linalg.norm(f - truth) / np.linalg.norm(truth))


@pytest.mark.parametrize(("dimension", "end", "most"), [(2, 1.0, (2e-2, 2e-4, 1e-6)), (3, 0.02, (2e-2, 2e-4))])
def test_errors_fall_faster_than_any_power_of_the_cell_width(dimension, end, most):
    problem, law = posed(dimension, end)
    errors = [error(problem, law, LandauGrid(n, 0.0)) for n in (16, 24, 32)[: len(most)]]
    assert all(e < limit for e, limit in zip(errors, most, strict=True))
    orders = [np.log(a / b) for a, b in pairwise(errors)] / np.diff(np.log((16, 24, 32)[: len(most)]))
    assert orders.min() > 9
    assert (np.diff(orders) > 3).all()


@pytest.mark.parametrize(("order", "dt"), [(2, 0.5), (4, 0.025)])
def test_time_steps_have_their_order(order, dt):
    """Against the same grid at a much shorter step, so that cells do not count."""
    problem, _ = posed(2, 1.0)

    def density(dt: float, order: int) -> np.ndarray:
        return LandauGrid(16, dt, 6.0, order).fit(problem)(None, problem.query).density[-1, 0]

    truth = density(0.002, 4)
    coarse, fine = (float(np.abs(density(step, order) - truth).max()) for step in (dt, dt / 2))
    assert np.log2(coarse / fine) == pytest.approx(order, abs=0.5)


def test_invariants_and_entropy_of_a_resolved_run():
    problem, law = posed(2, 1.0)
    solution = LandauGrid(40, 0.05, 0.0, 2).fit(problem)(None, problem.query)
    times = problem.query.series
    assert np.ptp(solution.series["mass"]) < 1e-13
    assert np.ptp(solution.series["energy"]) < 1e-9
    assert solution.series["momentum"].max() < 1e-13
    np.testing.assert_allclose(solution.series["entropy"][0], law.entropy(times), atol=1e-5)
    np.testing.assert_allclose(solution.series["dissipation"][0], law.dissipation(times), rtol=1e-3)
    assert solution.diagnostics["negative_mass"][0] < 1e-8


def test_the_score_is_that_of_the_law():
    problem, law = posed(2, 1.0)
    assert problem.query.points is not None
    found = LandauGrid(40, 0.05, 0.0, 2).fit(problem)(None, problem.query).point_score[-1, 0]
    f, s = law.density(1.0, problem.query.points), law.score(1.0, problem.query.points)
    assert np.sqrt(f @ ((found - s) ** 2).sum(axis=1) / (f @ (s**2).sum(axis=1))) < 1e-4
