"""What every solver promises, tried on every solver that is found."""

from __future__ import annotations

import dataclasses
import json
import shutil
from typing import Any

import numpy as np
import pytest
from contract_cases import (
    KINDS,
    answer,
    cheapest,
    documented,
    equal,
    fit,
    fitted,
    particles,
    problem,
    supported,
)

from kineticbench import catalog
from kineticbench.contracts import (
    HomogeneousLandau,
    InvalidInput,
    KineticbenchError,
    Precision,
    Problem,
    Query,
    TrainedPropagator,
    TrainedSolver,
    Trajectory,
    Unsupported,
    VlasovPoisson,
    check,
)

NAMES = sorted(catalog.plug_ins("solvers"))
PAIRS = supported()
EQUATIONS = {"vlasov_poisson": VlasovPoisson(1.0, 1.0), "homogeneous_landau": HomogeneousLandau(2, 0.0, 1.0)}

each = pytest.mark.parametrize("name", NAMES)
each_pair = pytest.mark.parametrize(("name", "kind"), PAIRS)


def moving(solution: Any) -> Trajectory:
    if solution.trajectory is None:
        pytest.skip("returns no particles")
    return solution.trajectory


@each
def test_metadata_is_complete_and_literal(name):
    plug_in = catalog.find("solvers", name)
    cls = plug_in.load()
    assert cls.solves
    assert set(cls.solves) <= set(EQUATIONS)
    assert cls.family in ("classical", "learned")
    assert plug_in.metadata["solves"] == cls.solves
    assert plug_in.metadata["family"] == cls.family
    assert plug_in.metadata.get("amortised", False) == cls.amortised
    fields = {field.name for field in dataclasses.fields(cls)}
    assert set(cls.query_fields) <= fields
    if fields:  # a method with parameters has an author
        assert plug_in.metadata["cite"].startswith("@")
        assert cls.cite.count("{") == cls.cite.count("}")


@each
def test_docstring_has_name_equation_and_every_parameter(name):
    assert documented(catalog.find("solvers", name).load()) == []


@each
def test_it_solves_something(name):
    assert any(name == solver for solver, _ in PAIRS)


@each
def test_parameters_survive_json(name):
    settings = [catalog.build("solvers", name, {})]
    settings += [setting for solver, kind in PAIRS if solver == name for setting in settings[0].ladder(problem(kind))]
    for setting in settings:
        text = json.dumps(catalog.parameters(setting))
        assert catalog.build("solvers", name, json.loads(text)) == setting
        assert hash(setting) is not None


@each
def test_another_equation_is_refused_with_a_reason(name):
    solver = catalog.build("solvers", name, {})
    other = next((equation for name, equation in EQUATIONS.items() if name not in solver.solves), None)
    if other is None:
        pytest.skip("solves every equation")
    posed = Problem(other, None, None, Query(np.ones(1)))
    assert other.name in str(solver.unsupported(posed))
    with pytest.raises(Unsupported):
        fit(solver, posed)


@pytest.mark.parametrize("kind", KINDS)
@each
def test_what_is_unsupported_has_a_reason(name, kind):
    reason = catalog.build("solvers", name, {}).unsupported(problem(kind))
    assert reason is None or len(reason.split()) > 3


@each_pair
def test_ladder_has_different_settings_that_solve_the_problem(name, kind):
    ladder = catalog.build("solvers", name, {}).ladder(problem(kind))
    assert ladder
    assert len(set(ladder)) == len(ladder)
    assert [setting.unsupported(problem(kind)) for setting in ladder] == [None] * len(ladder)


@each_pair
def test_answer_has_the_shape_and_times_asked_for(name, kind):
    posed, ensemble = problem(kind), particles(name, kind)
    solution = answer(fitted(name, kind), ensemble, posed.query)
    check(solution, dataclasses.replace(posed, ensemble=ensemble), ensemble)
    if solution.trajectory is not None and ensemble is not None:
        np.testing.assert_allclose(solution.trajectory.weights, ensemble.weights, rtol=1e-12)


@each_pair
def test_it_begins_where_it_was_put_and_stays_in_the_box(name, kind):
    ensemble, posed = particles(name, kind), problem(kind)
    found = moving(answer(fitted(name, kind), ensemble, posed.query))
    assert ensemble is not None
    assert (found.positions is None) == (ensemble.positions is None) == (posed.equation.position_dimension == 0)
    for ours, given in ((found.positions, ensemble.positions), (found.velocities, ensemble.velocities)):
        if given is not None:
            np.testing.assert_allclose(np.sort(ours[0], axis=1), np.sort(given, axis=1), rtol=1e-12, atol=1e-12)
    if isinstance(posed.equation, VlasovPoisson):
        assert found.positions.min() >= 0
        assert found.positions.max() < posed.equation.length


@each_pair
def test_the_same_call_gives_the_same_answer(name, kind):
    ensemble, query = particles(name, kind), problem(kind).query
    assert equal(answer(fitted(name, kind), ensemble, query), answer(fitted(name, kind), ensemble, query))


@each_pair
def test_the_same_seed_gives_the_same_fit(name, kind):
    ensemble, query = particles(name, kind), problem(kind).query
    again = fit(cheapest(name, kind), problem(kind))
    assert equal(answer(fitted(name, kind), ensemble, query), answer(again, ensemble, query))


@pytest.mark.parametrize(("name", "kind"), [pair for pair in PAIRS if pair[1] in ("given", "thrown")])
def test_a_batch_is_the_same_as_its_cases_one_by_one(name, kind):
    ensemble, query = particles(name, kind), problem(kind).query
    assert ensemble is not None
    together = moving(answer(fitted(name, kind), ensemble, query))
    for case in range(ensemble.cases):
        alone = moving(answer(fitted(name, kind), ensemble.take(slice(case, case + 1)), query))
        if ensemble.positions is not None:
            np.testing.assert_allclose(alone.positions[:, 0], together.positions[:, case], rtol=1e-9)
        np.testing.assert_allclose(alone.velocities[:, 0], together.velocities[:, case], rtol=1e-9, atol=1e-9)


@each_pair
def test_fewer_times_have_the_answers_of_many(name, kind):
    """The last time stays, since a solver may count its steps from there."""
    ensemble, query = particles(name, kind), problem(kind).query
    full = answer(fitted(name, kind), ensemble, query)
    few = answer(fitted(name, kind), ensemble, Query(query.times[[0, 2]], query.series[::2], query.points))
    for name_of, array in few.arrays().items():
        group = name_of.partition("/")[0]
        if group in ("trajectory", "density", "score", "point_score") and not name_of.endswith("weights"):
            np.testing.assert_allclose(array, full.arrays()[name_of][[0, 2]], rtol=1e-9, atol=1e-9)
        elif group == "series":
            np.testing.assert_allclose(array, full.arrays()[name_of][:, ::2], rtol=1e-9, atol=1e-9)


@each_pair
def test_arguments_stay_as_they_were(name, kind):
    """Its arrays cannot be written to, and what they are views of is compared."""
    ensemble, query = particles(name, kind), problem(kind).query
    if ensemble is None:
        pytest.skip("takes no particles")
    found = (ensemble.positions, ensemble.velocities, ensemble.weights, query.times, query.series, query.points)
    arrays = [array for array in found if array is not None]
    before = [array.copy() for array in arrays]
    propagator = fit(cheapest(name, kind), dataclasses.replace(problem(kind), ensemble=ensemble))
    answer(propagator, ensemble, query)
    for array, copy in zip(arrays, before, strict=True):
        np.testing.assert_array_equal(array, copy)


@each_pair
def test_single_precision_is_single_and_close_to_double(name, kind):
    ensemble, query = particles(name, kind), problem(kind).query
    single = answer(fitted(name, kind, "float32"), ensemble, query)
    double = answer(fitted(name, kind, "float64"), ensemble, query)
    assert single.arrays().keys() == double.arrays().keys()
    for path in ("trajectory/positions", "trajectory/velocities"):
        if path in single.arrays():
            assert single.arrays()[path].dtype == np.float32
            assert double.arrays()[path].dtype == np.float64
    if catalog.find("solvers", name).metadata["family"] == "classical":
        for path, array in single.arrays().items():
            if not path.startswith("diagnostics"):
                scale = np.abs(double.arrays()[path]).max()
                np.testing.assert_allclose(array, double.arrays()[path], atol=1e-3 * scale + 1e-6, rtol=0)


@each_pair
def test_a_fit_that_is_kept_is_restored_in_either_precision(name, kind, tmp_path):
    solver, propagator = cheapest(name, kind), fitted(name, kind)
    assert isinstance(propagator, TrainedPropagator) == isinstance(solver, TrainedSolver)
    if not isinstance(solver, TrainedSolver):
        pytest.skip("learns nothing")
    ensemble, posed = particles(name, kind), problem(kind)
    propagator.save(tmp_path / "fit.safetensors")
    before = moving(answer(propagator, ensemble, posed.query))
    seen = posed.without_start() if solver.amortised else posed
    precisions: list[tuple[Precision, float]] = [("float64", 1e-6), ("float32", 1e-3)]
    for precision, tolerance in precisions:
        restored = solver.restore(tmp_path / "fit.safetensors", seen, "cpu", precision)
        after = moving(answer(restored, ensemble, posed.query))
        if before.positions is not None:
            np.testing.assert_allclose(after.positions, before.positions, atol=tolerance * 16)
        np.testing.assert_allclose(after.velocities, before.velocities, atol=tolerance * 16)
        assert after.velocities.dtype == precision
    (tmp_path / "fit.safetensors").write_bytes(b"{}")
    with pytest.raises(KineticbenchError):
        solver.restore(tmp_path / "fit.safetensors", seen, "cpu", "float64")


@pytest.mark.skipif(shutil.which("nvidia-smi") is not None, reason="there is a GPU")
@each_pair
def test_a_gpu_that_is_not_there_is_refused(name, kind):
    with pytest.raises((Unsupported, InvalidInput), match=r"GPU|gpu|CPU"):
        fit(cheapest(name, kind), problem(kind), device="gpu")
