"""What every dataset promises, tried on every dataset that is found."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from contract_cases import documented, reachable
from dataset_cases import dataset, each, given, posed, reference, taught, training

from kineticbench import catalog, metrics
from kineticbench.contracts import Dataset, InvalidInput, Mesh, Quiet, Random, Reference, TrainingSet, UnknownName


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
