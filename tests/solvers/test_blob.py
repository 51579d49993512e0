from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Problem,
    Query,
    Quiet,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import bkw
from kineticbench.solvers.blob import Blob

EQUATION = HomogeneousLandau(2, 0.0, 1 / 16)
START = bkw.start(2, 1 / 16, 0.0, 4.0)


def posed(d: int = 2, exponent: float = 0.0, **query) -> Problem:
    start = START if d == 2 else bkw.start(d, 1 / 24, 5.5 if d == 3 else 0.0, 4.0)
    asked = {"times": np.array([0.0, 0.25, 0.4]), "series": np.linspace(0, 0.4, 3), **query}
    return Problem(HomogeneousLandau(d, exponent, 1 / 16), start, None, Query(**asked))


def solve(solver: Blob, problem: Problem, ensemble: Ensemble | None = None, precision: Any = "float64"):
    if ensemble is None:
        assert problem.initial_density is not None
        ensemble = problem.initial_density.sample(solver.start, solver.particles, 0)
    solution = solver.fit(problem, precision=precision)(ensemble, problem.query)
    check(solution, dataclasses.replace(problem, ensemble=ensemble), ensemble)
    return solution


def test_it_answers_all_that_is_asked():
    points = np.random.default_rng(0).normal(size=(20, 2))
    solution = solve(Blob(400, 0.1), posed(points=points))
    assert solution.trajectory is not None
    assert solution.trajectory.velocities.shape == (3, 1, 400, 2)
    assert solution.density.shape == (3, 1, 20)
    assert solution.point_score.shape == (3, 1, 20, 2)
    assert set(solution.series) == {"mass", "energy", "momentum", "entropy", "dissipation"}
    assert set(solution.diagnostics) == {"off_mesh", "entropy_rises", "stability"}
    exact = bkw.law(2, 1 / 16, 0.0)
    assert exact.density is not None
    np.testing.assert_allclose(solution.density[2, 0], exact.density(0.4, points), atol=0.02)


@pytest.mark.parametrize("form", ["mesh", "particle"])
def test_cases_are_solved_apart(form):
    """Two starts of one density: as they are alone, and in any number."""
    rng = np.random.default_rng(1)
    both = Ensemble(None, rng.normal(size=(2, 150, 2)))
    solver = Blob(dt=0.1, form=form)
    together = solve(solver, posed(), both)
    for case in range(2):
        alone = solve(solver, posed(), both.take(slice(case, case + 1)))
        np.testing.assert_array_equal(alone.score[:, 0], together.score[:, case])
        assert alone.diagnostics["stability"][0] == together.diagnostics["stability"][case]


@pytest.mark.parametrize("form", ["mesh", "particle"])
@pytest.mark.parametrize("stepper", ["euler", "rk4", "discrete-gradient"])
def test_single_precision_is_single_and_close_to_double(form, stepper):
    solver = Blob(400, 0.1, form=form, stepper=stepper, restore=True)
    single, double = (solve(solver, posed(points=np.zeros((1, 2))), precision=p) for p in ("float32", "float64"))
    assert single.trajectory is not None
    assert double.trajectory is not None
    assert single.trajectory.velocities.dtype == single.score.dtype == single.density.dtype == np.float32
    np.testing.assert_allclose(single.trajectory.velocities, double.trajectory.velocities, atol=4e-3)
    np.testing.assert_allclose(single.density, double.density, atol=1e-4)
    np.testing.assert_allclose(single.series["entropy"], double.series["entropy"], atol=1e-3)


def test_finer_cells_than_particles_and_coarser_ones_can_be_chosen():
    base = Blob(900, 0.05)
    entropies = [
        solve(dataclasses.replace(base, cells=cells), posed()).series["entropy"][0, 0] for cells in (20, 0, 40)
    ]
    assert entropies[0] < entropies[1] < entropies[2]


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("exponent", [0.0, -3.0])
def test_ladder_is_stable_and_supported(d, exponent):
    problem = posed(d, exponent)
    ladder = Blob().ladder(problem)
    assert len(set(ladder)) == len(ladder) >= 4
    assert [rung.unsupported(problem) for rung in ladder] == [None] * len(ladder)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        solution = solve(ladder[0], problem)  # type: ignore[arg-type]
    assert solution.diagnostics["stability"][0] <= 2.5
    sizes = [rung.particles for rung in ladder if isinstance(rung, Blob)]
    assert sizes[0] == min(sizes)


def test_particles_that_are_given_are_kept():
    given = Ensemble(None, np.random.default_rng(0).normal(size=(1, 50, 2)))
    problem = Problem(EQUATION, None, given, Query(np.array([0.0, 0.1])))
    for rung in Blob().ladder(problem):
        assert rung.unsupported(problem) is None
    found = solve(Blob(dt=0.05), problem, given)
    assert found.trajectory is not None
    np.testing.assert_array_equal(found.trajectory.velocities[0], given.velocities)


def test_starts():
    assert Blob(half_width=3.0).start == Mesh(3.0)
    assert Blob(placement="quiet").start == Quiet()
    assert START.sample(Blob().start, Blob().particles, 0).particles == 1600


@pytest.mark.parametrize(
    ("solver", "problem", "words"),
    [
        (Blob(), Problem(VlasovPoisson(1.0, 1.0), START, None, Query(np.zeros(1))), "vlasov_poisson"),
        (Blob(), Problem(EQUATION, None, None, Query(np.zeros(1))), "neither"),
        (Blob(), posed(5), "particle form"),
        (Blob(7), posed(3), "two along each"),
        (Blob(10**6), posed(2, -3.0), "all pairs"),
    ],
    ids=["equation", "start", "dimension", "few", "many"],
)
def test_what_it_cannot_solve_it_says(solver, problem, words):
    assert words in str(solver.unsupported(problem))
    with pytest.raises(Unsupported, match=words):
        solver.fit(problem)


def test_without_a_gpu_and_without_particles():
    with pytest.raises(Unsupported, match="CPU"):
        Blob().fit(posed(), device="gpu")
    with pytest.raises(InvalidInput, match="needs particles"):
        Blob().fit(posed())(None, posed().query)


@pytest.mark.parametrize(
    "bad",
    [
        {"particles": 0},
        {"dt": -0.1},
        {"form": "grid"},
        {"stepper": "heun"},
        {"restore": 1},
        {"half_width": -1.0},
        {"cells": 2.5},
        {"guard": -1},
        {"bandwidth": 0.0},
        {"exponent": 0.0},
        {"placement": "lattice"},
    ],
    ids=str,
)
def test_bad_parameters_are_refused(bad):
    with pytest.raises(Exception, match=next(iter(bad))):  # runtime type checking may be quicker than we are
        Blob(**bad)
