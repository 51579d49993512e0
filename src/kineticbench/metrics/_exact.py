"""What a perfect solver would have returned from the same start, and what it would score: the floors of metrics.

A metric of particles is a `measure` of one cloud at one snapshot. The same measure of exact particles is its floor:

1. the exact flow of the very start of the solution, where `law.flow` is known: then floor and error share the start's
   sampling error, whichever way the start was drawn;
2. otherwise, for particles of equal weight, as many independent samples of `law.sample`, the mean over `DRAWS` draws;
3. otherwise the measure of the start itself, which consists of exact samples of f₀ of the same kind.

The reference's own bars and floors stay lower bounds (`_bars`).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, Law, Problem, Query, Reference, Score, Solution, Unsupported
from ._bars import bar_and_floor

DRAWS = 3
SEED = 271828  # of exact samples; solvers never see it

Measure = Callable[[int, Any, Any], float]
"""(index of the snapshot, velocities (particle, d), weights (particle,)) to an error; weights sum to the mass."""


def double(array: Any) -> np.ndarray:
    """The array in double precision."""
    return np.asarray(array, dtype=np.float64)


def start_of(solution: Solution, problem: Problem) -> tuple[np.ndarray, np.ndarray] | None:
    """Velocities (case, particle, d) and weights (case, particle) at t = 0, or None where they are not known.

    The problem's ensemble where it gives one, otherwise the solution's snapshot at t = 0.
    """
    if problem.ensemble is not None:
        return double(problem.ensemble.velocities), double(problem.ensemble.weights)
    times, found = problem.query.times, solution.trajectory
    if found is None or times.size == 0 or times[0] != 0:
        return None
    return double(found.velocities[0]), double(found.weights)


def equal_weights(weights: Float[np.ndarray, "*case n"]) -> bool:
    """Whether all particles of each case weigh the same, up to rounding."""
    return bool((np.ptp(weights, axis=-1) <= 1e-6 * np.max(weights, axis=-1)).all())


def mean_and_covariance(
    v: Float[np.ndarray, "n d"], weights: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "d"], Float[np.ndarray, "d d"]]:
    """Mean Σ w v / Σ w and covariance Σ w (v − v̄)(v − v̄)ᵀ / Σ w."""
    share = weights / weights.sum()
    mean = share @ v
    centred = v - mean
    return mean, (centred * share[:, None]).T @ centred


_FLOWS: WeakKeyDictionary[Solution, tuple[Law, Query, np.ndarray]] = WeakKeyDictionary()


def exact_flow(solution: Solution, law: Law, problem: Problem) -> np.ndarray | None:
    """The exact flow of the solution's start, (time, case, particle, d); None where flow or start are not known.

    Kept as long as the solution, since many metrics ask for it.
    """
    start = start_of(solution, problem)
    if law.flow is None or start is None:
        return None
    known = _FLOWS.get(solution)
    if known is None or known[0] is not law or known[1] is not problem.query:
        flows = [[law.flow(float(t), v) for v in start[0]] for t in problem.query.times]
        known = _FLOWS[solution] = (law, problem.query, np.array(flows))
    return known[2]


def particle_score(
    name: str,
    measure: Measure,
    solution: Solution,
    reference: Reference,
    problem: Problem,
    extra: dict[str, float] | None = None,
) -> Score:
    """Score every snapshot and case of a trajectory by a measure, beside the floor that the same measure gives.

    `Score.extra` gains "exact_flow", the final score of the exact flow of the same start, where the flow is known.
    """
    found, times, law = solution.trajectory, problem.query.times, reference.law
    assert found is not None
    if times.size == 0:
        raise Unsupported("The query asks for no snapshot.")
    if not double(found.weights).sum(-1).min() > 0:
        raise InvalidInput("The weights of these particles sum to zero.", "Give every case some mass.")
    value = _measured(measure, found.velocities, double(found.weights))
    bar, floor = bar_and_floor(reference, name, times.size)
    extra = dict(extra or {})
    flow = None if law is None else exact_flow(solution, law, problem)
    start = start_of(solution, problem)
    if flow is not None and start is not None:
        exact = _measured(measure, flow, start[1]).mean(axis=1)
        extra["exact_flow"] = float(exact[-1])
    elif law is not None and law.sample is not None and equal_weights(double(found.weights)):
        number, weights = found.velocities.shape[2], double(found.weights)[:1]
        draws = [[law.sample(float(t), number, SEED + draw) for t in times] for draw in range(DRAWS)]
        exact = np.mean([_measured(measure, np.array(draw)[:, None], weights)[:, 0] for draw in draws], axis=0)
    else:
        exact = np.full(times.size, value[0].mean() if times[0] == 0 else 0.0)
    return Score(times, value, np.maximum(floor, exact), bar, extra)


def _measured(measure: Measure, velocities: np.ndarray, weights: np.ndarray) -> Float[np.ndarray, "time case"]:
    snapshots = enumerate(velocities)
    return np.array([[measure(k, double(v), w) for v, w in zip(row, weights, strict=True)] for k, row in snapshots])
