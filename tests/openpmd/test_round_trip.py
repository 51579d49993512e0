"""What is written comes back to the last bit: problems of every kind, solutions of both precisions, packed files."""

from __future__ import annotations

import json
from pathlib import Path

import h5py
import numpy as np
import pytest
from stream_answers import hdf5

from kineticbench import catalog
from kineticbench.contracts import InvalidInput, Solution, Trajectory
from kineticbench.openpmd import wording
from kineticbench.openpmd.export import Order, export, pose
from kineticbench.openpmd.rating import posed
from kineticbench.openpmd.reading import read_problem, read_solution, write_solution

AUTHOR = {"name": "mine", "version": "1", "author": "A", "hardware": "H", "parameters": {"steps": 3, "α": [1.5]}}


def same(a, b) -> bool:
    if a is None or b is None:
        return a is b
    return (a.dtype, a.shape, np.ascontiguousarray(a).tobytes()) == (
        b.dtype,
        b.shape,
        np.ascontiguousarray(b).tobytes(),
    )


@pytest.mark.parametrize(
    "order",
    [
        Order("gaussian_ensemble", {"particles": 6}, cases=5),
        Order("gaussian_ensemble", {"steps": 50, "snapshots": 2}, split="validation", cases=2, seed=7, particles=3),
        Order("landau_damping", {"amplitude": 0.5}, particles=50, start="quiet-weighted"),
        Order("bkw", {"dimension": 3}, particles=64, start="mesh"),
        Order("bkw", {"dimension": 4}, particles=9, start="random", seed=3),
    ],
    ids=lambda order: f"{order.dataset}-{order.start}",
)
def test_a_problem(order, tmp_path: Path):
    made = export(order, tmp_path / "problem.h5")
    found = read_problem(tmp_path / "problem.h5")
    assert found.equation == made.problem.equation
    for name in ("times", "series", "points"):
        assert same(getattr(found.query, name), getattr(made.problem.query, name)), name
    assert found.ensemble is not None
    assert made.ensemble is not None
    for name in ("positions", "velocities", "weights"):
        assert same(getattr(found.ensemble, name), getattr(made.ensemble, name)), name
    assert found.ensemble.equal_weights == made.ensemble.equal_weights


@pytest.mark.parametrize("name", sorted(catalog.plug_ins("datasets")))
def test_every_dataset_can_be_exported_and_posed_again(name: str, tmp_path: Path):
    cases = 2 if name == "gaussian_ensemble" else None
    made = export(Order(name, {}, particles=16, cases=cases), tmp_path / "problem.h5")
    found = read_problem(tmp_path / "problem.h5")
    assert found.ensemble is not None
    assert found.ensemble.particles == 16
    _, _, again = posed(made.description)
    assert again.equation == found.equation == made.problem.equation


def test_the_truth_stays_here(tmp_path: Path):
    made = export(Order("gaussian_ensemble", {"particles": 6}, cases=2), tmp_path / "problem.h5")
    with hdf5(tmp_path / "problem.h5") as file:
        names: list[str] = []
        file.visit(names.append)
        assert list(file["data"]) == ["0"]
        assert [name for name in names if isinstance(file[name], h5py.Dataset)] == [
            "data/0/particles/plasma/momentum/x",
            "data/0/particles/plasma/position/x",
            "kineticbench/query/series",
            "kineticbench/query/times",
        ]
        about = file["kineticbench"].attrs
        assert json.loads(about["parameters"])["particles"] == 6
        assert (about["cases"], about["particles"], about["hash"].decode()) == (2, 6, made.description.digest)
        domain = file["kineticbench/equation"].attrs
        assert (domain["domainUpper"][0], domain["length"], domain["charge"]) == (128.0, 128.0, pytest.approx(0.6))


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("homogeneous", [False, True])
def test_a_solution(precision, homogeneous, tmp_path: Path):
    random = np.random.default_rng(0)

    def some(*shape: int) -> np.ndarray:
        return random.standard_normal(shape).astype(precision)

    if homogeneous:
        problem = pose(Order("bkw", {"cells": 4}, particles=7))
        trajectory = Trajectory(None, some(4, 1, 7, 2), np.abs(some(1, 7)))
        more = {"density": some(4, 1, 16), "point_score": some(4, 1, 16, 2), "particle_density": some(4, 1, 7)}
        more["score"] = some(4, 1, 7, 2)
    else:
        problem = pose(Order("gaussian_ensemble", {"particles": 5}, cases=3))
        equal = np.broadcast_to(np.array(0.2, precision), (3, 5))
        trajectory, more = Trajectory(some(6, 3, 5, 1), some(6, 3, 5, 1), equal), {}
    series = {"energy": some(1, 8), "field_mode": random.standard_normal((1, 8)) + 1j * random.standard_normal((1, 8))}
    solution = Solution(trajectory, series=series, diagnostics={"loss": some(9)}, **more)
    write_solution(tmp_path / "answer.h5", solution, problem, AUTHOR)
    manifest, found = read_solution(tmp_path / "answer.h5")
    assert manifest.description == problem.description
    assert manifest.author is not None
    assert manifest.author.parameters == AUTHOR["parameters"]
    arrays, back = solution.arrays(), found.arrays()
    assert back.keys() == arrays.keys()
    assert [name for name in arrays if not same(np.asarray(arrays[name]), back[name])] == []


def test_a_packed_file_of_the_other_byte_order(tmp_path: Path):
    problem = pose(Order("gaussian_ensemble", {"particles": 50}, cases=40))
    random = np.random.default_rng(1)
    positions, velocities = random.random((2, 6, 40, 50, 1))
    write_solution(tmp_path / "a.h5", Solution(Trajectory(positions, velocities, np.ones((40, 50)))), problem, AUTHOR)
    with hdf5(tmp_path / "a.h5", "r+") as file:
        for number in range(6):
            group = file[f"data/{number}/particles/{wording.SPECIES}/position"]
            values = group["x"][:]
            del group["x"]
            packing = {"chunks": (777,), "compression": "gzip", "shuffle": True, "fletcher32": True}
            group.create_dataset("x", data=values.astype(">f8"), **packing)
    _, found = read_solution(tmp_path / "a.h5")
    assert found.trajectory is not None
    assert same(found.trajectory.positions, positions)
    assert same(found.trajectory.velocities, velocities)


def test_what_cannot_be_exported(tmp_path: Path):
    for order, message in (
        (Order("gaussian_ensembel", {}), "Did you mean 'gaussian_ensemble'"),
        (Order("gaussian_ensemble", {"steps": -1}), "steps must be"),
        (Order("gaussian_ensemble", {}, cases=1, start="mesh"), "gives its own particles"),
        (Order("bkw", {}, start="quite"), "Unknown start 'quite'"),
        (Order("bkw", {}, cases=2), "one case"),
    ):
        with pytest.raises(InvalidInput, match=message):
            export(order, tmp_path / "problem.h5")
    assert list(tmp_path.iterdir()) == []
