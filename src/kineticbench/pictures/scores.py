"""The score ∇ log f at the particles: the solver's, and the true one at the same velocities."""

from __future__ import annotations

import numpy as np

from ..contracts import Problem, Reference, Solution
from .figures import axis, double, packed, subscripted
from .model import Cloud, Panel, Points
from .phase_space import some_particles

MOST_POINTS = 200


def scores(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """The first component of the score against the first velocity, at the snapshots, for particles drawn by weight."""
    found, law = solution.trajectory, reference.law
    if found is None or solution.score is None or problem.equation.position_dimension:
        return []
    chosen = some_particles(double(found.weights[0]), MOST_POINTS)
    v, s = double(found.velocities[:, 0, chosen]), double(solution.score[:, 0, chosen, 0])
    truth = None
    if law is not None and law.score is not None:
        times = problem.query.times
        truth = np.stack([double(law.score(float(t), row))[:, 0] for t, row in zip(times, v, strict=True)])
    first = v[..., 0]
    x = axis(f"velocity {subscripted('v', 1)}", first)
    y = axis(f"score {subscripted('s', 1)}", s if truth is None else truth, np.quantile(s, [0.005, 0.995]))
    frames = []
    for k in range(len(v)):
        drawn = [("solver", s[k])] if truth is None else [("truth", truth[k]), ("solver", s[k])]
        across = packed(first[k], x.low, x.high, 2)
        frames.append([Cloud(role=role, label=role, x=across, y=packed(u, y.low, y.high, 2)) for role, u in drawn])  # pyright: ignore[reportArgumentType]
    note = f"{len(chosen)} particles, drawn by weight; what lies beyond the frame is moved to its edge."
    return [Points(name="scores", title="Score at the particles", x=x, y=y, note=note, frames=frames)]
