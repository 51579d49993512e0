"""Seconds of the same settings on both sides, in units of the reference kernel beside each run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from statistics import fmean, median

from ..results.record import Record
from .change import FIT, SOLVE, Both, Change, judged
from .significance import Estimate, shifts

SHORTEST_FIT = 0.1  # seconds; a shorter fit is not worth a comparison


def seconds(settings: Sequence[Both], least: float, confidence: float, allowed: float) -> list[Change]:
    """What changed in calls and fits; `allowed` is the chance of a false alarm."""
    taken: dict[tuple[int, str], list[tuple[float, float, float]]] = {}
    for place, both in enumerate(settings):
        for old, new in (pair for pairs in both.pairs() for pair in pairs):
            before, after = _taken(old), _taken(new)
            for quantity in before.keys() & after.keys():
                difference = math.log(after[quantity] / _kernel(new)) - math.log(before[quantity] / _kernel(old))
                taken.setdefault((place, quantity), []).append((before[quantity], after[quantity], difference))
    asked: list[tuple[Change, Estimate]] = []
    for key, estimate in shifts({key: [row[2] for row in rows] for key, rows in taken.items()}).items():
        old, new = (median(row[side] for row in taken[key]) for side in (0, 1))
        ends = [math.exp(end) if abs(end) < 700 else None for end in estimate.interval(confidence)]
        change = settings[key[0]].about(key[1])
        asked.append(
            (replace(change, old=old, new=new, ratio=math.exp(estimate.value), low=ends[0], high=ends[1]), estimate)
        )
    return judged(asked, least, allowed)


def _taken(record: Record) -> dict[str, float]:
    """The seconds that a run took; a fit that was found ready, or took no time, is not among them."""
    found = {}
    if record.solve is not None and record.solve.warm_s and min(record.solve.warm_s) > 0:
        found[SOLVE] = median(record.solve.warm_s)
    if record.fit is not None and not record.fit.restored and record.fit.fit_s >= SHORTEST_FIT:
        found[FIT] = record.fit.fit_s
    return found


def _kernel(record: Record) -> float:
    """Seconds of the reference kernel beside a run, 1 where it was not timed."""
    kernel = [seconds for seconds in (record.solve.kernel_s if record.solve else []) if seconds > 0]
    return math.exp(fmean(map(math.log, kernel))) if kernel else 1.0
