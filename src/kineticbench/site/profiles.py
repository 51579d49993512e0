"""How solvers compare over all problems at once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from ..ranking.frontier import performance_profile
from . import text
from .board_data import Data
from .chart.figure import Axis, Figure, Point, Series
from .chart.scale import Linear, Log

LEVELS, STEPS = 3, 60


def profile(boards: Sequence[Data], style: Mapping[str, int], identifier: str = "profile") -> Figure | None:
    """Performance profiles over every board and `LEVELS` errors on each; None for fewer than two solvers or problems.

    For each solver: the share of problems that it solves at no more than τ times the least total cost, against τ.
    Costs are compared within boards only, so hardware is never mixed.
    """
    solvers = sorted({solver for board in boards for solver in board["solvers"]})
    reached = [dict(zip(board["solvers"], board["reach"][at], strict=True)) for board in boards for at in _some(board)]
    costs = np.array([[at.get(solver) or math.nan for solver in solvers] for at in reached], dtype=float)
    costs = costs[np.isfinite(costs).any(axis=1)] if costs.size else costs
    if len(costs) < 2 or np.isfinite(costs).any(axis=0).sum() < 2:
        return None
    ratios = costs / np.nanmin(costs, axis=1, keepdims=True)
    worst = float(max(10.0, np.nanmax(ratios) * 1.2))
    steps = np.unique(np.concatenate([[1.0], ratios[np.isfinite(ratios)], [worst]]))
    if len(steps) > STEPS:
        steps = np.geomspace(1.0, worst, STEPS)
    shares = performance_profile(costs, steps.tolist())
    series = [
        Series(solver, style.get(solver, 0), _learned(boards, solver), _stairs(solver, steps, share))
        for solver, share in zip(solvers, shares, strict=True)
        if share[-1] > 0
    ]
    return Figure(
        identifier,
        f"Share of {len(costs)} problems solved within a factor of the least cost",
        Axis("Total cost over the least of any solver", Log(1.0, worst)),
        Axis(f"Share of {len(costs)} problems (an error on a dataset)", Linear(0.0, 1.05)),
        series,
        kind="line",
    )


def _stairs(solver: str, steps: np.ndarray, share: np.ndarray) -> list[Point]:
    """A line that rises in steps."""
    made: list[Point] = []
    for k, (step, value) in enumerate(zip(steps.tolist(), share.tolist(), strict=True)):
        tip = f"{text.plain(solver, 60)}: {100 * value:.0f} % within {text.number(step)} times the least"
        if k and made[-1].y != value:
            made.append(Point(step, made[-1].y, tip))
        if not k or made[-1].y != value or k == len(steps) - 1:
            made.append(Point(step, value, tip))
    return made


def _some(board: Data) -> list[int]:
    """Places of `LEVELS` of a board's levels, ends and middle."""
    last = len(board["levels"]) - 1
    return sorted({round(last * k / (LEVELS - 1)) for k in range(LEVELS)}) if last >= 0 else []


def _learned(boards: Sequence[Data], solver: str) -> bool:
    for board in boards:
        columns = board["columns"]
        for place, family in zip(columns["solver"], columns["family"], strict=True):
            if family == "learned" and board["solvers"][place] == solver:
                return True
    return False
