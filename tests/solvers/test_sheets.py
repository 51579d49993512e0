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
    UnknownName,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import sheets
from kineticbench.numerics.starts import ThermalStart, WrappedNormal
from kineticbench.solvers.identity import Identity
from kineticbench.solvers.sheets import Sheets

TIMES = np.linspace(0, 1, 6)


def cloud(cases=4, particles=64, times=TIMES, series=sheets.NO_TIMES) -> Any:
    random = np.random.default_rng(0)
    x, p = random.normal(64, 1, (cases, particles, 1)), random.normal(0, 1, (cases, particles, 1))
    return Problem(VlasovPoisson(128.0, 0.1 * particles), None, Ensemble(x, p), Query(times, series))


def solve(solver, problem, **settings) -> Any:
    solution = solver.fit(problem, **settings)(problem.ensemble, problem.query)
    check(solution, problem, problem.ensemble)
    return solution


def error(solution, problem):
    start = problem.ensemble
    truth = sheets.exact(
        *(start.positions[..., 0], start.velocities[..., 0], start.weights),
        length=problem.equation.length,
        charge=problem.equation.charge,
        times=problem.query.times,
    )
    found = sheets.March(solution.trajectory.positions[..., 0], solution.trajectory.velocities[..., 0], {})
    return sheets.distances(found, truth, problem.equation.length).mean(-1)


def test_more_steps_are_better_and_the_ladder_climbs():
    problem = cloud()
    rungs: Any = Sheets().ladder(problem)
    errors = [error(solve(solver, problem), problem)[:, -1] for solver in rungs]
    assert [solver.steps for solver in rungs] == [1, 2, 5, 25]
    assert (np.diff(errors, axis=0) < 0).all()
    longer = cloud(times=np.array([0.0, 15 / np.sqrt(0.05)]))
    rungs = Sheets().ladder(longer)
    assert [solver.steps for solver in rungs] == [30, 60, 150, 750]


def test_steps_divide_the_last_time_asked_for():
    problem = cloud()
    start = problem.ensemble.positions[..., 0], problem.ensemble.velocities[..., 0], problem.ensemble.weights
    march = sheets.leapfrog(*start, length=128.0, charge=6.4, step=0.5, times=TIMES)
    solution = solve(Sheets(steps=2), problem)
    np.testing.assert_array_equal(solution.trajectory.positions[..., 0], march.positions)
    series = solve(Sheets(steps=2), cloud(times=TIMES[:3], series=TIMES))
    np.testing.assert_array_equal(series.trajectory.velocities[..., 0], march.momenta[:3])
    assert set(series.series) == {"field_energy", "field_mode", "momentum", "energy"}


def test_schemes_agree_as_far_as_they_should():
    problem = cloud()
    plain, corrected, events = (error(solve(Sheets(25, scheme), problem), problem).max() for scheme in
                                ("leapfrog", "corrected", "events"))  # fmt: skip
    assert corrected < plain / 5
    assert events == 0


@pytest.mark.parametrize("scheme", ["leapfrog", "corrected"])
def test_a_tolerance_is_kept_and_its_estimate_bounds_the_error(scheme):
    problem = cloud(cases=16)
    solution = solve(Sheets(5, scheme, tolerance=1e-3), problem)
    estimate, steps = solution.diagnostics["error_estimate"], int(solution.diagnostics["steps"][0])
    true = error(solution, problem)
    assert estimate.shape == (2, TIMES.size)
    assert estimate.max() <= 1e-3
    assert (true <= 1.3 * estimate + 1e-15).all()
    assert steps % 5 == 0
    coarser = solve(Sheets(steps // 4, scheme), problem)
    assert error(coarser, problem).max() > true.max()


def test_a_tolerance_beyond_the_precision_diverges_with_a_remedy(monkeypatch):
    monkeypatch.setattr("kineticbench.solvers.sheets.LARGEST", 1 << 8)
    with pytest.raises(Diverged, match="Loosen the tolerance"):
        solve(Sheets(tolerance=1e-12), cloud(), precision="float32")


def test_single_precision_is_returned_in_single_precision():
    solution = solve(Sheets(5), cloud(), precision="float32")
    assert solution.trajectory.positions.dtype == solution.trajectory.velocities.dtype == np.float32
    assert error(solution, cloud())[0, -1] == pytest.approx(error(solve(Sheets(5), cloud()), cloud())[0, -1], rel=0.01)


def test_series_alone_and_particles_drawn_from_a_density():
    law = WrappedNormal(np.array([64.0]), np.array([1.0]), 128.0)
    density = ThermalStart(law, np.zeros(1), np.ones(1))
    problem = Problem(VlasovPoisson(128.0, 5.0), density, None, Query(np.empty(0), TIMES))
    solver = Sheets(20, "corrected", tolerance=1e-3, particles=500)
    assert solver.unsupported(problem) is None
    ensemble = density.sample(solver.start, solver.particles, seed=0)
    solution: Any = solver.fit(problem)(ensemble, problem.query)
    assert solution.trajectory is None
    assert solution.diagnostics["error_estimate"].shape == (2, 1)
    energy = solution.series["energy"]
    assert np.ptp(energy) < 1e-4 * energy[0, 0]
    assert solution.series["field_energy"][0, -1] < solution.series["field_energy"][0, 0]


def test_what_cannot_be_solved_is_said():
    homogeneous = Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, Query(TIMES))
    nothing = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(TIMES))
    for solver in (Sheets(), Identity()):
        for problem in (homogeneous, nothing):
            assert solver.unsupported(problem)
        with pytest.raises(Unsupported):
            solver.fit(homogeneous)
        with pytest.raises(Unsupported, match="CPU"):
            solver.fit(cloud(), device="gpu")
        with pytest.raises(Unsupported):
            solver.fit(cloud())(None, Query(TIMES))
        assert solver.unsupported(cloud()) is None


@pytest.mark.parametrize(
    "parameters",
    [{"steps": 0}, {"steps": 2.5}, {"tolerance": -1.0}, {"tolerance": np.nan}, {"particles": 0},
     {"scheme": "events", "tolerance": 1e-3}],
)  # fmt: skip
def test_parameters_that_cannot_be_meant(parameters):
    with pytest.raises(InvalidInput):
        Sheets(**parameters)


def test_an_unknown_scheme_names_the_nearest():
    with pytest.raises(UnknownName, match="Did you mean 'leapfrog'"):
        Sheets(scheme="leap-frog")


def test_identity_leaves_everything_as_it_was():
    problem = cloud(series=TIMES)
    solution = solve(Identity(), problem)
    for snapshot in range(TIMES.size):
        np.testing.assert_array_equal(solution.trajectory.positions[snapshot], problem.ensemble.positions)
        np.testing.assert_array_equal(solution.trajectory.velocities[snapshot], problem.ensemble.velocities)
    first = solve(Sheets(), problem).series
    for name, values in solution.series.items():
        np.testing.assert_allclose(values, np.repeat(first[name][:, :1], TIMES.size, axis=1), rtol=1e-12, atol=1e-14)
    assert Identity().ladder(problem) == [Identity()]
