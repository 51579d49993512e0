"""How long the rest of a run takes, judged by what cells of the same setting took."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Container, Mapping, Sequence
from contextlib import suppress
from statistics import fmean

from ..results.glance import Glance, glance, whole
from ..results.record import Record
from ..results.store import RECORD_NAME, Store
from .plan import Job

Key = tuple[str, str, str]
_LOOKED_AT = 10_000


def key(job: Job) -> Key:
    """What cells that take about as long share: dataset, solver and setting."""
    return job.cell.dataset.name, job.cell.solver.name, job.cell.solver.label


class Estimate:
    """The time left of a run.

    A cell that is left takes what cells of its setting took in this run on average, else what one took before, else
    what any took. The sum is scaled by what this run needs beyond its cells (starting workers) or saves by running
    several at a time.

    Parameters
    ----------
    jobs
        What is to be run.
    earlier
        Seconds that a cell of a setting took before this run.
    """

    def __init__(self, jobs: Sequence[Job], earlier: Mapping[Key, float] | None = None):
        self._lock = threading.Lock()
        self._left = Counter(map(key, jobs))
        self._earlier = dict(earlier or {})
        self._running: dict[str, tuple[Key, float]] = {}
        self._taken: dict[Key, tuple[int, float]] = {}
        self._begun = time.monotonic()

    def begin(self, job: Job) -> None:
        """A cell begins; said again, nothing changes."""
        with self._lock:
            self._running.setdefault(job.run, (key(job), time.monotonic()))

    def end(self, job: Job) -> None:
        """A cell has ended."""
        with self._lock:
            kind, begun = self._running.pop(job.run, (key(job), time.monotonic()))
            count, total = self._taken.get(kind, (0, 0.0))
            self._taken[kind] = count + 1, total + time.monotonic() - begun
            self._left[kind] -= 1

    def seconds(self) -> float | None:
        """Until the end; None where nothing is known yet."""
        with self._lock:
            now = time.monotonic()
            spent = {run: now - begun for run, (_, begun) in self._running.items()}
            ended, taken = (sum(column) for column in zip((0, 0.0), *self._taken.values(), strict=True))
            usual = taken / ended if ended else fmean(self._earlier.values()) if self._earlier else None

            def each(kind: Key) -> float | None:
                count, total = self._taken.get(kind, (0, 0.0))
                return total / count if count else self._earlier.get(kind, usual)

            work = 0.0
            for kind, count in self._left.items():
                one = each(kind)
                if count > 0 and one is None:
                    return None
                work += max(count, 0) * (one or 0.0)
            work -= sum(min(spent[run], each(kind) or 0.0) for run, (kind, _) in self._running.items())
            whole_run = taken + sum(spent.values())
            scale = (now - self._begun) / whole_run if ended and whole_run else 1 / max(len(self._running), 1)
            return max(work, 0.0) * scale


def earlier(store: Store, jobs: Sequence[Job], hardware: Container[str]) -> dict[Key, float]:
    """What a cell of each setting took by the newest record of it, of this hardware where there is one.

    Looks at ten thousand records at most.
    """
    wanted = {key(job) for job in jobs}
    newest: dict[Key, Glance] = {}
    names = [name for name in store.names() if (match := RECORD_NAME.match(name)) and not match[3]]
    for name in names[:_LOOKED_AT]:
        with suppress(OSError):
            seen = glance(whole(f"{store.folder}/{name}"))
            kind = (seen.dataset, seen.solver, seen.setting) if seen else None
            if seen is None or kind not in wanted:
                continue
            held = newest.get(kind)
            if held is None or (seen.hardware in hardware, seen.run) > (held.hardware in hardware, held.run):
                newest[kind] = seen
    found = {kind: store.attempt(seen.cell, seen.run) for kind, seen in newest.items()}
    return {kind: took(record) for kind, record in found.items() if record is not None}


def took(record: Record) -> float:
    """Seconds that an attempt took as far as its record tells; a fit that is kept is not made again."""
    if record.state == "timeout":
        return record.limits.seconds
    seconds = 0.0
    if record.fit is not None and record.fit.id is None:
        seconds += record.fit.data_s + record.fit.fit_s
    if record.solve is not None:
        solve = record.solve
        seconds += (solve.problem_s or 0.0) + (solve.cold_s or 0.0)
        seconds += sum(solve.warm_s) + sum(solve.home_s) + sum(solve.kernel_s)
    return seconds
