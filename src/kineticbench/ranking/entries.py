"""Records sorted into boards: what may be compared stands together, what may not stands apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from statistics import fmean, median
from typing import Any

import numpy as np

from ..results.attempt import Attempt, Figures
from ..results.packing import fitting
from ..results.record import MetricValues, Record
from ..results.trust import sureness
from .cost import LONGEST, Cost
from .intervals import ErrorSample

LARGEST_ERROR, MOST_CASES = 1e150, 1 << 53
Kept = Record | Attempt


def canonical(data: Any) -> str:
    """One text for equal data: keys sorted."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


@dataclass(frozen=True)
class Variant:
    """A dataset with its parameters and the cases asked of it: errors are comparable within one."""

    name: str
    parameters: str
    split: str
    seed: int
    cases: int | None

    @classmethod
    def of(cls, record: Kept) -> Variant:
        """The variant that a record belongs to."""
        asked = record.settings.dataset
        return cls(asked.name, canonical(asked.parameters), asked.split, asked.seed, asked.cases)

    @property
    def values(self) -> dict[str, Any]:
        """The dataset's parameters."""
        return json.loads(self.parameters)

    @cached_property
    def key(self) -> str:
        """A short name for files, the same for equal variants, of letters and digits only."""
        text = canonical([self.name, self.parameters, self.split, self.seed, self.cases])
        return hashlib.sha256(text.encode()).hexdigest()[:8]


@dataclass(frozen=True, order=True)
class Place:
    """Where a record was made: seconds are comparable within one."""

    device: str
    threads: int
    hardware: str

    @classmethod
    def of(cls, record: Kept) -> Place:
        """The place of a record."""
        return cls(record.settings.device, record.settings.threads, record.hardware.id)


@dataclass(frozen=True, eq=False)
class Entry:
    """One setting of one solver in one place, over its seeds.

    Parameters
    ----------
    records
        The newest good record of each seed, or the newest failed one where none is good; in the order of seeds.
        Either whole records or attempts, whose attributes have the same names.
    """

    records: tuple[Kept, ...]

    @property
    def first(self) -> Kept:
        """The record that stands for the entry: the first good one, else the first."""
        return (self.good or self.records)[0]

    @cached_property
    def good(self) -> tuple[Kept, ...]:
        """Records that ended well."""
        return tuple(record for record in self.records if record.state == "ok")

    @property
    def solver(self) -> str:
        """Name of the solver."""
        return self.first.settings.solver.name

    @property
    def setting(self) -> str:
        """What tells this setting from the solver's others."""
        return self.first.settings.solver.setting

    @property
    def learned(self) -> bool:
        """Whether the method is trained."""
        return any(record.family == "learned" for record in self.records)

    @property
    def state(self) -> str:
        """The state: "ok" as soon as one seed is."""
        return self.first.state

    @property
    def reason(self) -> str:
        """Why it did not run, or which seeds did not."""
        if not self.good:
            return self.first.reason or ""
        failed = [record for record in self.records if record.state != "ok"]
        if not failed:
            return ""
        states = ", ".join(sorted({record.state for record in failed}))
        return f"{len(failed)} of {len(self.records)} seeds: {states}"

    @cached_property
    def cases(self) -> int:
        """Cases in the batch."""
        asked = self.first.settings.dataset.cases
        measured = self.first.solve.cases if self.first.solve else None
        return min(max(1, measured or asked or 1), MOST_CASES)

    @property
    def noisy(self) -> bool:
        """Whether the machine was busy with other work, so that its times are not to be trusted."""
        return any(record.solve is not None and record.solve.noisy for record in self.good)

    @cached_property
    def memory(self) -> int | None:
        """Highest memory of the process tree, bytes."""
        peaks = [r.solve.peak_bytes for r in self.good if r.solve and r.solve.peak_bytes is not None]
        return max(peaks) if peaks else None

    @cached_property
    def cost(self) -> Cost | None:
        """Seconds over seeds: the median of their median warm calls and of their cold calls, the mean of their fits.

        None where nothing was timed, or not within `cost.LONGEST`.
        """
        solves = [record.solve for record in self.good if record.solve is not None]
        warm = [median(solve.warm_s) for solve in solves if solve.warm_s]
        first = [solve.cold_s for solve in solves if solve.cold_s is not None]
        cold = [solve.cold_s for solve in solves if solve.cold_s is not None and solve.fresh]
        fits = [record.fit for record in self.good if record.fit is not None]
        longest = max([*warm, *first, *(max(fit.data_s, fit.fit_s) for fit in fits)], default=0.0)
        if not (warm or first) or longest > LONGEST:
            return None
        here = self.first.hardware.id
        paid = [fit for fit in fits if fit.data_s + fit.fit_s > 0]
        elsewhere = sorted({fit.hardware for fit in paid if fit.hardware not in (None, here)})
        return Cost(
            data=fmean(fit.data_s for fit in fits) if fits else 0.0,
            fit=fmean(fit.fit_s for fit in fits) if fits else 0.0,
            cold=median(cold) if cold else None,
            warm=median(warm or first),
            batch=self.cases,
            amortised=any(fit.amortised for fit in fits),
            elsewhere=", ".join(elsewhere) or None,
            warmed=bool(warm),
        )

    def times(self, metric: str) -> list[float]:
        """When a metric was taken; empty where it was not."""
        scored = self._scored(metric)
        return scored[0][1].times if scored else []

    def sample(self, metric: str, time: int = -1) -> ErrorSample | None:
        """The error in a metric at the `time`-th time, over seeds and blocks.

        None where it is missing or not finite under any seed, or so large (above `LARGEST_ERROR`) that sums of it
        would overflow. Seeds that were scored at other times than the first are left out.
        """
        key = (metric, time)
        if key not in self._samples:
            self._samples[key] = self._sample(metric, time)
        return self._samples[key]

    @cached_property
    def _samples(self) -> dict[tuple[str, int], ErrorSample | None]:
        return {}

    def _sample(self, metric: str, time: int) -> ErrorSample | None:
        scored = self._scored(metric)
        times = scored[0][1].times if scored else []
        if not -len(times) <= time < len(times):
            return None
        scored = [(seed, values) for seed, values in scored if values.times == times]
        rows = [np.asarray(values.blocks[time], float) for _, values in scored]
        if len({len(row) for row in rows}) != 1 or not rows[0].size:
            return None
        values = np.stack(rows)
        if not (np.abs(values) <= LARGEST_ERROR).all():  # NaN is not
            return None
        floors, bars = zip(*(_resolution(values, time) for _, values in scored), strict=True)
        seeds = tuple(seed for seed, _ in scored)
        return ErrorSample(values, seeds, block_counts(self.cases, values.shape[1]), max(0.0, *floors), max(0.0, *bars))

    def missing(self, metric: str) -> str:
        """Why a metric has no value."""
        return next((r.metrics.missing.get(metric, "") for r in self.good if r.metrics), "") or self.reason

    def _scored(self, metric: str) -> list[tuple[int, MetricValues | Figures]]:
        """Seeds and values of the records that have the metric, with a figure for each of its times."""
        found = [
            (record.settings.seed, record.metrics.values[metric])
            for record in self.good
            if record.metrics is not None and metric in record.metrics.values
        ]
        return [(s, values) for s, values in found if isinstance(values, Figures) or fitting(values) is not None]


def entries(records: Iterable[Kept]) -> dict[tuple[Variant, Place], list[Entry]]:
    """The entries of every board, in a fixed order whatever the order of the records."""
    groups: dict[tuple[Variant, Place], dict[tuple[str, str, str], dict[int, Kept]]] = {}
    texts: dict[int, str] = {}
    variants: dict[int, Variant] = {}
    held = list(records)  # so that no two objects share an id
    places: dict[tuple[str, int, str], Place] = {}
    for record in held:
        settings = record.settings
        asked, solver = settings.dataset, settings.solver
        variant = variants.get(id(asked)) or variants.setdefault(id(asked), Variant.of(record))
        parameters = texts.get(id(solver)) or texts.setdefault(id(solver), canonical(solver.parameters))
        where = settings.device, settings.threads, record.hardware.id
        place = places.get(where) or places.setdefault(where, Place(*where))
        board = groups.setdefault((variant, place), {})
        seeds = board.setdefault((solver.name, parameters, settings.precision), {})
        seeds[settings.seed] = max(seeds.get(settings.seed, record), record, key=_worth)
    ordered = sorted(groups, key=lambda key: (key[0].name, key[0].parameters, key[0].split, key[0].key, key[1]))
    return {
        key: [Entry(tuple(record for _, record in sorted(seeds.items()))) for _, seeds in sorted(groups[key].items())]
        for key in ordered
    }


def _worth(record: Kept) -> tuple[bool, int, str, str]:
    """Of two records of one seed the newest counts that is ok, else the newest; of these the one trusted most."""
    return record.state == "ok", sureness(record.trust), record.run, record.cell


def _resolution(values: MetricValues | Figures, time: int) -> tuple[float, float]:
    """Floor and bar at a time, zero where there is none."""
    found = values.resolution(time) if isinstance(values, Figures) else (values.floor[time], values.bar[time])
    floor, bar = (0.0 if one is None or one != one else one for one in found)
    return floor, bar


@cache
def block_counts(cases: int, blocks: int) -> np.ndarray:
    """Cases in each block: block b holds the cases with case mod blocks = b."""
    cases = min(cases, MOST_CASES)
    return np.maximum(1, (cases - np.arange(blocks) + blocks - 1) // blocks).astype(float)


def metric_names(board: Sequence[Entry]) -> list[str]:
    """The metrics of a board in its dataset's order, the one that ranks first."""
    names: dict[str, None] = {}
    for entry in board:
        for record in entry.good:
            if record.metrics is not None:
                names |= dict.fromkeys(record.metrics.names)
                names |= dict.fromkeys(record.metrics.values)
    return list(names)
