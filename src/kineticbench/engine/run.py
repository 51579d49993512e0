"""Runs jobs and keeps what becomes of them."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..results.record import Code, Fit, Hardware, Limits, Metrics, Record, Settings, Solve, Stored, StoredSolution
from ..results.store import Store
from . import timing
from .announcement import Announcement
from .cell import Cell
from .environment import Machine
from .estimate import Estimate
from .executors import Executor, Listener
from .handle import Outcome
from .plan import Job, todays_code


class Interrupts:
    """Counts Ctrl-C: after the first nothing new is begun, the second ends what runs at once; SIGTERM counts twice."""

    def __init__(self) -> None:
        self._count, self._stopped, self._held = 0, False, False

    def __call__(self) -> bool:
        """Whether to begin nothing new."""
        return self._stopped or self._count > 0

    @property
    def pressed(self) -> bool:
        """Whether a person stopped the run."""
        return self._count > 0

    def stop(self) -> None:
        """Begin nothing new."""
        self._stopped = True

    def _interrupt(self, number: int, _frame: object) -> None:
        self._count += 2 if number == signal.SIGTERM else 1
        if self._count > 1 and not self._held:
            raise KeyboardInterrupt

    @contextmanager
    def held(self) -> Iterator[None]:
        """Put off what the second ends until what is begun here is whole."""
        self._held = True
        try:
            yield
        finally:
            self._held = False
        if self._count > 1:
            raise KeyboardInterrupt

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Count them meanwhile; elsewhere than in the main thread they cannot be."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self._interrupt) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def run(
    jobs: Sequence[Job],
    store: Store,
    executor: Executor,
    listener: Listener,
    command: str | None = None,
    estimate: Estimate | None = None,
    interrupts: Interrupts | None = None,
) -> Generator[Record, None, None]:
    """Run jobs, writing and yielding the record of each.

    The first Ctrl-C lets the running cell finish, the second ends it (`KeyboardInterrupt`); `interrupts` counts them.
    Meanwhile a file in the results folder says what goes on; `estimate` is told of every cell.

    Raises
    ------
    InvalidInput
        Where the results folder cannot be written to, or its disk is full; what was recorded before stays.
    """
    store.prepare()
    interrupts = interrupts or Interrupts()
    recorder = Recorder(store, command)
    announcement = Announcement(store, jobs, command, estimate or Estimate(jobs))
    with interrupts.caught(), announcement:
        for job, outcome in executor.run(jobs, announcement.listener(listener), interrupts):
            with interrupts.held():
                record = outcome.record or recorder.record(job, outcome)
                if outcome.record is None or not store.holds(record):
                    store.write(record)
                announcement.ended(job, record.state)
            yield record
            failure = outcome.measured.get("storage_error")
            if failure is not None:
                raise InvalidInput(failure["text"])


class Recorder:
    """Makes the records of what one machine runs.

    Parameters
    ----------
    store
        Where logs are written.
    command
        What was typed.
    """

    def __init__(self, store: Store, command: str | None):
        self._store, self._command = store, command
        self._best_kernel = float("inf")
        self.provenance = Provenance()

    def record(self, job: Job, outcome: Outcome) -> Record:
        """The record of an attempt, marked as noisy by the best time that the reference kernel has had so far."""
        kernel = outcome.measured.get("solve", {}).get("kernel_s", [])
        self._best_kernel = min([self._best_kernel, *kernel])
        if "solve" in outcome.measured:
            outcome.measured["solve"]["noisy"] = timing.noisy(kernel, self._best_kernel)
        return to_record(job, outcome, self._store, self._command, self.provenance)


class Provenance:
    """Code hash and family of what runs, found once for each solver and dataset and again for each new process."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[str, Any]] = {}

    def of(self, cell: Cell, fresh: bool) -> tuple[str, Any]:
        """Hash of the code, and "classical" or "learned"."""
        key = (cell.solver.name, cell.solver.source, cell.dataset.name, cell.dataset.source)
        if fresh or key not in self._known:
            family = cell.solver.plug_in("solvers").metadata.get("family", "classical")
            self._known[key] = (todays_code(cell), family)
        return self._known[key]


def to_record(job: Job, outcome: Outcome, store: Store, command: str | None, provenance: Provenance) -> Record:
    """The record of an attempt; its log is written beside it."""
    measured, cell = outcome.measured, job.cell
    code, family = provenance.of(cell, measured.get("solve", {}).get("fresh", True))
    log = None
    if outcome.log.strip():
        path = store.log_path(cell.id, job.run)
        write_atomically(path, outcome.log.encode())
        log = store.relative(path)
    machine = outcome.machine or Machine.here()
    solution = measured.get("solution")
    return Record(
        schema="kineticbench/record/1",
        cell=cell.id,
        run=job.run,
        state=outcome.state,  # pyright: ignore[reportArgumentType] (validated)
        reason=outcome.reason,
        settings=Settings.model_validate(cell.settings()),
        family=family,
        limits=Limits(seconds=job.limits.seconds, bytes=job.limits.bytes),
        command=command,
        code=Code(hash=code, commit=machine.commit, dirty=machine.dirty),
        fit=Fit(**measured["fit"]) if "fit" in measured else None,
        solve=Solve(**measured["solve"]) if "solve" in measured else None,
        metrics=Metrics.model_validate(measured["metrics"]) if "metrics" in measured else None,
        diagnostics=measured.get("diagnostics", {}),
        hardware=Hardware(**machine.hardware),
        packages=machine.packages,
        stored=Stored(solution=StoredSolution(**solution) if solution else None, log=log),
    )


def summary(records: Sequence[Record]) -> str:
    """How many records there are of each state: "12 ok, 1 timeout"."""
    counts = Counter(record.state for record in records)
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "nothing"
