"""Whether a difference is more than chance: estimates with Student's t, many tests at once, noise from run to run."""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import TypeVar

import numpy as np

MOST_FREEDOM = 30  # noise of a machine has heavier tails than a normal law: never trust more degrees of freedom
SINGLE_FREEDOM = 3  # and where one run a side must show both noise and change, fewer still
FEWEST = 6  # quantities whose differences alone say how noisy a machine was
LEAST_NOISE = 1e-3  # of the logarithm of seconds: no machine is steadier
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Estimate:
    """A difference, its standard error, and the degrees of freedom of that.

    An `error` of 0 says that the difference is known exactly, an infinite one that nobody knows it.
    """

    value: float
    error: float
    freedom: float

    def chance(self, sign: int) -> float:
        """Probability of a difference this far on the side of `sign` (+1, −1) where there is none."""
        from scipy.special import stdtr

        if self.error == 0:
            return 0.0 if self.value * sign > 0 else 1.0
        if not math.isfinite(self.error):
            return 1.0
        return float(stdtr(self.freedom, -sign * self.value / self.error))

    def interval(self, confidence: float) -> tuple[float, float]:
        """The ends of the interval of this confidence."""
        from scipy.special import stdtrit

        if self.error == 0:
            return self.value, self.value
        if not math.isfinite(self.error):
            return -math.inf, math.inf
        half = float(stdtrit(self.freedom, 0.5 + confidence / 2)) * self.error
        return self.value - half, self.value + half


def holm(chances: Sequence[float]) -> list[float]:
    """Chances adjusted for their number: below α they are false alarms in all together with probability at most α.

    The i-th smallest of m is multiplied by m − i + 1, and is at least as large as those before it. S. Holm, Scand. J.
    Statist. 6, 65 (1979).
    """
    adjusted, highest = [0.0] * len(chances), 0.0
    for rank, place in enumerate(sorted(range(len(chances)), key=chances.__getitem__)):
        highest = max(highest, min(1.0, (len(chances) - rank) * chances[place]))
        adjusted[place] = highest
    return adjusted


def shifts(differences: Mapping[Key, Sequence[float]]) -> dict[Key, Estimate]:
    """The median difference of each quantity, where all share one noise.

    What disturbs a machine disturbs everything that runs on it, so the noise from run to run is estimated from all
    quantities together. Where each has one difference only, the noise is that of the differences themselves, which for
    most must be none; of fewer than `FEWEST` nobody knows it, and only large changes are surely more.

    Parameters
    ----------
    differences
        New minus old of each pair of runs. Runs that were made in turn met about the same machine.
    """
    middle = {key: median(values) for key, values in differences.items()}
    several = [values for values in differences.values() if len(values) > 1]
    freedom = sum(len(values) - 1 for values in several)
    if several:
        residuals = [(value - fmean(values)) / math.sqrt(1 - 1 / len(values)) for values in several for value in values]
        spread = math.sqrt(fmean(residual**2 for residual in residuals))
        if (
            max(map(len, several)) > 2
        ):  # between the spread of all and that of the quieter half: medians heed the latter
            spread = math.sqrt(spread * _spread(residuals))
    elif len(middle) >= FEWEST:
        spread, freedom = _spread(middle.values()), SINGLE_FREEDOM
    else:
        spread, freedom = math.inf, 1
    noise = max(spread, LEAST_NOISE)
    return {
        key: Estimate(value, noise * _of_median(len(differences[key])), min(freedom, MOST_FREEDOM))
        for key, value in middle.items()
    }


def _spread(values: Iterable[float]) -> float:
    """Standard deviation of a normal law with this median absolute value."""
    return 1.4826 * median(map(abs, values))


def _of_median(count: int) -> float:
    """Standard error of the median of so many normal numbers of unit variance, about √(π/2n)."""
    return {1: 1.0, 2: 0.7071, 3: 0.6698, 4: 0.5461, 5: 0.5356}.get(count, math.sqrt(math.pi / (2 * (count + 0.5))))


def relative(old: np.ndarray, new: np.ndarray, weights: np.ndarray) -> Estimate:
    """(new − old)/old of a mean over seeds and blocks of cases, which both sides share.

    Seeds (or runs, where there is one seed) and blocks vary independently, so their standard errors add in squares. A
    factor that all blocks share is exact, however much they differ; the error of a ratio estimator would say so, too,
    but is too small for few blocks of which one has most of the error.

    Parameters
    ----------
    old, new
        (seed, block); the mean of `old` is positive.
    weights
        Cases in each block.
    """
    from .bootstrap import standard_error

    share = weights / weights.sum()
    before, after = old @ share, new @ share
    scale = float(before.mean())
    value = float((after - before).mean()) / scale
    parts = []
    if old.shape[1] > 1:
        gained, shared = (new - old).mean(axis=0), value * old.mean(axis=0)
        if np.abs(gained - shared).max() > 1e-6 * np.abs(shared).max():
            parts.append((float(standard_error(gained[None, :], weights)[0]) / scale, old.shape[1] - 1))
    if len(old) > 1 and (before > 0).all():
        parts.append((float(standard_error((after / before - 1)[None, :])[0]), len(old) - 1))
    parts = [(error, freedom) for error, freedom in parts if error > 1e-9 * abs(value)]
    return Estimate(value, math.hypot(*(error for error, _ in parts)), min((n for _, n in parts), default=1))
