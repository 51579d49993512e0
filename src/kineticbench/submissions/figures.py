"""A claimed metric beside the same one found here: the same times and blocks, and how far apart its figures are.

What ranks are means over blocks of cases, so these are held against ours just as the means that stand beside them.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from ..ranking.compare_errors import ROUNDING
from ..ranking.entries import block_counts
from ..ranking.significance import relative
from ..results.record import MetricValues, Record
from .finding import Finding
from .levels import FEWEST_BLOCKS

SAME_AGAIN, MOST_GROWN = 0.01, 0.05
NARROWED, DULLED = 3.0, 2.0  # how many times less blocks may scatter, and less may be known of the truth, than here


def values(record: Record | None, metric: str) -> MetricValues | None:
    """The figures of a metric, where a record has some."""
    return record.metrics.values.get(metric) if record is not None and record.metrics else None


def unlike(about: Finding, told: MetricValues, seen: MetricValues | None, rounding: float) -> Finding | None:
    """Why a claimed metric cannot be held against that of the same cell here; None where it can.

    A claim that knows less than we do, by its floor or its bar, would be a tie with everybody.
    """
    what = f"{about.setting}: {about.quantity} is claimed"
    if seen is None:
        return replace(about, answer="differs", reason=f"{what}, and has no figure here.")
    if told.times != seen.times or len(told.mean) != len(seen.mean):
        return replace(about, answer="differs", reason=f"{what} at other times.")
    if [len(row) for row in told.blocks] != [len(row) for row in seen.blocks]:
        return replace(about, answer="differs", reason=f"{what} over other blocks of cases.")
    for place, time in enumerate(told.times):
        before, after = (max(_known(it.floor, place), _known(it.bar, place)) for it in (told, seen))
        if before > max(DULLED * after, rounding):
            reason = f"{what} at t = {time:g} with a floor or bar of {before:.4g}, which is {after:.4g} here."
            return replace(about, answer="differs", claimed=before, found=after, reason=reason)
    return None


def _known(row: list[float | None], place: int) -> float:
    """What a floor or a bar says at a time; 0 where it says nothing."""
    value = row[place] if place < len(row) else None
    return value if value is not None and value > 0 else 0.0


def by_blocks(found: MetricValues, place: int, cases: int | None) -> float | None:
    """The mean over cases that the blocks give at a time, which is the one that ranks; None where they give none."""
    row = found.blocks[place] if place < len(found.blocks) else []
    if not row or None in row:
        return None
    weights = block_counts(max(cases or 1, len(row)), len(row))
    return float(np.clip(np.asarray(row, float), -1e150, 1e150) @ weights / weights.sum())


def same(about: Finding, claim: Record, ours: Record, metric: str, allowed: float) -> Finding:
    """A claim of a method that is not trained beside the same cell run here, where they are furthest apart.

    Parameters
    ----------
    about
        The finding where all is well.
    claim, ours
        Records that ended well.
    metric
        Which of the claimed ones.
    allowed
        The probability with which rounding that has grown may be taken for more.
    """
    told, seen, rounding = values(claim, metric), values(ours, metric), ROUNDING[claim.settings.precision]
    if told is None:
        return about  # nothing is claimed
    why = unlike(about, told, seen, rounding)
    if why is not None or seen is None:
        return why or about
    worst, furthest = about, 0.0
    cases = ours.solve.cases if ours.solve else None
    for place, (time, *means) in enumerate(zip(told.times, told.mean, seen.mean, strict=True)):
        least = max(rounding, _known(seen.bar, place))  # by our bar; what is claimed of it counts for nothing
        where = f"{about.setting}: {metric} at t = {time:g} is claimed"
        for before, after in (means, [by_blocks(it, place, cases) for it in (told, seen)]):
            apart = _apart(before, after, least)
            if apart <= max(furthest, SAME_AGAIN):
                continue
            if apart <= MOST_GROWN and _is_rounding_grown(told, seen, place, cases, allowed):
                continue
            furthest = apart
            reason = f"{where} as {_shown(before)}, and is {_shown(after)} here."
            worst = replace(about, answer="differs", claimed=before, found=after, reason=reason)
        if worst is about and _is_narrowed(told, seen, place, least):
            worst = replace(about, answer="differs", reason=f"{where} to scatter far less over cases than here.")
    if worst is about and told.mean:
        return replace(about, claimed=told.mean[-1], found=seen.mean[-1])
    return worst


def _apart(before: float | None, after: float | None, least: float) -> float:
    """How far two figures are apart, as a share of the larger; 0 where both are below what can be told."""
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    larger = max(abs(before), abs(after))
    return 0.0 if larger <= least or abs(before - after) <= least else abs(before - after) / larger


def _rows(told: MetricValues, seen: MetricValues, place: int) -> list[np.ndarray] | None:
    """The blocks of both at a time, (1, block); None where there are too few, or some are not finite."""
    if place >= min(len(told.blocks), len(seen.blocks)):
        return None
    rows = [found.blocks[place] for found in (told, seen)]
    if len(rows[0]) < FEWEST_BLOCKS or None in (*rows[0], *rows[1]):
        return None
    return [np.clip(np.asarray([row], float), -1e150, 1e150) for row in rows]


def _is_rounding_grown(told: MetricValues, seen: MetricValues, place: int, cases: int | None, allowed: float) -> bool:
    """Whether the blocks of cases differ to both sides, so that their mean may differ by chance."""
    rows = _rows(told, seen, place)
    own = [by_blocks(found, place, cases) for found in (told, seen)]
    if rows is None or own[0] is None or own[0] <= 0:
        return False
    means = told.mean[place], seen.mean[place]
    if any(_apart(mean, mine, 0.0) > SAME_AGAIN for mean, mine in zip(means, own, strict=True)):
        return False  # the mean that is claimed is not that of the blocks that are
    count = rows[0].shape[1]
    estimate = relative(rows[0], rows[1], block_counts(max(cases or 1, count), count))
    return 2 * min(estimate.chance(1), estimate.chance(-1)) > allowed


def _is_narrowed(told: MetricValues, seen: MetricValues, place: int, least: float) -> bool:
    """Whether blocks are claimed to be so much alike that the mean would seem surer than it is."""
    rows = _rows(told, seen, place)
    if rows is None:
        return False
    before, after = (float(row.std()) for row in rows)
    return after > least and NARROWED * before < after


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4g}"
