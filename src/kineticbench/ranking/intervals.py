"""How sure an error, and a difference of two errors, is."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from ..contracts.errors import InvalidInput
from .bootstrap import CONFIDENCE, deviations


@dataclass(frozen=True)
class Interval:
    """An estimate and the ends of its 95 % interval.

    `low` and `high` are None where nothing varies: one case and a deterministic method. Its error is then a bias,
    known exactly, and no interval belongs to it.
    """

    estimate: float
    low: float | None
    high: float | None

    @property
    def half_width(self) -> float | None:
        """Half the width of the interval."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    def contains(self, value: float) -> bool:
        """Whether `value` lies inside; without an interval, whether it is the estimate."""
        if self.low is None or self.high is None:
            return value == self.estimate
        return self.low <= value <= self.high


@dataclass(frozen=True, eq=False)
class ErrorSample:
    """The error of one setting at one time, as it varies over seeds and over blocks of cases.

    Parameters
    ----------
    values
        Mean error of each block of cases under each seed, (seed, block).
    seeds
        The seed of each row.
    counts
        Cases in each block, (block,).
    floor
        What a perfect solver would score.
    bar
        Error of the reference, in the same units.
    """

    values: Float[np.ndarray, "seed block"]
    seeds: tuple[int, ...]
    counts: Float[np.ndarray, "block"]
    floor: float = 0.0
    bar: float = 0.0

    def __post_init__(self) -> None:
        if self.values.shape != (len(self.seeds), len(self.counts)) or self.values.size == 0:
            raise InvalidInput(f"values must have shape (seed, block), got {self.values.shape}.")

    @cached_property
    def mean(self) -> float:
        """Mean over all cases and seeds."""
        return float(self.by_seed.mean())

    @cached_property
    def by_seed(self) -> Float[np.ndarray, "seed"]:
        """Mean over all cases of each seed, seeds in ascending order."""
        return (self.values @ self.counts / self.counts.sum())[np.argsort(self.seeds, kind="stable")]

    @cached_property
    def by_block(self) -> Float[np.ndarray, "block"]:
        """Mean over seeds of each block."""
        return self.values.mean(axis=0)

    @property
    def resolution(self) -> float:
        """The larger of floor and bar: differences below it mean nothing."""
        return max(self.floor, self.bar)

    @cached_property
    def interval(self) -> Interval:
        """The mean error with its bootstrap interval, over blocks of cases and over seeds."""
        return _combined(self.mean, [_one(self.by_seed), _one(self.by_block, self.counts)])

    @property
    def deterministic(self) -> bool:
        """Whether several seeds gave one and the same answer."""
        return len(self.seeds) > 1 and bool((self.values == self.values[0]).all())


def difference(a: ErrorSample, b: ErrorSample, confidence: float = CONFIDENCE) -> Interval:
    """Paired bootstrap interval of error(a) − error(b).

    Blocks are resampled together, since both solved the same cases. Seeds are resampled together where both ran the
    same ones, for these may share their particles; else each on its own.
    """
    if a.counts.shape != b.counts.shape or (a.counts != b.counts).any():
        raise InvalidInput("Only errors on the same cases can be compared.", "Score both on the same split.")
    parts = [_one(a.by_block - b.by_block, a.counts, confidence)]
    if sorted(a.seeds) == sorted(b.seeds):
        parts.append(_one(a.by_seed - b.by_seed, None, confidence))
    else:
        low, high = _one(b.by_seed, None, confidence)
        parts += [_one(a.by_seed, None, confidence), (high, low)]
    return _combined(a.mean - b.mean, parts)


def prepare(samples: Iterable[ErrorSample]) -> None:
    """Work out the intervals of many samples together, in a tenth of the time."""
    groups: dict[tuple[int, bytes], list[ErrorSample]] = {}
    for sample in samples:
        if "interval" not in sample.__dict__:
            groups.setdefault((len(sample.seeds), sample.counts.tobytes()), []).append(sample)
    for group in groups.values():
        by_seed = deviations(np.stack([sample.by_seed for sample in group]))
        by_block = deviations(np.stack([sample.by_block for sample in group]), group[0].counts)
        for sample, *parts in zip(group, zip(*by_seed, strict=True), zip(*by_block, strict=True), strict=True):
            sample.__dict__["interval"] = _combined(sample.mean, parts)


def _one(items: np.ndarray, weights: np.ndarray | None = None, confidence: float = CONFIDENCE) -> tuple[float, float]:
    down, up = deviations(items[None, :], weights, confidence)
    return float(down[0]), float(up[0])


def _combined(estimate: float, parts: Iterable[tuple[float, float]]) -> Interval:
    """Seeds and cases vary independently, so their deviations add in squares.

    What varies with both at once is counted in both: the interval is then up to √2 too wide, never too narrow (Owen,
    Ann. Appl. Stat. 1, 386 (2007)).
    """
    parts = list(parts)
    down = math.hypot(*(low for low, _ in parts))
    up = math.hypot(*(high for _, high in parts))
    if down == up == 0:
        return Interval(estimate, None, None)
    return Interval(estimate, estimate - down, estimate + up)
