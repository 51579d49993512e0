"""Errors that are claimed beside errors that were found here.

Under the same seeds a method that is not trained does the same again: see `figures`. A training goes elsewhere with
every rounding, so its claim is held against the scatter of all that was trained here: at the last time, which is the
one that ranks, by chance; at every time, and each record for itself, by whether all that chance may do leaves it more
than `INVENTED` times better. Under drawn seeds the method must do as well as under the public ones, both run here: a
method tuned to public seeds does not. Whether it is trained the solver's file says and no claim.

Whatever chance decides is adjusted by Holm for all that is asked: each of the two questions raises a false alarm with
half of the probability that is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ..ranking.compare_errors import ROUNDING
from ..ranking.significance import Estimate, holm
from ..results.record import Record
from .figures import by_blocks, same, unlike, values
from .finding import DRAWN, SAME, Answer, Finding
from .levels import Run, against, shift
from .rerun import Setting

INVENTED = 10.0
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
        learned = any(record.family == "learned" for record in (*ours, *fresh))
        known = [(claim, found.get(cell.id)) for claim, cell in zip(setting.claims, setting.cells, strict=True)]
        pairs = [(claim, record) for claim, record in known if record is not None and _is_ok(record)]  # see the ends
        for metric in _metrics(setting.claims):
            about = Finding(SAME, setting.name, metric, "agrees")
            if learned:
                exact += _invented(about, pairs, [*ours, *fresh], metric, confidence)
                trained += _trained(about, setting.claims, [*ours, *fresh], metric)
            else:
                exact += [same(about, claim, record, metric, allowed) for claim, record in pairs]
        for metric in _metrics(ours):
            about = Finding(DRAWN, setting.name, metric, "agrees")
            if fresh and not any(values(record, metric) for record in fresh):
                reason = f"{setting.name}: {metric} has figures under the public seeds and none under drawn."
                exact.append(replace(about, answer="differs", reason=reason))
            drawn += _drawn(about, ours, fresh, metric, learned)
    return [
        *exact,
        *_judged(trained, least, allowed, confidence, "Claimed are {claimed:.4g}; trainings here end with {found:.4g}"),
        *_judged(drawn, least, allowed, confidence, "{claimed:.4g} under the public seeds, {found:.4g} under drawn"),
    ]  # fmt: skip


def _is_ok(record: Record | None) -> bool:
    return record is not None and record.state == "ok" and record.metrics is not None


def _metrics(records: Sequence[Record]) -> list[str]:
    return list(dict.fromkeys(name for record in records if record.metrics for name in record.metrics.values))


def _runs(records: Sequence[Record], metric: str, place: int = -1) -> list[Run]:
    """The errors of runs at a time, by default the last; of two means that do not agree the smaller."""
    found = []
    for record in records:
        kept = values(record, metric)
        if kept is None or not -len(kept.mean) <= place < len(kept.mean) or (mean := kept.mean[place]) is None:
            continue
        at = place % len(kept.mean)
        row = kept.blocks[at] if at < len(kept.blocks) else []
        blocks = np.asarray([] if None in row else row, float)
        ranked = by_blocks(kept, at, record.solve.cases if record.solve else None)
        bar = kept.bar[at] if at < len(kept.bar) else None
        least = max(ROUNDING[record.settings.precision], bar or 0.0)
        found.append(Run(min(abs(mean), abs(mean if ranked is None else ranked)), blocks, least))
    return found


def _invented(
    about: Finding, pairs: Sequence[tuple[Record, Record]], ours: Sequence[Record], metric: str, confidence: float
) -> list[Finding]:
    """What no training gave: a metric or a time that is not there, or a figure beyond all that chance may do."""
    made = []
    for claim, record in pairs:
        told = values(claim, metric)
        if told is None:
            continue
        why = unlike(about, told, values(record, metric), ROUNDING[claim.settings.precision])
        for place, time in enumerate(told.times if why is None else ()):
            claimed, seen = _runs([claim], metric, place), _runs(ours, metric, place)
            what = f"{about.setting}: {metric} at t = {time:g} is claimed as {told.mean[place] or 0.0:.4g}, and"
            if claimed and not seen:
                why = replace(about, answer="differs", reason=f"{what} is not finite here.")
            elif claimed and len(seen) > 1:
                asked, estimate = _held_against(about, claimed, seen)
                if estimate.interval(confidence)[0] > math.log(INVENTED):
                    reason = f"{what} trainings here reach {asked.found:.4g}."
                    why = replace(asked, answer="differs", reason=reason)
            if why is not None:
                break
        made += [] if why is None else [why]
    return made


def _trained(about: Finding, claims: Sequence[Record], ours: Sequence[Record], metric: str) -> list[Asked]:
    told, seen = _runs(claims, metric), _runs(ours, metric)
    return [_held_against(about, told, seen)] if told and seen else []


def _held_against(about: Finding, told: Sequence[Run], seen: Sequence[Run]) -> Asked:
    least = max(run.least for run in seen)  # what a claim says of the reference counts for nothing
    told = [replace(run, least=least) for run in told]
    return _asked(about, told, seen, against(told, seen))


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
