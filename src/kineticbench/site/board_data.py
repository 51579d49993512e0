"""A board as plain data: what its page, the overview, the solvers' pages and the tables are made from.

Columns of equal length, one entry a setting, from best to worst and failures last.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable
from statistics import fmean
from typing import Any

from ..ranking.boards import Board, Standing
from ..ranking.entries import Entry, Kept, Variant
from ..ranking.intervals import prepare
from . import labels, summary, text
from .scripts import number
from .staleness import stale

Data = dict[str, Any]
PARTICLES = "particles"


def board_id(board: Board) -> str:
    """A short name of a board for files and links: letters and digits only."""
    place = board.place
    return hashlib.sha256(f"{board.variant.key} {place.device} {place.threads} {place.hardware}".encode()).hexdigest()[
        :12
    ]


def page_name(variant: Variant) -> str:
    """The file name of a variant's page: harmless whatever the dataset is called."""
    return f"{_clean(variant.name)}-{variant.key}.html"


def solver_page(name: str) -> str:
    """The file name of a solver's page."""
    return f"solver-{_clean(name)}-{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()[:8]}.html"


def record_name(record: Kept) -> str:
    """The name of a record; its identifiers are checked when it is read."""
    return f"{record.cell}.{record.run}"


def board_data(board: Board) -> Data:
    """All of a board but its errors in other metrics and at other times."""
    standings = board.standings
    names = [standing.entry.solver for standing in standings]
    solvers = list(dict.fromkeys(names))
    places = {name: place for place, name in enumerate(solvers)}
    precisions = {standing.entry.first.settings.precision for standing in standings}
    return {
        "id": board_id(board),
        "page": page_name(board.variant),
        "title": labels.dataset_title(board.variant),
        "detail": labels.variant_detail(board.variant),
        "equation": labels.equation(board.variant) or "Other",
        "dataset": text.plain(board.variant.name, 80),
        "device": board.place.device,
        "place": summary.device(board),
        "machine": summary.machine(standings[0].entry.first.hardware),
        "hardware": text.plain(board.place.hardware, 40),
        "batch": summary.batch(board),
        "cases": board.cases,
        "metrics": [_metric(board, metric) for metric in board.metrics],
        "solvers": [text.plain(name, 60) for name in solvers],
        "pages": [solver_page(name) for name in solvers],
        "levels": board.levels(),
        "reach": [_reached(board.reach(level), solvers) for level in board.levels()],
        "columns": {
            "solver": [places[name] for name in names],
            "setting": [_setting(standing.entry, len(precisions) > 1) for standing in standings],
            "record": [record_name(standing.entry.first) for standing in standings],
            "tier": [standing.tier for standing in standings],
            "frontier": [int(standing.frontier) for standing in standings],
            "error": [number(standing.sample.mean) if standing.sample else None for standing in standings],
            "low": [number(standing.interval.low) if standing.interval else None for standing in standings],
            "high": [number(standing.interval.high) if standing.interval else None for standing in standings],
            "floor": [number(standing.sample.resolution, 3) if standing.sample else None for standing in standings],
            **_costs(board),
            **_states([standing.entry for standing in standings]),
            "pays": [_pays(standing) for standing in standings],
        },
        "parameters": _parameters([standing.entry for standing in standings]),
    }


def _metric(board: Board, metric: str) -> Data:
    times = next((times for standing in board.standings if (times := standing.entry.times(metric))), [])
    return {
        "name": text.plain(metric, 60),
        "label": labels.metric_label(metric),
        "times": [number(time) for time in times],
    }


def _setting(entry: Entry, tell: bool) -> str:
    """The setting's name, with the precision where the board has several."""
    shown = text.plain(entry.setting, 120)
    return f"{shown}, {entry.first.settings.precision}" if tell else shown


def _reached(costs: dict[str, float | None], solvers: list[str]) -> list[float | None]:
    return [number(costs.get(solver)) for solver in solvers]


def _costs(board: Board) -> Data:
    entries = [standing.entry for standing in board.standings]

    def of(value: Callable[[Any], float | None]) -> list[float | None]:
        return [None if entry.cost is None else number(value(entry.cost)) for entry in entries]

    return {
        "data": of(lambda cost: cost.data),
        "fit": of(lambda cost: cost.fit),
        "cold": of(lambda cost: cost.cold),
        "warm": of(lambda cost: cost.warm / cost.batch if cost.warmed else None),
        "each": of(lambda cost: cost.each if cost.warmed else None),
        "one": of(lambda cost: cost.total(1)),
        "all": of(lambda cost: cost.total(board.cases)),
        "elsewhere": [
            entry.cost and entry.cost.elsewhere and text.plain(entry.cost.elsewhere, 60) for entry in entries
        ],
        "memory": [number(entry.memory) for entry in entries],
        "device_memory": [_device_memory(entry) for entry in entries],
    }


def _states(entries: list[Entry]) -> Data:
    return {
        "family": ["learned" if entry.learned else "classical" for entry in entries],
        "state": [entry.state for entry in entries],
        "reason": [text.plain(entry.reason, 300) for entry in entries],
        "trust": ["; ".join(sorted({record.trust for record in entry.records})) for entry in entries],
        "stale": [int(any(stale(record) for record in entry.records)) for entry in entries],
        "noisy": [int(entry.noisy) for entry in entries],
        "seeds": [len(entry.good) or len(entry.records) for entry in entries],
        "precision": [entry.first.settings.precision for entry in entries],
    }


def _device_memory(entry: Entry) -> float | None:
    peaks = [record.solve.device_peak_bytes for record in entry.good if record.solve]
    return max((peak for peak in peaks if peak is not None), default=None)


def _pays(standing: Standing) -> int | str | None:
    overtakes = standing.overtakes
    return None if overtakes is None else overtakes.cases if overtakes.verdict == "from" else overtakes.verdict


def _parameters(entries: list[Entry], most: int = 12) -> Data:
    """Numeric parameters that some solver varies, and the particles of each setting; None where it has none."""
    values: dict[str, list[float | None]] = {PARTICLES: [_particles(entry) for entry in entries]}
    for place, entry in enumerate(entries):
        for name, value in entry.first.settings.solver.parameters.items():
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                column = values.setdefault(name, [None] * len(entries))
                if name != PARTICLES:
                    column[place] = number(value)
    solvers = [entry.solver for entry in entries]
    varied = {name: count for name, column in values.items() if (count := _varied(column, solvers))}
    ordered = sorted(varied, key=lambda name: (-varied[name], name))[:most]
    return {text.plain(name, 40): values[name] for name in ordered}


def _particles(entry: Entry) -> float | None:
    asked = entry.first.settings.solver.parameters.get(PARTICLES)
    return number(asked) if isinstance(asked, int | float) and not isinstance(asked, bool) and asked > 0 else None


def _varied(column: list[float | None], solvers: list[str]) -> int:
    """How many solvers have more than one value."""
    values: dict[str, set[float]] = {}
    for solver, value in zip(solvers, column, strict=True):
        if value is not None:
            values.setdefault(solver, set()).add(value)
    return sum(len(found) > 1 for found in values.values())


def _clean(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name.lower())[:40].strip("-") or "unnamed"


def errors(board: Board, metric: str, intervals: bool) -> Data:
    """The errors of every setting in a metric at every time: (time, setting), with intervals where asked for.

    `floor` is what a perfect solver would score or the bar of the reference, the larger: nothing is told apart below.
    """
    entries = [standing.entry for standing in board.standings]
    timed = [entry.times(metric) for entry in entries]
    times = next((found for found in timed if found), [])
    shown = range(len(times))
    if intervals:
        pairs = list(zip(entries, timed, strict=True))
        samples = [[entry.sample(metric, t) if own == times else None for entry, own in pairs] for t in shown]
        prepare(sample for row in samples for sample in row if sample is not None)
        known = [[sample and sample.interval for sample in row] for row in samples]
        return {
            "mean": [[between and number(between.estimate) for between in row] for row in known],
            "low": [[between and number(between.low, 4) for between in row] for row in known],
            "high": [[between and number(between.high, 4) for between in row] for row in known],
            "floor": [[sample and number(sample.resolution, 3) for sample in row] for row in samples],
        }
    columns = [_means(entry, metric, times) for entry in entries]
    return {
        "mean": [[column[t][0] for column in columns] for t in shown],
        "floor": [[column[t][1] for column in columns] for t in shown],
    }


def _means(entry: Entry, metric: str, times: list[float]) -> list[tuple[float | None, float | None]]:
    """Mean over seeds and the largest floor or bar, at each time."""
    found = [record.metrics.values.get(metric) for record in entry.good if record.metrics]
    scored = [scores for scores in found if scores is not None and scores.times == times]
    made: list[tuple[float | None, float | None]] = []
    rows = [(scores.mean, scores.floor, scores.bar) for scores in scored]
    for t in range(len(times)):
        means = [mean[t] for mean, _, _ in rows]
        known = [mean for mean in means if mean is not None]
        floors = [value for _, floor, bar in rows for value in (floor[t], bar[t]) if value is not None]
        whole = number(fmean(known)) if known and len(known) == len(means) else None
        made.append((whole, None if whole is None else number(max(floors, default=0.0), 3)))
    return made
