"""Particles in phase space (q, p): the solver's, and the true ones where they are known."""

from __future__ import annotations

import numpy as np

from ..contracts import Problem, Reference, Solution, Trajectory
from .figures import axis, double, packed
from .model import Axis, Cloud, Panel, Points

MOST_POINTS = 512
SEED = 161803


def phase_space(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """Positions and momenta in one dimension at the snapshots, at most `MOST_POINTS` points in all, drawn by weight.

    Particles are the same ones at every snapshot, and those of the truth the partners of the solver's where they are
    paired.
    """
    found, truth = solution.trajectory, reference.trajectory
    if found is None or found.positions is None or found.positions.shape[-1] != 1 or found.velocities.shape[-1] != 1:
        return []
    if truth is not None and (truth.positions is None or truth.positions.shape[-1] != 1):
        truth = None
    paired = truth is not None and reference.paired and truth.positions.shape == found.positions.shape
    most = MOST_POINTS // (1 if truth is None else 2)
    mine = some_particles(double(found.weights[0]), most)
    theirs = mine if paired or truth is None else some_particles(double(truth.weights[0]), most)
    clouds = [("solver", found, mine)] if truth is None else [("truth", truth, theirs), ("solver", found, mine)]
    drawn = [(role, _coordinates(cloud, chosen)) for role, cloud, chosen in clouds]
    x = axis("position q", *(q for _, (q, _) in drawn))
    y = axis("momentum p", *(p for _, (_, p) in drawn))
    frames = [[_cloud(role, q[k], p[k], x, y) for role, (q, p) in drawn] for k in range(problem.query.times.size)]
    shown, number = len(mine), found.velocities.shape[2]
    note = f"{shown} of {number} particles, drawn by weight." if shown < number else f"All {number} particles."
    return [Points(name="phase_space", title="Phase space", x=x, y=y, note=note, frames=frames)]


def some_particles(weights: np.ndarray, most: int) -> np.ndarray:
    """Indices of at most so many particles: all of them, or those drawn by weight with a fixed seed, in order."""
    if len(weights) <= most:
        return np.arange(len(weights))
    share = np.maximum(weights, 0.0)
    if not share.sum() > 0:
        share = np.ones(len(weights))
    levels = np.cumsum(share)
    random = np.random.default_rng(SEED)
    picked = np.searchsorted(levels, (np.arange(most) + random.random(most)) / most * levels[-1], side="right")
    return np.unique(np.minimum(picked, len(weights) - 1))


def _coordinates(trajectory: Trajectory, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return double(trajectory.positions[:, 0, chosen, 0]), double(trajectory.velocities[:, 0, chosen, 0])


def _cloud(role: str, q: np.ndarray, p: np.ndarray, x: Axis, y: Axis) -> Cloud:
    where = {"x": packed(q, x.low, x.high, 2), "y": packed(p, y.low, y.high, 2)}
    return Cloud(role=role, label=role, **where)  # pyright: ignore[reportArgumentType] (validated)
