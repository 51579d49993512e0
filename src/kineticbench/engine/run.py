"""Runs jobs and keeps what becomes of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Sequence

from ..contracts.errors import InvalidInput
from ..results.record import Record
from ..results.store import Store
from . import claims
from .announcement import Announcement
from .estimate import Estimate
from .executors import Executor, Listener
from .interrupts import Interrupts
from .plan import Job
from .recorder import Recorder
from .writer import Writer


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

    A record may be yielded a moment before it is safe on the disk; all are when the generator ends. Of a cell that
    another run on the same folder has recorded meanwhile, that record is yielded; what such a run is still at when
    nothing else is left, is left to it.

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
    heard = announcement.listener(listener)
    left: Sequence[Job] = jobs
    with interrupts.caught(), announcement, Writer(store) as writer:
        while left and not interrupts():
            elsewhere: list[Job] = []
            for job, outcome in executor.run(left, heard, interrupts):
                if outcome.elsewhere:
                    elsewhere.append(job)
                    continue
                failure = outcome.measured.get("storage_error")
                if failure is not None and outcome.record is None and outcome.state != "ok":
                    outcome.release()
                    raise InvalidInput(failure["text"])
                with interrupts.held():
                    record = outcome.record or recorder.record(job, outcome)
                    if outcome.record is None or not store.holds(record):
                        writer.write(record, outcome.log, outcome.release)
                    announcement.ended(job, record.state)
                yield record
                if failure is not None:
                    raise InvalidInput(failure["text"])
            writer.settle()
            found = {job.cell.id: claims.record_of_another(job, job is elsewhere[0]) for job in elsewhere}
            for job in elsewhere:
                if (record := found[job.cell.id]) is not None:
                    announcement.ended(job, record.state)
                    yield record
            # once more, in case the run that had begun them was ended; what it still is at, is left to it
            left = [job for job in elsewhere if found[job.cell.id] is None] if len(elsewhere) < len(left) else []


def summary(records: Sequence[Record]) -> str:
    """How many records there are of each state: "12 ok, 1 timeout"."""
    counts = Counter(record.state for record in records)
    return ", ".join(f"{count} {state}" for state, count in counts.most_common()) or "nothing"
