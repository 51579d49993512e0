"""Two sides in turn, ABAB…, each in a process of its own: what slows the machine for a while slows both."""

from __future__ import annotations

import contextlib
import json
import math
import os
import re
import select
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kineticbench.engine.timing import kernel, median_interval

from .comparison import Comparison

ROOT = Path(__file__).parents[2]
Report = Callable[[str], None]


class Failed(Exception):
    """A side that cannot be measured; the message is the reason."""


@dataclass(frozen=True)
class Plan:
    """How much is measured.

    Parameters
    ----------
    rounds
        Turns of each side; from six on there is an interval of 95 %.
    seconds
        Least length of a turn: short calls are repeated, and a turn's sample is the mean of its calls.
    limit
        Seconds after which a side that does not answer is given up.
    """

    rounds: int = 9
    seconds: float = 0.3
    limit: float = 300.0


class Process:
    """A side that takes orders."""

    def __init__(self, command: Sequence[str], device: str, limit: float):
        self._limit = limit
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by `close`
        environment = {**os.environ, "PYTHONUNBUFFERED": "1", **({"JAX_PLATFORMS": "cpu"} if device == "cpu" else {})}
        self._child = subprocess.Popen(
            list(command),
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def reply(self) -> dict[str, Any]:
        """Its next line; `Failed` with the reason where none comes."""
        assert self._child.stdout is not None
        begun, line = time.monotonic(), b""
        descriptor = self._child.stdout.fileno()
        while not line.endswith(b"\n"):
            left = self._limit - (time.monotonic() - begun)
            if left <= 0 or not select.select([descriptor], [], [], left)[0]:
                raise Failed(f"no answer within {self._limit:g} s")
            part = os.read(descriptor, 1 << 16)
            if not part:
                raise Failed(self._reason())
            line += part
        return json.loads(line)

    def ask(self, order: str) -> dict[str, Any]:
        """The reply to an order."""
        assert self._child.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._child.stdin.write(order.encode() + b"\n")
            self._child.stdin.flush()
        return self.reply()

    def close(self) -> None:
        """End it and all that it started."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for pipe in (self._child.stdin, self._child.stdout, self._log):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]

    def _reason(self) -> str:
        status = self._child.wait()
        self._log.seek(0)
        return reason(status, self._log.read())


def reason(status: int, log: str) -> str:
    """Why a process ended, in one line: its last words, without the folders of this machine."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    words = re.sub(r"(?<![\w./:])/(?:[^\s/:'\"]+/)+", "", lines[-1]) if lines else "no message"
    missing = re.search(r"No module named '(\w+)", words)
    if missing:
        return f"{missing[1]} is not installed"
    ended = f"ended by signal {-status}" if status < 0 else f"exit status {status}"
    return f"{words[:200]} ({ended})"


def take_turns(key: str, comparison: Comparison, device: str, plan: Plan, command: Sequence[str] = ()) -> dict:
    """A row: what was compared, and the samples of both sides or the reason why one has none.

    `command` is that of a side, which gets the key, "ours" or "theirs", and the device as arguments.
    """
    command = command or (sys.executable, "-m", "benchmarks.peers.side")
    row: dict[str, Any] = {"key": key, "device": device, "ours": {"reason": None}, "theirs": {"reason": None}}
    processes: dict[str, Process] = {}
    before = kernel()
    try:
        for name in comparison.sides:
            with _noted(row[name]):
                processes[name] = Process([*command, key, name, device], device, plan.limit)
                row[name] |= {**processes[name].reply(), "seconds": [], "calls": []}
        for _ in range(plan.rounds):
            for name, process in processes.items():
                if row[name]["reason"] is None:
                    with _noted(row[name]):
                        taken = process.ask(f"turn {plan.seconds}")
                        row[name]["seconds"].append(taken["seconds"])
                        row[name]["calls"].append(taken["calls"])
        for name, process in processes.items():
            if row[name]["reason"] is None:
                with _noted(row[name]):
                    row[name] |= process.ask("error")
    finally:
        for process in processes.values():
            process.close()
    return {**row, "kernel_s": [before, kernel()]}


@contextlib.contextmanager
def _noted(side: dict[str, Any]):
    try:
        yield
    except Failed as failure:
        side["reason"] = str(failure)


def per_unit(side: dict[str, Any]) -> list[float]:
    """Seconds for a unit of work, turn by turn."""
    pairs = zip(side["seconds"], side["calls"], strict=True)
    return [seconds / (calls * side["units"]) for seconds, calls in pairs]


def ratio(row: dict[str, Any]) -> tuple[float, float, float]:
    """How many times as fast as the peer we are: the median over rounds, and its interval of 95 %.

    Each round gives one ratio, of two turns that follow each other; the interval is that of their median, whatever
    their distribution, and unbounded for fewer than six rounds.
    """
    both = zip(per_unit(row["ours"]), per_unit(row["theirs"]), strict=True)
    ratios = [theirs / ours for ours, theirs in both]
    low, high = median_interval(ratios)
    return statistics.median(ratios), max(low, 0.0), high if math.isfinite(high) else math.inf
