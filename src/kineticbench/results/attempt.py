"""An attempt as ranking and tables see it: a record without what only its own page shows, in a tenth of the memory."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from .record import DatasetSetting, Hardware, SolverSetting, State, Trust


@dataclass(frozen=True, slots=True)
class AttemptSettings:
    """What the cell is, as `record.Settings`."""

    dataset: DatasetSetting
    solver: SolverSetting
    seed: int
    device: Literal["cpu", "gpu"]
    threads: int
    precision: Literal["float32", "float64"]


@dataclass(frozen=True, slots=True)
class AttemptCode:
    """The code that ran, as `record.Code`."""

    hash: str
    commit: str | None
    dirty: bool


@dataclass(frozen=True, slots=True)
class AttemptFit:
    """What was done once, as `record.Fit`."""

    code: str | None
    amortised: bool
    data_s: float
    fit_s: float
    hardware: str | None


@dataclass(frozen=True, slots=True)
class AttemptSolve:
    """What a call took, as `record.Solve`."""

    cases: int | None
    cold_s: float | None
    fresh: bool
    warm_s: list[float]
    home_s: list[float]
    peak_bytes: int | None
    baseline_bytes: int | None
    device_peak_bytes: int | None
    energy_j: float | None
    noisy: bool


class Figures:
    """One metric, as `record.MetricValues`; its figures lie in one array.

    Parameters
    ----------
    times, blocks
        How many times, and blocks at each.
    held
        times, then mean, floor and bar at each of them, then (time, block), one after the other.
    """

    __slots__ = ("_blocks", "_held", "_times")

    def __init__(self, times: int, blocks: int, held: np.ndarray):
        self._times, self._blocks, self._held = times, blocks, held

    @property
    def times(self) -> list[float]:
        """When it was taken."""
        return self._held[: self._times].tolist()

    @property
    def mean(self) -> list[float | None]:
        """Means over cases."""
        return self._row(1)

    @property
    def floor(self) -> list[float | None]:
        """Floors."""
        return self._row(2)

    @property
    def bar(self) -> list[float | None]:
        """Bars of the reference."""
        return self._row(3)

    @property
    def blocks(self) -> np.ndarray:
        """Means over fixed blocks of cases, (time, block); NaN where not finite."""
        return self._held[4 * self._times :].reshape(self._times, self._blocks)

    def resolution(self, time: int) -> tuple[float, float]:
        """Floor and bar at a time; NaN where there is none."""
        at = range(self._times)[time]
        return float(self._held[2 * self._times + at]), float(self._held[3 * self._times + at])

    def _row(self, number: int) -> list[float | None]:
        row = self._held[number * self._times : (number + 1) * self._times].tolist()
        return [None if math.isnan(value) else value for value in row]


class Scored(Mapping[str, Figures]):
    """The metrics of an attempt, unpacked as they are asked for.

    Parameters
    ----------
    layout
        For each metric where its figures begin, and its numbers of times and of blocks.
    held
        The figures of them all.
    """

    __slots__ = ("_held", "_layout")

    def __init__(self, layout: Mapping[str, Sequence[int]], held: np.ndarray):
        self._layout, self._held = layout, held

    def __getitem__(self, metric: str) -> Figures:
        start, times, blocks = self._layout[metric]
        return Figures(times, blocks, self._held[start : start + times * (4 + blocks)])

    def __iter__(self) -> Any:
        return iter(self._layout)

    def __len__(self) -> int:
        return len(self._layout)


@dataclass(frozen=True, slots=True)
class AttemptMetrics:
    """Scores, as `record.Metrics`."""

    code: str
    names: list[str]
    missing: dict[str, str]
    values: Scored


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one cell; attributes are those of `record.Record`.

    Parameters
    ----------
    content
        A hash of the record's file and of its newest scores: equal where nothing has changed.
    """

    cell: str
    run: str
    content: str
    state: State
    reason: str | None
    trust: Trust
    settings: AttemptSettings
    family: Literal["classical", "learned"] | None
    code: AttemptCode
    fit: AttemptFit | None
    solve: AttemptSolve | None
    metrics: AttemptMetrics | None
    hardware: Hardware

    @property
    def codes(self) -> set[str]:
        """Hashes of all code that made it: what ran, and what trained its fit where that is known."""
        return {self.code.hash} | ({self.fit.code} if self.fit and self.fit.code else set())
