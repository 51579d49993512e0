"""A process that crashes, hangs, grows or babbles is an error of one line, and knows none of our secrets."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.openpmd import outside
from kineticbench.openpmd.outside import Ended, Limits, Outside

WORKER = """
import os, signal, sys, time
from kineticbench.engine.protocol import Channel

channel = Channel(int(sys.argv[1]), int(sys.argv[2]))
while (message := channel.receive()) is not None:
    channel.send({"event": "clock", "running": True})
    what = message["do"]
    if what == "crash":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif what == "exit":
        os._exit(7)
    elif what == "hang":
        time.sleep(1000)
    elif what == "grow":
        held = [bytearray(10_000_000) for _ in range(1000)]
    elif what == "babble":
        os.write(int(sys.argv[2]), b"no JSON\\n")
        time.sleep(1000)
    elif what == "refuse":
        channel.send({"event": "done", "refused": "It is\\nnothing."})
        continue
    channel.send({"event": "done", "answer": dict(os.environ)})
"""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "outsider.py").write_text(WORKER)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("SECRET_TOKEN", "hidden")
    started: list[Outside] = []

    def begin(seconds: float = 60.0, most: int = 500_000_000) -> Outside:
        started.append(Outside("outsider", Limits(seconds, most)))
        return started[-1]

    yield begin
    for process in started:
        process.close()


@pytest.mark.parametrize(
    ("what", "limits", "why", "reason"),
    [
        ("crash", {}, "exit", "SIGSEGV"),
        ("exit", {}, "exit", "exit status 7"),
        ("hang", {"seconds": 1.0}, "timeout", "longer than 1 s"),
        ("grow", {"most": 200_000_000}, "out-of-memory", "more memory than 200 MB"),
        ("babble", {}, "exit", "without an answer"),
    ],
)
def test_whatever_happens(what: str, limits: dict[str, Any], why: str, reason: str, start):
    process = start(**limits)
    with pytest.raises(Ended, match=reason) as ended:
        process.ask({"do": what})
    assert (ended.value.why, "\n" in str(ended.value), process.alive) == (why, False, False)


def test_a_refusal_and_then_an_answer_without_secrets(start):
    process = start()
    with pytest.raises(InvalidInput, match="It is nothing"):
        process.ask({"do": "refuse"})
    known = process.ask({"do": "answer"})
    assert "SECRET_TOKEN" not in known
    assert "hidden" not in str(known)
    assert known["PYTHONSAFEPATH"] == "1"


def test_a_keeper_that_says_nothing_is_given_up_as_too_slow(start, monkeypatch: pytest.MonkeyPatch):
    process = start(60.0)
    process.ask({"do": "answer"})
    monkeypatch.setattr(outside, "GRACE", 1.0 - 60.0 - outside.STARTING)
    with pytest.raises(Ended, match="longer than 60 s") as ended:
        process.ask({"do": "hang"})
    assert (ended.value.why, process.alive) == ("timeout", False)


def test_it_is_told_no_more_than_a_worker(monkeypatch: pytest.MonkeyPatch):
    given = {
        "KINETICBENCH_CACHE": "there", "LC_ALL": "C", "CONDA_PREFIX": "/conda", "OPENBLAS_CORETYPE": "Haswell",
        "KINETICBENCH_PASSWORD": "hidden", "LD_PRELOAD": "/lib.so", "HDF5_PLUGIN_PATH": "/plugins", "EDITOR": "vi",
    }  # fmt: skip
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    told = outside.environment()
    assert [name for name, value in given.items() if told.get(name) == value] == list(given)[:4]
    assert not set(given) - set(list(given)[:4]) & set(told)
    assert (told["HDF5_PLUGIN_PRELOAD"], told["PYTHONSAFEPATH"], told["OMP_NUM_THREADS"]) == ("::", "1", "1")


def test_it_is_gone_when_it_is_closed(start):
    process = start()
    process.ask({"do": "answer"})
    process.close()
    time.sleep(0.1)
    assert process._process.poll() is not None
