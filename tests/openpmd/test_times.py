"""Iterations are found by their time, in single precision too, and never two for one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.openpmd import submission
from kineticbench.openpmd.manifest import Description, Manifest, Snapshot
from kineticbench.openpmd.source import Source

ABOUT = Description(dataset="d", parameters={}, split="test", asked=None, seed=0, cases=1, digest="0" * 64)


def matching(held: Any, asked: Any) -> list[int]:
    snapshots = [Snapshot(time=float(time)) for time in held]
    manifest = Manifest(description=ABOUT, author=None, snapshots=snapshots, tables={})
    return Source(manifest, Path("given"), Path("copy")).matching(list(asked))


@pytest.mark.parametrize(
    ("held", "asked", "found"),
    [
        (np.array([0, 0.2, 0.4, 1], np.float32), [0, 0.2, 0.4, 1], [0, 1, 2, 3]),
        (np.array([0.7, 0.1], np.float32), [0.1, 0.7], [1, 0]),
        (np.cumsum(np.full(10, np.float32(0.1)), dtype=np.float32), [0.5, 1.0], [4, 9]),
        ([0, 1e-7, 1], [0, 1e-7, 1], [0, 1, 2]),
        ([0, 0.5, 0.5 + 4e-7], [0, 0.5], [0, 1]),
        ([0], [0], [0]),
        ([], [], []),
    ],
)
def test_they_are_found(held: Any, asked: Any, found: list[int]):
    assert matching(held, asked) == found


@pytest.mark.parametrize(
    ("held", "asked", "message"),
    [
        ([0, 0.20001], [0, 0.2], "no iteration at the time 0.2; there are: 0, 0.20001."),
        ([0, 0.2000004], [0, 0.2], "no iteration at the time 0.2; there are: 0, 0.2000004."),
        ([0, 1, 1], [0, 1], "two iterations at the time 1"),
        ([0, 1 - 5e-7, 1 + 5e-7], [0, 1], "two iterations at the time 1"),
        ([0, 1], [0, 1e-7, 1], "no iteration at the time 1e-07"),
        ([], [0.5], "there are: none"),
    ],
)
def test_they_are_not(held: Any, asked: Any, message: str):
    with pytest.raises(InvalidInput, match=message):
        matching(held, asked)


def test_a_file_of_single_precision_is_scored(answer, tmp_path):
    def change(file: Any) -> None:
        for name in file["data"]:
            time = file[f"data/{name}"].attrs["time"]
            file[f"data/{name}"].attrs.create("time", np.float32(time * (1 + 5e-7)), dtype="f4")

    processes = submission.Processes(submission.Room(memory=3_000_000_000, seconds=100.0))
    assert submission.score(answer(change), None, processes, say=lambda _: None).state == "ok"
