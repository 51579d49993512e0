"""SBTM as a solver: what it returns, keeps and refuses."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Problem,
    Query,
    Quiet,
    Random,
    Solution,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import bkw
from kineticbench.solvers.sbtm import SBTM

TIMES = np.array([0.0, 0.25, 0.5])
SERIES = np.array([0.0, 0.1, 0.5])
POINTS = np.array([[0.5, 0.0], [1.0, -1.0]])
TINY = SBTM(
    particles=300,
    loading="random",
    optimiser="adamax",
    width=8,
    layers=3,
    iterations=4,
    dt=0.1,
    fit_updates=200,
    fit_batch=100,
)


def posed(d: int = 2, exponent: float = 0.0, times: Any = TIMES, series: Any = SERIES) -> Problem:
    strength = {2: 1 / 16, 3: 1 / 24}.get(d, 1 / 24)
    first = 0.0 if d != 3 else 5.5
    points = POINTS if d == 2 else None
    density = bkw.start(d, strength, first, 4.0)
    return Problem(HomogeneousLandau(d, exponent, strength), density, None, Query(times, series, points))


def particles(solver: SBTM, problem: Problem, seed: int = 3) -> Ensemble:
    assert problem.initial_density is not None
    return problem.initial_density.sample(solver.start, solver.particles, seed)


@cache
def solved(solver: SBTM = TINY, d: int = 2, exponent: float = 0.0) -> Solution:
    problem = posed(d, exponent)
    return solver.fit(problem, None, 0)(particles(solver, problem), problem.query)


def test_it_answers_everything_it_is_asked():
    problem, ensemble = posed(), particles(TINY, posed())
    solution = solved()
    check(solution, replace(problem, ensemble=ensemble), ensemble)
    assert set(solution.series) == {"mass", "energy", "momentum", "entropy", "dissipation"}
    assert solution.point_score.shape == (3, 1, 2, 2)
    np.testing.assert_array_equal(solution.trajectory.velocities[0], ensemble.velocities)  # type: ignore
    density = problem.initial_density.density(ensemble.velocities[0])  # type: ignore
    np.testing.assert_allclose(solution.particle_density[0], density)


def test_mass_and_momentum_are_kept_and_energy_with_restoring():
    series = solved().series
    assert np.ptp(series["mass"]) == 0
    assert series["momentum"].max() < 1e-14
    assert 0 < np.ptp(series["energy"]) < 1e-2
    for solver in (replace(TINY, restoring=True), replace(TINY, restoring=True, batch=50)):
        assert np.ptp(solved(solver).series["energy"]) < 1e-13


def test_dissipation_is_that_of_its_own_score():
    assert (solved().series["dissipation"] < 0).all()


def test_the_same_call_gives_the_same_answer_and_fewer_times_the_answers_of_many():
    problem = posed()
    for solver in (TINY, replace(TINY, loss="denoising", batch=50, keep_moments=False)):
        ensemble = particles(solver, problem)
        propagator = solver.fit(problem, None, 0)
        full = propagator(ensemble, problem.query).arrays()
        again = propagator(ensemble, problem.query).arrays()
        few = propagator(ensemble, Query(TIMES[[0, 2]], SERIES[::2], POINTS)).arrays()
        for name, array in full.items():
            np.testing.assert_array_equal(array, again[name])
            if name in ("trajectory/velocities", "score", "point_score", "particle_density"):
                np.testing.assert_array_equal(array[[0, 2]], few[name])
            elif name.startswith("series/"):
                np.testing.assert_array_equal(array[:, ::2], few[name])


def test_times_off_the_steps_are_reached_by_a_shorter_one():
    v = solved().trajectory.velocities[:, 0]  # type: ignore
    first, second = (np.linalg.norm(v[i + 1] - v[i]) for i in (0, 1))
    assert 0.3 < second / first < 3


@pytest.mark.parametrize("setting", [{"loss": "hutchinson", "probes": 2}, {"loss": "denoising", "activation": "tanh"}])
def test_other_losses_and_networks_solve_it_too(setting):
    solution = solved(replace(TINY, **setting))
    assert (solution.series["dissipation"] < 0).all()


@pytest.mark.parametrize(("d", "exponent"), [(2, -3.0), (3, -3.0), (3, -1.0), (5, 0.0)])
def test_it_solves_every_dimension_and_exponent(d, exponent):
    solver = replace(TINY, loss="hutchinson" if d > 3 else "implicit", iterations=2)
    series = solved(solver, d, exponent).series
    assert (series["dissipation"] < 0).all()
    assert series["momentum"].max() < 1e-13


def test_cases_are_independent_and_weights_may_differ():
    problem, solver = posed(), replace(TINY, loading="mesh")
    ensemble = particles(solver, problem)
    assert not ensemble.equal_weights
    two = Ensemble(
        None, np.concatenate([ensemble.velocities, 1.1 * ensemble.velocities]), np.repeat(ensemble.weights, 2, 0)
    )
    propagator = solver.fit(problem, None, 0)
    both, one = propagator(two, problem.query), propagator(ensemble, problem.query)
    np.testing.assert_array_equal(both.score[:, :1], one.score)
    assert (both.score[:, 1] != both.score[:, 0]).any()
    assert both.series["momentum"].max() < 1e-14


def test_single_precision_is_single():
    problem = posed()
    ensemble = particles(TINY, problem)
    solution = TINY.fit(problem, None, 0, "cpu", "float32")(ensemble, problem.query)
    assert solution.trajectory is not None
    assert {a.dtype.name for a in (solution.trajectory.velocities, solution.score, solution.particle_density)} == {
        "float32"
    }
    double = solved().trajectory.velocities  # type: ignore
    np.testing.assert_allclose(solution.trajectory.velocities, double, atol=0.05)


def test_loadings_are_starts():
    assert [replace(TINY, loading=name).start for name in ("random", "quiet")] == [Random(), Quiet()]
    assert replace(TINY, loading="mesh", half_width=3.0).start == Mesh(3.0)


def test_what_has_no_score_is_refused():
    problem = posed()
    propagator = TINY.fit(problem, None, 0)
    flat = np.random.default_rng(0).standard_normal((1, 50, 2)) * [1, 0]
    for velocities in (np.ones((1, 1, 2)), np.ones((1, 50, 2)), flat):
        with pytest.raises(InvalidInput, match="no spread"):
            propagator(Ensemble(None, velocities), problem.query)
    with pytest.raises(InvalidInput, match="given none"):
        propagator(None, problem.query)
    with pytest.raises(InvalidInput, match="no spread"):
        replace(TINY, particles=1).fit(problem, None, 0)


def test_a_step_that_is_too_long_says_so():
    problem = posed(times=np.array([0.0, 1e9]), series=np.empty(0))
    solver = replace(TINY, dt=1e8)
    with pytest.raises(Diverged, match="smaller dt"):
        solver.fit(problem, None, 0)(particles(solver, problem), problem.query)


def test_what_it_cannot_solve_has_a_reason():
    with pytest.raises(Unsupported, match="initial density"):
        TINY.fit(replace(posed(), initial_density=None))
    assert "vlasov" in str(TINY.unsupported(Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.ones(1)))))


@pytest.mark.parametrize(
    "bad", [{"dt": 0.0}, {"layers": 1}, {"loss": "x"}, {"batch": 1}, {"particles": 0}, {"rate": -1.0}]
)
def test_parameters_that_cannot_be_meant_are_refused(bad):
    with pytest.raises(InvalidInput):
        replace(TINY, **bad)
