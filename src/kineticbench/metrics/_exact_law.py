"""The true law at one time as weighted points, fine enough that its own error does not show.

From `law.density` in up to three dimensions: the nodes of a tensor grid of `NODES` nodes a side over 6.5 standard
deviations to each side of the mean, with weights f, a trapezoidal rule, which for smooth f that has decayed at the ends
is exact up to about f there. Else from `law.sample`, `SAMPLES` independent samples. Else from the reference's density
where `query.points` are a uniform tensor grid.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Problem, Reference, Unsupported
from ..numerics.kde import tensor_axes, uniform
from ._exact import SEED, double

NODES = {2: 128, 3: 48}
DEVIATIONS = 6.5
SAMPLES = 1 << 17
NEGLIGIBLE = 1e-7  # of the largest weight; such nodes carry no mass worth sorting


@dataclass(frozen=True, eq=False)
class WeightedPoints:
    """A law as points and weights that sum to one.

    Parameters
    ----------
    points
        (point, d).
    weights
        (point,).
    axes
        The axes of the tensor grid whose nodes the points are; None for independent samples.
    """

    points: Float[np.ndarray, "point d"]
    weights: Float[np.ndarray, "point"]
    axes: list[Float[np.ndarray, "node"]] | None

    def compact(self) -> tuple[Float[np.ndarray, "some d"], Float[np.ndarray, "some"]]:
        """Points and weights without those that carry next to no mass."""
        some = self.weights > NEGLIGIBLE * self.weights.max()
        return self.points[some], self.weights[some] / self.weights[some].sum()

    def draw(self, number: int, seed: int) -> Float[np.ndarray, "number d"]:
        """Samples, spread uniformly over the cells of the grid's nodes."""
        random = np.random.default_rng(seed)
        chosen = self.points[random.choice(len(self.points), number, p=self.weights)]
        if self.axes is None:
            return chosen
        cell = np.array([axis[1] - axis[0] for axis in self.axes])
        return chosen + cell * (random.random(chosen.shape) - 0.5)

    def quantiles(self, axis: int, number: int) -> Float[np.ndarray, "number"]:
        """The quantiles of one marginal at the levels (k + ½) / number.

        On a grid the marginal density at its nodes is interpolated by a cubic spline and integrated exactly.
        """
        levels = (np.arange(number) + 0.5) / number
        if self.axes is None:
            ordered = np.sort(self.points[:, axis])
            return np.interp(levels, (np.arange(len(ordered)) + 0.5) / len(ordered), ordered)
        from scipy.interpolate import CubicSpline

        nodes = self.axes[axis]
        shape = [a.size for a in self.axes]
        marginal = self.weights.reshape(shape).sum(tuple(a for a in range(len(shape)) if a != axis))
        fine = np.linspace(nodes[0], nodes[-1], 64 * nodes.size)
        below = np.maximum.accumulate(CubicSpline(nodes, marginal).antiderivative()(fine))
        rising = np.concatenate([[True], np.diff(below) > 0])
        return np.interp(levels, below[rising] / below[-1], fine[rising])


def exact_law(reference: Reference, problem: Problem, snapshot: int) -> WeightedPoints:
    """The law at a snapshot of the query.

    Raises
    ------
    Unsupported
        Where the reference has neither a density that can be integrated nor samples.
    """
    law, points = reference.law, problem.query.points
    time, d = float(problem.query.times[snapshot]), problem.equation.velocity_dimension
    axes = None if points is None or points.shape[1] != d else tensor_axes(double(points))
    if law is not None and law.density is not None and d in NODES:
        box = None if axes is None else np.array([[axis[0], axis[-1]] for axis in axes])
        if box is None and law.sample is not None:
            some = law.sample(time, 4096, SEED)
            box = np.stack([some.min(0), some.max(0)], axis=1)
        if box is not None:
            return _integrated(law.density, time, box)
    if law is not None and law.sample is not None:
        return WeightedPoints(law.sample(time, SAMPLES, SEED - 1), np.full(SAMPLES, 1 / SAMPLES), None)
    if reference.density is not None and axes is not None and uniform(axes) and points is not None:
        f = np.maximum(double(reference.density)[snapshot, 0], 0.0)
        return WeightedPoints(double(points), f / f.sum(), axes)
    raise Unsupported("The reference has no density that could be integrated, and no samples.")


def _integrated(density: Callable[[float, np.ndarray], np.ndarray], time: float, box: np.ndarray) -> WeightedPoints:
    """A first grid over twice the box finds mean and spread, a second one the law."""
    middle, half = box.mean(1), 0.5 * np.ptp(box, axis=1)
    first = _grid(density, time, middle, 2 * half)
    mean = first.weights @ first.points
    spread = np.sqrt(first.weights @ (first.points - mean) ** 2)
    return _grid(density, time, mean, DEVIATIONS * spread)


def _grid(
    density: Callable[[float, np.ndarray], np.ndarray], time: float, middle: np.ndarray, half: np.ndarray
) -> WeightedPoints:
    nodes = NODES[middle.size]
    axes = [np.linspace(m - h, m + h, nodes) for m, h in zip(middle, half, strict=True)]
    points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, middle.size)
    f = density(time, points)
    return WeightedPoints(points, f / f.sum(), axes)
