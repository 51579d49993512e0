"""From how many cases on training pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .cost import Cost, break_even
from .entries import Entry
from .tiers import Comparison


@dataclass(frozen=True)
class Overtaking:
    """The number of cases from which a trained method pays, or the reason why there is none.

    Parameters
    ----------
    cases
        The number; None where it never pays or cannot be told.
    verdict
        "from", "never", "unmatched" (no classical setting is as accurate) or "elsewhere" (it was trained on another
        machine).
    """

    cases: int | None
    verdict: str


class Rivals:
    """The settings of a board, of which the classical ones are what a trained one must beat.

    Parameters
    ----------
    entries
        Settings with an error.
    compared
        Their errors, in the same order.
    """

    def __init__(self, entries: Sequence[Entry], compared: Comparison):
        self._entries, self._compared = entries, compared

    def overtaking(self, one: int) -> Overtaking | None:
        """From how many cases on a trained setting costs less than every classical one that is as accurate.

        As accurate are those with at most its error and those tied with it.
        """
        cost = self._entries[one].cost
        if cost is None:
            return None
        classical = self._classical
        if not classical.costs:
            return Overtaking(None, "unmatched")
        sure = self._compared.means[classical.numbers] <= self._compared.means[one]
        least = np.minimum.accumulate(np.where(sure, classical.each, np.inf))
        doubtful = np.flatnonzero(~sure & ((classical.each < least) | classical.elsewhere))
        tied = doubtful[self._compared.tied(one, classical.numbers[doubtful])]
        cheapest = sure & (classical.each < np.concatenate([[np.inf], least[:-1]]))
        as_good = [*np.flatnonzero(cheapest | (sure & classical.elsewhere)).tolist(), *tied.tolist()]
        if not as_good:
            return Overtaking(None, "unmatched")
        if cost.elsewhere is not None or classical.elsewhere[as_good].any():
            return Overtaking(None, "elsewhere")
        cases = break_even(cost, [classical.costs[i] for i in as_good])
        return Overtaking(cases, "never" if cases is None else "from")

    @cached_property
    def _classical(self) -> _Classical:
        found = [
            (cost.fixed, cost.each, number, cost)
            for number, entry in enumerate(self._entries)
            if not entry.learned and (cost := entry.cost) is not None
        ]
        found.sort(key=lambda known: known[:3])
        return _Classical(
            np.array([number for _, _, number, _ in found], int),
            np.array([each for _, each, _, _ in found], float),
            np.array([cost.elsewhere is not None for *_, cost in found], bool),
            [cost for *_, cost in found],
        )


@dataclass(frozen=True)
class _Classical:
    """The classical settings with a cost, from the least fixed cost on.

    One that costs as much in each case as one before it is never the cheapest.
    """

    numbers: np.ndarray
    each: np.ndarray
    elsewhere: np.ndarray
    costs: list[Cost]
