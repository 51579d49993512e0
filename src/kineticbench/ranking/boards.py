"""A board: the settings that may be compared with one another, ranked."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from ..garbage import uncollected
from ..results.attempt import Attempt
from .entries import Entry, Kept, Place, Variant, entries, metric_names
from .frontier import cost_to_reach, pareto
from .intervals import ErrorSample, Interval, prepare
from .overtaking import Overtaking, Rivals
from .tiers import Comparison, tiers


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
    rivals
        The settings of its board that it is measured against, and its number among them; None for a classical method
        and without an error.
    """

    entry: Entry
    sample: ErrorSample | None
    tier: int | None
    frontier: bool
    rivals: tuple[Rivals, int] | None = None

    @cached_property
    def overtakes(self) -> Overtaking | None:
        """For a trained method: from how many cases on it costs less than every classical setting as accurate."""
        return None if self.rivals is None else self.rivals[0].overtaking(self.rivals[1])

    @cached_property
    def interval(self) -> Interval | None:
        """The error and its interval."""
        return None if self.sample is None else self.sample.interval


@dataclass(frozen=True, eq=False)
class Board:
    """One variant of a dataset in one place. It is ranked when it is first asked for what depends on ranks.

    Parameters
    ----------
    variant, place
        What was asked, and where it ran.
    entries
        Every setting that was tried.
    """

    variant: Variant
    place: Place
    entries: tuple[Entry, ...]

    @cached_property
    def content(self) -> str | None:
        """A hash of all that the board is made of: equal boards rank, and read, equally. None for whole records."""
        attempts = [record for entry in self.entries for record in entry.records if isinstance(record, Attempt)]
        if len(attempts) < sum(len(entry.records) for entry in self.entries):
            return None
        text = "\n".join([repr(self.variant), repr(self.place), *sorted(f"{it.cell}.{it.content}" for it in attempts)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @cached_property
    def metrics(self) -> tuple[str, ...]:
        """Names of the metrics, the one that ranks first."""
        return tuple(metric_names(self.entries))

    @cached_property
    def standings(self) -> tuple[Standing, ...]:
        """Every setting, from best to worst, failures last."""
        with uncollected():
            return tuple(sorted(_standings(self.entries, self.metrics), key=_order))

    @cached_property
    def ranked(self) -> list[Standing]:
        """Standings that have an error."""
        return [standing for standing in self.standings if standing.tier is not None]

    @cached_property
    def failed(self) -> list[Standing]:
        """Standings without a good record."""
        return [standing for standing in self.standings if not standing.entry.good]

    @cached_property
    def cases(self) -> int:
        """Cases in the batch."""
        return max((entry.cases for entry in self.entries if entry.good), default=1)

    @cached_property
    def solvers(self) -> list[str]:
        """Names of the solvers, in the order of their best settings."""
        return list(dict.fromkeys(standing.entry.solver for standing in self.standings))

    def samples(self, metric: str, time: int = -1) -> list[ErrorSample | None]:
        """The errors of the standings in a metric at the `time`-th time, with their intervals worked out together."""
        found = [standing.entry.sample(metric, time) for standing in self.standings]
        prepare(sample for sample in found if sample is not None)
        return found

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
        return {name: cost_to_reach(errors, costs, level) for name, (errors, costs) in self._ladders.items()}

    @cached_property
    def _ladders(self) -> dict[str, tuple[list[float], list[float]]]:
        """Errors and totals of each solver's settings on its own frontier."""
        ladders: dict[str, list[tuple[float, float]]] = {name: [] for name in self.solvers}
        for standing in self.ranked:
            total = _total(standing.entry)
            if total is not None and standing.sample is not None:
                ladders[standing.entry.solver].append((standing.sample.mean, total))
        made = {}
        for name, settings in ladders.items():
            errors, costs = [error for error, _ in settings], [cost for _, cost in settings]
            best = pareto(errors, costs)
            made[name] = [errors[i] for i in best], [costs[i] for i in best]
        return made


def boards(records: Iterable[Kept]) -> list[Board]:
    """Every board that the records make up; hardware, device and thread counts are never mixed."""
    with uncollected():
        return [Board(variant, place, tuple(group)) for (variant, place), group in entries(records).items()]


def _total(entry: Entry) -> float | None:
    return None if entry.cost is None else entry.cost.total(entry.cases)


def _standings(group: tuple[Entry, ...], metrics: tuple[str, ...]) -> list[Standing]:
    samples = [entry.sample(metrics[0]) if metrics else None for entry in group]
    shapes = [sample.counts.tobytes() for sample in samples if sample is not None]
    usual = max(sorted(set(shapes)), key=shapes.count, default=b"")
    comparable = {i: sample for i, sample in enumerate(samples) if sample and sample.counts.tobytes() == usual}
    if not comparable:
        return [Standing(entry, None, None, False) for entry in group]
    known = list(comparable.values())
    prepare(known)
    compared = Comparison(known)
    placed = dict(zip(comparable, tiers(known, compared), strict=True))
    totals = {i: total for i in comparable if (total := _total(group[i])) is not None}
    frontier = {list(totals)[k] for k in pareto([comparable[i].mean for i in totals], list(totals.values()))}
    rivals = Rivals([group[i] for i in comparable], compared)
    numbers = {i: number for number, i in enumerate(comparable)}
    return [
        Standing(
            entry,
            comparable.get(i),
            placed.get(i),
            i in frontier,
            (rivals, numbers[i]) if i in placed and entry.learned else None,
        )
        for i, entry in enumerate(group)
    ]


def _order(standing: Standing) -> tuple:
    entry = standing.entry
    error = math.inf if standing.sample is None else standing.sample.mean
    parameters = entry.first.settings.precision, entry.first.cell
    return (not entry.good, standing.tier is None, standing.tier or 0, error, entry.solver, entry.setting, parameters)
