"""Errors that are claimed beside errors that were found here.

Under the same seeds a method that is not trained does the same again: its claim must hold within `SAME_AGAIN` at every
time, or within `MOST_GROWN` where cases differ to both sides, as by rounding that has grown. A training goes elsewhere
with every rounding, so its claim is held against the scatter of all that was trained here. Under drawn seeds the method
must do as well as under the public ones, both run here: a method tuned to public seeds does not.

Whatever chance decides is adjusted by Holm for all that is asked: each of the two questions raises a false alarm with
half of the probability that is allowed. Figures at the last time are asked, which are those that rank.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..ranking.compare_errors import ROUNDING
from ..ranking.entries import block_counts
from ..ranking.significance import Estimate, holm, relative
from ..results.record import MetricValues, Record
from .finding import DRAWN, SAME, Answer, Finding
from .levels import FEWEST_BLOCKS, Run, against, shift
from .rerun import Setting

SAME_AGAIN, MOST_GROWN = 0.01, 0.05
Asked = tuple[Finding, Estimate]
Found = Mapping[str, Record]


def errors(settings: Sequence[Setting], found: Found, least: float, confidence: float) -> list[Finding]:
    """Every comparison of errors.

    Parameters
    ----------
    settings
        What was submitted.
    found
        Our records by their cell.
    least
        The least effect of drawn seeds and of trainings that counts: 0.1 is a tenth more error.
    confidence
        That an honest submission raises no false alarm here.
    """
    allowed = (1 - confidence) / 2
    exact: list[Finding] = []
    trained: list[Asked] = []
    drawn: list[Asked] = []
    for setting in settings:
        ours = [found[cell.id] for cell in setting.cells if _is_ok(found.get(cell.id))]
        fresh = [found[cell.id] for cell in setting.drawn if _is_ok(found.get(cell.id))]
        learned = any(record.family == "learned" for record in (*setting.claims, *ours))
        for metric in _metrics(setting.claims):
            about = Finding(SAME, setting.name, metric, "agrees")
            if learned:
                trained += _trained(about, setting.claims, [*ours, *fresh], metric)
            else:
                pairs = zip(setting.claims, setting.cells, strict=True)
                exact += [_same(about, claim, found.get(cell.id), metric, allowed) for claim, cell in pairs]
        for metric in _metrics(ours):
            drawn += _drawn(Finding(DRAWN, setting.name, metric, "agrees"), ours, fresh, metric, learned)
    return [
        *exact,
        *_judged(trained, least, allowed, confidence, "Claimed are {claimed:.4g}; trainings here end with {found:.4g}"),
        *_judged(drawn, least, allowed, confidence, "{claimed:.4g} under the public seeds, {found:.4g} under drawn"),
    ]  # fmt: skip


def _is_ok(record: Record | None) -> bool:
    return record is not None and record.state == "ok" and record.metrics is not None


def _metrics(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(name for record in records if record.metrics for name in record.metrics.values))


def _values(record: Record | None, metric: str) -> MetricValues | None:
    return record.metrics.values.get(metric) if record is not None and record.metrics else None


def _same(about: Finding, claim: Record, ours: Record | None, metric: str, allowed: float) -> Finding:
    """A claim beside the same cell run here, at the time where they are furthest apart."""
    told, seen = _values(claim, metric), _values(ours, metric)
    if ours is None or not _is_ok(ours) or told is None:
        return about  # told of where ends are compared, or nothing is claimed
    if seen is None:
        return replace(about, answer="differs", reason=f"{about.setting}: {metric} is claimed, and has no figure here.")
    if told.times != seen.times or len(told.mean) != len(seen.mean):
        return replace(about, answer="differs", reason=f"{about.setting}: {metric} is claimed at other times.")
    rounding, worst, furthest = ROUNDING[claim.settings.precision], about, 0.0
    for place, (time, before, after) in enumerate(zip(told.times, told.mean, seen.mean, strict=True)):
        apart = _apart(before, after, max(rounding, _bar(told, seen, place)))
        if apart <= max(furthest, SAME_AGAIN):
            continue
        if apart <= MOST_GROWN and _is_rounding_grown(ours, told, seen, place, allowed):
            continue
        furthest = apart
        reason = (
            f"{about.setting}: {metric} at t = {time:g} is claimed as {_shown(before)}, and is {_shown(after)} here."
        )
        worst = replace(about, answer="differs", claimed=before, found=after, reason=reason)
    if worst is about and told.mean:
        return replace(about, claimed=told.mean[-1], found=seen.mean[-1])
    return worst


def _bar(told: MetricValues, seen: MetricValues, place: int) -> float:
    """What the reference is sure of, as it is here; what the claim says of it counts for nothing."""
    bar = seen.bar[place] if place < len(seen.bar) else None
    return bar if bar is not None and bar > 0 else 0.0


def _apart(before: float | None, after: float | None, least: float) -> float:
    """How far two figures are apart, as a share of the larger; 0 where both are below what can be told."""
    if before is None or after is None:
        return 0.0 if before is after else math.inf
    larger = max(abs(before), abs(after))
    return 0.0 if larger <= least or abs(before - after) <= least else abs(before - after) / larger


def _is_rounding_grown(ours: Record, told: MetricValues, seen: MetricValues, place: int, allowed: float) -> bool:
    """Whether the blocks of cases differ to both sides, so that their mean may differ by chance."""
    if place >= min(len(told.blocks), len(seen.blocks)):
        return False
    rows = [values.blocks[place] for values in (told, seen)]
    if len(rows[0]) != len(rows[1]) or len(rows[0]) < FEWEST_BLOCKS or None in (*rows[0], *rows[1]):
        return False
    cases = (ours.solve.cases if ours.solve else None) or len(rows[0])
    weights = block_counts(max(cases, len(rows[0])), len(rows[0]))
    old, new = (np.clip(np.asarray([row], float), -1e150, 1e150) for row in rows)
    before, after = (float((row @ weights)[0] / weights.sum()) for row in (old, new))
    means = told.mean[place], seen.mean[place]
    if before <= 0 or any(
        _apart(mean, own, 0.0) > SAME_AGAIN for mean, own in zip(means, (before, after), strict=True)
    ):
        return False  # the mean that is claimed is not that of the blocks that are
    estimate = relative(old, new, weights)
    return 2 * min(estimate.chance(1), estimate.chance(-1)) > allowed


def _runs(records: Sequence[Record], metric: str) -> list[Run]:
    """The errors of runs at the last time."""
    found = []
    for record in records:
        values = _values(record, metric)
        if values is None or not values.mean or (mean := values.mean[-1]) is None:
            continue
        row = values.blocks[-1] if values.blocks else []
        blocks = np.asarray([] if None in row else row, float)
        bar = values.bar[-1] if values.bar else None
        found.append(Run(abs(mean), blocks, max(ROUNDING[record.settings.precision], bar or 0.0)))
    return found


def _trained(about: Finding, claims: Sequence[Record], ours: Sequence[Record], metric: str) -> list[Asked]:
    told, seen = _runs(claims, metric), _runs(ours, metric)
    if not told or not seen:
        return []
    least = max(run.least for run in seen)  # what a claim says of the reference counts for nothing
    told = [replace(run, least=least) for run in told]
    return [_asked(about, told, seen, against(told, seen))]


def _drawn(about: Finding, ours: Sequence[Record], fresh: Sequence[Record], metric: str, learned: bool) -> list[Asked]:
    before, after = _runs(ours, metric), _runs(fresh, metric)
    if not before or not after:
        return []
    least = max(run.least for run in (*before, *after))
    before, after = ([replace(run, least=least) for run in runs] for runs in (before, after))
    return [_asked(about, before, after, shift(before, after, independent=not learned))]


def _asked(about: Finding, before: Sequence[Run], after: Sequence[Run], estimate: Estimate) -> Asked:
    means = [math.exp(min(math.fsum(run.level for run in runs) / len(runs), 709.0)) for runs in (before, after)]
    return replace(about, claimed=means[0], found=means[1]), estimate


def _judged(asked: Sequence[Asked], least: float, allowed: float, confidence: float, words: str) -> list[Finding]:
    """With answers; only what is worse than claimed counts against a submission."""
    chances = holm([estimate.chance(1) for _, estimate in asked])
    found = []
    for (about, estimate), chance in zip(asked, chances, strict=True):
        low, high = (_exponential(end) for end in estimate.interval(confidence))
        worse = estimate.value >= math.log1p(least)
        answer: Answer = "agrees"
        reason = ""
        if worse and not math.isfinite(estimate.error):
            answer, reason = "undecided", "more runs are needed to tell this from chance: --draws"
        elif worse and chance < allowed:
            answer = "differs"
        if answer != "agrees":
            told = words.format(claimed=about.claimed or 0.0, found=about.found or 0.0)
            reason = f"{about.setting}: {about.quantity}: {told}{'; ' + reason if reason else ''}."
        found.append(replace(about, answer=answer, low=low, high=high, chance=chance, reason=reason))
    return found


def _exponential(value: float) -> float | None:
    return math.exp(value) if abs(value) < 700 else None


def _shown(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4g}"
