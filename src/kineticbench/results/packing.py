"""Records as rows of a shelf, and rows as attempts.

A row holds a record's scalars in a fixed order; what many records share (dataset, solver, machine, layout of the
figures) stands in it as text, which a shelf keeps once.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from pydantic import BaseModel

from .attempt import (
    Attempt,
    AttemptCode,
    AttemptFit,
    AttemptMetrics,
    AttemptSettings,
    AttemptSolve,
    Scored,
)
from .record import DatasetSetting, Hardware, Metrics, MetricValues, Record, Scores, SolverSetting

VERSION = 1
RECORD, SCORES = "record", "scores"
# where rows hold what is shared
SHARED = {RECORD: (2, 3, 4, 9), SCORES: (3,)}


def row(content: str, part: Record | Scores) -> tuple[list[Any], np.ndarray]:
    """The row of a record or of scores, and its figures."""
    layout, figures = (None, np.zeros(0)) if part.metrics is None else _metrics(part.metrics)
    made = [content, *(_scores(part) if isinstance(part, Scores) else _record(part)), layout]
    return made, figures


class Unpacker:
    """Makes attempts of rows; equal settings, machines and layouts become one object."""

    def __init__(self) -> None:
        self._made: dict[tuple[Callable[[str], Any], str], Any] = {}
        self._codes: dict[tuple[Any, ...], AttemptCode] = {}

    def attempt(self, name: str, row: list[Any], figures: np.ndarray) -> Attempt:
        """The attempt of a record's row."""
        content, _, dataset, solver, hardware, scalars, code, fit, solve, layout = row
        state, reason, trust, family, seed, device, threads, precision = scalars
        return Attempt(
            cell=name[:64],
            run=name[65 : name.index(".", 65)],
            content=content,
            state=state,
            reason=reason,
            trust=trust,
            settings=AttemptSettings(
                self._one(DatasetSetting.model_validate_json, dataset),
                self._one(SolverSetting.model_validate_json, solver),
                seed,
                device,
                threads,
                precision,
            ),
            family=family,
            code=self._code(code),
            fit=None if fit is None else AttemptFit(*fit),
            solve=None if solve is None else AttemptSolve(*solve),
            metrics=self._metrics(layout, figures),
            hardware=self._one(Hardware.model_validate_json, hardware),
        )

    def scores(self, name: str, row: list[Any], figures: np.ndarray) -> tuple[str, str, str, str, AttemptMetrics]:
        """Cell, run, time, content and metrics of a row of scores."""
        content, _, created, layout = row
        metrics = self._metrics(layout, figures)
        assert metrics is not None
        return name[:64], name[65 : name.index(".", 65)], created, content, metrics

    def _metrics(self, layout: str | None, figures: np.ndarray) -> AttemptMetrics | None:
        if layout is None:
            return None
        code, names, missing, places = self._one(json.loads, layout)
        return AttemptMetrics(code, names, missing, Scored(places, figures))

    def _code(self, code: list[Any]) -> AttemptCode:
        return self._codes.setdefault(tuple(code), AttemptCode(*code))

    def _one(self, make: Callable[[str], Any], text: str) -> Any:
        made = self._made.get((make, text))
        if made is None:
            made = self._made[make, text] = make(text)
        return made


def _text(part: BaseModel) -> str:
    return part.model_dump_json()


def _record(record: Record) -> list[Any]:
    settings, fit, solve = record.settings, record.fit, record.solve
    return [
        RECORD,
        _text(settings.dataset),
        _text(settings.solver),
        _text(record.hardware),
        [
            record.state,
            record.reason,
            record.trust,
            record.family,
            settings.seed,
            settings.device,
            settings.threads,
            settings.precision,
        ],
        [record.code.hash, record.code.commit, record.code.dirty],
        None if fit is None else [fit.code, fit.amortised, fit.data_s, fit.fit_s, fit.hardware],
        None
        if solve is None
        else [
            solve.cases,
            solve.cold_s,
            solve.fresh,
            solve.warm_s,
            solve.home_s,
            solve.peak_bytes,
            solve.baseline_bytes,
            solve.device_peak_bytes,
            solve.energy_j,
            solve.noisy,
        ],
    ]


def _scores(scores: Scores) -> list[Any]:
    return [SCORES, scores.created]


def _metrics(metrics: Metrics) -> tuple[str, np.ndarray]:
    """The layout as text, and the figures."""
    places: dict[str, tuple[int, int, int]] = {}
    missing = dict(metrics.missing)
    figures: list[float | None] = []
    for name, values in metrics.values.items():
        blocks = fitting(values)
        if blocks is None:
            missing.setdefault(name, "its figures do not fit its times")
            continue
        places[name] = (len(figures), len(values.times), blocks)
        figures += values.times
        figures += values.mean
        figures += values.floor
        figures += values.bar
        for row in values.blocks:
            figures += row
    layout = json.dumps([metrics.code, metrics.names, missing, places], separators=(",", ":"))
    return layout, np.array(figures, float)


def fitting(values: MetricValues) -> int | None:
    """The number of blocks of a metric that has a figure for each time and block; None of any other."""
    times = len(values.times)
    if not times == len(values.mean) == len(values.floor) == len(values.bar) == len(values.blocks):
        return None
    sizes = {len(row) for row in values.blocks}
    return sizes.pop() if len(sizes) == 1 else None
