"""How sure an error, and a difference of two errors, is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from jaxtyping import Float

from ..contracts.errors import InvalidInput

CONFIDENCE = 0.95
RESAMPLES = 2000


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
        return float((self.values @ self.counts).mean() / self.counts.sum())

    @property
    def resolution(self) -> float:
        """The larger of floor and bar: differences below it mean nothing."""
        return max(self.floor, self.bar)

    @cached_property
    def interval(self) -> Interval:
        """The mean error with its bootstrap interval, over blocks of cases and over seeds."""
        return _combined(self.mean, [_axis_deviations(self.values, self.counts, axis) for axis in (0, 1)])

    @property
    def deterministic(self) -> bool:
        """Whether several seeds gave one and the same answer."""
        return len(self.seeds) > 1 and bool((self.values == self.values[0]).all())


def difference(a: ErrorSample, b: ErrorSample) -> Interval:
    """Paired bootstrap interval of error(a) − error(b).

    Blocks are resampled together, since both solved the same cases. Seeds are resampled together where both ran the
    same ones, for these may share their particles; else each on its own.
    """
    if a.counts.shape != b.counts.shape or (a.counts != b.counts).any():
        raise InvalidInput("Only errors on the same cases can be compared.", "Score both on the same split.")
    estimate = a.mean - b.mean
    by_blocks = a.values.mean(axis=0) - b.values.mean(axis=0)
    deviations = [_axis_deviations(by_blocks[None, :], a.counts, 1)]
    if sorted(a.seeds) == sorted(b.seeds):
        paired = a.values[np.argsort(a.seeds)] - b.values[np.argsort(b.seeds)]
        deviations.append(_axis_deviations(paired, a.counts, 0))
    else:
        low, high = _axis_deviations(b.values, b.counts, 0)
        deviations += [_axis_deviations(a.values, a.counts, 0), (high, low)]
    return _combined(estimate, deviations)


def _combined(estimate: float, deviations: list[tuple[float, float]]) -> Interval:
    """Seeds and cases vary independently, so their deviations add in squares."""
    down = math.hypot(*(low for low, _ in deviations))
    up = math.hypot(*(high for _, high in deviations))
    if down == up == 0:
        return Interval(estimate, None, None)
    return Interval(estimate, estimate - down, estimate + up)


def _axis_deviations(values: np.ndarray, counts: np.ndarray, axis: int) -> tuple[float, float]:
    """How far the 2.5 % and 97.5 % points of the bootstrapped mean lie below and above it, resampling one axis.

    A percentile bootstrap of few draws is too narrow: its variance is (n − 1)/n of the true one, and its tails are
    those of a normal instead of a Student distribution. Both are mended by widening (Hesterberg, Am. Stat. 69, 371
    (2015)): √(n/(n − 1)) · t_{n−1} / z.
    """
    n = values.shape[axis]
    if n < 2:
        return 0.0, 0.0
    if axis == 0:
        items, weights = values @ counts / counts.sum(), np.ones(n)
    else:
        items, weights = values.mean(axis=0), counts
    draws = _draws(n)
    means = (draws @ (items * weights)) / (draws @ weights)
    centre = float(items @ weights / weights.sum())
    spread = float(np.ptp(items))
    if spread <= 1e-12 * float(np.abs(items).max()):
        return 0.0, 0.0
    low, high = np.quantile(means, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    widening = _widening(n)
    return widening * max(0.0, centre - float(low)), widening * max(0.0, float(high) - centre)


@cache
def _draws(n: int) -> np.ndarray:
    """How often each of n items is drawn in each resample, (resample, item); the same in every run."""
    random = np.random.default_rng(n)
    return random.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(float)


@cache
def _widening(n: int) -> float:
    from scipy.special import ndtri, stdtrit

    tail = (1 + CONFIDENCE) / 2
    return float(math.sqrt(n / (n - 1)) * stdtrit(n - 1, tail) / ndtri(tail))
