"""What a chart shows: series of points on two axes, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from .scale import Scale


@dataclass(frozen=True)
class Axis:
    """An axis: what it shows, on which scale; `seconds` labels its ticks as durations."""

    label: str
    scale: Scale
    seconds: bool = False


@dataclass(frozen=True)
class Point:
    """A point: a value on each axis, what it says on demand, and where it leads.

    `low` and `high` are the ends of its interval, None where it has none.
    """

    x: float
    y: float
    tip: str
    href: str = ""
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Series:
    """Points of one solver, joined by a line.

    Parameters
    ----------
    name
        What the legend calls it.
    style
        Number of its colour and marker, the same on every page.
    dashed
        Whether the line is dashed: learned methods.
    points
        In the order of the line.
    """

    name: str
    style: int
    dashed: bool
    points: Sequence[Point]


@dataclass(frozen=True)
class Figure:
    """A chart.

    Parameters
    ----------
    identifier
        Unique on its page; letters, digits and hyphens.
    title
        What it shows, in a few words.
    x, y
        The axes.
    series
        What is drawn on them.
    frontier
        Points of the Pareto frontier, from cheap to dear; a staircase is drawn through them.
    below
        A value of y under which differences mean nothing; 0 for none.
    kind
        "scatter" marks points strongly, "line" the curves.
    """

    identifier: str
    title: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    frontier: Sequence[tuple[float, float]] = field(default=())
    below: float = 0.0
    kind: Literal["scatter", "line"] = "scatter"
