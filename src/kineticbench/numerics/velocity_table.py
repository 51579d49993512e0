"""The law of velocities from a converged numerical solution that is kept with the source.

Between the nodes of a file everything is a cubic spline: scalars in time, and in velocity ln f, which for a Gaussian
is met exactly, so that a coarse grid of points serves.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import CorruptFile, InvalidInput, Law, Problem, Reference
from . import references
from .velocity_start import VelocityDensity, VelocityStart

# f below this share of its maximum is noise of the solution.
_NEGLIGIBLE = 1e-13
# Cells that each cell of the points' grid is divided into when samples are drawn.
_FINER = {2: 8, 3: 4}
_BAR = "bar/"


def tabulated(
    dataset: str, parameters: Mapping[str, Any], problem: Problem, folder: Path = references.FOLDER
) -> Reference:
    """The reference in the file kept for these parameters.

    Parameters
    ----------
    dataset, parameters
        The dataset's name and what identifies the file.
    problem
        What the file must answer.
    folder
        Where files are kept.

    Raises
    ------
    InvalidInput
        Where there is no file for these parameters.
    CorruptFile
        Where the file fails its check sum or answers another query.
    """
    path = references.location(dataset, parameters, folder)
    if not path.exists():
        shown = ", ".join(f"{name}={value!r}" for name, value in parameters.items())
        raise InvalidInput(
            f"There is no converged solution of {dataset} with {shown}.",
            "Make it with `make_reference()` of the dataset with these parameters, which takes minutes to hours; "
            "`python benchmarks/make_references.py` makes those of the defaults.",
        )
    arrays, recipe = references.load(path)
    times, points = problem.query.times, problem.query.points
    if points is not None:
        _require(arrays, "density", (times.size, len(points)), path)
    if "series" not in arrays or arrays["series"].size < 4:
        raise CorruptFile(f"{path} holds no times of a series.", "Make it again.")
    bars = _bars(arrays, problem)
    density = arrays.get("density")
    return Reference(
        density=None if density is None else np.asarray(density, float)[:, None],
        law=table_law(arrays, problem),
        bars=bars,
        provenance=f"Numerical: {recipe.get('provenance') or recipe.get('method', 'converged')}; from {path.name}.",
    )


def _bars(arrays: Mapping[str, np.ndarray], problem: Problem) -> dict[str, np.ndarray]:
    """The bars of the file in the units of the metrics, and those of what is interpolated from it.

    The file holds max |ΔD| of the dissipation, the metric is relative: ‖ΔD‖/‖D‖ ≤ max |ΔD| / rms D. Between nodes f and
    its score err by the interpolation, which the difference of cubic and quintic splines measures. W2 of samples errs
    as much as W2 of the marginals.
    """
    bars = {name.removeprefix(_BAR): array for name, array in arrays.items() if name.startswith(_BAR)}
    if "dissipation" in bars:
        bars["dissipation"] = bars["dissipation"] / np.sqrt(np.mean(arrays["dissipation"] ** 2))
    if "sliced_w2" in bars:
        bars["w2_velocity"] = bars["sliced_w2"]
    points, start = problem.query.points, problem.initial_density
    if "density" not in arrays or points is None or not isinstance(start, VelocityStart):
        return bars
    errors = np.zeros((2, problem.query.times.size))
    for step in range(1, problem.query.times.size):
        errors[:, step] = _interpolation_error(points, np.asarray(arrays["density"][step], float))
    bars["score_error"] = errors[0]
    bars["density_particles"] = np.maximum(bars.get("density_l2", 0.0), errors[1])
    return bars


def _interpolation_error(points: np.ndarray, f: np.ndarray) -> tuple[float, float]:
    """Relative errors of ∇ ln f at the nodes, weighted with f, and of f at the corners between them."""
    cubic, quintic = (GriddedDensity(points, f, degree=degree) for degree in (3, 5))
    positive = np.maximum(f, 0.0)
    slopes = quintic.score(points)
    off = positive @ ((cubic.score(points) - slopes) ** 2).sum(1)
    nodes = np.unique(points[:, 0])
    corners = points + 0.5 * (nodes[1] - nodes[0])
    corners = corners[(corners < points.max(axis=0)).all(axis=1)]
    values = quintic.density(corners)
    between = np.linalg.norm(cubic.density(corners) - values) / np.linalg.norm(values)
    return float(np.sqrt(off / (positive @ (slopes**2).sum(1)))), float(between)


def table_law(arrays: Mapping[str, np.ndarray], problem: Problem) -> Law:
    """What a file knows of the law; scalars at all its times, the density and samples at the query's snapshots.

    At t = 0 density, score and samples are those of the initial density, exactly.
    """
    known: dict[str, Callable[..., np.ndarray]] = {
        name: _in_time(arrays["series"], arrays[name])
        for name in ("covariance", "entropy", "dissipation", "fourth_moment")
        if name in arrays
    }
    start, points = problem.initial_density, problem.query.points
    if "density" not in arrays or points is None or not isinstance(start, VelocityStart):
        return Law(**known)
    times, velocities = problem.query.times, start.velocities

    @cache
    def snapshot(step: int) -> GriddedDensity:
        covariance = known["covariance"](times[step : step + 1])[0] if "covariance" in known else None
        return GriddedDensity(points, np.asarray(arrays["density"][step], float), covariance)

    def at(t: float) -> GriddedDensity | VelocityDensity:
        step = int(np.argmin(np.abs(times - t)))
        if abs(times[step] - t) > 1e-9 * max(1.0, abs(t)):
            raise InvalidInput(f"The density is known at t = {times.tolist()}, not at {t:g}.")
        return velocities if times[step] == 0 else snapshot(step)

    return Law(
        density=lambda t, v: at(t).density(v),
        score=lambda t, v: at(t).score(v),
        sample=lambda t, number, seed: at(t).draw(number, np.random.default_rng(seed)),
        **known,
    )


class GriddedDensity:
    """A density from its values on a uniform tensor grid, ln f a tensor product of cubic splines; 0 off the grid.

    Parameters
    ----------
    points
        (point, d), the centres of uniform cells in any order.
    f
        (point,); values below 1e-13 of the largest, and below twice the most negative one, are noise and taken as
        that; no samples are drawn there.
    covariance
        What samples are given by a linear map, whose covariance would differ by the rest that lies off the grid and by
        the size of the cells they are drawn in; None: they are left as they are.
    degree
        Of the splines.
    """

    def __init__(self, points: np.ndarray, f: np.ndarray, covariance: np.ndarray | None = None, degree: int = 3):
        from scipy.interpolate import NdBSpline, make_interp_spline

        self._axes = [np.unique(points[:, axis]) for axis in range(points.shape[1])]
        shape = tuple(axis.size for axis in self._axes)
        if int(np.prod(shape)) != len(points) or min(shape) < 4:
            raise InvalidInput("The points are no tensor grid of four nodes a side, so f cannot be interpolated.")
        self._floor = max(_NEGLIGIBLE * float(f.max()), -2.0 * float(f.min()))
        coefficients = np.log(np.maximum(f[np.lexsort(points.T[::-1])], self._floor)).reshape(shape)
        self._knots = []
        for axis, nodes in enumerate(self._axes):
            along = make_interp_spline(nodes, coefficients, k=degree, axis=axis)
            coefficients = np.moveaxis(along.c, 0, axis)
            self._knots.append(along.t)
        self._coefficients, self._covariance = np.ascontiguousarray(coefficients), covariance
        self._logarithm = NdBSpline(tuple(self._knots), self._coefficients, degree, extrapolate=True)
        self._cell = np.array([nodes[1] - nodes[0] for nodes in self._axes])

    def density(self, v: np.ndarray) -> np.ndarray:
        """Values of f, (point,); 0 beyond the outermost cells."""
        ends = np.array([[nodes[0], nodes[-1]] for nodes in self._axes]).T
        inside = ((v >= ends[0] - 0.5 * self._cell) & (v <= ends[1] + 0.5 * self._cell)).all(1)
        f = np.zeros(len(v))
        f[inside] = np.exp(self._logarithm(v[inside]))
        return f

    def score(self, v: np.ndarray) -> np.ndarray:
        """∇ ln f, (point, d), the spline's gradient."""
        unit = np.eye(v.shape[1], dtype=int)
        return np.stack([self._logarithm(v, nu=tuple(int(n) for n in row)) for row in unit], axis=1)

    def draw(self, number: int, rng: np.random.Generator) -> np.ndarray:
        """Independent samples: a cell of a finer grid by its share of f, a point in it uniformly."""
        nodes, below, mean, root = self._cells
        chosen = np.minimum(np.searchsorted(below, rng.random(number) * below[-1], side="right"), len(below) - 1)
        index = np.unravel_index(chosen, tuple(axis.size for axis in nodes))
        finer = self._cell / _FINER[len(nodes)]
        v = np.stack([axis[i] for axis, i in zip(nodes, index, strict=True)], axis=1)
        v += finer * (rng.random(v.shape) - 0.5)
        return v if root is None else mean + (v - mean) @ root.T

    @cached_property
    def _cells(self) -> tuple[list[np.ndarray], np.ndarray, np.ndarray, np.ndarray | None]:
        """Axes of the finer grid, cumulative shares of its cells, the mean, and the map that mends the covariance."""
        from scipy.interpolate import BSpline

        parts, logarithm, nodes = _FINER[len(self._axes)], self._coefficients, []
        for axis, (coarse, knots) in enumerate(zip(self._axes, self._knots, strict=True)):
            offsets = (2 * np.arange(parts) + 1 - parts) / (2 * parts)
            fine = (coarse[:, None] + self._cell[axis] * offsets).ravel()
            matrix = BSpline.design_matrix(fine, knots, 3, extrapolate=True)
            moved = np.moveaxis(logarithm, axis, 0)
            along = (matrix @ moved.reshape(len(moved), -1)).reshape(fine.size, *moved.shape[1:])
            logarithm = np.moveaxis(along, 0, axis)
            nodes.append(fine)
        share = np.where(logarithm > math.log(2 * self._floor), np.exp(logarithm), 0.0)
        share /= share.sum()
        d = share.ndim
        mean = np.array([share.sum(tuple(a for a in range(d) if a != axis)) @ nodes[axis] for axis in range(d)])
        root = None
        if self._covariance is not None:
            away = [axis - m for axis, m in zip(nodes, mean, strict=True)]
            found = np.diag((self._cell / parts) ** 2 / 12)
            for i in range(d):
                for j in range(d):
                    pair = share.sum(tuple(a for a in range(d) if a not in (i, j)))
                    if i == j:
                        found[i, i] += pair @ away[i] ** 2
                    else:
                        found[i, j] += away[min(i, j)] @ pair @ away[max(i, j)]
            root = np.linalg.cholesky(self._covariance) @ np.linalg.inv(np.linalg.cholesky(found))
        return nodes, np.cumsum(share), mean, root


def _in_time(times: np.ndarray, values: np.ndarray) -> Callable[..., np.ndarray]:
    """A cubic spline through scalars or matrices; beyond the last time it is refused."""
    from scipy.interpolate import CubicSpline

    spline = CubicSpline(np.asarray(times, float), np.asarray(values, float), axis=0)

    def at(t: float | np.ndarray) -> np.ndarray:
        t = np.atleast_1d(np.asarray(t, float))
        if t.size and (t.min() < times[0] or t.max() > times[-1] * (1 + 1e-12)):
            raise InvalidInput(f"The solution is known from t = 0 to {times[-1]:g}, not at {t.min():g} to {t.max():g}.")
        return spline(t)

    return at


def _require(arrays: Mapping[str, np.ndarray], name: str, shape: tuple[int, ...], path: Path) -> None:
    if name not in arrays or arrays[name].shape != shape:
        raise CorruptFile(f"{path} does not hold {name} of shape {shape}.", "Make it again.")
