"""The time left is that of cells of the same setting, from this run or from before."""

from __future__ import annotations

import time

import pytest

from kineticbench.engine import estimate as estimates
from kineticbench.engine.estimate import Estimate, earlier, key, took
from kineticbench.engine.plan import jobs, plan
from kineticbench.results.record import Record


def timed(setting, run: str, hardware: str, seconds: float, state: str = "ok", fit_id: str | None = "f") -> Record:
    """A record whose solve took so many seconds, and its fit 7.5."""
    dataset, solver, label = setting
    return Record.model_validate(
        {
            "cell": f"{abs(hash((setting, run, hardware))):064x}",
            "run": run,
            "state": state,
            "reason": None,
            "settings": {
                "dataset": {"name": dataset, "parameters": {}},
                "solver": {"name": solver, "setting": label, "parameters": {}},
                "seed": 0,
                "device": "cpu",
                "threads": 1,
                "precision": "float64",
            },
            "limits": {"seconds": 20.0, "bytes": 1},
            "code": {"hash": "c"},
            "fit": {"id": fit_id, "amortised": False, "data_s": 0.5, "fit_s": 7.0, "hardware": hardware},
            "solve": {
                "problem_s": seconds / 4,
                "cold_s": seconds / 4,
                "warm_s": [seconds / 4],
                "home_s": [seconds / 4],
            },
            "hardware": {"id": hardware, "cpu": "a cpu"},
            "packages": {},
        }
    )


@pytest.fixture
def planned(lab):
    """Four cells of each of two settings."""
    suite = lab.suite({"name": lab.solver("tiny"), "settings": [{"shift": 1.0}, {"shift": 2.0}]}, seeds=[0, 1, 2, 3])
    return sorted(jobs(plan(suite), suite, lab.store.folder), key=key)


@pytest.fixture
def clock(monkeypatch):
    """A clock that is set by hand."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_cells_of_this_run_count_before_earlier_ones(planned, clock):
    slow, quick = key(planned[0]), key(planned[4])
    assert Estimate(planned).seconds() is None
    assert Estimate([]).seconds() == 0.0
    made = Estimate(planned, {slow: 10.0, quick: 1.0})
    assert made.seconds() == 44.0
    assert Estimate(planned, {slow: 10.0}).seconds() == 80.0  # of the other nothing is known
    made.begin(planned[0])
    clock[0] += 4.0
    assert made.seconds() == 40.0
    made.begin(planned[0])  # another phase of it
    clock[0] += 16.0
    made.end(planned[0])
    assert made.seconds() == 3 * 20.0 + 4 * 1.0
    for job in planned[1:4]:
        made.begin(job)
        made.end(job)
    assert made.seconds() == 4 * 1.0


def test_what_a_run_needs_besides_its_cells_and_lanes_that_save_time_are_seen(planned, clock):
    made = Estimate(planned[:4])
    clock[0] += 10.0  # a worker starts
    made.begin(planned[0])
    clock[0] += 10.0
    made.end(planned[0])
    assert made.seconds() == 3 * 10.0 * 2
    side = Estimate(planned[:4])
    for job in planned[:2]:
        side.begin(job)
    clock[0] += 10.0
    for job in planned[:2]:
        side.end(job)
    assert side.seconds() == 2 * 10.0 / 2


def test_cells_that_say_nothing_or_take_longer_than_thought_do_no_harm(planned, clock):
    made = Estimate(planned[:2], {key(planned[0]): 1.0})
    made.begin(planned[0])
    clock[0] += 50.0
    assert made.seconds() == 1.0  # the other one
    made.end(planned[0])
    made.end(planned[1])  # its worker died before it said anything
    made.end(planned[1])
    assert made.seconds() == 0.0


def test_earlier_records_of_the_setting_are_found(lab, planned, monkeypatch):
    (slow, quick), here = (key(planned[0]), key(planned[4])), "here"
    write = lab.store.write
    assert earlier(lab.store, planned, {here}) == {}
    write(timed(slow, "20260102T030405Z-0000", "there", 9.0))
    assert earlier(lab.store, planned, {here}) == {slow: 9.0}
    write(timed(slow, "20260101T030405Z-0000", here, 3.0))
    write(timed(slow, "20260101T030406Z-0000", here, 4.0))
    write(timed(("other", *slow[1:]), "20260105T030406Z-0000", here, 5.0))
    assert earlier(lab.store, planned, {here}) == {slow: 4.0}
    write(timed(quick, "20260101T030406Z-0001", here, 0.5, state="timeout"))
    assert earlier(lab.store, planned, {here}) == {slow: 4.0, quick: 20.0}  # its limit
    monkeypatch.setattr(estimates, "_LOOKED_AT", 0)
    assert earlier(lab.store, planned, {here}) == {}


def test_what_an_attempt_took_leaves_out_a_fit_that_is_kept():
    kept = timed(("d", "s", "x"), "20260101T030406Z-0001", "here", 2.0, fit_id="f")
    again = timed(("d", "s", "x"), "20260101T030406Z-0001", "here", 2.0, fit_id=None)
    assert (took(kept), took(again)) == (2.0, 2.0 + 0.5 + 7.0)
