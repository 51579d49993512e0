"""openPMD's own library reads what is written, and finds in it what is meant."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from stream_answers import AUTHOR, stream

from kineticbench.openpmd.export import Order, export
from kineticbench.openpmd.reading import write_solution

openpmd_api = pytest.importorskip("openpmd_api", reason="the extra openpmd is not installed")


def opened(path: Path):
    return openpmd_api.Series(str(path), openpmd_api.Access.read_only)


@pytest.mark.parametrize(
    "order",
    [
        Order("gaussian_ensemble", {"particles": 6}, cases=5),
        Order("bkw", {"dimension": 3}, particles=64, start="random"),
        Order("landau_damping", {}, particles=50, start="quiet-weighted"),
    ],
    ids=lambda order: order.dataset,
)
def test_an_export(order: Order, tmp_path: Path):
    made = export(order, tmp_path / "problem.h5")
    assert made.ensemble is not None
    series = opened(tmp_path / "problem.h5")
    assert (series.openPMD, series.iteration_encoding) == ("1.1.0", openpmd_api.Iteration_Encoding.group_based)
    (number,) = series.iterations
    iteration = series.iterations[number]
    assert (number, iteration.time, iteration.time_unit_SI) == (0, 0.0, 1.0)
    plasma = iteration.particles["plasma"]
    length, speed = openpmd_api.Unit_Dimension.L, openpmd_api.Unit_Dimension.T
    assert plasma["position"].unit_dimension[int(length)] == 1.0
    assert plasma["momentum"].unit_dimension[int(speed)] == -1.0
    assert plasma["momentum"].time_offset == 0.0
    wanted = {f"momentum/{axis}": made.ensemble.velocities[..., k] for k, axis in enumerate("xyz"[: _axes(made)])}
    if made.ensemble.positions is not None:
        wanted["position/x"] = made.ensemble.positions[..., 0]
    wanted["weighting/"] = made.ensemble.weights
    for name, values in wanted.items():
        record, _, component = name.partition("/")
        part = plasma[record][component or openpmd_api.Record_Component.SCALAR]
        assert part.unit_SI == 1.0
        loaded = part.load_chunk()
        series.flush()
        assert (loaded == values.reshape(-1)).all(), name
    series.close()


def _axes(made) -> int:
    return made.ensemble.velocities.shape[-1]


def test_an_answer(posed, tmp_path: Path):
    problem = posed()
    solution = stream(problem, 0.5)
    write_solution(tmp_path / "answer.h5", solution, problem, AUTHOR)
    series = opened(tmp_path / "answer.h5")
    assert solution.trajectory is not None
    assert [series.iterations[k].time for k in series.iterations] == problem.problem.query.times.tolist()
    for number in series.iterations:
        part = series.iterations[number].particles["plasma"]["momentum"]["x"]
        loaded = part.load_chunk()
        series.flush()
        assert (loaded == solution.trajectory.velocities[number].reshape(-1)).all()
    series.close()


def test_an_answer_written_by_the_library(posed, call, tmp_path: Path):
    """A code that writes with openPMD-api, and adds the group of ours with any HDF5 library, is scored."""
    import h5py

    problem = posed()
    solution = stream(problem, 0.125)
    assert solution.trajectory is not None
    path, template = tmp_path / "answer.h5", tmp_path / "template.h5"
    write_solution(template, solution, problem, AUTHOR)
    series = openpmd_api.Series(str(path), openpmd_api.Access.create)
    for number, time in enumerate(problem.problem.query.times):
        iteration = series.iterations[number]
        iteration.time, iteration.dt = float(time), 1.0
        plasma = iteration.particles["plasma"]
        records = {"position": solution.trajectory.positions, "momentum": solution.trajectory.velocities}
        for name, array in records.items():
            part = plasma[name]["x"]
            values = np.ascontiguousarray(array[number]).reshape(-1)
            part.reset_dataset(openpmd_api.Dataset(values.dtype, values.shape))
            part.store_chunk(values)
            series.flush()
        weights = plasma["weighting"][openpmd_api.Record_Component.SCALAR]
        weights.reset_dataset(openpmd_api.Dataset(np.dtype("f8"), [values.size]))
        weights.make_constant(float(solution.trajectory.weights[0, 0]))
    series.close()
    with h5py.File(path, "r+") as file, h5py.File(template) as given:
        given.copy("kineticbench", file)
    status, out, err = call("score", str(path), "--results", str(tmp_path / "results"))
    assert (status, err) == (0, "")
    assert "0.125" in out
