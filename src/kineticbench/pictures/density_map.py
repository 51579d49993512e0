"""The density in a plane of phase space or of velocity space, solver beside truth, and their difference."""

from __future__ import annotations

import math

import numpy as np

from ..contracts import HomogeneousLandau, KineticbenchError, Problem, Reference, Solution
from .figures import double, packed, subscripted
from .grids import Grid, coarsened, window
from .model import Axis, Image, Map, Measure, Panel

_CELLS = 34
_FINER = 4


def density_map(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """The density over (q, p), or over the first two velocities, on a coarse grid at the snapshots.

    The solver's own density at the query's points where it returns one, of a homogeneous plasma otherwise that of its
    particles by the same kernels as the metrics use. The truth is the reference's density at the points, without which
    the solver's is shown alone.
    """
    grid = Grid.of(problem)
    homogeneous = isinstance(problem.equation, HomogeneousLandau)
    by_kernels = solution.density is None
    if by_kernels and not (homogeneous and solution.trajectory is not None):
        return []
    truth = None
    if grid is not None:
        truth = None if reference.density is None else grid.plane(reference.density)
        axes = grid.axes[:2]
    elif by_kernels:
        axes = _around(solution)
    else:
        return []
    found = _by_kernels(solution, axes) if by_kernels else grid.plane(solution.density)  # pyright: ignore[reportOptionalMemberAccess]
    if found is None:
        return []
    rows = window(np.concatenate([found] if truth is None else [truth, found]), homogeneous, most=_CELLS)
    note = "Density of the particles by Gaussian kernels, whose width blurs it." if by_kernels else ""
    more = problem.equation.position_dimension + problem.equation.velocity_dimension - 2
    if more > 0:
        note = f"Integrated over the other {'velocity' if more == 1 else 'velocities'}. {note}".strip()
    return [
        _panel(coarsened(found, rows), None if truth is None else coarsened(truth, rows), axes, rows, note, problem)
    ]


def _panel(
    found: np.ndarray,
    truth: np.ndarray | None,
    axes: list[np.ndarray],
    rows: tuple[tuple[int, int, int], ...],
    note: str,
    problem: Problem,
) -> Map:
    frames = []
    high = float(np.max([found.max(), 0.0 if truth is None else truth.max()])) or 1.0
    off = None if truth is None else found - truth
    most = 0.0 if off is None else float(np.abs(off).max())
    most = most or 1e-12 * high
    for k in range(len(found)):
        images = [Image(role="solver", label="solver", cells=packed(found[k], 0.0, high, 1))]
        if truth is not None and off is not None:
            images.insert(0, Image(role="truth", label="truth", cells=packed(truth[k], 0.0, high, 2)))
            images.append(Image(role="difference", label="solver − truth", cells=packed(off[k], -most, most, 1)))
        frames.append(images)
    measures = []
    if truth is not None and off is not None:
        size = np.sqrt((truth**2).sum((1, 2)))
        error = np.sqrt((off**2).sum((1, 2))) / np.where(size > 0, size, 1.0)
        measures = [Measure(label="relative L2 difference of these maps", values=[float(f"{e:.3e}") for e in error])]
    inside = problem.equation.position_dimension > 0
    labels = ("position q", "momentum p") if inside else (subscripted("v", 1), subscripted("v", 2))
    x, y = (_span(label, axis, row) for label, axis, row in zip(labels, axes, rows, strict=True))
    title = "Density in phase space" if inside else "Density of velocities"
    shape = (found.shape[1], found.shape[2])
    return Map(name="density", title=title, x=x, y=y, shape=shape, frames=frames, note=note, measures=measures)


def _span(label: str, centres: np.ndarray, row: tuple[int, int, int]) -> Axis:
    first, last, _ = row
    cell = centres[1] - centres[0]
    low, high = centres[first] - 0.5 * cell, centres[last - 1] + 0.5 * cell
    return Axis(label=label, low=float(f"{low:.5g}"), high=float(f"{high:.5g}"))


def _around(solution: Solution) -> list[np.ndarray]:
    """Axes of a square grid around the particles' first two velocities at all snapshots."""
    assert solution.trajectory is not None
    v = double(solution.trajectory.velocities[:, 0, :, :2]).reshape(-1, 2)
    middle, half = v.mean(0), 3.5 * v.std(0).max() or 1.0
    return [m + half * (2 * np.arange(_CELLS) + 1 - _CELLS) / _CELLS for m in middle]


def _by_kernels(solution: Solution, axes: list[np.ndarray]) -> np.ndarray | None:
    """As `numerics.kde` for the first two velocities, on bins of a quarter cell, so that many particles are quick."""
    from ..numerics.kde import bandwidth

    assert solution.trajectory is not None
    weights = double(solution.trajectory.weights[0])
    bins = [_bins(axis) for axis in axes]
    shape = [middles.size for middles in bins]
    maps = []
    for v in solution.trajectory.velocities:
        plane = double(v[0, :, :2])
        try:
            width = bandwidth(plane, weights)
        except KineticbenchError:  # nothing that spreads, nothing to show
            return None
        places = [_places(x, middles) for x, middles in zip(plane.T, bins, strict=True)]
        inside = np.logical_and(*(place >= 0 for place in places))
        flat = np.ravel_multi_index([place[inside] for place in places], shape)
        binned = np.bincount(flat, weights[inside], minlength=math.prod(shape)).reshape(shape)
        left, right = (_kernel(axis, middles, h) for axis, middles, h in zip(axes, bins, width, strict=True))
        maps.append(left @ binned @ right.T)
    return np.stack(maps)


def _bins(centres: np.ndarray) -> np.ndarray:
    """Middles of bins of a quarter cell, from six cells before the first cell to six behind the last."""
    cell = centres[1] - centres[0]
    return centres[0] + cell * ((np.arange(_FINER * (centres.size + 12)) + 0.5) / _FINER - 6.5)


def _places(x: np.ndarray, middles: np.ndarray) -> np.ndarray:
    """Which bin each number lies in, −1 for none."""
    place = np.rint((x - middles[0]) / (middles[1] - middles[0]))
    return np.where((place >= 0) & (place < middles.size), place, -1).astype(np.int64)


def _kernel(centres: np.ndarray, middles: np.ndarray, width: float) -> np.ndarray:
    """The normal density of that width between every centre and every bin's middle, (centre, bin)."""
    away = (centres[:, None] - middles) / width
    return np.exp(-0.5 * away * away) / (width * math.sqrt(2 * math.pi))
