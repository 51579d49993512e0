"""Errors of moments of the velocity: the covariance and the mean fourth power of the speed.

From particles by their weights; from a solver that returns none, by its density at `query.points` where these are a
uniform tensor grid, as weights of the grid's nodes (`Score.extra` "from_particles" is 1 or 0). Both are per unit mass.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

import numpy as np

from ..contracts import InvalidInput, Metric, Problem, Reference, Score, Solution, Unsupported
from ..numerics.kde import tensor_axes, uniform
from ._bars import bar_and_floor
from ._exact import Measure, double, mean_and_covariance, particle_score


class Covariance(Metric):
    """Relative error ‖Σ − Σ*‖_F / ‖Σ*‖_F of the covariance matrix, in the Frobenius norm.

    Σ = Σ_i w_i (v_i − v̄)(v_i − v̄)ᵀ / Σ_i w_i    for    ∫ (v − v̄)(v − v̄)ᵀ f dv / ∫ f dv

    For Maxwell molecules its decay to isotropy is known exactly, whatever the start.
    """

    name: ClassVar[str] = "covariance"
    label: ClassVar[str] = "Covariance, relative error"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory | solution.density", "reference.law.covariance")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        assert reference.law is not None
        assert reference.law.covariance is not None
        truth = reference.law.covariance(problem.query.times)

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            _, found = mean_and_covariance(v, weights)
            return float(np.linalg.norm(found - truth[k]) / np.linalg.norm(truth[k]))

        return _score(self.name, measure, solution, reference, problem)


class FourthMoment(Metric):
    """Relative error of ⟨|v|⁴⟩ = Σ_i w_i |v_i|⁴ / Σ_i w_i, for ∫ |v|⁴ f dv / ∫ f dv: the tails, which energy misses."""

    name: ClassVar[str] = "fourth_moment"
    label: ClassVar[str] = "Fourth moment of the speed, relative error"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory | solution.density", "reference.law.fourth_moment")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        assert reference.law is not None
        assert reference.law.fourth_moment is not None
        truth = reference.law.fourth_moment(problem.query.times)

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            found = weights @ (v * v).sum(-1) ** 2 / weights.sum()
            return float(abs(found - truth[k]) / truth[k])

        return _score(self.name, measure, solution, reference, problem)


def _score(name: str, measure: Measure, solution: Solution, reference: Reference, problem: Problem) -> Score:
    if solution.trajectory is not None:
        return particle_score(name, measure, solution, reference, problem, {"from_particles": 1.0})
    return _from_density(name, measure, solution, reference, problem)


def _from_density(
    name: str, measure: Callable[..., float], solution: Solution, reference: Reference, problem: Problem
) -> Score:
    points = problem.query.points
    axes = None if points is None else tensor_axes(double(points))
    if points is None or axes is None or not uniform(axes):
        raise Unsupported("The solution has no particles, and its density is not given on a uniform tensor grid.")
    density = double(solution.density)
    if not density.sum(-1).min() > 0:
        raise InvalidInput("The density sums to zero or less, so it has no mean.")
    value = np.array([[measure(k, double(points), f) for f in row] for k, row in enumerate(density)])
    bar, floor = bar_and_floor(reference, name, problem.query.times.size)
    if reference.density is not None:  # what the range of the points cuts off of the truth itself
        truth = double(reference.density)
        exact = [np.mean([measure(k, double(points), f) for f in row]) for k, row in enumerate(truth)]
        floor = np.maximum(floor, exact)
    return Score(problem.query.times, value, floor, bar, {"from_particles": 0.0})
