"""What ends a run at once waits until the record at hand is whole."""

from __future__ import annotations

import os
import signal
import time

import pytest

from kineticbench.engine import run as running
from kineticbench.engine.executors.local import Local
from kineticbench.engine.interrupts import Interrupts
from kineticbench.engine.plan import jobs, plan


@pytest.mark.parametrize("signals", [[signal.SIGTERM], [signal.SIGINT, signal.SIGINT]])
def test_a_record_that_is_being_written_is_written(lab, monkeypatch, signals):
    suite = lab.suite(lab.solver("tiny"), seeds=[0, 1, 2])
    planned, real = jobs(plan(suite), suite, lab.store.folder), lab.store.write

    def write(record):
        for number in signals:
            os.kill(os.getpid(), number)
            time.sleep(0.05)  # two at once count as one
        real(record)

    monkeypatch.setattr(lab.store, "write", write)
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    with pytest.raises(KeyboardInterrupt):
        list(running.run(planned, lab.store, Local(), lambda *_: None))
    assert [record.run for record in lab.store.read().records] == [planned[0].run]
    assert list(lab.store.runs.iterdir()) == []
    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_one_press_only_stops(lab, monkeypatch):
    suite = lab.suite(lab.solver("tiny"), seeds=[0, 1, 2])
    planned = jobs(plan(suite), suite, lab.store.folder)

    def press(_job, message):
        if message.get("phase") == "solve":
            os.kill(os.getpid(), signal.SIGINT)

    interrupts = Interrupts()
    made = list(running.run(planned, lab.store, Local(), press, interrupts=interrupts))
    assert interrupts.pressed
    assert [record.run for record in made] == [planned[0].run]


@pytest.mark.parametrize("lanes", [1, 2])
def test_what_is_stopped_begins_nothing_more_and_loses_nothing(lab, lanes):
    suite = lab.suite(lab.solver("bad", "time.sleep(0.3); raise ValueError"), seeds=list(range(8)))
    planned = jobs(plan(suite), suite, lab.store.folder)
    interrupts, made = Interrupts(), []
    for record in running.run(planned, lab.store, Local(lanes), lambda *_: None, interrupts=interrupts):
        made.append(record)
        interrupts.stop()
    assert not interrupts.pressed
    assert made[0].state == "error"
    assert len(made) == 1 if lanes == 1 else len(made) < 8
    assert lab.store.read().records == sorted(made, key=lambda record: record.run)


def test_what_is_held_is_held_once():
    interrupts, whole = Interrupts(), []

    def hold():
        with interrupts.held():
            os.kill(os.getpid(), signal.SIGTERM)
            whole.append(True)

    with interrupts.caught():
        with pytest.raises(KeyboardInterrupt):
            hold()
        assert whole
        assert interrupts()
        with pytest.raises(KeyboardInterrupt):
            os.kill(os.getpid(), signal.SIGINT)
