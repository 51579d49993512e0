"""The charts of a board."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..ranking.boards import Board, Standing
from ..ranking.cost import Cost
from ..ranking.entries import Entry
from ..ranking.frontier import pareto
from . import text
from .chart.figure import Axis, Figure, Point, Series
from .chart.scale import Linear, Log, Scale
from .labels import metric_label
from .rows import setting


@dataclass(frozen=True)
class Style:
    """How a solver looks on every chart of a site, and where its points lead.

    Parameters
    ----------
    numbers
        The number of each solver's colour and marker.
    href
        The page of an entry.
    """

    numbers: Mapping[str, int]
    href: Callable[[Entry], str] = lambda _: ""


@dataclass(frozen=True)
class Price:
    """One way of counting cost: what it is called and its seconds."""

    key: str
    name: str
    label: str
    seconds: Callable[[Cost], float | None]


def prices(board: Board) -> list[Price]:
    """The ways of counting cost that differ on a board, the one that ranks first."""
    n = board.cases
    made = [Price("one", "Total, one case", "Seconds to solve one case from nothing", lambda cost: cost.total(1))]
    if n > 1:
        shown = text.count(n)
        name, label = f"Total, {shown} cases", f"Seconds to solve {shown} cases from nothing"
        made.insert(0, Price("all", name, label, lambda cost: cost.total(n)))
    made.append(
        Price(
            "each", "Each further case", "Seconds a further case, warm", lambda cost: cost.each if cost.warmed else None
        )
    )
    return made


def _further(cost: Cost) -> float | None:
    return cost.each if cost.warmed else None


def error_against_cost(board: Board, metric: str, price: Price, style: Style, identifier: str) -> Figure | None:
    """Every setting of every ladder with its error and cost, and the Pareto frontier; None where there are none."""
    points: dict[str, list[Point]] = {}
    learned: set[str] = set()
    below = 0.0
    for standing in board.standings:
        entry = standing.entry
        sample = entry.sample(metric)
        cost = entry.cost and price.seconds(entry.cost)
        if sample is None or not cost or not math.isfinite(cost):
            continue
        known = sample.interval
        tip = f"{_name(board, entry)}: {text.error(known)} at {text.seconds(cost)}"
        points.setdefault(entry.solver, []).append(
            Point(cost, known.estimate, tip, style.href(entry), known.low, known.high)
        )
        below = max(below, sample.resolution)
        if entry.learned:
            learned.add(entry.solver)
    flat = [point for ladder in points.values() for point in ladder]
    if not flat:
        return None
    errors, costs = [point.y for point in flat], [point.x for point in flat]
    best = [(costs[i], errors[i]) for i in pareto(errors, costs)]
    return Figure(
        identifier,
        f"{metric_label(metric)} against {price.label[0].lower()}{price.label[1:]}",
        Axis(price.label, Log.of(costs), seconds=True),
        Axis(metric_label(metric), _errors(flat)),
        [
            Series(solver, style.numbers.get(solver, 0), solver in learned, sorted(ladder, key=lambda p: (p.x, p.y)))
            for solver, ladder in points.items()
        ],
        best,
        below,
    )


def error_against_time(board: Board, metric: str, style: Style, identifier: str) -> Figure | None:
    """The error of each solver's most accurate setting at every time but the start; None where there is one only."""
    best: dict[str, Entry] = {}
    for standing in board.ranked:
        best.setdefault(standing.entry.solver, standing.entry)
    series, below = [], 0.0
    for solver, entry in best.items():
        points = []
        for place, time in enumerate(entry.times(metric)):
            sample = entry.sample(metric, place)
            if sample is not None and sample.mean > 0 and time > 0:
                known = sample.interval
                tip = f"{_name(board, entry)} at t = {time:g}: {text.error(known)}"
                points.append(Point(time, known.estimate, tip, style.href(entry), known.low, known.high))
                below = max(below, sample.resolution)
        if len(points) > 1:
            series.append(Series(solver, style.numbers.get(solver, 0), entry.learned, points))
    if not series:
        return None
    flat = [point for one in series for point in one.points]
    return Figure(
        identifier,
        f"{metric_label(metric)} against time, each solver's most accurate setting",
        Axis("Time", Linear.of([0.0, *(point.x for point in flat)])),
        Axis(metric_label(metric), _errors(flat)),
        series,
        below=below,
        kind="line",
    )


def convergence(board: Board, metric: str, style: Style, identifier: str, most: int = 4) -> list[Figure]:
    """The error against each numeric parameter that a ladder varies, the most common parameters first."""
    found: dict[str, dict[str, list[tuple[float, Standing]]]] = {}
    for standing in board.ranked:
        for name, value in standing.entry.first.settings.solver.parameters.items():
            if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
                found.setdefault(name, {}).setdefault(standing.entry.solver, []).append((float(value), standing))
    figures = []
    for parameter, ladders in found.items():
        ladders = {solver: rungs for solver, rungs in ladders.items() if len({value for value, _ in rungs}) > 1}
        series = []
        for solver, rungs in ladders.items():
            points = [point for value, standing in rungs if (point := _rung(board, standing, metric, value, style))]
            if len(points) > 1:
                learned = any(standing.entry.learned for _, standing in rungs)
                ordered = sorted(points, key=lambda point: (point.x, point.y))
                series.append(Series(solver, style.numbers.get(solver, 0), learned, ordered))
        if series:
            figures.append((parameter, series))
    figures.sort(key=lambda pair: (-len(pair[1]), -sum(len(one.points) for one in pair[1]), pair[0]))
    return [
        _against_parameter(parameter, series, metric, f"{identifier}-{place}")
        for place, (parameter, series) in enumerate(figures[:most])
    ]


def _against_parameter(parameter: str, series: list[Series], metric: str, identifier: str) -> Figure:
    flat = [point for one in series for point in one.points]
    values = [point.x for point in flat]
    scale: Scale = Log.of(values) if min(values) > 0 else Linear.of(values, 0.05)
    shown = text.plain(parameter, 40)
    return Figure(
        identifier,
        f"{metric_label(metric)} against {shown}",
        Axis(shown, scale),
        Axis(metric_label(metric), _errors(flat)),
        series,
        kind="line",
    )


def _rung(board: Board, standing: Standing, metric: str, value: float, style: Style) -> Point | None:
    sample = standing.entry.sample(metric)
    if sample is None or sample.mean <= 0:
        return None
    known = sample.interval
    tip = f"{_name(board, standing.entry)}: {text.error(known)}"
    return Point(value, known.estimate, tip, style.href(standing.entry), known.low, known.high)


def _errors(points: Sequence[Point]) -> Log:
    """A scale for errors and the upper ends of their intervals; the lower ones may be cut."""
    return Log.of([*(point.y for point in points), *(point.high for point in points if point.high is not None)])


def _name(board: Board, entry: Entry) -> str:
    return f"{text.plain(entry.solver, 60)}, {setting(board, entry)}"
