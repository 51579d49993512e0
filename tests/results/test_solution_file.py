"""A stored solution comes back exactly, whole or its first cases, and damage is noticed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kineticbench.contracts import CorruptFile, Query, Solution, Trajectory
from kineticbench.files import sha256
from kineticbench.results import solution_file

QUERY = Query(np.array([0.0, 1.0]), points=np.zeros((3, 2)))


def solution(cases: int = 6, particles: int = 50) -> Solution:
    random = np.random.default_rng(0)
    weights = np.broadcast_to(np.asarray(1 / particles), (cases, particles))
    q, p = random.normal(size=(2, 2, cases, particles, 1))
    series = {"field_mode": random.normal(size=(cases, 4)) + 1j}
    diagnostics = {"loss": np.arange(5.0)}
    return Solution(Trajectory(q, p, weights), density=random.normal(size=(2, cases, 3)), series=series,
                    diagnostics=diagnostics)  # fmt: skip


def same(a: Solution, b: Solution) -> bool:
    one, two = a.arrays(), b.arrays()
    return list(one) == list(two) and all(np.array_equal(one[name], two[name]) for name in one)


def test_round_trip(tmp_path: Path):
    path = tmp_path / "s.h5"
    solution_file.write(path, solution(), QUERY)
    assert same(solution_file.read(path, sha256(path)), solution())


def test_equal_weights_take_no_room(tmp_path: Path):
    path, large = tmp_path / "s.h5", solution(cases=20, particles=1000)
    solution_file.write(path, large, QUERY)
    needed = sum(a.nbytes for n, a in large.arrays().items() if n != "trajectory/weights")
    assert needed < path.stat().st_size < needed + 20_000
    assert same(solution_file.read(path), large)


def test_as_many_first_cases_as_fit():
    whole = solution()
    bytes_of_all = sum(a.nbytes for n, a in whole.arrays().items() if n != "trajectory/weights")
    assert solution_file.select(whole, bytes_of_all) == (whole, "all")
    part, kept = solution_file.select(whole, bytes_of_all // 2)
    assert kept == "subset"
    assert part is not None
    cases = part.density.shape[1]
    assert 1 <= cases <= 3
    arrays, all_arrays = part.arrays(), whole.arrays()
    assert np.array_equal(arrays["trajectory/velocities"], all_arrays["trajectory/velocities"][:, :cases])
    assert arrays["trajectory/weights"].shape == (cases, 50)
    assert np.array_equal(part.series["field_mode"], whole.series["field_mode"][:cases])
    assert sum(a.nbytes for n, a in part.arrays().items() if n != "trajectory/weights") <= bytes_of_all // 2
    assert solution_file.select(whole, 10) == (None, "none")


def test_damage_is_noticed(tmp_path: Path):
    path = tmp_path / "s.h5"
    solution_file.write(path, solution(), QUERY)
    good = sha256(path)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(CorruptFile, match="not the file its record speaks of"):
        solution_file.read(path, good)
    path.write_bytes(data[:100])
    with pytest.raises(CorruptFile):
        solution_file.read(path)
    with pytest.raises(CorruptFile):
        solution_file.read(tmp_path / "missing.h5", good)


def test_what_lies_elsewhere_or_is_larger_than_can_be_is_not_read(tmp_path: Path):
    import h5py

    secret = tmp_path / "secret"
    secret.write_bytes(b"a secret" * 16)
    other = tmp_path / "other.h5"
    solution_file.write(other, solution(), QUERY)
    layout = h5py.VirtualLayout(shape=(2, 6, 3), dtype="f8")
    layout[:] = h5py.VirtualSource(other, "solution/density", shape=(2, 6, 3))

    def external(group: h5py.Group) -> None:
        group.create_dataset("density", (2, 6, 3), "f8", external=[(str(secret), 0, 288)])

    def huge(group: h5py.Group) -> None:
        group.create_dataset("density", (1 << 20, 1 << 20, 3), "f8", chunks=(1, 1, 3))

    def texts(group: h5py.Group) -> None:
        group.create_dataset("density", data=["a"], dtype=h5py.string_dtype())

    def empty(group: h5py.Group) -> None:
        group["density"] = h5py.Empty("f8")

    for number, plant in enumerate((external, lambda group: group.create_virtual_dataset("density", layout), huge,
                                    texts, empty)):  # fmt: skip
        path = tmp_path / f"{number}.h5"
        solution_file.write(path, solution(), QUERY)
        with h5py.File(path, "a") as file:
            del file["solution/density"]
            group = file["solution"]
            assert isinstance(group, h5py.Group)
            plant(group)
        with pytest.raises(CorruptFile, match=r"is no array of numbers in this file|declares 6 arrays of"):
            solution_file.read(path)
    path = tmp_path / "linked.h5"
    solution_file.write(path, solution(), QUERY)
    with h5py.File(path, "a") as file:
        del file["solution/density"]
        file["solution/density"] = h5py.ExternalLink(str(other), "solution/density")
    assert solution_file.read(path).density is None
