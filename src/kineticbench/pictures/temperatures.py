"""The temperatures along the axes, the diagonal of the covariance of velocities, against time."""

from __future__ import annotations

import numpy as np

from ..contracts import Problem, Reference, Solution
from .figures import axis, double, rounded, subscripted
from .model import Axis, Curve, Curves, Panel

MOST_AXES = 3
_STEPS = 60
_CONSTANT = 1e-3


def temperatures(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """Var v_a of the particles at the snapshots beside the exact law, where the latter changes at all."""
    law, found, times = reference.law, solution.trajectory, problem.query.times
    if law is None or law.covariance is None or found is None or times.size < 2:
        return []
    steps = np.linspace(float(times[0]), float(times[-1]), _STEPS)
    exact = np.diagonal(double(law.covariance(steps)), axis1=1, axis2=2)[:, :MOST_AXES]
    if np.ptp(exact, axis=0).max() < _CONSTANT * exact.max():
        return []
    share = double(found.weights[0])
    share = share / share.sum()
    v = double(found.velocities[:, 0, :, :MOST_AXES])
    mean = np.einsum("i,tia->ta", share, v)
    spread = np.einsum("i,tia->ta", share, (v - mean[:, None]) ** 2)
    names = [subscripted("v", a + 1) for a in range(exact.shape[1])]
    truth = [
        Curve(role="truth", label="truth", values=rounded(row), at=rounded(steps), tag=name)
        for name, row in zip(names, exact.T, strict=True)
    ]
    own = [Curve(role="solver", label="solver", values=rounded(row), at=rounded(times), marks=True) for row in spread.T]
    panel = Curves(
        name="temperatures",
        title="Temperatures",
        x=Axis(label="time", low=float(steps[0]), high=float(steps[-1])),
        y=axis("variance", exact, spread),
        at=[],
        frames=[[*truth, *own]],
    )
    return [panel]
