"""Orders of convergence: errors against particles, cells or steps, from official records and from small runs.

    error ≈ C · size^(−p),    p = −Σ (x − x̄)(y − ȳ) / Σ (x − x̄)²,    x = ln size, y = ln error

with the standard error of p where there are more than two points. What p must be is theory, stated with its reason.
"""

from __future__ import annotations

import ast
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import numpy as np

from kineticbench import catalog
from kineticbench.catalog import PACKAGE
from kineticbench.ranking.boards import Board
from kineticbench.ranking.entries import Entry
from kineticbench.site import text as figures
from kineticbench.site.chart.canvas import Canvas
from kineticbench.site.chart.draw import draw
from kineticbench.site.chart.figure import Axis, Figure, Point, Series
from kineticbench.site.chart.scale import Log

from .writing import page, table, text

_CANVAS = Canvas(640, 380, right=150)


@dataclass(frozen=True)
class Curve:
    """Errors of one quantity at several sizes.

    Parameters
    ----------
    name
        What was measured.
    sizes, errors
        Both ascending in size.
    low, high
        Ends of the errors' intervals, where they have any.
    expected
        The order that theory says; None where errors fall faster than any power.
    within
        How far the fitted order may lie from it.
    """

    name: str
    sizes: Sequence[float]
    errors: Sequence[float]
    expected: float | None
    within: float = 0.3
    low: Sequence[float | None] = ()
    high: Sequence[float | None] = ()

    @property
    def order(self) -> float:
        """The fitted order p."""
        return self._fit()[0]

    @property
    def uncertainty(self) -> float | None:
        """The standard error of p; None for two points."""
        return self._fit()[1]

    @property
    def holds(self) -> bool:
        """Whether it is what theory says: near the expected order, or an order that rises from pair to pair."""
        if self.expected is None:
            orders = self.between
            return all(a < b for a, b in pairwise(orders)) and orders[-1] > 4
        return abs(self.order - self.expected) <= self.within

    @property
    def between(self) -> list[float]:
        """The orders between neighbouring sizes."""
        x, y = np.log(self.sizes), np.log(self.errors)
        return (-np.diff(y) / np.diff(x)).tolist()

    def _fit(self) -> tuple[float, float | None]:
        x, y = np.log(self.sizes), np.log(self.errors)
        away = x - x.mean()
        slope = float(away @ y / (away @ away))
        if x.size < 3:
            return -slope, None
        rest = y - y.mean() - slope * away
        return -slope, math.sqrt(float(rest @ rest) / (x.size - 2) / float(away @ away))


@dataclass(frozen=True)
class Study:
    """One question of convergence: its curves in one picture.

    Parameters
    ----------
    key
        Part of the names of its files.
    title, says
        What it is about, and why the orders are expected.
    size
        What grows: "cells along an axis", "steps", "particles".
    source
        Where the errors come from.
    curves
        What was measured.
    """

    key: str
    title: str
    says: str
    size: str
    source: str
    curves: tuple[Curve, ...]


def measured(path: Path) -> list[Study]:
    """The small runs that `python -m benchmarks.validation` made and kept."""
    made = []
    for kept in json.loads(path.read_text(encoding="utf-8"))["studies"]:
        curves = tuple(Curve(**curve) for curve in kept.pop("curves"))
        made.append(Study(**kept, source="`make validation`", curves=curves))
    return made


def ladder(board: Board, solver: str, size: str, fixed: Mapping[str, Any] | None = None) -> dict[float, Entry]:
    """The entries of a board that differ in one parameter alone, by its value; others are `fixed` or their defaults."""
    parameters = catalog.plug_ins("solvers")[solver].parameters
    usual = {name: _literal(default) for name, (_, default) in parameters.items()} | dict(fixed or {})
    found = {}
    for standing in board.ranked:
        values = standing.entry.first.settings.solver.parameters
        if standing.entry.solver == solver and all(values[name] == usual[name] for name in usual if name != size):
            found[float(cast("float", values[size]))] = standing.entry
    return dict(sorted(found.items()))


def curve(
    found: Mapping[float, Entry],
    metric: str,
    name: str,
    expected: float | None,
    within: float = 0.3,
    power: float = 1.0,
) -> Curve | None:
    """The errors of a ladder in a metric against size^power; None for fewer than two that are above their floor."""
    samples = {size: entry.sample(metric) for size, entry in found.items()}
    kept = {size: s for size, s in samples.items() if s is not None and s.mean > max(2 * s.resolution, 0)}
    if len(kept) < 2:
        return None
    intervals = [sample.interval for sample in kept.values()]
    return Curve(
        name,
        [round(size**power, 6) for size in kept],
        [sample.mean for sample in kept.values()],
        expected,
        within,
        [one.low for one in intervals],
        [one.high for one in intervals],
    )


def picture(study: Study) -> str:
    """Its curves as an SVG that stands alone; a dashed line without marks of its own order beside each."""
    series = []
    for place, one in enumerate(study.curves):
        ends = zip(one.low or [None] * len(one.sizes), one.high or [None] * len(one.sizes), strict=True)
        points = [
            Point(x, y, f"{one.name}: {figures.number(y)} at {x:g}", "", low, high)
            for x, y, (low, high) in zip(one.sizes, one.errors, ends, strict=True)
        ]
        series.append(Series(one.name, place, False, points))
        if one.expected is not None:
            first, last = one.sizes[0], one.sizes[-1]
            end = one.errors[0] * (last / first) ** -one.expected
            name = f"order {one.expected:g}"
            series.append(Series(name, place, True, [Point(first, one.errors[0], name), Point(last, end, name)]))
    flat = [point for one in series for point in one.points]
    figure = Figure(
        f"convergence-{study.key}",
        study.title,
        Axis(study.size.capitalize(), Log.of(point.x for point in flat)),
        Axis("Error", Log.of(point.y for point in flat)),
        series,
        kind="line",
    )
    css = (PACKAGE / "static" / "chart.css").read_text(encoding="utf-8").replace("\n", "")
    return draw(figure, _CANVAS, style=css)


def sections(studies: Sequence[Study], level: int = 2) -> str:
    """The table of all orders, then each study with its picture."""
    parts = [orders(studies)]
    for study in studies:
        alternative = f"{study.title}: error against {study.size}"
        parts += [
            f"{'#' * level} {text(study.title)}",
            f"{text(study.says)} Source: {study.source}.",
            f"![{text(alternative)}](/generated/parts/{study.key}.svg)",
        ]
    return page(*parts)


def orders(studies: Sequence[Study]) -> str:
    """One row a curve: what was expected, what was found, and whether that is the same."""
    rows = []
    for study in studies:
        for one in study.curves:
            spread = "" if one.uncertainty is None else f" ± {one.uncertainty:.2f}"
            found = f"{one.order:.2f}{spread}"
            if one.expected is None:
                found = ", ".join(f"{order:.1f}" for order in one.between)
            wanted = "faster than any power" if one.expected is None else f"{one.expected:g} (within {one.within:g})"
            sizes = f"{figures.count(one.sizes[0])} – {figures.count(one.sizes[-1])} {study.size}"
            rows.append(
                [text(study.title), text(one.name), text(sizes), wanted, found, "yes" if one.holds else "**no**"]
            )
    head = ["Study", "Error", "Sizes", "Order expected", "Order found", "As expected"]
    return table(head, rows)


def _literal(default: str | None) -> Any:
    try:
        value = ast.literal_eval(default or "None")
    except (ValueError, SyntaxError):
        return None
    return list(value) if isinstance(value, tuple) else value
