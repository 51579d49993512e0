"""Error against cost of a board, for the picture that stands alone."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from ..ranking.boards import Board
from ..ranking.cost import Cost
from ..ranking.entries import Entry
from ..ranking.frontier import pareto
from . import text
from .chart.figure import Axis, Figure, Point, Series
from .chart.scale import Log
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


def _errors(points: Sequence[Point]) -> Log:
    """A scale for errors and the upper ends of their intervals; the lower ones may be cut."""
    return Log.of([*(point.y for point in points), *(point.high for point in points if point.high is not None)])


def _name(board: Board, entry: Entry) -> str:
    return f"{text.plain(entry.solver, 60)}, {setting(board, entry)}"
