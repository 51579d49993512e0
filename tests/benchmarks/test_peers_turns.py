"""Two sides take turns, one that fails is a row with its reason, and the ratio has an interval."""

from __future__ import annotations

import io
import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from benchmarks.peers.comparison import Comparison, Task
from benchmarks.peers.side import serve, turn
from benchmarks.peers.turns import Plan, per_unit, ratio, reason, take_turns

# A side that notes its turns and fails as it is told: at once, or at its third turn.
SIDE = """
import json, os, sys, time
log, how, (key, name, device) = sys.argv[1], sys.argv[2], sys.argv[3:]
where, _, what = how.partition(" ")
def note(word):
    with open(log, "a") as file:
        file.write(f"{name} {word} {os.getpid()}\\n")
def fail():
    if name == "theirs":
        exec(what)
if where == "start":
    fail()
print(json.dumps({"units": 2, "version": None}), flush=True)
for turn, order in enumerate(sys.stdin):
    note(order.split()[0])
    if where == "third" and turn == 2:
        fail()
    taken = {"seconds": 0.5, "calls": 1} if order.startswith("turn") else {"error": 0.25}
    print(json.dumps(taken), flush=True)
"""


def nothing(device: str) -> Task:
    return Task(lambda: None, lambda answer: 0.0, 1)


COMPARISON = Comparison("name", "work", "unit", "measure", "peer", None, nothing, nothing)


def rows(tmp_path: Path, how: str = "", limit: float = 30.0) -> tuple[dict[str, Any], list[list[str]]]:
    script, log = tmp_path / "side.py", tmp_path / "log"
    script.write_text(SIDE)
    log.touch()
    command = (sys.executable, str(script), str(log), how)
    row = take_turns("file/name", COMPARISON, "cpu", Plan(4, 0.0, limit), command)
    return row, [line.split() for line in log.read_text().splitlines()]


def test_turns_alternate(tmp_path):
    row, log = rows(tmp_path)
    assert [line[:2] for line in log] == [["ours", "turn"], ["theirs", "turn"]] * 4 + [
        ["ours", "error"],
        ["theirs", "error"],
    ]
    assert per_unit(row["ours"]) == per_unit(row["theirs"]) == [0.25] * 4
    assert row["theirs"]["error"] == 0.25
    assert row["theirs"]["reason"] is None
    assert len(row["kernel_s"]) == 2


def test_processes_are_ended(tmp_path):
    _, log = rows(tmp_path)
    for pid in {int(line[2]) for line in log}:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ("start raise ValueError('no nvrtc')", "ValueError: no nvrtc (exit status 1)"),
        ("start import nowhere_to_be_found", "nowhere_to_be_found is not installed"),
        ("start os.kill(os.getpid(), 11)", "no message (ended by signal 11)"),
        ("third os.kill(os.getpid(), 9)", "no message (ended by signal 9)"),
        ("third sys.exit(3)", "no message (exit status 3)"),
    ],
)
def test_a_side_that_fails_is_a_row_with_its_reason(tmp_path, how, why):
    row, log = rows(tmp_path, how)
    assert row["theirs"]["reason"] == why
    assert row["ours"]["reason"] is None
    assert len(row["ours"]["seconds"]) == 4
    assert row["ours"]["error"] == 0.25
    assert sum(line[:2] == ["theirs", "turn"] for line in log) == (0 if how.startswith("start") else 3)


def test_a_side_that_does_not_answer_is_given_up(tmp_path):
    begun = time.monotonic()
    row, _ = rows(tmp_path, "start time.sleep(600)", limit=3.0)
    assert row["theirs"]["reason"] == "no answer within 3 s"
    assert len(row["ours"]["seconds"]) == 4
    assert time.monotonic() - begun < 60


def test_a_reason_names_no_folder_of_this_machine():
    log = "Traceback\n  File x\nOSError: cannot open '/srv/someone/.cache/keops/a.so': no such file\n\n"
    assert reason(1, log) == "OSError: cannot open 'a.so': no such file (exit status 1)"
    assert "http://a.b/c" in reason(1, "see http://a.b/c")


def row(ours: list[float], theirs: list[float], calls: int = 1, units: float = 1.0) -> dict[str, Any]:
    def side(seconds: list[float]) -> dict[str, Any]:
        return {"seconds": seconds, "calls": [calls] * len(seconds), "units": units}

    return {"ours": side(ours), "theirs": side(theirs)}


def test_the_ratio_is_that_of_neighbours():
    slower = [1.0, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0]  # the machine slows down for both
    assert ratio(row(slower, [3 * seconds for seconds in slower])) == pytest.approx((3, 3, 3))


def test_the_interval_holds_the_middle_ratios_and_needs_six_rounds():
    ones = [1.0] * 9
    middle, low, high = ratio(row(ones, [9.0, 2.0, 3.0, 8.0, 5.0, 4.0, 6.0, 7.0, 100.0]))
    assert (middle, low, high) == (6.0, 3.0, 9.0)  # the second of nine from either end: 96 %
    assert ratio(row(ones[:5], ones[:5])) == (1.0, 0.0, math.inf)


def test_units_of_work_count():
    assert per_unit(row([2.0], [2.0], calls=4, units=5.0)["ours"]) == [0.1]


def test_a_turn_repeats_short_calls_and_keeps_the_last_answer():
    answers = iter(range(1000))

    def call() -> int:
        time.sleep(0.01)
        return next(answers)

    answer, taken = turn(Task(call, float, 1), 0.05)
    assert taken["calls"] == answer + 1 <= 5
    assert taken["seconds"] >= 0.05
    assert turn(Task(call, float, 1), 0.0)[1]["calls"] == 1


def test_a_side_answers_orders():
    replies, calls = io.StringIO(), []
    task = Task(lambda: calls.append(1) or len(calls), lambda answer: answer / 10, 7)
    serve(task, "numpy", io.StringIO("turn 0\nturn 0\nerror\n"), replies)
    first, *turns, error = map(json.loads, replies.getvalue().splitlines())
    assert first["units"] == 7
    assert first["version"].count(".") >= 1
    assert [taken["calls"] for taken in turns] == [1, 1]
    assert error == {"error": 0.3}
