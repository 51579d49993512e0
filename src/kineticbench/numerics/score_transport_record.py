"""What a query gets to see of score-based transport."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ..contracts import Query
from .score_transport import March, Moment


@dataclass(frozen=True, eq=False)
class Record:
    """One case at the query's times.

    Parameters
    ----------
    velocities, score
        (time, N, d).
    point_score
        (time, point, d), or None.
    density
        f at the particles, (time, N).
    series
        Each (step,).
    loss
        Score-matching loss after each whole step, in thermal units.
    """

    velocities: np.ndarray
    score: np.ndarray
    point_score: np.ndarray | None
    density: np.ndarray
    series: dict[str, np.ndarray]
    loss: np.ndarray


def record(
    march: March, v: Float[np.ndarray, "N d"], density: Float[np.ndarray, "N"], theta: np.ndarray, query: Query
) -> Record:
    """March through a query from velocities v, where f₀ is `density` and the network has the parameters θ."""
    times = np.union1d(query.times, query.series)
    snapshots: list[tuple[Any, ...]] = []
    series: dict[str, list[float]] = {"mass": [], "energy": [], "momentum": [], "entropy": [], "dissipation": []}
    wanted, measured = set(query.times), set(query.series)
    for moment in march.moments(v, theta, times):
        f = density * np.exp(-moment.state.log_det)
        if moment.time in wanted:
            at_points = None
            if query.points is not None:
                points = query.points.astype(v.dtype)
                at_points = march.score_at(moment.state.weights.theta, points)[0]
            snapshots.append((moment.state.v, moment.score, at_points, f.astype(v.dtype)))
        if moment.time in measured:
            for name, value in measures(moment, v, march.w, f).items():
                series[name].append(value)
    columns = list(zip(*snapshots, strict=True)) or [[]] * 4
    none = np.empty((0, *v.shape), v.dtype)
    velocities, score, density_ = (np.stack(columns[i]) if columns[i] else none for i in (0, 1, 3))
    at_points = None if query.points is None or not columns[2] else np.stack(columns[2])
    found = {name: np.array(values) for name, values in series.items()} if query.series.size else {}
    return Record(velocities, score, at_points, density_, found, np.array(march.losses))


def measures(moment: Moment, v: np.ndarray, w: np.ndarray, f: np.ndarray) -> dict[str, float]:
    """The scalars of a moment, summed in double precision; `v` are the first velocities, `f` the density now."""
    weights, now = w.astype(np.float64), moment.state.v.astype(np.float64)
    moved = weights @ (now - v.astype(np.float64))
    there = (weights > 0) & (f > 0)
    return {
        "mass": float(weights.sum()),
        "energy": 0.5 * float(weights @ (now * now).sum(1)),
        "momentum": float(np.linalg.norm(moved)),
        "entropy": float(weights[there] @ np.log(f[there])),
        "dissipation": float(weights @ (moment.score.astype(np.float64) * moment.velocity).sum(1)),
    }
