"""Errors of runs under different seeds: whether two groups of runs could be of one kind.

What is compared are logarithms of errors, which of trainings and of particles scatter by factors. What lies below the
bar of the reference or below rounding counts as that, since smaller figures mean nothing.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, variance

import numpy as np

from ..ranking.bootstrap import standard_error
from ..ranking.significance import Estimate

FEWEST_BLOCKS = 8


@dataclass(frozen=True, eq=False)
class Run:
    """The error of one run at one time.

    Parameters
    ----------
    mean
        Over cases.
    blocks
        Means over blocks of cases; empty where they are not known.
    least
        Below this nothing can be told from nothing.
    """

    mean: float
    blocks: np.ndarray
    least: float

    @property
    def level(self) -> float:
        """Logarithm of the error."""
        return math.log(max(self.mean, self.least))


def shift(before: Sequence[Run], after: Sequence[Run], independent: bool) -> Estimate:
    """Mean level of the runs after, minus that of those before: draws of one kind, unless something is up.

    The scatter from run to run is that within both groups together; with `independent` cases (a method that is not
    trained treats each on its own) there is a second estimate, from the blocks of cases of each run, and the larger
    variance of the two counts. An infinite error says that there are too few runs to tell.
    """
    levels = [[run.level for run in runs] for runs in (before, after)]
    value = fmean(levels[1]) - fmean(levels[0])
    parts: list[tuple[float, int]] = []
    freedom = len(before) + len(after) - 2
    if freedom > 0:
        within = sum(variance(group) * (len(group) - 1) for group in levels if len(group) > 1) / freedom
        parts.append((within * (1 / len(before) + 1 / len(after)), freedom))
    if independent:
        blocks = [_of_blocks(before, shared=True), _of_blocks(after, shared=False)]
        known = [part for part in blocks if part is not None]
        if len(known) == 2:
            parts.append((sum(square for square, _ in known), min(count for _, count in known)))
    if not parts:
        return Estimate(value, 0.0 if value == 0 else math.inf, 1)
    square, free = max(parts)
    return Estimate(value, math.sqrt(square), free)


def _of_blocks(runs: Sequence[Run], shared: bool) -> tuple[float, int] | None:
    """Variance of the mean level by the scatter over blocks of cases, and its degrees of freedom.

    Runs whose cases are `shared` tell together no more of them than one does.
    """
    sizes = {len(run.blocks) for run in runs}
    if len(sizes) != 1 or min(sizes) < FEWEST_BLOCKS:
        return None
    errors = standard_error(np.stack([run.blocks for run in runs]))
    shares = [float(error) / max(run.mean, run.least) for error, run in zip(errors, runs, strict=True)]
    return fmean(share * share for share in shares) / (1 if shared else len(runs)), min(sizes) - 1


def against(claimed: Sequence[Run], ours: Sequence[Run]) -> Estimate:
    """Mean level of our runs minus the claimed one, where the scatter of ours alone says what chance does.

    Whoever claims may claim any scatter as well. One run of ours has none, and then nobody can tell.
    """
    levels = [run.level for run in ours]
    value = fmean(levels) - fmean(run.level for run in claimed)
    if len(levels) < 2:
        return Estimate(value, 0.0 if value == 0 else math.inf, 1)
    error = math.sqrt(variance(levels) * (1 / len(levels) + 1 / len(claimed)))
    return Estimate(value, error, len(levels) - 1)
