"""Records sorted into boards: what may be compared stands together, what may not stands apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import fmean, median
from typing import Any

import numpy as np

from ..results.record import Record
from ..results.store import current
from .cost import Cost
from .intervals import ErrorSample


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
    def of(cls, record: Record) -> Variant:
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
    def of(cls, record: Record) -> Place:
        """The place of a record."""
        return cls(record.settings.device, record.settings.threads, record.hardware.id)


@dataclass(frozen=True, eq=False)
class Entry:
    """One setting of one solver in one place, over its seeds.

    Parameters
    ----------
    records
        The newest good record of each seed, or the newest failed one where none is good; in the order of seeds.
    """

    records: tuple[Record, ...]

    @property
    def first(self) -> Record:
        """The record that stands for the entry: the first good one, else the first."""
        return (self.good or self.records)[0]

    @cached_property
    def good(self) -> tuple[Record, ...]:
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
        return max(1, measured or asked or 1)

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
        """Seconds: the median of all warm calls, the mean of the fits; None where nothing was timed."""
        solves = [record.solve for record in self.good if record.solve is not None]
        warm = [second for solve in solves for second in solve.warm_s]
        first = [solve.cold_s for solve in solves if solve.cold_s is not None]
        cold = [solve.cold_s for solve in solves if solve.cold_s is not None and solve.fresh]
        if not (warm or first):
            return None
        fits = [record.fit for record in self.good if record.fit is not None]
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
        scored = [record.metrics.values[metric] for record in self._scored(metric)]
        return scored[0].times if scored else []

    def sample(self, metric: str, time: int = -1) -> ErrorSample | None:
        """The error in a metric at the `time`-th time, over seeds and blocks.

        None where it is missing, or so large (above 1e150) that sums of it would overflow.
        """
        key = (metric, time)
        if key not in self._samples:
            self._samples[key] = self._sample(metric, time)
        return self._samples[key]

    @cached_property
    def _samples(self) -> dict[tuple[str, int], ErrorSample | None]:
        return {}

    def _sample(self, metric: str, time: int) -> ErrorSample | None:
        rows, seeds, floors, bars = [], [], [0.0], [0.0]
        for record in self._scored(metric):
            scores = record.metrics.values[metric]
            if scores.times != self.times(metric):
                continue
            blocks = scores.blocks[time]
            if None in blocks or not blocks or (rows and len(blocks) != len(rows[0])):
                return None
            rows.append(blocks)
            seeds.append(record.settings.seed)
            floors.append(scores.floor[time] or 0.0)
            bars.append(scores.bar[time] or 0.0)
        if not rows:
            return None
        sizes = len(rows[0])
        if max(abs(value) for row in rows for value in row) > 1e150:
            return None
        counts = np.array([float(len(range(block, max(self.cases, sizes), sizes))) for block in range(sizes)])
        return ErrorSample(np.array(rows, float), tuple(seeds), counts, max(floors), max(bars))

    def missing(self, metric: str) -> str:
        """Why a metric has no value."""
        return next((r.metrics.missing.get(metric, "") for r in self.good if r.metrics), "") or self.reason

    def _scored(self, metric: str) -> list[Any]:
        return [r for r in self.good if r.metrics is not None and metric in r.metrics.values]


def entries(records: Iterable[Record]) -> dict[tuple[Variant, Place], list[Entry]]:
    """The entries of every board, in a fixed order whatever the order of the records."""
    groups: dict[tuple[Variant, Place], dict[tuple[str, str, str], list[Record]]] = {}
    for record in sorted(current(records), key=lambda r: (r.settings.seed, r.run, r.cell)):
        board = groups.setdefault((Variant.of(record), Place.of(record)), {})
        solver = record.settings.solver
        key = (solver.name, canonical(solver.parameters), record.settings.precision)
        board.setdefault(key, []).append(record)
    ordered = sorted(groups, key=lambda key: (key[0].name, key[0].parameters, key[0].split, key[0].key, key[1]))
    return {key: [Entry(tuple(group)) for _, group in sorted(groups[key].items())] for key in ordered}


def metric_names(board: Sequence[Entry]) -> list[str]:
    """The metrics of a board in its dataset's order, the one that ranks first."""
    names: dict[str, None] = {}
    for entry in board:
        for record in entry.good:
            if record.metrics is not None:
                names |= dict.fromkeys([*record.metrics.names, *record.metrics.values])
    return list(names)
