"""The solver around the loops: what it takes, returns and refuses."""
# pyright: reportOptionalMemberAccess=false, reportOptionalSubscript=false

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import psutil
import pytest

from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Quiet,
    Random,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import sheets
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.solvers.pic import PIC

BOX = VlasovPoisson(12.0, 6.0)


def given(cases=3, particles=200, weighted=False, series=(0.0, 0.1, 0.5)):
    random = np.random.default_rng(1)
    q, p = 12 * random.random((cases, particles, 1)), random.standard_normal((cases, particles, 1))
    weights = random.random((cases, particles))
    ensemble = Ensemble(q, p, weights / weights.sum(axis=1, keepdims=True)) if weighted else Ensemble(q, p)
    return Problem(BOX, None, ensemble, Query(np.array([0.0, 0.2, 1.0]), np.array(series)))


def drawn(times=(), series=(0.0, 0.2, 0.4)):
    plasma = PerturbedPlasma(Maxwellians(), 0.5, 0.01)
    return Problem(VlasovPoisson(plasma.length, plasma.length), plasma, None, Query(np.array(times), np.array(series)))


def as_numpy(solution):
    return type(solution).from_arrays({name: np.asarray(array) for name, array in solution.arrays().items()})


@pytest.mark.parametrize(
    ("backend", "precision", "weighted"),
    [
        ("numba", "float64", False),
        ("numba", "float64", True),
        ("numba", "float32", False),
        ("numba", "float32", True),
        ("jax", "float64", True),
        ("jax", "float32", False),
    ],
)
def test_answers_the_query_and_leaves_its_input_alone(backend, precision, weighted):
    problem = given(weighted=weighted)
    before = problem.ensemble.positions.copy(), problem.ensemble.velocities.copy()
    propagator = PIC(32, 0.1, backend=backend).fit(problem, precision=precision)
    solution = as_numpy(propagator(problem.ensemble, problem.query))
    check(solution, problem, problem.ensemble)
    assert solution.trajectory.positions.dtype == precision
    assert {"field_energy", "field_mode", "mass", "momentum", "energy"} == set(solution.series)
    np.testing.assert_array_equal(problem.ensemble.positions, before[0])
    np.testing.assert_array_equal(problem.ensemble.velocities, before[1])
    np.testing.assert_allclose(solution.trajectory.weights, problem.ensemble.weights, rtol=1e-6)
    if backend == "numba":
        again = propagator(problem.ensemble, problem.query)
        np.testing.assert_array_equal(again.trajectory.positions, solution.trajectory.positions)


def test_equal_shares_given_as_weights_change_nothing():
    problem = given()
    weighted = Ensemble(problem.ensemble.positions, problem.ensemble.velocities, np.full((3, 200), 1 / 200))
    run = PIC(32, 0.1).fit(problem)
    one, two = run(problem.ensemble, problem.query), run(weighted, problem.query)
    np.testing.assert_allclose(one.trajectory.positions, two.trajectory.positions, atol=1e-13)
    np.testing.assert_allclose(one.series["energy"], two.series["energy"], rtol=1e-13)


def test_draws_its_own_particles_and_keeps_no_trajectory_unless_asked():
    solver = PIC(32, 0.1, particles=4000)
    problem = drawn()
    own = solver.fit(problem, seed=3)(None, problem.query)
    assert own.trajectory is None
    ensemble = problem.initial_density.sample(solver.start, solver.particles, 3)
    lent = solver.fit(problem, seed=4)(ensemble, problem.query)
    np.testing.assert_array_equal(own.series["field_mode"], lent.series["field_mode"])
    amplitude = -0.5j * 0.01 / 0.5  # E = (α/k) sin kq
    assert own.series["field_mode"][0, 0] == pytest.approx(amplitude, rel=0.02)


def test_start_follows_the_loading():
    assert PIC().start == Quiet()
    assert PIC(loading="quiet-weighted").start == Quiet(weighted=True)
    assert PIC(loading="random").start == Random()


def test_says_what_it_cannot_solve():
    solver = PIC(32, 0.1)
    assert solver.unsupported(given()) is None
    assert solver.unsupported(drawn()) is None
    assert "particles" in str(solver.unsupported(replace(drawn(), initial_density=None)))
    assert "multiple" in str(solver.unsupported(given(series=(0.0, 0.25))))
    velocities = Ensemble(None, np.zeros((1, 4, 2)) + 1.0)
    landau = Problem(HomogeneousLandau(2, 0.0, 1.0), None, velocities, Query(np.array([0.0, 1.0])))
    assert "Vlasov" in str(solver.unsupported(landau))
    with pytest.raises(Unsupported, match="multiple"):
        solver.fit(given(series=(0.0, 0.25)))
    with pytest.raises(Unsupported, match="CPU"):
        PIC(32, 0.1, backend="numba").fit(given(), device="gpu")
    with pytest.raises(InvalidInput, match="whole number of steps"):
        solver.fit(given())(given().ensemble, Query(np.array([0.15])))
    with pytest.raises(InvalidInput, match="no density"):
        solver.fit(given())(None, given().query)


@pytest.mark.parametrize(
    "wrong", [{"cells": 0}, {"dt": 0.0}, {"particles": -1}, {"loading": "loud"}, {"backend": "fortran"}]
)
def test_refuses_bad_parameters(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        PIC(**wrong)


def test_refuses_a_trajectory_that_memory_cannot_hold(monkeypatch):
    problem = given()
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("Memory", (), {"available": 10_000})())
    with pytest.raises(InvalidInput, match="fewer snapshots"):
        PIC(32, 0.1).fit(problem)(problem.ensemble, problem.query)


@pytest.mark.parametrize("problem", [given(), given(series=()), drawn(), drawn(times=(0.0, 1.6), series=(0.0, 0.2))])
def test_every_setting_of_the_ladder_can_answer(problem):
    ladder = [solver for solver in PIC().ladder(problem) if isinstance(solver, PIC)]
    assert len(set(ladder)) == len(ladder) >= 4
    assert all(solver.unsupported(problem) is None for solver in ladder)
    work = [solver.particles * solver.cells / solver.dt for solver in ladder]
    assert work == sorted(work)


def test_the_ladder_gets_more_accurate():
    problem = given(cases=4, series=())
    q, p = problem.ensemble.positions[..., 0], problem.ensemble.velocities[..., 0]
    truth = sheets.exact(
        q, p, problem.ensemble.weights, length=BOX.length, charge=BOX.charge, times=problem.query.times
    ).momenta[-1]
    errors = []
    for solver in PIC().ladder(problem):
        trajectory = solver.fit(problem)(problem.ensemble, problem.query).trajectory
        errors.append(np.abs(trajectory.velocities[-1, ..., 0] - truth).mean())
    assert errors[0] > 10 * errors[-1]
    assert all(finer < 1.1 * coarser for coarser, finer in pairwise(errors))


@pytest.mark.parametrize("particles", [64, 40_000])
@pytest.mark.parametrize("cells", [7, 128])
@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("velocity", [0.0, -1e-9, 1e25])
def test_rounding_at_the_edge_and_huge_velocities_stay_inside_the_tables(particles, cells, precision, velocity):
    positions = np.full((1, particles, 1), np.nextafter(128.0, 0.0))
    ensemble = Ensemble(positions, np.full_like(positions, velocity))
    query = Query(np.array([0.0, 0.2]))
    problem = Problem(VlasovPoisson(128.0, 25.6), None, ensemble, query)
    answer = PIC(cells=cells, dt=0.04).fit(problem, precision=precision)(ensemble, query)
    assert ((answer.trajectory.positions >= 0) & (answer.trajectory.positions < 128)).all()
