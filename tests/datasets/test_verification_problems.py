"""Landau damping, two-stream and bump-on-tail as datasets: problems, exact rates, kept references."""

from __future__ import annotations

import json

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import CorruptFile, InvalidInput, UnknownName
from kineticbench.datasets.bump_on_tail import BumpOnTail
from kineticbench.datasets.landau_damping import LandauDamping
from kineticbench.datasets.two_stream import TwoStream
from kineticbench.metrics import load, missing
from kineticbench.numerics import dispersion, references, verification
from kineticbench.numerics.convergence import doublings
from kineticbench.solvers.vlasov_grid import VlasovGrid

KEPT = [
    LandauDamping(),
    LandauDamping(0.4, 1e-3),
    LandauDamping(0.3, 1e-3),
    LandauDamping(amplitude=0.5),
    TwoStream(),
    TwoStream(drift=3.0),
    BumpOnTail(),
]
EXACT = {
    LandauDamping(): (-0.153359, 1.415662),
    LandauDamping(0.4, 1e-3): (-0.066128, 1.285057),
    LandauDamping(0.3, 1e-3): (-0.012620, 1.159846),
    TwoStream(): (0.225844, None),
    TwoStream(drift=3.0): (0.284510, None),
    BumpOnTail(): (0.198098, 1.001218),
}


@pytest.mark.parametrize("dataset", KEPT, ids=str)
def test_a_problem_is_posed_in_plasma_units_and_shows_no_truth(dataset):
    problem = dataset.problem()
    equation, query = problem.equation, problem.query
    assert equation.plasma_frequency == pytest.approx(1)
    assert equation.length == pytest.approx(2 * np.pi / dataset.wavenumber)
    assert problem.ensemble is None
    assert query.series[0] == query.times[0] == 0
    np.testing.assert_allclose(np.diff(query.series), 0.2)
    assert query.series[-1] == dataset.final_time
    assert set(query.times) <= set(query.series)
    if query.points is not None:
        q, p = (np.unique(x) for x in query.points.T)
        assert (q.size, p.size) == (64, 128)
        np.testing.assert_allclose(np.diff(p), p[1] - p[0])
        assert q[0] == pytest.approx(equation.length / 128)
    assert dataset.training() is None


@pytest.mark.parametrize("dataset", KEPT, ids=str)
def test_references_are_kept_and_know_their_error(dataset):
    problem, reference = dataset.problem(), dataset.reference(dataset.problem())
    assert "datasets" not in reference.provenance
    assert ".safetensors" in reference.provenance
    assert reference.series["field_energy"].shape == (1, problem.query.series.size)
    assert reference.bars["field_energy"].max() < 1e-6
    if dataset in EXACT:
        rate, frequency = EXACT[dataset]
        assert reference.values["growth_rate"][0] == pytest.approx(rate, abs=6e-7)
        assert reference.bars["growth_rate"][0] < 2.5e-3
        assert ("frequency" in reference.values) == (frequency is not None)
        if frequency is not None:
            assert reference.values["frequency"][0] == pytest.approx(frequency, abs=6e-7)
    else:
        assert reference.values == {}
    if problem.query.points is not None:
        assert reference.density.shape == (5, 1, len(problem.query.points))
        np.testing.assert_allclose(
            reference.density[0], problem.initial_density.density(problem.query.points), atol=1e-9
        )
        assert (reference.bars["density_l2"][:3] < 1e-6).all()


@pytest.mark.parametrize("dataset", KEPT, ids=str)
def test_kept_files_are_small_and_say_how_they_were_made(dataset):
    parameters = {name: float(value) for name, value in catalog.parameters(dataset).items()}
    name = next(n for n, p in catalog.plug_ins("datasets").items() if p.class_name == type(dataset).__name__)
    path = references.location(name, parameters)
    assert path.stat().st_size < 1e6
    recipe = references.load(path)[1]
    assert recipe["parameters"] == parameters
    assert len(recipe["resolutions"]) == 3


def test_a_solver_is_scored_against_the_reference_end_to_end():
    dataset = LandauDamping(0.4, 1e-3)
    problem, reference = dataset.problem(), dataset.reference(dataset.problem())
    solution = VlasovGrid(16, 256, 0.2, 4).fit(problem)(None, problem.query)
    scores = {}
    for name in dataset.metrics:
        metric = load(name)
        if missing(metric, solution, reference, problem) is None:
            scores[name] = metric(solution, reference, problem).value
    assert scores.keys() == set(dataset.metrics) - {"density_l2"}
    assert scores["growth_rate"].max() < 1e-3
    assert scores["frequency"].max() < 1e-4
    assert scores["field_energy"].max() < 1e-4
    assert scores["drift_mass"].max() < 1e-12


def test_other_parameters_are_solved_when_they_are_asked_for_and_then_cached(monkeypatch, tmp_path):
    monkeypatch.setenv("KINETICBENCH_CACHE", str(tmp_path))
    monkeypatch.setattr(verification, "ON_DEMAND", doublings(8, 128, 0.2))
    dataset = LandauDamping(0.45, 1e-3, final_time=24.0)
    problem = dataset.problem()
    reference = dataset.reference(problem)
    assert -0.153359 < reference.values["growth_rate"][0] < -0.066128
    assert reference.bars["growth_rate"][0] < 1e-3
    monkeypatch.setattr(verification, "converge", None)
    again = dataset.reference(problem)
    np.testing.assert_array_equal(again.series["field_energy"], reference.series["field_energy"])


def test_a_reference_can_be_made_and_a_damaged_one_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(verification, "ON_DEMAND", doublings(8, 128, 0.2))
    dataset = LandauDamping(0.45, 1e-3, final_time=16.0)
    seen = []
    path = dataset.make_reference(tmp_path, seen.append)
    assert [r.cells_q for r in seen] == [8, 16, 32]
    arrays, recipe = references.load(path)
    assert recipe["dataset"] == "landau_damping"
    assert arrays["field_energy"].shape == (81,)
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(CorruptFile, match=path.name):
        references.load(path)
    path.write_bytes(b"")
    with pytest.raises(CorruptFile, match="not a reference file"):
        references.load(path)


def test_a_kept_file_of_another_query_is_refused(monkeypatch, tmp_path):
    dataset = LandauDamping()
    path = tmp_path / "short.safetensors"
    references.store(path, {"field_energy": np.zeros(3)}, {"resolutions": []})
    monkeypatch.setattr(references, "location", lambda *_: path)
    with pytest.raises(CorruptFile, match="does not hold field_energy of shape"):
        dataset.reference(dataset.problem())


def test_stored_arrays_come_back_and_the_recipe_is_json(tmp_path):
    arrays = {"b": np.arange(6.0).reshape(2, 3).T, "a": np.array([1, 2], np.int32)}
    references.store(tmp_path / "x.safetensors", arrays, {"k": [1, 2.5]})
    found, recipe = references.load(tmp_path / "x.safetensors")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)
    assert recipe == json.loads('{"k": [1, 2.5]}')


def test_stable_streams_are_damped_and_still_have_a_rate():
    wave = dispersion.waves(0.2, TwoStream(drift=1.0).plasma.velocities, 1)[0]
    assert wave.growth_rate < 0


def test_bad_requests_are_refused():
    with pytest.raises(UnknownName, match="'test'"):
        LandauDamping().problem("train")
    with pytest.raises(InvalidInput, match="one case"):
        TwoStream().problem(cases=2)
    with pytest.raises(InvalidInput, match="whole number of steps"):
        BumpOnTail(final_time=10.1).problem()
    with pytest.raises(InvalidInput, match="wavenumber"):
        LandauDamping(wavenumber=-1.0).problem()
    with pytest.raises(InvalidInput, match="fraction"):
        BumpOnTail(fraction=1.0)
