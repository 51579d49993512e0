"""Errors of what a method carries along its particles: the density and the score, against the true law there."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..contracts import InvalidInput, Law, Metric, Problem, Reference, Score, Solution
from ._bars import bar_and_floor
from ._exact import double


class DensityParticles(Metric):
    """Relative L2 error of the density that a method carries along its particles, where these are.

        (Σ_i w_i (f_i − f(t, v_i))² / Σ_i w_i f(t, v_i)²)^½    for    (∫ (f̂ − f)² f̂ dv / ∫ f² f̂ dv)^½

    It judges the logarithm of the determinant at the particles of the solution, wherever they went; where particles go
    wrong is `trajectory_error`'s to say.
    """

    name: ClassVar[str] = "density_particles"
    label: ClassVar[str] = "Density at the particles, relative L2 error"
    requires: ClassVar[tuple[str, ...]] = (
        "solution.particle_density",
        "solution.trajectory.velocities",
        "reference.law.density",
    )

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        law, trajectory = reference.law, solution.trajectory
        assert law is not None
        assert law.density is not None
        assert trajectory is not None
        found, weights, times = double(solution.particle_density), double(trajectory.weights), problem.query.times
        value = np.empty(found.shape[:2])
        for k, case in np.ndindex(*value.shape):
            truth = law.density(float(times[k]), double(trajectory.velocities[k, case]))
            error, size = (float(weights[case] @ (f * f)) for f in (found[k, case] - truth, truth))
            value[k, case] = np.sqrt(_ratio(error, size, "density"))
        bar, floor = bar_and_floor(reference, self.name, times.size)
        return Score(times, value, floor, bar)


class ScoreError(Metric):
    """Relative L2 error of the score s = ∇ log f under the true law.

        (Σ_p f(t, v_p) |s(v_p) − s*(v_p)|² / Σ_p f(t, v_p) |s*(v_p)|²)^½    for    (E_f |s − s*|² / E_f |s*|²)^½

    by quadrature over `query.points`, a uniform grid, where the solver returns its score there (s* and f exact).
    Otherwise the same ratio over its particles by their weights, s* taken at the particles themselves. E_f|s*|² is the
    Fisher information. `Score.extra`: "on_points" and "on_particles", the final error of each that can be had.
    """

    name: ClassVar[str] = "score_error"
    label: ClassVar[str] = "Score, relative L2 error"
    requires: ClassVar[tuple[str, ...]] = ("solution.point_score | solution.score", "reference.law.score")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        assert reference.law is not None
        kinds: dict[str, np.ndarray] = {}
        if solution.point_score is not None and (reference.law.density is not None or reference.density is not None):
            kinds["on_points"] = _on_points(reference, solution, problem)
        if solution.score is not None and solution.trajectory is not None:
            kinds["on_particles"] = _on_particles(reference.law, solution, problem)
        if not kinds:
            raise InvalidInput(
                "A score at points needs the true density there, one at the particles the particles.",
                "Return a trajectory beside the score.",
            )
        value = next(iter(kinds.values()))
        bar, floor = bar_and_floor(reference, self.name, problem.query.times.size)
        extra = {kind: float(errors[-1].mean()) for kind, errors in kinds.items()}
        return Score(problem.query.times, value, floor, bar, extra)


def _on_points(reference: Reference, solution: Solution, problem: Problem) -> np.ndarray:
    law, points = reference.law, problem.query.points
    assert law is not None
    assert law.score is not None
    assert points is not None
    found = double(solution.point_score)
    value = np.empty(found.shape[:2])
    for k, time in enumerate(problem.query.times):
        f = double(reference.density)[k, 0] if law.density is None else law.density(float(time), points)
        truth = law.score(float(time), points)
        for case, s in enumerate(found[k]):
            value[k, case] = _score_ratio(s, truth, f)
    return value


def _on_particles(law: Law, solution: Solution, problem: Problem) -> np.ndarray:
    trajectory = solution.trajectory
    assert law.score is not None
    assert trajectory is not None
    found, weights = double(solution.score), double(trajectory.weights)
    value = np.empty(found.shape[:2])
    for k, time in enumerate(problem.query.times):
        for case, s in enumerate(found[k]):
            truth = law.score(float(time), double(trajectory.velocities[k, case]))
            value[k, case] = _score_ratio(s, truth, weights[case])
    return value


def _score_ratio(found: np.ndarray, truth: np.ndarray, weights: np.ndarray) -> float:
    error, size = (float(weights @ (s * s).sum(-1)) for s in (found - truth, truth))
    return float(np.sqrt(_ratio(error, size, "score")))


def _ratio(error: float, size: float, what: str) -> float:
    if not size > 0:
        raise InvalidInput(f"The true {what} is zero wherever it is compared, so no relative error can be given.")
    return error / size
