"""Converged solutions of the homogeneous Landau equation and how well they are known.

The solution kept is that of the spectral grid at its finest resolution, or for an isotropic start of the radial
equation. Its bars are the largest of its distances, in each metric's own units, from the same method at coarser cells,
in a larger box and with other time steps, and from an independent method: differences of order 12 on another grid
with product quadrature, or the spectral grid in three dimensions where the solution kept is the radial one. What is
compared is what the file holds, rounded to float32 where it has many points.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

import kineticbench
from kineticbench.contracts import HomogeneousLandau, Problem, Query, Unsupported

from . import references
from .landau_bars import Answer, distances
from .landau_box import velocity_box
from .landau_differences import DifferenceOperator
from .landau_march import march, stable_step
from .landau_operator import CollisionOperator, LandauOperator
from .landau_radial import radial_answer

# f is isotropic if its values at points of one radius agree to this share of its maximum.
_ISOTROPIC = 1e-12
_SHELLS = 200
_REACH = 1.05


@dataclass(frozen=True)
class Run:
    """One solution on a grid.

    Parameters
    ----------
    method
        "spectral", "differences" or "radial".
    cells
        n along each axis; of the radial method the fewest shells.
    stretch
        Half width of the box in units of the one that is inferred.
    shorten
        Time step in units of the stable one (80 % of the longest).
    until
        Share of the final time that is solved for.
    """

    method: str
    cells: int
    stretch: float = 1.0
    shorten: float = 1.0
    until: float = 1.0


# The first is kept, the last the independent one. Where that is slow it runs until an early snapshot only:
# differences are largest there, and shrink on the way to equilibrium.
PLANE = (
    Run("spectral", 80),
    Run("spectral", 64),
    Run("spectral", 88, stretch=1.1),
    Run("spectral", 64, shorten=0.5),
    Run("differences", 112, until=0.5),
)
SPACE = (
    Run("spectral", 36),
    Run("spectral", 32),
    Run("spectral", 38, stretch=1.1, until=0.2),
    Run("differences", 44, until=0.2),
)
SHELL = (Run("radial", _SHELLS), Run("radial", _SHELLS // 2), Run("spectral", 56))


def plan(problem: Problem) -> tuple[Run, ...]:
    """The runs that make a problem's reference."""
    equation = problem.equation
    if not isinstance(equation, HomogeneousLandau) or equation.dimension > 3 or problem.initial_density is None:
        raise Unsupported("Only a Landau problem in two or three dimensions with an initial density has a reference.")
    if equation.dimension == 2:
        return PLANE
    return SHELL if equation.exponent == -3 and _isotropic(problem) else SPACE


def keep(
    dataset: str,
    parameters: Mapping[str, Any],
    problem: Problem,
    folder: Path = references.FOLDER,
    report: Callable[[object], None] = lambda _: None,
    runs: tuple[Run, ...] | None = None,
) -> Path:
    """Solve a problem by every run of its plan and write the file that the dataset reads; `report` is told of each."""
    runs = runs or plan(problem)
    arrays = converge(problem, runs, report)
    path = references.location(dataset, parameters, folder)
    first, last = runs[0], runs[-1]
    recipe = {
        "dataset": dataset,
        "parameters": dict(parameters),
        "method": "numerics.landau_truth.converge",
        "provenance": f"{first.method}, {first.cells} cells; bars from {len(runs) - 2} further resolutions and from "
        f"an independent method, {last.method}, {last.cells} cells",
        "runs": [vars(run) for run in runs],
        "version": kineticbench.__version__,
    }
    references.store(path, arrays, recipe)
    return path


def converge(
    problem: Problem, runs: tuple[Run, ...], report: Callable[[object], None] = lambda _: None
) -> dict[str, np.ndarray]:
    """The arrays of a reference file: the first run's solution, and its distance from each of the others.

    Returns
    -------
    dict
        "series" (n,), the times of "covariance" (n, d, d), "fourth_moment", "entropy" and "dissipation" (n,);
        "density" (time, point) where there are points; "bar/<metric>" (time,) or (1,), the largest of
        "distances/<metric>" (run, time or 1).
    """
    kept, found = None, []
    for run in runs:
        answer = solve(problem, run)
        if kept is None:
            kept = answer.rounded()
            found.append(distances(kept, answer, problem))
        else:
            found.append(distances(kept, answer, problem))
        report(f"{run}: density off by {np.array2string(found[-1].get('density_l2', np.zeros(1)), precision=1)}")
    assert kept is not None
    arrays = kept.arrays()
    for name in found[0]:
        table = np.array([np.atleast_1d(one[name]) for one in found])
        arrays[f"distances/{name}"] = table
        arrays[f"bar/{name}"] = table.max(axis=0)
    return arrays


def solve(problem: Problem, run: Run) -> Answer:
    """One run's answer; what lies beyond its share of the final time stays with the last that it knows of (NaN)."""
    equation, density, query = problem.equation, problem.initial_density, problem.query
    assert isinstance(equation, HomogeneousLandau)
    assert density is not None
    if run.method == "radial":
        return _radial(problem, run)
    grid, values = velocity_box(density, equation.dimension, run.cells)
    if run.stretch != 1:
        grid = replace(grid, half_width=grid.half_width * run.stretch)
        values = density.density(grid.nodes())
    f = values[0].reshape(grid.shape)
    operator: CollisionOperator
    operator = DifferenceOperator(grid, equation) if run.method == "differences" else LandauOperator(grid, equation)
    dt = run.shorten * stable_step(operator, f, 4)
    end = run.until * query.final_time * (1 + 1e-9)
    part = Query(query.times[query.times <= end], query.series[query.series <= end], query.points)
    answer = march(operator, f, part, dt, 4, score=False)
    if answer.density is not None and query.points is not None and part.times[0] == 0:
        answer.density[0] = density.density(query.points)[0]
    return Answer(
        times=query.times,
        series=query.series,
        covariance=_filled(answer.covariance, query.series.size),
        fourth_moment=_filled(answer.fourth_moment, query.series.size),
        entropy=_filled(answer.series["entropy"], query.series.size),
        dissipation=_filled(answer.series["dissipation"], query.series.size),
        density=None if answer.density is None else _filled(answer.density, query.times.size),
    )


def _radial(problem: Problem, run: Run) -> Answer:
    equation, density, query = problem.equation, problem.initial_density, problem.query
    assert isinstance(equation, HomogeneousLandau)
    assert density is not None
    line = np.array([[1.0, 0.0, 0.0]])

    def start(r: np.ndarray) -> np.ndarray:
        return density.density(r[:, None] * line)[0]

    radius = np.zeros(0) if query.points is None else np.linalg.norm(query.points, axis=1)
    radii, place = np.unique(np.round(radius, 12), return_inverse=True)
    times = np.union1d(query.times, query.series)
    reach = _REACH * velocity_box(density, 3, 32)[0].half_width
    found, _ = radial_answer(start, equation.strength, times, radii, reach, run.cells)
    steps, shots = np.searchsorted(times, query.series), np.searchsorted(times, query.times)
    values = found.density[shots][:, place]
    if query.points is not None and query.times[0] == 0:
        values[0] = density.density(query.points)[0]
    return Answer(
        times=query.times,
        series=query.series,
        covariance=found.mean_square[steps, None, None] / 3 * np.eye(3),
        fourth_moment=found.fourth_moment[steps],
        entropy=found.entropy[steps],
        dissipation=found.dissipation[steps],
        density=None if query.points is None else values,
    )


def _filled(values: Float[np.ndarray, "*n"], size: int) -> np.ndarray:
    """Values for `size` times, NaN where there are none."""
    filled = np.full((size, *values.shape[1:]), np.nan)
    filled[: len(values)] = values
    return filled


def _isotropic(problem: Problem) -> bool:
    density = problem.initial_density
    assert density is not None
    r = np.linspace(0.05, 3.0, 40)[:, None]
    ways = np.array([[1.0, 0, 0], [0, 0, -1.0], [0.6, 0.0, 0.8], [-0.48, 0.64, 0.6]])
    values = np.stack([density.density(r * way)[0] for way in ways])
    return bool(np.ptp(values, axis=0).max() <= _ISOTROPIC * values.max())
