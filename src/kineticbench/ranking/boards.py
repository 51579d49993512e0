"""A board: the settings that may be compared with one another, ranked."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..results.record import Record
from .cost import break_even
from .entries import Entry, Place, Variant, entries, metric_names
from .frontier import cost_to_reach, pareto
from .intervals import ErrorSample, Interval
from .tiers import tied, tiers


@dataclass(frozen=True, eq=False)
class Standing:
    """An entry and where it stands.

    Parameters
    ----------
    entry
        The setting.
    sample
        Its error in the metric that ranks, None where it has none.
    tier
        1 for the best; None without an error.
    frontier
        Whether no other setting has both a smaller error and a smaller total for the whole batch.
    overtakes
        For a trained method: from how many cases on it costs less than every classical setting as accurate.
    """

    entry: Entry
    sample: ErrorSample | None
    tier: int | None
    frontier: bool
    overtakes: Overtaking | None

    @cached_property
    def interval(self) -> Interval | None:
        """The error and its interval."""
        return None if self.sample is None else self.sample.interval


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


@dataclass(frozen=True, eq=False)
class Board:
    """One variant of a dataset in one place, its standings from best to worst, failures last.

    Parameters
    ----------
    variant, place
        What was asked, and where it ran.
    metrics
        Names of the metrics, the one that ranks first.
    standings
        Every setting that was tried.
    """

    variant: Variant
    place: Place
    metrics: tuple[str, ...]
    standings: tuple[Standing, ...]

    @property
    def ranked(self) -> list[Standing]:
        """Standings that have an error."""
        return [standing for standing in self.standings if standing.tier is not None]

    @property
    def failed(self) -> list[Standing]:
        """Standings without a good record."""
        return [standing for standing in self.standings if not standing.entry.good]

    @cached_property
    def cases(self) -> int:
        """Cases in the batch."""
        return max((standing.entry.cases for standing in self.standings if standing.entry.good), default=1)

    @cached_property
    def solvers(self) -> list[str]:
        """Names of the solvers, in the order of their best settings."""
        return list(dict.fromkeys(standing.entry.solver for standing in self.standings))

    def levels(self, most: int = 5) -> list[float]:
        """Round errors (1, 2 or 5 times a power of ten) that span what was reached, from large to small."""
        errors = [s.sample.mean for s in self.ranked if s.sample is not None and s.sample.mean > 0]
        if not errors:
            return []
        low, high = math.floor(math.log10(min(errors))), math.ceil(math.log10(max(errors)))
        round_ones = [float(f"{m}e{k}") for k in range(low, min(high, low + 40) + 1) for m in (1, 2, 5)]
        inside = [level for level in round_ones if min(errors) <= level <= max(errors)]
        if len(inside) <= most:
            return inside[::-1]
        return [inside[round(i * (len(inside) - 1) / (most - 1))] for i in range(most)][::-1]

    def reach(self, level: float) -> dict[str, float | None]:
        """For each solver the least total seconds for the whole batch at an error of at most `level`."""
        ladders: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in self.solvers}
        for standing in self.ranked:
            total = _total(standing.entry)
            if total is not None and standing.sample is not None:
                errors, costs = ladders[standing.entry.solver]
                errors.append(standing.sample.mean)
                costs.append(total)
        return {name: cost_to_reach(errors, costs, level) for name, (errors, costs) in ladders.items()}


def boards(records: Iterable[Record]) -> list[Board]:
    """Every board that the records make up; hardware, device and thread counts are never mixed."""
    return [_board(variant, place, group) for (variant, place), group in entries(records).items()]


def _total(entry: Entry) -> float | None:
    return None if entry.cost is None else entry.cost.total(entry.cases)


def _board(variant: Variant, place: Place, group: list[Entry]) -> Board:
    metrics = metric_names(group)
    samples = [entry.sample(metrics[0]) if metrics else None for entry in group]
    shapes = [sample.counts.tolist() for sample in samples if sample is not None]
    usual = max(shapes, key=shapes.count, default=[])
    comparable = [i for i, sample in enumerate(samples) if sample is not None and sample.counts.tolist() == usual]
    placed = dict(zip(comparable, tiers([_known(samples[i]) for i in comparable]), strict=True))
    totals = {i: total for i in comparable if (total := _total(group[i])) is not None}
    frontier = {list(totals)[k] for k in pareto([_known(samples[i]).mean for i in totals], list(totals.values()))}
    rivals = [i for i in comparable if not group[i].learned and group[i].cost is not None]
    standings = [
        Standing(
            entry,
            samples[i] if i in placed else None,
            placed.get(i),
            i in frontier,
            _overtaking(i, group, samples, rivals) if i in placed and entry.learned else None,
        )
        for i, entry in enumerate(group)
    ]
    standings.sort(key=_order)
    return Board(variant, place, tuple(metrics), tuple(standings))


def _known(sample: ErrorSample | None) -> ErrorSample:
    assert sample is not None
    return sample


def _order(standing: Standing) -> tuple:
    entry = standing.entry
    error = math.inf if standing.sample is None else standing.sample.mean
    return (not entry.good, standing.tier is None, standing.tier or 0, error, entry.solver, entry.setting)


def _overtaking(i: int, group: list[Entry], samples: list[ErrorSample | None], rivals: list[int]) -> Overtaking | None:
    cost, sample = group[i].cost, _known(samples[i])
    if cost is None:
        return None
    as_good = [k for k in rivals if _known(samples[k]).mean <= sample.mean or tied(_known(samples[k]), sample)]
    if not as_good:
        return Overtaking(None, "unmatched")
    costs = [rival for k in as_good if (rival := group[k].cost) is not None]
    if any(one.elsewhere is not None for one in (cost, *costs)):
        return Overtaking(None, "elsewhere")
    cases = break_even(cost, costs)
    return Overtaking(cases, "never" if cases is None else "from")
