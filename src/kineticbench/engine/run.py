"""Runs jobs and keeps what becomes of them."""

from __future__ import annotations

import signal
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..results.record import Code, Fit, Hardware, Limits, Metrics, Record, Settings, Solve, Stored, StoredSolution
from ..results.store import Store
from . import timing
from .cell import Cell
from .environment import commit, hardware, packages
from .executors.local import Local
from .handle import Outcome
from .plan import Job, todays_code

Listener = Callable[[Job, dict[str, Any]], None]


class Interrupts:
    """Counts Ctrl-C: after the first nothing new is begun, the second ends what runs at once."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self) -> bool:
        """Whether to begin nothing new."""
        return self._count > 0

    def _interrupt(self, _signal: int, _frame: object) -> None:
        self._count += 1
        if self._count > 1:
            raise KeyboardInterrupt

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Count them meanwhile; elsewhere than in the main thread they cannot be."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = signal.signal(signal.SIGINT, self._interrupt)
        try:
            yield
        finally:
            signal.signal(signal.SIGINT, before)


def run(
    jobs: Sequence[Job],
    store: Store,
    executor: Local,
    listener: Listener,
    command: str | None = None,
) -> Generator[Record, None, None]:
    """Run jobs, writing and yielding the record of each.

    The first Ctrl-C lets the running cell finish, the second ends it (`KeyboardInterrupt`).

    Raises
    ------
    InvalidInput
        Where the results folder cannot be written to, or its disk is full; what was recorded before stays.
    """
    store.prepare()
    interrupts = Interrupts()
    provenance = Provenance()
    best_kernel = float("inf")
    with interrupts.caught():
        for job, outcome in executor.run(jobs, listener, interrupts):
            kernel = outcome.measured.get("solve", {}).get("kernel_s", [])
            best_kernel = min([best_kernel, *kernel])
            if "solve" in outcome.measured:
                outcome.measured["solve"]["noisy"] = timing.noisy(kernel, best_kernel)
            record = to_record(job, outcome, store, command, provenance)
            store.write(record)
            yield record
            failure = outcome.measured.get("storage_error")
            if failure is not None:
                raise InvalidInput(failure["text"])


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
    head, dirty = commit()
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
        code=Code(hash=code, commit=head, dirty=dirty),
        fit=Fit(**measured["fit"]) if "fit" in measured else None,
        solve=Solve(**measured["solve"]) if "solve" in measured else None,
        metrics=Metrics.model_validate(measured["metrics"]) if "metrics" in measured else None,
        diagnostics=measured.get("diagnostics", {}),
        hardware=Hardware(**hardware()),
        packages=packages(),
        stored=Stored(
            solution=StoredSolution(**solution) if solution else None,
            log=log,
            pictures=measured.get("pictures", {}).get("file"),
        ),
    )


def summary(records: Sequence[Record]) -> str:
    """How many records there are of each state: "12 ok, 1 timeout"."""
    counts = Counter(record.state for record in records)
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "nothing"
