"""The Landau grid's interface: what it accepts, refuses and returns."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import bkw
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_start import VelocityStart
from kineticbench.solvers.landau_grid import LandauGrid

START = VelocityStart(GaussianMixture((1.0,), ((0.2, 0.0),), ((1.4, 0.6),)), 6.0)
POINTS = np.random.default_rng(0).uniform(-3, 3, (12, 2))
QUERY = Query(np.array([0.0, 0.3, 1.0]), np.linspace(0, 1, 5), POINTS)
PROBLEM = Problem(HomogeneousLandau(2, -3.0, 0.2), START, None, QUERY)
SOLVER = LandauGrid(24, 0.1, 0.0, 2)


class TwoCases(VelocityStart):
    def density(self, v):
        other = VelocityStart(GaussianMixture((1.0,), ((-0.2, 0.3),), ((0.7, 1.0),)), 6.0)
        return np.concatenate([super().density(v), VelocityStart.density(other, v)])


def test_every_answer_has_its_shape_and_starts_at_the_start():
    solution = SOLVER.fit(PROBLEM)(None, QUERY)
    check(solution, PROBLEM, None)
    assert set(solution.series) == {"mass", "energy", "momentum", "entropy", "dissipation"}
    np.testing.assert_allclose(solution.density[0, 0], START.density(POINTS)[0], atol=3e-5)
    np.testing.assert_allclose(solution.series["mass"], 1, atol=1e-6)
    np.testing.assert_allclose(solution.series["energy"], 0.5 * (2.0 + 0.04), rtol=2e-4)
    assert solution.series["momentum"].max() < 1e-12
    assert (np.diff(solution.series["entropy"]) < 0).all()
    assert (solution.series["dissipation"] < 0).all()
    assert solution.diagnostics["negative_mass"].shape == (1,)
    assert solution.diagnostics["edge"][0] < 1e-4


def test_the_same_call_gives_the_same_answer_and_a_shorter_query_its_beginning():
    run = SOLVER.fit(PROBLEM)
    first, second = run(None, QUERY), run(None, QUERY)
    np.testing.assert_array_equal(first.density, second.density)
    shorter = run(None, Query(np.array([0.3]), QUERY.series[:2], POINTS))
    np.testing.assert_array_equal(shorter.density[0], first.density[1])
    np.testing.assert_array_equal(shorter.series["entropy"], first.series["entropy"][:, :2])


def test_cases_are_solved_one_by_one():
    both = replace(PROBLEM, initial_density=TwoCases(START.velocities, 6.0))
    solution = replace(SOLVER, half_width=7.0).fit(both)(None, QUERY)
    alone = replace(SOLVER, half_width=7.0).fit(PROBLEM)(None, QUERY)
    assert solution.density.shape == (3, 2, 12)
    np.testing.assert_allclose(solution.density[:, :1], alone.density, atol=1e-12)
    assert np.abs(solution.density[:, 1] - alone.density[:, 0]).max() > 1e-3


def test_single_precision_is_close_to_double():
    single, double = (SOLVER.fit(PROBLEM, precision=p)(None, QUERY) for p in ("float32", "float64"))
    np.testing.assert_allclose(single.density, double.density, atol=1e-6)
    for name, series in double.series.items():
        share = 1e-2 if name == "dissipation" else 1e-3  # the start's tail is cut off at the rounding of its maximum
        np.testing.assert_allclose(single.series[name], series, atol=share * np.abs(series).max() + 1e-6)


def test_steps_are_found_and_orders_agree():
    slow, fast = (LandauGrid(24, 0.0, 0.0, order).fit(PROBLEM)(None, QUERY) for order in (4, 2))
    np.testing.assert_allclose(fast.density, slow.density, atol=1e-4)
    assert fast.diagnostics["dt"][0] == pytest.approx(5 * slow.diagnostics["dt"][0])


def test_three_dimensions():
    start = bkw.start(3, 1 / 24, 5.5, 4.0)
    law: Any = bkw.law(3, 1 / 24, 5.5)
    points = np.random.default_rng(0).uniform(-2, 2, (10, 3))
    problem = Problem(HomogeneousLandau(3, 0.0, 1 / 24), start, None, Query(np.array([0.0, 0.5]), points=points))
    solution = LandauGrid(20, 0.1, 0.0, 2).fit(problem)(None, problem.query)
    np.testing.assert_allclose(solution.density[1, 0], law.density(0.5, points), atol=2e-4)
    assert solution.point_score.shape == (2, 1, 10, 3)


def test_what_it_cannot_solve():
    points = np.zeros((1, 4))
    four = Problem(HomogeneousLandau(4, 0.0, 1.0), START, None, Query(np.ones(1), points=points))
    assert "too many cells" in str(SOLVER.unsupported(four))
    assert "Vlasov" not in str(SOLVER.unsupported(PROBLEM))
    other = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.ones(1)))
    assert "vlasov_poisson" in str(SOLVER.unsupported(other))
    given = replace(PROBLEM, ensemble=Ensemble(None, np.zeros((1, 2, 2))))
    assert "particles" in str(SOLVER.unsupported(given))
    assert "density" in str(SOLVER.unsupported(replace(PROBLEM, initial_density=None)))
    assert "neither" in str(SOLVER.unsupported(replace(PROBLEM, query=Query(np.ones(1)))))
    with pytest.raises(Unsupported, match="too many"):
        SOLVER.fit(four)
    with pytest.raises(Unsupported, match="CPU"):
        SOLVER.fit(PROBLEM, device="gpu")


@pytest.mark.parametrize(
    "bad",
    [{"cells": 15}, {"cells": 4}, {"cells": -2}, {"dt": -0.1}, {"dt": np.nan}, {"half_width": -1.0}, {"order": 3}],
)
def test_bad_parameters_are_refused(bad):
    with pytest.raises(InvalidInput):
        LandauGrid(**bad)


def test_bad_boxes_and_steps_say_what_to_do():
    with pytest.raises(InvalidInput, match="Take half_width ="):
        LandauGrid(24, 0.1, 2.5).fit(PROBLEM)
    with pytest.raises(Diverged, match="Take dt ="):
        LandauGrid(32, 5.0).fit(PROBLEM)(None, QUERY)
    with pytest.raises(InvalidInput, match="exponent"):
        HomogeneousLandau(2, -3.5, 1.0)


def test_the_ladder_gets_better():
    law: Any = bkw.law(2, 1 / 16, 0.0)
    points = np.random.default_rng(0).uniform(-2, 2, (50, 2))
    query = Query(np.array([0.0, 2.5]), points=points)
    problem = Problem(HomogeneousLandau(2, 0.0, 1 / 16), bkw.start(2, 1 / 16, 0.0, 4.0), None, query)
    found = [setting.fit(problem)(None, query).density[1, 0] for setting in SOLVER.ladder(problem)[:4]]
    errors = [np.abs(f - law.density(2.5, points)).max() for f in found]
    assert all(b < a for a, b in pairwise(errors))
    assert errors[-1] < 2e-6
