"""A full disk or a folder that cannot be written to ends a run with one sentence, and harms nothing that is there."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Iterator

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.engine import run as running
from kineticbench.engine.environment import hardware
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import chosen, jobs, plan
from kineticbench.results.record import Record

FILL = """
        if not os.path.exists({flag!r}):
            open({flag!r}, "w").close()
            try:
                with open({filler!r}, "wb", buffering=0) as file:
                    while True:
                        file.write(b"0" * 4096)
            except OSError:
                pass
        pass"""
LEARNER = """
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from safetensors.numpy import save_file
from kineticbench.contracts import Solution, TrainedPropagator, TrainedSolver


class Learned(TrainedPropagator):
    def __call__(self, ensemble, query):
        return Solution(series={"zero": np.zeros((70, 0))})

    def save(self, path):
        save_file({"weights": np.random.default_rng(0).random(50_000)}, path)


@dataclass(frozen=True)
class Learner(TrainedSolver):
    \"\"\"Learns 400 kB of nothing.\"\"\"

    amortised: ClassVar[bool] = False
    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    query_fields: ClassVar[tuple[str, ...]] = ()
    start = None

    def unsupported(self, problem):
        return None

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        return Learned()

    def restore(self, path, problem, device, precision):
        return Learned()
"""


@pytest.fixture
def mounted(lab) -> Iterator[Callable[[str], None]]:
    """Mounts a small disk at the lab's results folder; skips where that is not allowed."""
    folder = lab.store.folder
    folder.mkdir()

    def mount(options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "none", str(folder)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True, check=False).returncode != 0:
            pytest.skip("mounting a small disk is not allowed here")

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True, check=False)


def fill(lab) -> str:
    """The body of a solver that fills the disk at its first call."""
    return FILL.format(flag=str(lab.folder / "filled"), filler=str(lab.store.folder / "filler")).strip()


def go(lab, suite) -> list[Record]:
    left = chosen(plan(suite), lab.store.known(), hardware()["id"])
    return list(running.run(jobs(left, suite, lab.store.folder), lab.store, Local(), lambda *_: None))


def require_whole(lab, cells: int) -> None:
    """Check that the folder holds so many good records, and nothing torn or half written."""
    contents = lab.store.read()
    assert contents.skipped == {}
    assert [record.state for record in contents.records] == ["ok"] * cells
    assert list(lab.store.folder.rglob(".*.part")) == []


@pytest.mark.parametrize("printed", ["", "print('x' * 50_000)"], ids=["record", "log"])
def test_a_full_disk_ends_the_run_and_the_same_command_goes_on(lab, mounted, printed):
    mounted("size=1m")
    suite = lab.suite(lab.solver("first"), lab.solver("fills", f"{fill(lab)}; {printed or 'pass'}"))
    with pytest.raises(InvalidInput, match="No space left"):
        go(lab, suite)
    before = len(lab.store.read().records)
    require_whole(lab, before)
    assert before < 2
    (lab.store.folder / "filler").unlink()
    assert len(go(lab, suite)) == 2 - before
    require_whole(lab, 2)


def test_a_solution_that_finds_no_room_leaves_its_record(lab, mounted):
    mounted("size=1m")
    suite = lab.suite(lab.solver("large", "diagnostics['large'] = np.random.default_rng(0).random(400_000)"))
    with pytest.raises(InvalidInput, match="No space left"):
        go(lab, suite)
    require_whole(lab, 1)
    (record,) = lab.store.read().records
    assert record.stored.solution.kept == "none"
    assert list(lab.store.folder.glob("solutions/*")) == []


def test_a_fit_that_finds_no_room_is_not_the_fault_of_its_solver(lab, mounted):
    mounted("size=1m")
    (lab.folder / "learner.py").write_text(LEARNER)
    suite = lab.suite(str(lab.folder / "learner.py"))
    (lab.store.folder / "filler").write_bytes(b"0" * 700_000)
    with pytest.raises(InvalidInput, match=r"Cannot write .*fits.*No space left"):
        go(lab, suite)
    require_whole(lab, 0)
    (lab.store.folder / "filler").unlink()
    assert len(go(lab, suite)) == 1
    require_whole(lab, 1)


def test_a_read_only_folder_is_refused_before_anything_runs(lab, mounted):
    mounted("ro")
    with pytest.raises(InvalidInput, match="cannot be written to: Read-only file system"):
        go(lab, lab.suite(lab.solver("good")))


def test_a_clock_that_is_set_back_neither_hides_nor_repeats_a_cell(lab, monkeypatch):
    from datetime import UTC, datetime

    from kineticbench.results import store

    suite = lab.suite(lab.solver("good", "if self.solver.shift: raise ValueError"), seeds=[0])
    (first,) = go(lab, suite)

    class Earlier(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2001, 1, 1, tzinfo=tz or UTC)

    monkeypatch.setattr(store, "datetime", Earlier)
    assert go(lab, suite) == []
    more = lab.suite(lab.solver("good"), seeds=[0, 1])
    (second,) = go(lab, more)
    assert second.run > first.run
    assert len(lab.store.read().records) == 2
