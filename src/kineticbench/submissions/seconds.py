"""Seconds that are claimed beside seconds that were taken here.

No clock is the same twice: on one kind of machine honest seconds of a busy hour and of a quiet one differ by less than
`HONEST`, in units of the reference kernel beside them or without; between machines, and of the kernel itself, by less
than `ELSEWHERE`. Only claims that are too small count; a claim of ten times too few seconds is beyond both.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median_low

from ..results.record import Record
from .finding import SECONDS, Finding
from .rerun import Setting

HONEST, ELSEWHERE = 3.0, 6.0
SHORTEST = {"a warm call": 2e-4, "the cold call": 0.05, "the fit": 0.1, "the training data": 0.1}


def seconds(settings: Sequence[Setting], found: Mapping[str, Record]) -> list[Finding]:
    """Every comparison of seconds: medians over the runs of a setting, drawn seeds among ours."""
    made = []
    for setting in settings:
        ours = [found[cell.id] for cell in (*setting.cells, *setting.drawn) if cell.id in found]
        ours = [_trained_here(record) for record in ours if record.state == "ok"]
        machines = {record.hardware.id for record in (*setting.claims, *ours)}
        factor = HONEST if len(machines) == 1 else ELSEWHERE
        for quantity, shortest in SHORTEST.items():
            told, seen = _taken(setting.claims, quantity), _taken(ours, quantity)
            if told and seen:
                about = Finding(SECONDS, setting.name, quantity, "agrees")
                made.append(_compared(about, told, seen, shortest, factor))
        told, seen = _kernels(setting.claims), _kernels(ours)
        if told and seen:
            about = Finding(SECONDS, setting.name, "the reference kernel", "agrees")
            made.append(_compared(about, [(k, k) for k in told], [(k, k) for k in seen], 0.0, ELSEWHERE))
    return made


def _trained_here(record: Record) -> Record:
    """Without a fit that was found ready, whose seconds are somebody's word."""
    return record.model_copy(update={"fit": None}) if record.fit is not None and record.fit.restored else record


def _compared(
    about: Finding,
    told: Sequence[tuple[float, float]],
    seen: Sequence[tuple[float, float]],
    shortest: float,
    factor: float,
) -> Finding:
    """Whether a claim is too small both in seconds and in units of the kernel; what is short here is not asked."""
    claimed, found = (median_low(row[0] for row in side) for side in (told, seen))
    ratios = [_ratio(*(median_low(row[unit] for row in side) for side in (told, seen))) for unit in (0, 1)]
    about = replace(about, claimed=claimed, found=found)
    if found < shortest or min(ratios) <= factor:
        return about
    reason = (
        f"{about.setting}: {about.quantity} is claimed to take {claimed:.3g} s, and takes {found:.3g} s here, "
        f"{min(ratios):.3g} times as long; {factor:g} times may be honest."
    )
    return replace(about, answer="differs", reason=reason)


def _ratio(claimed: float, found: float) -> float:
    return found / claimed if claimed > 0 else math.inf if found > 0 else 1.0


def _taken(records: Sequence[Record], quantity: str) -> list[tuple[float, float]]:
    """Seconds of each run that has some, and the same in units of its kernel."""
    rows = [(_of(record, quantity), record) for record in records]
    return [(value, value / _kernel(record)) for value, record in rows if value is not None]


def _of(record: Record, quantity: str) -> float | None:
    solve, fit = record.solve, record.fit
    if solve is not None and quantity == "a warm call":
        return median_low(solve.warm_s) if solve.warm_s else None
    if solve is not None and quantity == "the cold call":
        return solve.cold_s if solve.fresh else None
    if fit is not None and quantity == "the fit":
        return fit.fit_s
    if fit is not None and quantity == "the training data":
        return fit.data_s
    return None


def _kernels(records: Sequence[Record]) -> list[float]:
    return [_kernel(record) for record in records if record.solve and any(record.solve.kernel_s)]


def _kernel(record: Record) -> float:
    """Seconds of the reference kernel beside a run; 1 where it was not timed."""
    kernel = [value for value in (record.solve.kernel_s if record.solve else []) if value > 0]
    return max(math.exp(fmean(map(math.log, kernel))), 1e-300) if kernel else 1.0
