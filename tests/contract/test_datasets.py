"""What every dataset promises, tried on every dataset that is found."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest
from contract_cases import documented, reachable

from kineticbench import catalog, metrics
from kineticbench.contracts import (
    Dataset,
    InvalidInput,
    Mesh,
    Problem,
    Quiet,
    Random,
    Reference,
    Solution,
    TrainingSet,
    Trajectory,
    UnknownName,
)
from kineticbench.contracts.solution import check
from kineticbench.numerics import velocity_training

SMALL: dict[str, dict[str, Any]] = {"gaussian_ensemble": {"particles": 16}}  # where training data would take long
NAMES = sorted(catalog.plug_ins("datasets"))
each = pytest.mark.parametrize("name", NAMES)
CASES = 5
RIGHT = ("covariance", "density_l1", "density_l2", "density_linf", "entropy_own", "dissipation", "entropy_violation")


@cache
def dataset(name: str) -> Dataset:
    return catalog.build("datasets", name, SMALL.get(name, {}))


@cache
def posed(name: str) -> Problem:
    """Its first cases, or its one case."""
    try:
        return dataset(name).problem(cases=CASES)
    except InvalidInput:
        return dataset(name).problem()


@cache
def reference(name: str) -> Reference:
    return dataset(name).reference(posed(name))


@cache
def training(name: str) -> TrainingSet | None:
    return taught(name)


def taught(name: str) -> TrainingSet | None:
    """What may be learned from, of fewer particles on a coarser mesh for homogeneous plasmas."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(velocity_training, "PARTICLES", 64)
        patch.setattr(velocity_training, "CELLS", {2: 16, 3: 10})
        return dataset(name).training()


def given(problem: Problem) -> list[np.ndarray]:
    """Positions (where there are any), momenta and weights of its particles; skips where it has none."""
    if problem.ensemble is None:
        pytest.skip("gives no particles")
    arrays = (problem.ensemble.positions, problem.ensemble.velocities, problem.ensemble.weights)
    return [array for array in arrays if array is not None]


def perfect(name: str) -> Solution:
    """What a perfect solver would return: the truth, and for a homogeneous plasma exact particles and series.

    Where paths are not known, its particles are given the true covariance.
    """
    truth, problem = reference(name), posed(name)
    law, density, query = truth.law, problem.initial_density, problem.query
    if law is None or density is None:
        return Solution(truth.trajectory, density=truth.density, series=truth.series)
    start = density.sample(Quiet(), 512, 1)
    if law.flow is not None:
        v = np.stack([law.flow(t, start.velocities[0]) for t in query.times])
    else:
        assert law.covariance is not None
        white = start.velocities[0] - start.velocities[0].mean(0)
        white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T, bias=True))).T
        v = np.stack([white @ np.linalg.cholesky(covariance).T for covariance in law.covariance(query.times)])

    def along(known: Any) -> np.ndarray | None:
        return None if known is None else np.stack([known(t, x) for t, x in zip(query.times, v, strict=True)])[:, None]

    series = {"entropy": law.entropy, "dissipation": law.dissipation}
    return Solution(
        Trajectory(None, v[:, None], start.weights),
        score=along(law.score),
        density=truth.density,
        particle_density=along(law.density),
        series={name: of(query.series)[None] for name, of in series.items() if of is not None},
    )


@each
def test_metadata_is_complete_and_literal(name):
    plug_in = catalog.find("datasets", name)
    cls: Any = plug_in.load()
    assert plug_in.metadata["equation"] == cls.equation == posed(name).equation.name
    assert plug_in.metadata["metrics"] == cls.metrics
    assert cls.metrics
    assert set(cls.metrics) <= set(metrics.names())
    assert len(set(cls.metrics)) == len(cls.metrics)
    assert plug_in.metadata["cite"].startswith("@")
    assert cls.cite.count("{") == cls.cite.count("}")


@each
def test_docstring_has_name_equation_and_every_parameter(name):
    assert documented(catalog.find("datasets", name).load()) == []


@each
def test_parameters_survive_json(name):
    text = json.dumps(catalog.parameters(dataset(name)))
    assert catalog.build("datasets", name, json.loads(text)) == dataset(name)


@each
def test_the_same_seed_poses_the_same_problem_and_another_one_another(name):
    first, again, other = (dataset(name).problem(cases=1, seed=seed) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first.query.times, again.query.times)
    for a, b in zip(given(first), given(again), strict=True):
        np.testing.assert_array_equal(a, b)
    assert not np.array_equal(given(first)[0], given(other)[0])


@each
def test_a_smaller_request_is_the_beginning_of_a_larger_one(name):
    whole_arrays = given(posed(name))
    few = given(dataset(name).problem(cases=2))
    for part, whole in zip(few, whole_arrays, strict=True):
        np.testing.assert_array_equal(part, whole[:2])


@each
def test_a_split_or_number_of_cases_that_is_not_there_is_refused(name):
    with pytest.raises(UnknownName):
        dataset(name).problem("no such split")
    for cases in (0, -1, 10**9):
        with pytest.raises(InvalidInput):
            dataset(name).problem(cases=cases)


@each
def test_a_problem_does_not_lead_to_the_truth(name):
    """Nothing reachable from it is a dataset, a reference or training data, or holds the truth's later arrays."""
    truth = reference(name)
    later = [] if truth.density is None else [truth.density[1:]]
    if truth.trajectory is not None:
        later += [truth.trajectory.positions[1:], truth.trajectory.velocities[1:]]
    later += [series[:, 1:] for series in truth.series.values()]
    for found in reachable(posed(name)):
        assert not isinstance(found, Dataset | Reference | TrainingSet)
        if isinstance(found, np.ndarray) and found.size:
            assert not any(np.shares_memory(found, array) for array in later)
            for array in later:
                if found.dtype == array.dtype and found.size >= array.size:
                    assert array.ravel()[-1] not in found


@each
def test_reference_answers_the_query(name):
    truth, problem = reference(name), posed(name)
    solution = Solution(truth.trajectory, density=truth.density, series=truth.series)
    assert solution.arrays() or truth.law is not None
    if solution.arrays():
        check(solution, problem, problem.ensemble)
    cases = 1 if problem.ensemble is None else problem.ensemble.cases
    for array in (truth.density, None if truth.trajectory is None else truth.trajectory.velocities):
        assert array is None or array.shape[1] == cases
    assert all(series.shape[0] == cases for series in truth.series.values())
    assert all(len(value) == cases for value in truth.values.values())
    assert truth.provenance.rstrip().endswith(".")
    if truth.law is not None:
        d, law = problem.equation.velocity_dimension, truth.law
        for times in (problem.query.times, problem.query.series):
            shapes = {"covariance": (d, d), "fourth_moment": (), "entropy": (), "dissipation": ()}
            for scalar, shape in shapes.items():
                known = getattr(law, scalar)
                assert known is None or (known(times).shape == (times.size, *shape) and np.isfinite(known(times)).all())
    assert set(truth.windows) <= set(metrics.names())


@each
def test_reference_begins_where_the_problem_does(name):
    truth, begun = reference(name).trajectory, given(posed(name))
    assert truth is not None
    found = [] if truth.positions is None else [truth.positions[0]]
    found += [truth.velocities[0], truth.weights]
    for array, expected in zip(found, begun, strict=True):
        np.testing.assert_array_equal(array, expected)


@each
def test_the_density_begins_as_the_initial_density(name):
    truth, problem = reference(name), posed(name)
    if truth.density is None or problem.query.points is None or problem.initial_density is None:
        pytest.skip("asks for no density")
    assert problem.query.times[0] == 0
    f = problem.initial_density.density(problem.query.points)
    np.testing.assert_allclose(truth.density[0], f, rtol=0, atol=1e-6 * f.max())


@each
def test_particles_of_every_start_follow_the_initial_density(name):
    """Mass and energy of each start agree with those of independent samples, whatever the seed."""
    density = posed(name).initial_density
    if density is None or posed(name).equation.position_dimension:
        pytest.skip("is not homogeneous")
    exact = density.sample(Random(), 20_000, 11)
    energy = (exact.weights * (exact.velocities**2).sum(-1)).sum()
    for start in (Quiet(), Quiet(weighted=True), Mesh()):
        found = density.sample(start, 20_000, 3)
        assert found.positions is None
        assert found.weights.sum() == pytest.approx(exact.weights.sum(), rel=2e-3)
        assert (found.weights * (found.velocities**2).sum(-1)).sum() == pytest.approx(energy, rel=0.05)
        np.testing.assert_array_equal(found.velocities, density.sample(start, 20_000, 3).velocities)


@each
def test_bars_and_floors_are_errors_of_metrics_that_it_reports(name):
    truth = reference(name)
    for errors in (truth.bars, truth.floors):
        assert set(errors) <= set(dataset(name).metrics)
        assert all(np.isfinite(bar).all() and np.min(bar) >= 0 for bar in errors.values())


@each
def test_the_truth_scores_nothing_beyond_its_floor(name):
    """Every metric that the truth itself can be given to; at least one can.

    The exact paths of finitely many particles conserve momentum and energy only in the mean, and particles of the
    right covariance alone are right in nothing else.
    """
    truth, problem, solution = reference(name), posed(name), perfect(name)
    names = dataset(name).metrics
    if truth.law is not None:
        names = [one for one in names if not one.startswith("drift_")]
        if truth.law.flow is None:
            names = [one for one in names if one in RIGHT]
    scored = []
    for metric_name in names:
        metric = metrics.load(metric_name)
        if metrics.missing(metric, solution, truth, problem) is None:
            score = metric(solution, truth, problem)
            assert score.value.shape[0] == score.times.size == score.bar.size == score.floor.size
            assert (score.value.mean(axis=1) <= score.floor * (1 + 1e-6) + 1e-9).all(), metric_name
            scored.append(metric_name)
    assert dataset(name).metrics[0] in scored or not truth.values
    assert scored


@each
def test_training_data_are_states_and_conditions_apart_from_the_test(name):
    data = training(name)
    if data is None:
        pytest.skip("has nothing to learn from")
    assert data.times[0] == 0
    assert (np.diff(data.times) > 0).all()
    assert data.times[-1] == pytest.approx(posed(name).query.final_time)
    assert data.states.velocities.shape[0] == data.times.size
    cases = data.states.velocities.shape[1]
    assert all(values.shape == (cases,) for values in data.conditions.values())
    assert data.seconds > 0
    assert data.hardware
    ensemble = posed(name).ensemble
    if ensemble is not None:
        begun = {float(v) for v in data.states.velocities[0, :, 0, 0]}
        assert begun.isdisjoint(float(v) for v in ensemble.velocities[:, 0, 0])


@each
def test_training_data_are_the_same_when_asked_for_again(name):
    first, again = training(name), taught(name)
    if first is None or again is None:
        assert first is again
        return
    if first.states.positions is not None:
        np.testing.assert_array_equal(first.states.positions, again.states.positions)
    np.testing.assert_array_equal(first.states.velocities, again.states.velocities)
    assert first.seconds == again.seconds


@each
def test_some_solver_takes_it(name):
    problem = posed(name)
    solvers = (catalog.build("solvers", solver, {}) for solver in catalog.plug_ins("solvers"))
    fit = [
        s for s in solvers if problem.equation.name in s.solves and s.ladder(problem)[0].unsupported(problem) is None
    ]
    assert fit
