"""A few hundred of the inputs of `benchmarks/fuzz_score.py`: a record or a reason, never a crash of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from benchmarks.broken_files import apply, mutated
from benchmarks.fuzz_score import Fuzzer
from tiny_plug_in import installed

INPUTS = 300


@pytest.fixture(scope="module")
def fuzzer(tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("fuzz")
    with installed(folder / "plug_in"), Fuzzer(folder, "tiny_stream") as made:
        yield made


def test_broken_files(fuzzer: Fuzzer):
    tally = fuzzer.run(INPUTS, seed=1)
    assert tally.faults == []
    assert tally.inputs >= INPUTS * 0.9
    assert tally.ends["refused"] > INPUTS // 4
    assert len(tally.reasons) > 20  # many ways of being wrong, each told apart


def test_what_an_edit_declares_is_not_written_out(tmp_path: Path):
    with h5py.File(tmp_path / "large.h5", "w") as file:
        file["kineticbench/query/times"] = np.zeros(3)
        apply(file, ("packed", "kineticbench/query/times", "f8", [2**40], 1))
        apply(file, ("numbers", "kineticbench/query/times", 1.0))
    assert (tmp_path / "large.h5").stat().st_size < 100_000


def test_it_would_notice(fuzzer: Fuzzer, monkeypatch: pytest.MonkeyPatch):
    def raises(*_: object, **__: object) -> None:
        raise RuntimeError("a traceback")

    monkeypatch.setattr(fuzzer, "score", raises)
    before = len(fuzzer.tally.faults)
    fuzzer.try_bytes(fuzzer.valid[0].read_bytes())
    assert fuzzer.tally.faults[before:] == ["RuntimeError('a traceback')"]


def test_inputs_are_drawn_alike_and_differ(fuzzer: Fuzzer, tmp_path: Path):
    valid = fuzzer.valid[0].read_bytes()
    once, twice = (mutated(valid, np.random.default_rng(5)) for _ in range(2))
    assert once == twice != valid
    path = tmp_path / "a.h5"
    path.write_bytes(valid)
    with h5py.File(path, "r+") as file:
        apply(file, ("link", "data/1", "extra", "soft"))
        link: Any = file.get("data/1/extra", getlink=True)
        assert link.path == "/data/1"
