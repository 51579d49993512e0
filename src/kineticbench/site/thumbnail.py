"""A small picture of a board: error against cost along each solver's own frontier."""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from ..ranking.frontier import pareto
from .board_data import Data
from .chart.canvas import SMALL
from .chart.draw import draw
from .chart.figure import Axis, Figure, Point, Series
from .chart.scale import Log


def thumbnail(board: Data, style: Mapping[str, int], identifier: str, most: int = 12) -> Markup:
    """The chart without labels; empty where nothing was measured."""
    columns = board["columns"]
    points: dict[str, list[tuple[float, float]]] = {}
    for row, (error, cost) in enumerate(zip(columns["error"], columns["all"], strict=True)):
        if error is not None and cost:
            points.setdefault(board["solvers"][columns["solver"][row]], []).append((cost, error))
    if not points:
        return Markup()
    ladders = {name: _frontier(found) for name, found in points.items()}
    flat = [point for ladder in ladders.values() for point in ladder]
    series = [
        Series(name, style.get(name, 0), False, [Point(x, y, "") for x, y in ladder[:: 1 + len(ladder) // most]])
        for name, ladder in list(ladders.items())[:most]
    ]
    figure = Figure(
        identifier,
        f"{board['title']}: error against cost",
        Axis("", Log.of(x for x, _ in flat)),
        Axis("", Log.of(y for _, y in flat)),
        series,
        _frontier(flat),
    )
    return Markup(draw(figure, SMALL, size="small", bare=True))


def _frontier(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    return [points[i] for i in pareto([y for _, y in points], [x for x, _ in points])]
