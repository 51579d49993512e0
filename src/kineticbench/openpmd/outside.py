"""A process of its own for what must not be trusted to end well: limited, without our secrets, and never waited for.

The engine's keeper stands between: it watches memory and time, and ends the process and all that descends from it.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contracts.errors import InvalidInput
from ..engine.inherited import inherited
from ..engine.protocol import Lines, Message, encode, write_all
from ..engine.threads import environment as threads

NOT_TOLD = ("LD_PRELOAD", "PYTHONMALLOC", "PYTHONWARNINGS")  # what puts other code, memory or errors into it
STARTING = 600.0  # seconds that it may take to start, on a busy machine; nothing of a stranger's is in it by then
GRACE = 60.0  # seconds beyond both limits after which the keeper itself is given up
LARGEST = 1 << 28  # bytes of an answer


class Ended(InvalidInput):
    """A process that ended, or was ended, before it answered; `why` is "exit", "timeout" or "out-of-memory"."""

    def __init__(self, message: str, why: str):
        super().__init__(message)
        self.why = why


@dataclass(frozen=True)
class Limits:
    """Beyond which a process is ended: seconds of one answer, bytes of memory of all that it starts."""

    seconds: float
    bytes: int


def environment() -> dict[str, str]:
    """What the process is told of ours: no secret, one thread, no plug-ins for HDF5."""
    kept = {name: value for name, value in inherited(os.environ).items() if name not in NOT_TOLD}
    paths = [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]
    fixed = {
        "PYTHONPATH": os.pathsep.join(filter(None, paths)),
        "PYTHONHASHSEED": "0",
        "PYTHONSAFEPATH": "1",
        "HDF5_PLUGIN_PRELOAD": "::",
        "HDF5_USE_FILE_LOCKING": "FALSE",
        "JAX_PLATFORMS": "cpu",
        "CUDA_VISIBLE_DEVICES": "",
    }
    return kept | threads(1, "float64") | fixed


class Outside:
    """Such a process; started at once, ended by `close`.

    Parameters
    ----------
    module
        What it runs: a module of ours that answers messages over two pipes, as `openpmd.worker` does.
    limits
        When it is ended.

    Attributes
    ----------
    alive
        Whether it can be asked.
    log
        What was printed during the last answer.
    peak_bytes
        The most memory that it has been seen to hold.
    """

    def __init__(self, module: str, limits: Limits):
        self.limits, self.alive, self.log = limits, True, ""
        self.peak_bytes = 0
        worker = [sys.executable, "-m", module]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "kineticbench.engine.keeper", "{}", *worker],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env=environment(),
        )
        self._lines, self._ready, self._size = Lines(), list[Message](), 0

    def ask(self, message: Message) -> Any:
        """What it answers.

        Raises
        ------
        Ended
            Where it crashes, hangs, or needs more than it may; it is not alive any more.
        InvalidInput
            Where it says that what it was given cannot be meant.
        """
        assert self._process.stdin is not None
        limits = {"seconds": self.limits.seconds, "setup_seconds": STARTING, "bytes": self.limits.bytes}
        self._size = 0
        try:
            write_all(self._process.stdin.fileno(), encode({**message, "limits": limits}))
            until = time.monotonic() + STARTING + self.limits.seconds + GRACE
            while (reply := self._receive(until))["event"] not in ("done", "ended"):
                pass
        except Ended:
            raise
        except (BrokenPipeError, ValueError, KeyError, TypeError) as error:
            raise self._ended("exit", f"It ended without an answer ({type(error).__name__}).") from None
        peaks = (reply.get(name) for name in ("peak_bytes", "highest_bytes"))
        self.log = str(reply.get("log", ""))
        self.peak_bytes = max([self.peak_bytes, *(peak for peak in peaks if isinstance(peak, int))])
        if reply["event"] == "ended":
            raise self._ended(str(reply["why"]), str(reply["reason"]))
        if reply.get("refused") is not None:
            raise InvalidInput(" ".join(str(reply["refused"]).split())[:2000])
        return reply.get("answer")

    def _receive(self, until: float) -> Message:
        assert self._process.stdout is not None
        descriptor = self._process.stdout.fileno()
        while not self._ready:
            if not select.select([descriptor], [], [], max(0.0, until - time.monotonic()))[0]:
                raise self._ended("timeout", "")
            data = os.read(descriptor, 1 << 16)
            self._size += len(data)
            if not data or self._size > LARGEST:
                raise ValueError("there is no whole answer")
            self._ready = self._lines.feed(data)
        return self._ready.pop(0)

    def _ended(self, why: str, reason: str) -> Ended:
        self.close()
        if why == "timeout":
            reason = f"It took longer than {self.limits.seconds:g} s."
        elif why == "out-of-memory":
            reason = f"It needed more memory than {self.limits.bytes / 1e6:.0f} MB."
        return Ended(" ".join(reason.split())[:500], why)

    def close(self) -> None:
        """End it; its keeper does when the pipe closes."""
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

    def __enter__(self) -> Outside:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


def as_json(model: Any) -> Any:
    """A pydantic model as it travels."""
    return json.loads(model.model_dump_json())
