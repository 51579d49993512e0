"""The march of a stochastic particle method through the times of a query, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Ensemble, Query, Solution, Trajectory
from .leapfrog import stops

_MASK = (1 << 64) - 1
_STEP_KEY, _SHORT_KEY = 0xD1342543DE82EF95, 0xAF251AF3B0F025B5  # odd: every step of a march has a key of its own

State = tuple[np.ndarray, ...]
Step = Callable[[State, int, float, np.uint64], None]


@dataclass(frozen=True, eq=False)
class Paths:
    """What a march found.

    Parameters
    ----------
    velocities
        At `query.times`, (time, N, d) float64.
    energy, momentum
        At `query.series`: ½ Σ w|v|² and |Σ w (v − v(0))|, (step,).
    """

    velocities: Float[np.ndarray, "time N d"]
    energy: Float[np.ndarray, "step"]
    momentum: Float[np.ndarray, "step"]


def march(
    start: Float[np.ndarray, "N d"],
    w: Float[np.ndarray, "N"],
    state: State,
    step: Step,
    velocities: Callable[[State], np.ndarray],
    dt: float,
    seed: int,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"],
) -> Paths:
    """March in steps of dt through all times; those off the grid are reached by a shorter step on a copy.

    `step(state, number, length, key)` changes the arrays of `state`, with random numbers that depend on the key only,
    and `velocities(state)` are what is asked for, (N, d); `start` is what they are before the first step.
    """
    origin = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    start, w = start.astype(np.float64), w.astype(np.float64)
    found, energy, momentum = np.empty((times.size, *start.shape)), np.empty(series.size), np.empty(series.size)
    wanted = [(*stop, True, k) for k, stop in enumerate(stops(times, dt))]
    wanted += [(*stop, False, k) for k, stop in enumerate(stops(series, dt))]
    number = 0
    for whole, rest, snapshot, k in sorted(wanted, key=lambda stop: stop[:2]):
        while number < whole:
            step(state, number, dt, np.uint64((origin + number * _STEP_KEY) & _MASK))
            number += 1
        now = state
        if rest:
            now = tuple(array.copy() for array in state)
            step(now, number, rest, np.uint64((origin + number * _STEP_KEY + _SHORT_KEY) & _MASK))
        v = velocities(now) if number or rest else start
        if snapshot:
            found[k] = v
        else:
            energy[k] = 0.5 * w @ (v * v).sum(1)
            momentum[k] = np.linalg.norm(w @ (v - start))
    return Paths(found, energy, momentum)


def answer(runs: Sequence[Paths], ensemble: Ensemble, query: Query, dtype: np.dtype) -> Solution:
    """The solution of paths that are right in law only, one march for each case of the ensemble."""
    steps = query.series.size
    mass = ensemble.weights.sum(1, dtype=np.float64)[:, None]
    series = {
        "mass": np.repeat(mass, steps, 1),
        "energy": np.stack([run.energy for run in runs]),
        "momentum": np.stack([run.momentum for run in runs]),
    }
    velocities = np.stack([run.velocities for run in runs], 1).astype(dtype)
    return Solution(
        Trajectory(None, velocities, ensemble.weights.astype(dtype)),
        series=series if steps else {},
        diagnostics={"paths": np.zeros(1)},
    )
