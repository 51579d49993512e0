"""What pictures are made of: the first case alone, at no more snapshots and of no more particles than they need."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from ..contracts import Ensemble, Problem, Reference, Solution, Trajectory
from .figures import thinned

MOST_PARTICLES = 1 << 16
SEED = 314159


def first_case(
    solution: Solution, reference: Reference, problem: Problem, snapshots: int
) -> tuple[Solution, Reference, Problem]:
    """Solution, reference and problem with their first case only.

    Of more than `snapshots` snapshots so many are taken, equally far apart; of more than `MOST_PARTICLES` particles so
    many are drawn, the same ones at every snapshot and, where they are paired, of the truth.
    """
    query = problem.query
    if not query.times.size:  # nothing was asked at any time
        solution = Solution(series=solution.series)
        reference = replace(reference, trajectory=None, density=None)
    steps = thinned(query.times.size, snapshots) if query.times.size else np.arange(0)
    small = Solution(
        trajectory=_trajectory(solution.trajectory, steps),
        score=None if solution.score is None else _particles(solution.score, steps),
        density=_case(solution.density, steps),
        series={name: value[:1] for name, value in solution.series.items()},
    )
    truth = replace(
        reference,
        trajectory=_trajectory(reference.trajectory, steps),
        density=_case(reference.density, steps),
        series={name: value[:1] for name, value in reference.series.items()},
        values={name: value[:1] for name, value in reference.values.items()},
    )
    start = problem.ensemble
    if start is not None:
        positions = None if start.positions is None else start.positions[:1]
        start = Ensemble(positions, start.velocities[:1], start.weights[:1])
    return small, truth, replace(problem, ensemble=start, query=replace(query, times=query.times[steps]))


def _case(array: Any, steps: np.ndarray) -> Any:
    """Of (time, case, …)."""
    return None if array is None else array[steps, :1]


def _particles(array: Any, steps: np.ndarray) -> Any:
    """Of (time, case, particle, …)."""
    first, number = array[:, :1], array.shape[2]
    if number <= MOST_PARTICLES:
        return first[steps]
    return first[steps][:, :, _chosen(number)]


def _chosen(number: int) -> np.ndarray:
    return np.sort(np.random.default_rng(SEED).choice(number, MOST_PARTICLES, replace=False))


def _trajectory(trajectory: Trajectory | None, steps: np.ndarray) -> Trajectory | None:
    if trajectory is None:
        return None
    weights = trajectory.weights[:1]
    if weights.shape[1] > MOST_PARTICLES:
        weights = weights[:, _chosen(weights.shape[1])]
    positions = None if trajectory.positions is None else _particles(trajectory.positions, steps)
    return Trajectory(positions, _particles(trajectory.velocities, steps), weights)
