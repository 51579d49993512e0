"""Wasserstein-2 distance of particles in phase space."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from ..contracts import Metric, Problem, Reference, Score, Solution, Unsupported, VlasovPoisson
from ._bars import bar_and_floor


@dataclass(frozen=True)
class PhaseSpaceW2(Metric):
    """W2 between the joint laws of positions and momenta, at every snapshot, for the first cases.

        W2² = min over couplings E[ d(q, q')² + τ² |p − p'|² ],    d the distance along the periodic box

    Exact up to `exact_points` particles: for as many particles of equal weight on both sides by optimal assignment,
    which is an optimal coupling (Birkhoff), otherwise by the network simplex of POT. Beyond, the *sliced* distance, a
    different quantity: with positions of a periodic box on a circle of circumference L in the plane,

        SW² = d · mean over random directions θ in ℝᵈ of W2²(θ·x, θ·x')    ≤ W2²

    scaled by d so that a small common shift scores its length. `Score.extra` says which one it is ("sliced": 0 or 1)
    and how many cases were scored.

    Assignment takes about n^2.5, so only the first K cases are scored, K = `cases` up to 256 particles and
    max(1, `cases` · (256 / n)²) beyond: the same rule for every solver, so that scores of a dataset compare.

    A solution whose diagnostic "joint_law" is 0 pairs positions with momenta at will and is refused (`Unsupported`).

    Parameters
    ----------
    cases
        How many cases are scored at most; 64 puts one into each block of a record.
    exact_points
        Most particles on either side for the exact distance.
    projections
        Random directions of the sliced distance.
    seed
        Of the directions.
    time_unit
        τ: how much one unit of momentum (at unit mass) counts, in units of length.
    """

    cases: int = 64
    exact_points: int = 2000
    projections: int = 128
    seed: int = 0
    time_unit: float = 1.0
    name: ClassVar[str] = "w2_phase_space"
    label: ClassVar[str] = "W2 in phase space"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory", "reference.trajectory")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot of the first cases."""
        found, true = solution.trajectory, reference.trajectory
        assert found is not None
        assert true is not None
        if "joint_law" in solution.diagnostics and not np.any(solution.diagnostics["joint_law"]):
            raise Unsupported("The solution holds the laws of positions and of momenta, not their joint law.")
        times, cases, n, _ = found.velocities.shape
        most = max(n, true.velocities.shape[2])
        cases = min(cases, max(1, int(self.cases * min(1.0, (256 / most) ** 2))))
        length = problem.equation.length if isinstance(problem.equation, VlasovPoisson) else None
        sliced = most > self.exact_points
        value = np.empty((times, cases))
        for time in range(times):
            for case in range(cases):
                pair = []
                for trajectory in (found, true):
                    q = None if trajectory.positions is None else trajectory.positions[time, case]
                    point = _phase_point(q, trajectory.velocities[time, case], self.time_unit)
                    weights = np.asarray(trajectory.weights[case], dtype=np.float64)
                    pair.append((point, weights / weights.sum()))
                (x, w_x), (y, w_y) = pair
                periodic = None if found.positions is None else length
                if sliced:
                    value[time, case] = sliced_w2(x, y, w_x, w_y, periodic, self.projections, self.seed)
                else:
                    value[time, case] = exact_w2(x, y, w_x, w_y, periodic)
        bar, floor = bar_and_floor(reference, self.name, times)
        extra = {"sliced": float(sliced), "cases": float(cases)}
        return Score(problem.query.times, value, floor, bar, extra)


def _phase_point(positions: np.ndarray | None, velocities: np.ndarray, time_unit: float) -> np.ndarray:
    momenta = time_unit * np.asarray(velocities, dtype=np.float64)
    return momenta if positions is None else np.concatenate([positions, momenta], axis=-1)


def exact_w2(
    x: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, "m d"],
    weights_x: Float[np.ndarray, "n"],
    weights_y: Float[np.ndarray, "m"],
    length: float | None = None,
) -> float:
    """W2 of two weighted clouds of points; the first coordinate is periodic with period `length` unless that is None.

    Both weights sum to one.
    """
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist

    if length is None:
        cost = cdist(x, y, "sqeuclidean")
    else:
        gap = np.abs(x[:, :1] - y[:, 0])
        np.minimum(gap, length - gap, out=gap)
        cost = gap * gap
        if x.shape[1] > 1:
            cost += cdist(x[:, 1:], y[:, 1:], "sqeuclidean")
    if len(x) == len(y) and (weights_x == weights_x[0]).all() and (weights_y == weights_y[0]).all():
        chosen = linear_sum_assignment(cost)
        return float(np.sqrt(cost[chosen].mean()))
    import ot

    squared = np.asarray(ot.emd2(weights_x, weights_y, cost, numItermax=10_000_000))
    return float(np.sqrt(np.maximum(squared, 0.0)))


def sliced_w2(
    x: Float[np.ndarray, "n d"],
    y: Float[np.ndarray, "m d"],
    weights_x: Float[np.ndarray, "n"],
    weights_y: Float[np.ndarray, "m"],
    length: float | None = None,
    projections: int = 128,
    seed: int = 0,
) -> float:
    """The scaled sliced W2 that `PhaseSpaceW2` defines, arguments as for `exact_w2`; never above W2."""
    if length is not None:
        x, y = _on_cylinder(x, length), _on_cylinder(y, length)
    dimension = x.shape[1]
    directions = np.random.default_rng(seed).standard_normal((projections, dimension))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    total = 0.0
    for direction in directions:
        total += _w2_squared_on_line(x @ direction, y @ direction, weights_x, weights_y)
    return float(np.sqrt(dimension * total / projections))


def _on_cylinder(x: np.ndarray, length: float) -> np.ndarray:
    angle, radius = 2 * np.pi / length * x[:, :1], length / (2 * np.pi)
    return np.concatenate([radius * np.cos(angle), radius * np.sin(angle), x[:, 1:]], axis=1)


def _w2_squared_on_line(x: np.ndarray, y: np.ndarray, weights_x: np.ndarray, weights_y: np.ndarray) -> float:
    """∫₀¹ (F⁻¹ − G⁻¹)² du."""
    order_x, order_y = np.argsort(x), np.argsort(y)
    level_x, level_y = np.cumsum(weights_x[order_x]), np.cumsum(weights_y[order_y])
    levels = np.union1d(level_x, level_y)
    at_x = np.minimum(np.searchsorted(level_x, levels), len(x) - 1)
    at_y = np.minimum(np.searchsorted(level_y, levels), len(y) - 1)
    return float((np.diff(levels, prepend=0.0) * (x[order_x][at_x] - y[order_y][at_y]) ** 2).sum())
