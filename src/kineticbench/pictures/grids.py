"""A density at the query's points as a picture needs it: on the axes of its grid, cropped, coarser, its marginals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..contracts import Problem
from ..numerics.kde import tensor_axes, uniform
from .figures import double


@dataclass(frozen=True, eq=False)
class Grid:
    """The centres of uniform cells that a query asks for a density in.

    Parameters
    ----------
    axes
        The centres along each axis.
    """

    axes: list[np.ndarray]

    @classmethod
    def of(cls, problem: Problem) -> Grid | None:
        """The grid of a problem; None where its points are none."""
        points, equation = problem.query.points, problem.equation
        if points is None or points.shape[1] != equation.position_dimension + equation.velocity_dimension:
            return None
        axes = tensor_axes(double(points)) if points.shape[1] <= 3 else None
        return cls(axes) if axes is not None and uniform(axes) else None

    @property
    def shape(self) -> tuple[int, ...]:
        """Cells along each axis."""
        return tuple(axis.size for axis in self.axes)

    def cell(self, axis: int) -> float:
        """Width of the cells along an axis."""
        return float(self.axes[axis][1] - self.axes[axis][0])

    def edges(self, axis: int) -> np.ndarray:
        """Edges of the cells along an axis."""
        centres = self.axes[axis]
        return np.append(centres - 0.5 * self.cell(axis), centres[-1] + 0.5 * self.cell(axis))

    def marginal(self, density: Any, axis: int) -> np.ndarray:
        """Mass in the cells along an axis: (time, point) → (time, cell)."""
        f = double(density).reshape(-1, *self.shape)
        return f.sum(tuple(1 + a for a in range(len(self.axes)) if a != axis)) * self._volume

    def plane(self, density: Any) -> np.ndarray:
        """The density over the first two axes, integrated over a third: (time, point) → (time, cell, cell)."""
        f = double(density).reshape(-1, *self.shape)
        return f if f.ndim == 3 else f.sum(3) * self.cell(2)

    @property
    def _volume(self) -> float:
        return math.prod(self.cell(axis) for axis in range(len(self.axes)))


def below(masses: np.ndarray) -> np.ndarray:
    """The distribution function at the edges of cells from the masses in them, as a share of all."""
    total = np.cumsum(masses, axis=-1)
    total = np.concatenate([np.zeros((*total.shape[:-1], 1)), total], axis=-1)
    return total / np.where(total[..., -1:] > 0, total[..., -1:], 1.0)


def window(f: np.ndarray, alike: bool, negligible: float = 5e-3, most: int = 36) -> tuple[tuple[int, int, int], ...]:
    """Where maps are worth drawing: for each of the last two axes the first and last cell, and how many to join.

    Cells belong to it between the outermost ones where some map exceeds that share of the highest value, both axes
    together where they are `alike`; joined cells are at most `most` along an axis.
    """
    high = np.abs(f).max(initial=0.0)
    ends = []
    for axis in (1, 2):
        above = np.flatnonzero(np.abs(f).max(axis=(0, 3 - axis)) > negligible * high)
        ends.append((int(above[0]), int(above[-1]) + 1) if above.size else (0, f.shape[axis]))
    if alike:
        ends = [(min(first for first, _ in ends), max(last for _, last in ends))] * 2
    rows = []
    for axis, (first, last) in zip((1, 2), ends, strict=True):
        join = -(-(last - first) // most)
        first = max(0, first - (-(last - first) % join) // 2)
        cells = min(-(-(last - first) // join), (f.shape[axis] - first) // join)
        rows.append((first, first + cells * join, join))
    return tuple(rows)


def coarsened(f: np.ndarray, rows: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Means over the joined cells of `window`."""
    (a, b, n), (c, d, m) = rows
    part = f[:, a:b, c:d]
    return part.reshape(len(f), (b - a) // n, n, (d - c) // m, m).mean(axis=(2, 4))
