"""The file of a run is read whole, tells a run that goes on from one that was killed, and never stands in the way."""

from __future__ import annotations

import os
import socket
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kineticbench.results import run_state
from kineticbench.results.run_state import LOST_SECONDS, RunningCell, RunState
from kineticbench.results.store import Store

NOW = datetime.now(UTC)


def state(
    run: str = "20260102T030405Z-0000", host: str = "elsewhere", pid: int = 1, heard: float = 1.0, now: datetime = NOW
) -> RunState:
    cell = RunningCell(
        cell="a", dataset="d", solver="s", setting="x", seed=0, phase="fit", since=NOW, phase_since=NOW, progress=0.5
    )
    begun = now - timedelta(seconds=2 * heard)
    return RunState(
        run=run, host=host, pid=pid, command="kineticbench run smoke", begun=begun, planned=5,
        heartbeat=now - timedelta(seconds=heard), ended={"ok": 2, "error": 1}, running=[cell], left_s=3.0,
    )  # fmt: skip


def test_it_comes_back_as_it_was_written_and_is_removed(tmp_path: Path):
    folder = tmp_path / "runs"
    first, second = state(), state("20260102T030406Z-0000")
    assert first.left == 2
    for one in (second, first):
        run_state.write(folder, one)
    assert run_state.read(folder) == [first, second]
    run_state.remove(folder, first.run)
    assert run_state.read(folder) == [second]
    assert [path.name for path in folder.iterdir()] == [f"{second.run}.json"]


def test_a_run_that_is_not_heard_of_or_has_no_process_is_lost():
    here, gone = socket.gethostname(), subprocess.Popen(["true"])
    gone.wait()
    assert not state().lost(NOW)
    assert not state(heard=-3600.0).lost(NOW)  # a clock that is ahead
    assert state(heard=LOST_SECONDS + 1).lost(NOW)
    assert not state(host=here, pid=os.getpid()).lost(NOW)
    assert state(host=here, pid=gone.pid).lost(NOW)


def test_what_is_killed_is_cleared_away_here_at_once_and_elsewhere_after_a_day(tmp_path: Path):
    here, now = socket.gethostname(), datetime.now(UTC)
    kept = [state(f"20260102T03040{i}Z-0000", heard=heard, now=now) for i, heard in enumerate((1.0, 3600.0))]
    kept.append(state("20260102T030402Z-0000", host=here, pid=os.getpid(), now=now))
    old = [
        state("20260102T030403Z-0000", heard=90_000.0, now=now),
        state("20260102T030404Z-0000", host=here, heard=60.0, now=now),
    ]
    for one in kept + old:
        run_state.write(tmp_path, one)
    run_state.clear(tmp_path)
    assert run_state.read(tmp_path) == kept


def test_what_cannot_be_written_or_read_is_passed_over(tmp_path: Path):
    (tmp_path / "file").touch()
    run_state.write(tmp_path / "file", state())
    run_state.write(tmp_path / "no" / "such", state())
    assert run_state.read(tmp_path / "file") == run_state.read(tmp_path / "nowhere") == []
    (tmp_path / "runs").mkdir()
    for name, text in {"torn.json": '{"run": ', "foreign.json": "[]", "other.txt": "", "bytes.json": "\xff"}.items():
        (tmp_path / "runs" / name).write_text(text, encoding="latin-1")
    run_state.write(tmp_path / "runs", state())
    assert run_state.read(tmp_path / "runs") == [state()]
    run_state.remove(tmp_path / "nowhere", "x")
    assert Store(tmp_path).runs == tmp_path / "runs"
