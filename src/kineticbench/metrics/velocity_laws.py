"""Wasserstein distances between the particles of a homogeneous plasma and the true law of velocities.

Distances are in units of velocity, between laws of unit mass: weights count relative to their sum. The floor is what
exact particles score (`metrics._exact`), since even exact samples are at a distance from their law.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from ..contracts import Metric, Problem, Reference, Score, Solution
from ._exact import SEED, equal_weights, particle_score
from ._exact_law import exact_law
from .phase_space import exact_w2
from .wasserstein import wasserstein_1

LAW = "reference.law.density | reference.law.sample | reference.density"


@dataclass(frozen=True)
class MarginalsW1(Metric):
    """Mean over the axes of the W1 distance between one-dimensional marginals of the particles and of the true law.

        (1/d) Σ_a ∫ |F_a(x) − F_a*(x)| dx,    F_a(x) = Σ_i w_i [v_ia ≤ x] / Σ_i w_i

    The true marginal enters by its `quantiles` quantiles, integrated from the exact density where it is known in two or
    three dimensions (`metrics._exact_law`).

    Parameters
    ----------
    quantiles
        How many stand for each true marginal.
    """

    quantiles: int = 1 << 15
    name: ClassVar[str] = "w1_marginals"
    label: ClassVar[str] = "W1 of the marginals, mean over axes"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", LAW)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""

        @cache
        def truth(k: int) -> Float[np.ndarray, "d quantile"]:
            law = exact_law(reference, problem, k)
            return np.stack([law.quantiles(axis, self.quantiles) for axis in range(law.points.shape[1])])

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            columns = np.ascontiguousarray(v.T)
            return float(wasserstein_1(columns, truth(k), weights[None]).mean())

        return particle_score(self.name, measure, solution, reference, problem)


@dataclass(frozen=True)
class SlicedW2(Metric):
    """Sliced W2 distance between particles and true law, scaled so that a small common shift scores its length.

        SW² = d · mean over directions θ of W2²(θ·v, θ·v*)    ≤ W2²

    over fixed random directions; all particles enter, with their weights. The true law is a fine grid of weighted
    points, or samples (`metrics._exact_law`).

    Parameters
    ----------
    directions
        How many θ.
    """

    directions: int = 32
    name: ClassVar[str] = "sliced_w2"
    label: ClassVar[str] = "Sliced W2 of velocities"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", LAW)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        from ..numerics.kernels.wasserstein import line_squares

        dimension = problem.equation.velocity_dimension
        directions = np.random.default_rng(SEED).standard_normal((self.directions, dimension))
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)

        @cache
        def truth(k: int) -> tuple[np.ndarray, np.ndarray]:
            return _sorted_slices(*exact_law(reference, problem, k).compact(), directions)

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            squares = np.empty(self.directions)
            line_squares(*_sorted_slices(v, weights / weights.sum(), directions), *truth(k), squares)
            return float(np.sqrt(dimension * squares.mean()))

        return particle_score(self.name, measure, solution, reference, problem)


@dataclass(frozen=True)
class VelocityW2(Metric):
    """W2 distance between particles and exact samples, by optimal assignment of at most `samples` on either side.

        W2² = min over couplings E |v − v*|²    = |v̄ − v̄*|² + W2² of the centred laws, which assign much faster

    Particles are drawn by weight, systematically and with a fixed seed, where there are more than `samples` or weights
    differ; the same ones are drawn from the exact particles that give the floor. Most of the value is the sampling
    distance of so few points, about samples^(−1/max(d, 2)): look at it beside its floor.

    Parameters
    ----------
    samples
        Most points on either side; the time grows as about their 2.5th power.
    """

    samples: int = 1000
    name: ClassVar[str] = "w2_velocity"
    label: ClassVar[str] = "W2 of velocities"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", LAW)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""

        @cache
        def truth(k: int, number: int) -> Float[np.ndarray, "number d"]:
            law = reference.law
            if law is not None and law.sample is not None:
                return law.sample(float(problem.query.times[k]), number, SEED - 2)
            return exact_law(reference, problem, k).draw(number, SEED - 2)

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            some = drawn(weights, min(self.samples, len(v)))
            x, y = v[some], truth(k, len(some))
            shift, equal = x.mean(0) - y.mean(0), np.full(len(some), 1 / len(some))
            return math.hypot(float(np.linalg.norm(shift)), exact_w2(x - shift, y, equal, equal))

        return particle_score(self.name, measure, solution, reference, problem)


def _sorted_slices(
    v: Float[np.ndarray, "n d"], weights: Float[np.ndarray, "n"], directions: Float[np.ndarray, "slice d"]
) -> tuple[Float[np.ndarray, "slice n"], Float[np.ndarray, "slice n"]]:
    """θ·v in ascending order for every direction, and the weights in that order."""
    slices = directions @ v.T
    if equal_weights(weights):
        return np.sort(slices, axis=1), np.broadcast_to(weights, slices.shape)
    order = np.argsort(slices, axis=1)
    return np.take_along_axis(slices, order, axis=1), weights[order]


def drawn(weights: Float[np.ndarray, "n"], number: int) -> np.ndarray:
    """Indices of `number` particles drawn by weight, in a random order first, then systematically."""
    if number == len(weights) and equal_weights(weights):
        return np.arange(number)
    random = np.random.default_rng(SEED)
    order = random.permutation(len(weights))
    levels = np.cumsum(weights[order])
    return order[np.searchsorted(levels, (np.arange(number) + random.random()) / number * levels[-1], side="right")]
