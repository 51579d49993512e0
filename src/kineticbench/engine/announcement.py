"""Says in the results folder what a run does, while it does it."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from ..results import run_state
from ..results.record import State
from ..results.run_state import RunningCell, RunState
from ..results.store import Store
from .estimate import Estimate
from .executors import Listener
from .plan import Job

CHANGED_SECONDS = 1.0
HEARTBEAT_SECONDS = 5.0


class Announcement:
    """Keeps the file of a run, as a context; a thread of its own writes it, at most once a second, so nothing waits.

    Parameters
    ----------
    store
        The results folder.
    jobs
        What is to be run; where there is none, nothing is said.
    command
        What was typed.
    estimate
        Of the time left; told of every cell.
    """

    def __init__(self, store: Store, jobs: Sequence[Job], command: str | None, estimate: Estimate):
        self._folder, self._estimate = store.runs, estimate
        self._run, self._planned, self._command = (jobs[0].run if jobs else ""), len(jobs), command
        self._begun = datetime.now(UTC)
        self._lock = threading.Lock()
        self._ended = Counter[State]()
        self._running: dict[str, RunningCell] = {}
        self._changed = True
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._write_again_and_again, daemon=True)

    def __enter__(self) -> Announcement:
        if self._run:
            self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        if self._run:
            self._thread.join(2.0)
            run_state.remove(self._folder, self._run)

    def listener(self, other: Listener) -> Listener:
        """A listener that hears of cells for the announcement too."""

        def hear(job: Job, message: dict[str, Any]) -> None:
            self._hear(job, message)
            other(job, message)

        return hear

    def ended(self, job: Job, state: State) -> None:
        """The record of a cell is written."""
        self._estimate.end(job)
        with self._lock:
            self._running.pop(job.run, None)
            self._ended[state] += 1
            self._changed = True

    def _hear(self, job: Job, message: dict[str, Any]) -> None:
        event = message.get("event")
        if event == "phase":
            self._estimate.begin(job)
            self._set(job, phase=message["phase"], progress=None)
        elif event == "progress":
            with contextlib.suppress(TypeError):  # what a plug-in reports need not be numbers
                self._set(job, progress=min(message["done"] / max(message["total"], 1), 1.0))

    def _set(self, job: Job, **changes: Any) -> None:
        now = datetime.now(UTC)
        with self._lock:
            known = self._running.get(job.run)
            if known is None:
                cell = job.cell
                names = {"dataset": cell.dataset.name, "solver": cell.solver.name, "setting": cell.solver.label}
                whole = {"cell": cell.id, "seed": cell.seed, "phase": "problem", **names}
                known = RunningCell.model_construct(**whole, since=now, phase_since=now, progress=None)
            if "phase" in changes:
                changes["phase_since"] = now
            self._running[job.run] = known.model_copy(update=changes)
            self._changed = True

    def _state(self) -> RunState:
        with self._lock:
            self._changed = False
            running, ended = list(self._running.values()), dict(self._ended)
        return RunState(
            run=self._run,
            host=socket.gethostname(),
            pid=os.getpid(),
            command=self._command,
            begun=self._begun,
            heartbeat=datetime.now(UTC),
            planned=self._planned,
            ended=ended,
            running=running,
            left_s=self._estimate.seconds(),
        )

    def _write_again_and_again(self) -> None:
        run_state.clear(self._folder)
        written = -HEARTBEAT_SECONDS
        while True:
            if self._changed or time.monotonic() - written >= HEARTBEAT_SECONDS:
                with contextlib.suppress(ValueError):
                    run_state.write(self._folder, self._state())
                written = time.monotonic()
            if self._over.wait(CHANGED_SECONDS):
                return
