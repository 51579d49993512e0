"""Tiers instead of places: settings that cannot be told apart stand together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from .bootstrap import at_most, deviations
from .intervals import ErrorSample, difference

CONFIDENCE = 0.97
_FIRST, _MOST = 16, 512


def tied(a: ErrorSample, b: ErrorSample) -> bool:
    """Whether the difference of two errors means nothing.

    It means nothing where it is at most a floor or the bar of the reference of either, or where the interval of the
    paired difference contains zero. That interval is one of 97 %, since with few or skewed blocks it covers up to a
    percent less than it says: equal solvers shall be tied in at least 95 of 100 cases.
    """
    between = difference(a, b, CONFIDENCE)
    return abs(between.estimate) <= max(a.resolution, b.resolution) or between.contains(0.0)


def tiers(samples: Sequence[ErrorSample], compared: Comparison | None = None) -> list[int]:
    """The tier of each setting, 1 the best.

    Ties are not transitive: a may tie with b and b with c while a and c differ. So a tier is defined by its leader.
    In the order of their errors, a setting joins the tier if it ties with the tier's best, and the first that does
    not becomes the leader of the next. Hence every member ties with its leader; two members may still differ from one
    another, and the last of a tier may tie with the first of the next. `compared` are the samples side by side, where
    that has been made already.
    """
    places = np.zeros(len(samples), int)
    if not samples:
        return []
    compared = compared or Comparison(samples)
    order = np.argsort(compared.means, kind="stable")
    leader, tier = int(order[0]), 1
    places[leader] = tier
    at, step = 1, _FIRST
    while at < len(order):
        following = order[at : at + step]
        apart = np.flatnonzero(~compared.tied(leader, following))
        joined = int(apart[0]) if len(apart) else len(following)
        places[following[:joined]] = tier
        at, step = at + joined, min(2 * step, _MOST)
        if joined < len(following):
            leader, tier, step = int(following[joined]), tier + 1, _FIRST
            places[leader] = tier
            at += 1
    return places.tolist()


class Comparison:
    """Samples of the same cases side by side, to compare one with many as `tied` compares two.

    Parameters
    ----------
    samples
        Their blocks must have the same counts of cases.
    """

    def __init__(self, samples: Sequence[ErrorSample]):
        self.block_counts = samples[0].counts
        self._blocks = np.stack([sample.by_block for sample in samples])
        self.means = np.array([sample.mean for sample in samples])
        self._resolutions = np.array([sample.resolution for sample in samples])
        keys = [tuple(sorted(sample.seeds)) for sample in samples]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        self._same_seeds = np.array([numbers[key] for key in keys])
        self._of_seeds = np.zeros((len(samples), max(map(len, keys))))
        self._alone = np.zeros((2, len(samples)))
        for key, number in numbers.items():
            members = np.flatnonzero(self._same_seeds == number).tolist()
            by_seed = np.stack([samples[i].by_seed for i in members])
            self._of_seeds[members, : len(key)] = by_seed
            self._alone[:, members] = deviations(by_seed, None, CONFIDENCE)
        self._keys = list(numbers)

    def tied(self, one: int, others: np.ndarray) -> np.ndarray:
        """Which of `others` are tied with `one`, (other,)."""
        estimates = self.means[one] - self.means[others]
        tied = np.abs(estimates) <= np.maximum(self._resolutions[one], self._resolutions[others])
        tied |= estimates == 0
        open_ = np.flatnonzero(~tied)
        down, up = self._by_seeds(one, others[open_])
        away = self._blocks[one] - self._blocks[others[open_]]
        reach = np.hypot(at_most(away, self.block_counts, CONFIDENCE), np.where(estimates[open_] > 0, down, up))
        near = np.flatnonzero(np.abs(estimates[open_]) <= reach)
        low, high = deviations(away[near], self.block_counts, CONFIDENCE)
        down, up, open_ = down[near], up[near], open_[near]
        tied[open_] = (estimates[open_] <= np.hypot(low, down)) & (-estimates[open_] <= np.hypot(high, up))
        return tied

    def _by_seeds(self, one: int, others: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Deviations of the differences over seeds: together where both ran the same ones, else each on its own."""
        down = np.hypot(self._alone[0, one], self._alone[1, others])
        up = np.hypot(self._alone[1, one], self._alone[0, others])
        number = int(self._same_seeds[one])
        paired = np.flatnonzero(self._same_seeds[others] == number)
        seeds = len(self._keys[number])
        away = self._of_seeds[one, :seeds] - self._of_seeds[others[paired], :seeds]
        down[paired], up[paired] = deviations(away, None, CONFIDENCE)
        return down, up
