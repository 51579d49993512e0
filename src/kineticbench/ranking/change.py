"""A quantity of a setting before and after, and the verdict on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from ..results.record import Record
from .significance import Estimate, holm

SOLVE, FIT, STATE = "seconds a call", "seconds of the fit", "state"
Verdict = Literal["worse", "better", "same", "unclear"]


@dataclass(frozen=True)
class Both:
    """The runs of one setting on both sides, over the seeds that both have.

    Parameters
    ----------
    seeds
        (old, new) of each seed in ascending order: its runs, oldest first.
    """

    seeds: tuple[tuple[tuple[Record, ...], tuple[Record, ...]], ...]

    @property
    def newest(self) -> Record:
        """The record that names it."""
        return self.seeds[0][1][-1]

    def pairs(self) -> list[list[tuple[Record, Record]]]:
        """Of each seed the newest runs that ended well on both sides, as many as both have, in their order."""
        found = []
        for old, new in self.seeds:
            good = [[record for record in side if record.state == "ok"] for side in (old, new)]
            count = min(map(len, good))
            if count:
                found.append(list(zip(good[0][-count:], good[1][-count:], strict=True)))
        return found

    def about(self, quantity: str) -> Change:
        """Nothing known yet of a quantity."""
        settings = self.newest.settings
        seeds = tuple(new[-1].settings.seed for _, new in self.seeds)
        return Change(
            self.newest.cell, settings.dataset.name, settings.solver.name, settings.solver.setting, seeds, quantity
        )


@dataclass(frozen=True)
class Change:
    """One quantity of one setting on both sides.

    Parameters
    ----------
    cell
        The cell of its first seed.
    dataset, solver, setting, seeds
        What it is.
    quantity
        `SOLVE`, `FIT`, `STATE`, or a metric.
    time
        Of a metric, the time at which it changed most surely.
    old, new
        Medians of seconds over runs, or means of the error.
    ratio, low, high
        new/old and the ends of its interval, of seconds in units of the reference kernel. None where they are not
        known; the ends also where the ratio is known exactly.
    chance
        Of a change for the worse this large where there is none, adjusted for all that was asked.
    verdict
        "unclear" is a change of at least the least effect that may be chance.
    note
        In words, where numbers do not say it.
    """

    cell: str
    dataset: str
    solver: str
    setting: str
    seeds: tuple[int, ...]
    quantity: str
    time: float | None = None
    old: float | None = None
    new: float | None = None
    ratio: float | None = None
    low: float | None = None
    high: float | None = None
    chance: float = 1.0
    verdict: Verdict = "same"
    note: str = ""

    def effect(self, least: float) -> int:
        """+1 where it is at least the least effect for the worse, −1 for the better, else 0.

        What was nothing and is something is worse, and what has only a note is.
        """
        if self.ratio is not None:
            return 1 if self.ratio >= 1 + least else -1 if self.ratio <= 1 / (1 + least) else 0
        if self.old is None or self.new is None:
            return 1 if self.note else 0
        return 1 if self.new > self.old else 0


def judged(asked: Sequence[tuple[Change, Estimate]], least: float, allowed: float) -> list[Change]:
    """With verdicts; `allowed` is the chance of any false alarm among all that was asked."""
    worse, better = (holm([estimate.chance(sign) for _, estimate in asked]) for sign in (1, -1))
    found = []
    for (change, estimate), up, down in zip(asked, worse, better, strict=True):
        size = 0 if estimate.value == estimate.error == 0 else change.effect(least)
        verdict: Verdict = "same"
        if size:
            sure = (up if size > 0 else down) < allowed
            verdict = "unclear" if not sure else "worse" if size > 0 else "better"
        found.append(replace(change, chance=up, verdict=verdict))
    return found
