"""A run says in its folder what it does, cheaply, and is never harmed by saying it."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest

from kineticbench.engine import announcement
from kineticbench.engine import run as running
from kineticbench.engine.announcement import Announcement
from kineticbench.engine.estimate import Estimate
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan
from kineticbench.results import run_state
from kineticbench.results.run_state import RunState


@pytest.fixture
def planned(lab):
    suite = lab.suite(lab.solver("tiny"), seeds=[0, 1, 2])
    return jobs(plan(suite), suite, lab.store.folder)


def written(folder: Path, condition) -> RunState:
    """The one state in a folder once it is as wanted."""
    patience = time.monotonic() + 20
    while time.monotonic() < patience:
        states = run_state.read(folder)
        if states and condition(states[0]):
            return states[0]
        time.sleep(0.01)
    raise AssertionError(f"not written: {run_state.read(folder)}")


def test_the_file_says_who_runs_what(lab, planned, monkeypatch):
    monkeypatch.setattr(announcement, "CHANGED_SECONDS", 0.02)
    lab.store.prepare()
    first, second, _ = planned
    heard = []
    with Announcement(lab.store, planned, "kineticbench run x", Estimate(planned)) as said:
        listener = said.listener(lambda job, message: heard.append((job, message)))
        state = written(lab.store.runs, lambda it: True)
        assert (state.run, state.host, state.pid) == (first.run, socket.gethostname(), os.getpid())
        assert (state.command, state.planned, state.left, state.running) == ("kineticbench run x", 3, 3, [])
        listener(first, {"event": "phase", "phase": "fit"})
        listener(second, {"event": "phase", "phase": "problem"})
        for done in (1, 2):
            listener(first, {"event": "progress", "done": done, "total": 4, "figures": {}})
        state = written(lab.store.runs, lambda it: it.running and it.running[0].progress == 0.5)
        one, two = state.running
        assert (one.cell, one.dataset, one.solver, one.setting) == (first.cell.id, "free", "tiny", "shift=0")
        assert (one.phase, two.phase, two.progress, {one.seed, two.seed} <= {0, 1, 2}) == ("fit", "problem", None, True)
        listener(first, {"event": "phase", "phase": "solve"})
        state = written(lab.store.runs, lambda it: it.running[0].phase == "solve")
        assert state.running[0].since == one.since
        assert state.running[0].phase_since > one.phase_since
        assert state.running[0].progress is None
        said.ended(first, "error")
        state = written(lab.store.runs, lambda it: it.left == 2)
        assert (state.ended, [cell.cell for cell in state.running]) == ({"error": 1}, [second.cell.id])
        assert state.left_s is not None
    assert len(heard) == 5
    assert list(lab.store.runs.iterdir()) == []


def test_it_is_written_again_when_nothing_changes_and_seldom_when_much_does(lab, planned, monkeypatch):
    monkeypatch.setattr(announcement, "CHANGED_SECONDS", 0.05)
    monkeypatch.setattr(announcement, "HEARTBEAT_SECONDS", 0.2)
    writes = []
    monkeypatch.setattr(run_state, "write", lambda _folder, state: writes.append(state.heartbeat))
    with Announcement(lab.store, planned, None, Estimate(planned)) as said:
        listener = said.listener(lambda *_: None)
        for _ in range(20_000):
            listener(planned[0], {"event": "phase", "phase": "fit"})
        assert len(writes) < 1000
        busy = len(writes)
        time.sleep(1.0)
    assert 2 <= len(writes) - busy <= 12


def test_what_is_no_number_and_a_folder_that_cannot_be_do_no_harm(lab, planned, monkeypatch):
    monkeypatch.setattr(announcement, "CHANGED_SECONDS", 0.02)
    lab.store.prepare()
    lab.store.runs.write_text("")
    with Announcement(lab.store, planned, None, Estimate(planned)) as said:
        listener = said.listener(lambda *_: None)
        for done in (None, "x", float("nan"), 1e400):
            listener(planned[0], {"event": "progress", "done": done, "total": 1, "figures": {}})
        time.sleep(0.1)
    made = list(running.run(planned, lab.store, Local(), lambda *_: None))
    assert [record.state for record in made] == ["ok"] * 3


def test_two_runs_on_one_folder_both_say_so_and_leave_nothing(lab, planned, monkeypatch):
    monkeypatch.setattr(announcement, "CHANGED_SECONDS", 0.02)
    lab.store.prepare()
    one = running.run(planned[:2], lab.store, Local(), lambda *_: None)
    two = running.run(planned[2:], lab.store, Local(), lambda *_: None)
    next(one)
    next(two)
    patience = time.monotonic() + 20
    while len(run_state.read(lab.store.runs)) < 2:
        assert time.monotonic() < patience
        time.sleep(0.01)
    two.close()
    assert [state.run for state in run_state.read(lab.store.runs)] == [planned[0].run]
    one.close()
    assert run_state.read(lab.store.runs) == []


def test_a_run_of_nothing_says_nothing(lab):
    assert list(running.run([], lab.store, Local(), lambda *_: None)) == []
    assert not lab.store.runs.exists()
