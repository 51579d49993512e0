"""Wasserstein-1 distances of one-dimensional samples, batched, on the line and on the circle.

    W1(f, g) = min over couplings E|x − y| = ∫|F − G| dx;   for n equal weights (1/n) Σ_i |x_(i) − y_(i)|, both sorted

Source: C. Villani, Optimal Transport: Old and New (2009); on the circle J. Delon, J. Salmon & A. Sobolevski, SIAM J.
Appl. Math. 70 (2010) 2239.
"""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, Metric, Problem, Reference, Score, Solution, VlasovPoisson
from ._bars import bar_and_floor

CHUNK = 1 << 16  # samples that one thread sorts at a time, so that they stay in cache


def wasserstein_1(
    x: Float[np.ndarray, "*batch n"],
    y: Float[np.ndarray, "*batch m"],
    weights_x: Float[np.ndarray, "*#batch n"] | None = None,
    weights_y: Float[np.ndarray, "*#batch m"] | None = None,
    length: float | None = None,
) -> Float[np.ndarray, "*batch"]:
    """W1 between samples along the last axis, for every entry of the axes before it.

    Parameters
    ----------
    x, y
        The samples, in any order.
    weights_x, weights_y
        Their non-negative weights, broadcast against the samples and divided by their sums; None gives all one weight.
    length
        Circumference L of the circle on which the samples, in [0, L), lie; None stands for the line. Where all of a
        pair lies within half the circle, the distance is that of the line, and is computed as such.

    Raises
    ------
    InvalidInput
        Where samples lie outside [0, L), or weights sum to zero.
    """
    batch = x.shape[:-1]
    rows_x, rows_y = x.reshape(-1, x.shape[-1]), y.reshape(-1, y.shape[-1])
    w_x, w_y = _rows_of_weights(weights_x, x.shape), _rows_of_weights(weights_y, y.shape)
    out = np.empty(len(rows_x))
    size = max(1, CHUNK // (x.shape[-1] + y.shape[-1]))
    chunks = [slice(begin, begin + size) for begin in range(0, len(rows_x), size)]
    if w_x is None and w_y is None and x.shape[-1] == y.shape[-1]:
        work = partial(_equal_chunk, rows_x, rows_y, length, out)
    else:
        work = partial(_weighted_chunk, rows_x, rows_y, w_x, w_y, length, out)
    if len(chunks) == 1:
        work(chunks[0])
    else:
        with ThreadPoolExecutor(min(len(chunks), _cores())) as pool:
            list(pool.map(work, chunks))
    return out.reshape(batch)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _rows_of_weights(weights: np.ndarray | None, shape: tuple[int, ...]) -> np.ndarray | None:
    """Weights as rows beside the samples; None where every row's weights are equal."""
    if weights is None or bool((weights[..., :1] == weights).all()):
        return None
    if not weights.sum(axis=-1).min() > 0:
        raise InvalidInput("Weights of a sample sum to zero.", "Give each case some mass.")
    return np.broadcast_to(weights, shape).reshape(-1, shape[-1])


def _equal_chunk(x: np.ndarray, y: np.ndarray, length: float | None, out: np.ndarray, chunk: slice) -> None:
    a, b = np.sort(x[chunk], axis=-1), np.sort(y[chunk], axis=-1)
    difference = np.subtract(a, b, dtype=np.float64)
    np.abs(difference, out=difference)
    difference.mean(axis=-1, out=out[chunk])
    wraps = _wraps(a, b, length)
    if wraps is not None and wraps.any():
        from ..numerics.kernels.wasserstein import circle_rows_equal

        part = np.empty(int(wraps.sum()))
        circle_rows_equal(a[wraps].astype(np.float64), b[wraps].astype(np.float64), length, part)
        out[chunk][wraps] = part


def _weighted_chunk(
    x: np.ndarray,
    y: np.ndarray,
    weights_x: np.ndarray | None,
    weights_y: np.ndarray | None,
    length: float | None,
    out: np.ndarray,
    chunk: slice,
) -> None:
    from ..numerics.kernels.wasserstein import circle_rows, line_rows

    a, w_a = _sorted_pairs(x[chunk], weights_x, chunk)
    b, w_b = _sorted_pairs(y[chunk], weights_y, chunk)
    line_rows(a, w_a, b, w_b, out[chunk])
    wraps = _wraps(a, b, length)
    if wraps is not None and wraps.any():
        part = np.empty(int(wraps.sum()))
        circle_rows(a[wraps], w_a[wraps], b[wraps], w_b[wraps], length, part)
        out[chunk][wraps] = part


def _sorted_pairs(samples: np.ndarray, weights: np.ndarray | None, chunk: slice) -> tuple[np.ndarray, np.ndarray]:
    samples = np.asarray(samples, dtype=np.float64)
    if weights is None:
        return np.sort(samples, axis=-1), np.full(samples.shape, 1.0 / samples.shape[-1])
    order = np.argsort(samples, axis=-1)
    picked = np.take_along_axis(np.asarray(weights[chunk], dtype=np.float64), order, axis=-1)
    return np.take_along_axis(samples, order, axis=-1), picked


def _wraps(a: np.ndarray, b: np.ndarray, length: float | None) -> np.ndarray | None:
    """Which rows of sorted samples spread over more than half the circle; None on the line."""
    if length is None:
        return None
    low, high = np.minimum(a[:, 0], b[:, 0]), np.maximum(a[:, -1], b[:, -1])
    if low.min() < 0 or high.max() > length:
        raise InvalidInput(
            f"Samples on a circle must lie in [0, {length:g}], found {low.min():g} to {high.max():g}.",
            "Wrap them with numpy.mod(samples, length).",
        )
    return high - low > 0.5 * length


def _score(
    name: str, array: str, length: float | None, solution: Solution, reference: Reference, problem: Problem
) -> Score:
    found, true = solution.trajectory, reference.trajectory
    assert found is not None
    assert true is not None
    x, y = getattr(found, array), getattr(true, array)
    if x.shape[-1] != 1 or x.shape[:2] != y.shape[:2]:
        raise InvalidInput(
            f"{name} compares one-dimensional {array} at the same times and cases, got {x.shape} and {y.shape}.",
            "Choose another metric for this dataset.",
        )
    value = wasserstein_1(x[..., 0], y[..., 0], _batched(found.weights), _batched(true.weights), length)
    bar, floor = bar_and_floor(reference, name, problem.query.times.size)
    return Score(problem.query.times, value, floor, bar)


def _batched(weights: Any) -> np.ndarray:
    return np.asarray(weights)[None]


class PositionW1(Metric):
    """W1 of positions at every snapshot, on the circle of the box's length where the equation is periodic.

    The mean absolute difference of sorted positions, as in Souveton & Terrana (2025), wherever all particles lie
    within half the box. Momenta do not enter: the joint law is `w2_phase_space`.
    """

    name: ClassVar[str] = "w1_position"
    label: ClassVar[str] = "W1 of positions"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.positions", "reference.trajectory.positions")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        equation = problem.equation
        length = equation.length if isinstance(equation, VlasovPoisson) else None
        return _score(self.name, "positions", length, solution, reference, problem)


class MomentumW1(Metric):
    """W1 of momenta at every snapshot.

    The mean absolute difference of sorted momenta, as in Souveton & Terrana (2025).
    """

    name: ClassVar[str] = "w1_momentum"
    label: ClassVar[str] = "W1 of momenta"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", "reference.trajectory.velocities")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        return _score(self.name, "velocities", None, solution, reference, problem)
