"""The engine's end of a worker."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..results.record import Record
from . import family
from .cores import usable
from .environment import Machine
from .inherited import inherited
from .protocol import Channel, Message
from .threads import environment

MARK = "KINETICBENCH_WORKER"
Listener = Callable[[Message], None]


def _ignore(*_nothing: Message) -> None:
    pass


@dataclass(frozen=True)
class Place:
    """What a worker is fixed to when it starts; `cores` None: the last ones, as many as threads."""

    device: str = "cpu"
    threads: int = 1
    precision: str = "float64"
    cores: tuple[int, ...] | None = None


@dataclass
class Outcome:
    """What became of a job.

    Parameters
    ----------
    state, reason
        As in a record.
    measured
        Figures by part: "fit", "solve", "solution", "metrics", "diagnostics".
    log
        What was printed.
    answer
        The answer to a job that is no cell.
    invalid
        Whether the reason is an error of whoever asked.
    machine
        Where it ran; None for this machine.
    record
        Its record, where the machine that ran it has made it.
    begun
        Whether the worker said anything about it.
    elsewhere
        Whether nothing was done because another run on the same folder has the cell.
    release
        To be called when the record is written.
    """

    state: str = "error"
    reason: str | None = None
    measured: dict[str, dict[str, Any]] = field(default_factory=dict)
    log: str = ""
    answer: Any = None
    invalid: bool = False
    machine: Machine | None = None
    record: Record | None = None
    begun: bool = False
    elsewhere: bool = False
    release: Callable[[], None] = _ignore


class WorkerHandle:
    """A worker and its keeper; started at once, ended by `close`.

    Parameters
    ----------
    place
        What it is fixed to.
    """

    def __init__(self, place: Place):
        self._mark = secrets.token_hex(8)
        variables = {"PYTHONHASHSEED": "0", "HDF5_PLUGIN_PRELOAD": "::", MARK: self._mark}
        variables |= environment(place.threads, place.precision)
        if place.device == "cpu":
            variables |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
        worker = [sys.executable, "-m", "kineticbench.engine.worker", str(place.threads), place.precision]
        worker += [",".join(map(str, cores or ())) for cores in (usable(), place.cores)]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kineticbench.engine.keeper", json.dumps(variables), *worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=inherited(os.environ),
            start_new_session=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._channel = Channel(self._process.stdout.fileno(), self._process.stdin.fileno())
        self.jobs = 0
        self.alive = True

    def run(self, job: Message, listener: Listener = _ignore) -> Outcome:
        """Send a job and wait for what becomes of it; `listener` hears of phases and progress meanwhile.

        After a job that ends in anything but ok or unsupported the worker is not alive any more.
        """
        outcome = Outcome()
        self.jobs += 1
        try:
            self._channel.send(job)
            while (message := self._channel.receive()) is not None:
                event = message["event"]
                outcome.begun = outcome.begun or event != "ended"
                if event == "measured":
                    outcome.measured.setdefault(message["part"], {}).update(message["values"])
                elif event in ("done", "ended"):
                    self._finish(outcome, message)
                    return outcome
                else:
                    listener(message)
            outcome.reason = "The worker's keeper was killed."
        except BrokenPipeError:
            outcome.reason = "The worker ended before it could be given the cell."
        self.close()
        family.end_marked(MARK, self._mark)
        return outcome

    def _finish(self, outcome: Outcome, message: Message) -> None:
        outcome.log, outcome.reason = message["log"], message["reason"]
        solve = outcome.measured.get("solve")
        if solve is not None:
            solve["peak_bytes"] = max(solve.get("peak_bytes") or 0, message["peak_bytes"]) or None
        if message["event"] == "done":
            outcome.state, outcome.answer = message["state"], message.get("answer")
            outcome.invalid = message.get("invalid", False)
        else:
            outcome.state = "error" if message["why"] == "exit" else message["why"]
        if message["event"] == "ended" or outcome.state not in ("ok", "unsupported"):
            self.close()

    def close(self) -> None:
        """End the worker; its keeper ends it when the pipe closes."""
        self.alive = False
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                if stream is not None:
                    stream.close()
        try:
            self._process.wait(10.0)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def __enter__(self) -> WorkerHandle:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def kill(self) -> None:
        """End it from another thread, in the middle of a job."""
        self._process.terminate()
