"""Errors and invariants of the same settings on both sides, by the same seeds and blocks of cases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..results.packing import fitting
from ..results.record import MetricValues, Record
from .change import Both, Change, judged
from .entries import block_counts
from .significance import Estimate, relative

ROUNDING = {"float64": 1e-11, "float32": 1e-5}  # differences of errors and invariants below it are rounding
WORSE, NOTHING, UNKNOWN = Estimate(math.inf, 0.0, 1), Estimate(0.0, 0.0, 1), Estimate(0.0, math.inf, 1)
LUCK = "one training: run several seeds"
Sides = tuple[list[MetricValues], list[MetricValues]]


def errors(settings: Sequence[Both], least: float, confidence: float, allowed: float) -> list[Change]:
    """What changed in the metrics; `allowed` is the chance of a false alarm."""
    asked = []
    for both in settings:
        if pairs := both.pairs():
            names = {name: None for (old, _), *_ in pairs if old.metrics for name in old.metrics.values}
            asked += [_metric(both.about(name), pairs, least, confidence) for name in names]
    return judged(asked, least, allowed)


def _metric(
    here: Change, pairs: list[list[tuple[Record, Record]]], least: float, confidence: float
) -> tuple[Change, Estimate]:
    """The change of a metric at the time where it is surest, made as unsure as the number of times asks."""
    seeds: list[Sides] = []
    for of_seed in pairs:
        old, new = ([_values(record, here.quantity) for record in side] for side in zip(*of_seed, strict=True))
        kept = [values for values in old if values is not None], [values for values in new if values is not None]
        if kept[0] and not kept[1]:
            why = next((new.metrics.missing.get(here.quantity, "") for _, new in of_seed if new.metrics), "")
            return replace(here, note=f"not measured any more{': ' + why if why else ''}"), WORSE
        if kept[0]:
            seeds.append(kept)
    if not seeds:  # figures that fit no times
        return here, NOTHING
    times = seeds[0][0][0].times
    if any(values.times != times for sides in seeds for side in sides for values in side):
        return replace(here, note="measured at other times"), UNKNOWN
    first = pairs[0][0][1]
    cases = first.settings.dataset.cases or (first.solve.cases if first.solve else None) or 1
    rounding = ROUNDING[first.settings.precision]
    found = [
        at_time
        for place, time in enumerate(times)
        if (at_time := _at(replace(here, time=time), seeds, place, cases, rounding, confidence))
    ]
    if _is_luck(pairs):
        found = [
            (change, estimate) if estimate == NOTHING else (replace(change, low=None, high=None, note=LUCK), UNKNOWN)
            for change, estimate in found
        ]
    if not found:
        return here, NOTHING

    def surest(item: tuple[Change, Estimate]) -> tuple[float, float]:
        change, estimate = item
        chance = min(estimate.chance(1), estimate.chance(-1)) if change.effect(least) else 2.0
        return chance, -(change.new or 0.0)

    change, estimate = min(found, key=surest)
    return change, _of_many(estimate, len(found))


def _is_luck(pairs: list[list[tuple[Record, Record]]]) -> bool:
    """Whether it is one training: rounding, and the clock where it ends by time, decide where that leads."""
    return len(pairs) == 1 and any(new.family == "learned" for _, new in pairs[0])


def _at(
    change: Change, seeds: list[Sides], place: int, cases: int, rounding: float, confidence: float
) -> tuple[Change, Estimate] | None:
    """The change at one time; None where the old value is not finite or the blocks are others."""
    sides = [_blocks([seed[side] for seed in seeds], place) for side in (0, 1)]
    if sides[0] is None:
        return None
    if sides[1] is None:
        return replace(change, note="not finite any more"), WORSE
    old, new = sides[0], sides[1]
    if old.shape != new.shape:
        return None
    weights = block_counts(max(cases, old.shape[1]), old.shape[1])
    before, after = (float((side @ weights).mean() / weights.sum()) for side in (old, new))
    bars = [values.bar[place] for seed in seeds for side in seed for values in side]
    bar = max((value for value in bars if value is not None), default=0.0)
    change = replace(change, old=before, new=after)
    if abs(after - before) <= rounding or max(before, after) <= bar:  # rounding, or below what the reference is sure of
        return replace(change, ratio=1.0 if after == before else after / before if before > 0 else None), NOTHING
    if before <= 0:
        return change, WORSE if after > before else NOTHING
    estimate = relative(old, new, weights)
    low, high = estimate.interval(confidence) if estimate.error else (None, None)
    ends = [None if end is None else 1 + end for end in (low, high)]
    return replace(change, ratio=after / before, low=ends[0], high=ends[1]), estimate


def _values(record: Record, metric: str) -> MetricValues | None:
    """The figures of a metric; None where there are none, or where they do not fit its times."""
    values = record.metrics.values.get(metric) if record.metrics else None
    return values if values is not None and fitting(values) is not None else None


def _blocks(seeds: Sequence[Sequence[MetricValues]], place: int) -> np.ndarray | None:
    """(seed, block), the mean over the runs of a seed, or (run, block) of a single seed; None where not finite."""
    rows = [[values.blocks[place] if place < len(values.blocks) else [] for values in runs] for runs in seeds]
    flat = [row for runs in rows for row in runs]
    if not flat[0] or len({len(row) for row in flat}) != 1 or any(value is None for row in flat for value in row):
        return None
    if len(rows) == 1:
        return np.asarray(rows[0], float)
    return np.stack([np.asarray(runs, float).mean(axis=0) for runs in rows])


def _of_many(estimate: Estimate, times: int) -> Estimate:
    """The surest of several estimates, made as unsure as their number asks (Bonferroni)."""
    from scipy.special import stdtrit

    if estimate.error == 0 or not math.isfinite(estimate.error) or times == 1 or estimate.value == 0:
        return estimate
    chance = min(0.5, times * estimate.chance(1 if estimate.value > 0 else -1))
    if chance == 0:
        return estimate
    quantile = -float(stdtrit(estimate.freedom, chance))
    return replace(estimate, error=abs(estimate.value) / quantile if quantile > 0 else math.inf)
