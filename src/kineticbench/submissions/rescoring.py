"""What a solver returned, where it was sent along: scored here, it must give what is claimed.

A stranger's file is opened in a worker only, so that one which breaks a library ends a process and no more.
"""

from __future__ import annotations

import math

from ..contracts.errors import KineticbenchError
from ..engine.handle import Place, WorkerHandle
from ..engine.suite import LimitSettings
from ..results.confined import stored_file
from ..results.record import Metrics, Record
from .finding import RESCORED, Finding
from .submission import Submission

RELATIVE = {"float64": 1e-9, "float32": 1e-6}
MOST_BYTES = 4_000_000_000


def rescored(submission: Submission) -> list[Finding]:
    """A finding for each record whose whole solution lies beside it."""
    made: list[Finding] = []
    worker: WorkerHandle | None = None
    try:
        for record in submission.records:
            stored = record.stored.solution
            if stored is None or stored.file is None or stored.kept != "all" or record.metrics is None:
                continue
            try:
                path = stored_file(submission.folder, stored.file)
            except KineticbenchError as error:
                made.append(_finding(record, str(error)))
                continue
            if not path.is_file():
                continue
            if path.stat().st_size > MOST_BYTES:
                made.append(_finding(record, f"its solution is larger than {MOST_BYTES / 1e9:g} GB."))
                continue
            if worker is None or not worker.alive:
                worker = WorkerHandle(Place())
            cell = record.settings.model_dump()
            message = {"op": "rescore", "cell": cell, "file": str(path.resolve()), "sha256": stored.sha256}
            outcome = worker.run({**message, "limits": LimitSettings().model_dump()})
            if outcome.state != "ok":
                made.append(_finding(record, outcome.reason or outcome.state))
                continue
            made.append(_finding(record, _difference(record, Metrics.model_validate(outcome.answer))))
    finally:
        if worker is not None:
            worker.close()
    return made


def _finding(record: Record, what: str) -> Finding:
    name = f"{record.settings.dataset.name}, {record.settings.solver.setting}"
    reason = f"{name}: {what}" if what else ""
    return Finding(RESCORED, name, "all metrics", "differs" if what else "agrees", reason=reason)


def _difference(record: Record, ours: Metrics) -> str:
    """The first figure that is not what its solution gives, as a sentence; empty where all are."""
    assert record.metrics is not None
    relative = RELATIVE[record.settings.precision]
    for name, told in record.metrics.values.items():
        seen = ours.values.get(name)
        if seen is None or seen.times != told.times or len(seen.mean) != len(told.mean):
            return f"{name} is claimed, and what was sent along gives none at these times."
        for time, before, after in zip(told.times, told.mean, seen.mean, strict=True):
            if not _is_same(before, after, relative):
                return f"{name} at t = {time:g} is claimed as {before}, and what was sent along gives {after}."
    return ""


def _is_same(before: float | None, after: float | None, relative: float) -> bool:
    if before is None or after is None:
        return before is after
    return math.isclose(before, after, rel_tol=relative, abs_tol=1e-12)
