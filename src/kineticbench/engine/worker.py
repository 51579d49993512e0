"""A worker: a fresh process that answers jobs, one after another, for one device, thread count and precision.

Run by the keeper as `python -m kineticbench.engine.worker THREADS PRECISION USABLE CORES INCOMING OUTGOING`: the cores
that there are for it and those it is held to (lists with commas, both may be empty), and two descriptors. Jobs are
messages with "op":

    "cell"      one attempt at a cell (`solve.Attempt`)
    "resolve"   all parameters of a plug-in for each set given, checked and filled in, and what each setting is called
    "ladder"    the settings that a solver's author proposes for a problem
    "rescore"   the scores of a file that holds what a solver returned
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import signal
import sys
from pathlib import Path
from typing import Any

from .protocol import Channel, Message

_SET_PARENT_DEATH_SIGNAL = 1


def main(arguments: list[str]) -> None:
    """Answer jobs until the other side closes its pipe."""
    threads, precision = int(arguments[0]), arguments[1]
    given, held = ([int(core) for core in part.split(",") if core] for part in arguments[2:4])
    incoming, outgoing = int(arguments[4]), int(arguments[5])
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL, 0, 0, 0)
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, this goes first
    os.set_inheritable(incoming, False)
    os.set_inheritable(outgoing, False)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from .cores import hold, usable
    from .environment import hardware
    from .threads import limit

    hold(given)  # its parent may keep off some
    usable()
    hardware()  # both count cores, so they must be asked before it is held to some
    limit(threads, precision, held)
    channel = Channel(incoming, outgoing)
    worker = Worker(channel)
    while (message := channel.receive()) is not None:
        reply = worker.answer(message)
        flush()
        channel.send({"event": "done", **reply})
        gc.collect()
        if worker.jobs == 1:
            gc.freeze()  # what was imported is not looked through again after every job
    os._exit(0)  # a solver's threads and exit handlers must not keep it


class Worker:
    """Answers jobs, keeping the last problem."""

    def __init__(self, channel: Channel):
        self._channel, self._problems = channel, None
        self.jobs = 0

    def answer(self, message: Message) -> Message:
        """The reply to a job; whatever a plug-in raises becomes part of it."""
        from . import problems, solve, verdict

        self.jobs += 1
        if message["op"] == "cell":
            self._problems = self._problems or problems.Problems()
            state, reason = solve.Attempt(message, self._channel.send, self._problems).run()
            return {"state": state, "reason": reason}
        try:
            return {"state": "ok", "reason": None, "answer": _ANSWERS[message["op"]](message)}
        except BaseException as error:
            from ..contracts.errors import InvalidInput

            state, reason = verdict.explain(error)
            return {"state": state, "reason": reason, "invalid": isinstance(error, InvalidInput)}


def _resolve(message: Message) -> list[dict[str, Any]]:
    from .cell import PlugInSetting

    several = [PlugInSetting.of(message["kind"], message["name"], given) for given in message["parameters"]]
    return [{"name": it.name, "parameters": it.parameters, "label": it.label, "source": it.source} for it in several]


def _ladder(message: Message) -> list[dict[str, Any]]:
    from .. import catalog
    from .cell import Cell
    from .solve import require_supported

    cell = Cell.from_dict(message["cell"])
    dataset, solver = cell.build()
    problem = dataset.problem(cell.split, 1, cell.dataset_seed)
    require_supported(solver, problem)
    return [{"parameters": catalog.parameters(rung), "label": catalog.setting(rung)} for rung in solver.ladder(problem)]


def _rescore(message: Message) -> dict[str, Any]:
    from .cell import Cell
    from .rescore import score_file

    return score_file(Cell.from_dict(message["cell"]), Path(message["file"]), message["sha256"]).model_dump()


_ANSWERS = {"resolve": _resolve, "ladder": _ladder, "rescore": _rescore}


def flush() -> None:
    """Send on whatever Python and C have buffered of what was printed."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).fflush(None)


if __name__ == "__main__":
    main(sys.argv[1:])
