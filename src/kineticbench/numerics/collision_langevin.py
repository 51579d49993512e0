"""The march of independent particles in the moments of Maxwell molecules through the times of a query."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau
from .gaussian_relaxation import relaxed, weighted_moments
from .leapfrog import stops

_MASK = (1 << 64) - 1
_STEP_KEY, _SHORT_KEY = 0xD1342543DE82EF95, 0xAF251AF3B0F025B5  # odd: every step of a march has a key of its own


@dataclass(frozen=True, eq=False)
class LangevinMarch:
    """What `march` found.

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


def noise_root(covariance: Float[np.ndarray, "d d"], rate: float, h: float) -> Float[np.ndarray, "d d"]:
    """Square root of the covariance of the noise that c gathers in time h; `rate` is BW, `covariance` Σ at its start.

    With friction a = (d−1)BW, noise 2BW(tr Σ I − Σ(s)) and Σ(s) = Σ∞ + (Σ − Σ∞) e^(−4dBWs) it is

        2BW { (tr Σ − tr Σ/d)(1 − e^(−2ah))/2a I − (Σ − Σ∞)(e^(−2ah) − e^(−4dBWh))/(4dBW − 2a) }
    """
    d = len(covariance)
    total = float(np.trace(covariance))
    friction, decay = (d - 1) * rate, 4 * d * rate
    uniform = total * (1 - 1 / d) * -math.expm1(-2 * friction * h) / (2 * friction)
    uneven = math.exp(-2 * friction * h) * -math.expm1((2 * friction - decay) * h) / (decay - 2 * friction)
    gathered = 2 * rate * (uniform * np.eye(d) - uneven * (covariance - total / d * np.eye(d)))
    values, axes = np.linalg.eigh(gathered)
    return (axes * np.sqrt(np.maximum(values, 0.0))) @ axes.T


def march(
    v: Float[np.ndarray, "N d"],
    w: Float[np.ndarray, "N"],
    equation: HomogeneousLandau,
    dt: float,
    seed: int,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"],
) -> LangevinMarch:
    """March weighted particles through all times; those off the grid are reached by a shorter step on a copy.

    The random numbers depend on the seed, the step and the particle only.
    """
    from .kernels.collision_langevin import step

    mass, mean, start = weighted_moments(v, w)
    rate, d = equation.strength * mass, equation.dimension
    origin = int(np.random.SeedSequence(seed).generate_state(1, np.uint64)[0])
    w = w.astype(np.float64)
    state = v.astype(np.float64) - mean

    def advance(c: np.ndarray, number: int, h: float, short: bool) -> None:
        key = np.uint64((origin + number * _STEP_KEY + short * _SHORT_KEY) & _MASK)
        at = relaxed(start, mass, equation, number * dt + np.array([0.0, 0.5 * h]))[0]
        before, after = (noise_root(covariance, rate, 0.5 * h) for covariance in at)
        step(c, math.exp(-0.5 * (d - 1) * rate * h), before, 2 * rate * h, after, key)

    velocities = np.empty((times.size, *v.shape))
    energy, momentum = np.empty(series.size), np.empty(series.size)
    wanted = [(*stop, velocities, k) for k, stop in enumerate(stops(times, dt))]
    wanted += [(*stop, None, k) for k, stop in enumerate(stops(series, dt))]
    number, resting = 0, w @ state
    for whole, rest, snapshot, k in sorted(wanted, key=lambda stop: stop[:2]):
        while number < whole:
            advance(state, number, dt, False)
            number += 1
        now = state
        if rest:
            now = state.copy()
            advance(now, number, rest, True)
        if snapshot is not None:
            snapshot[k] = mean + now if number or rest else v
        else:
            energy[k] = 0.5 * w @ ((mean + now) ** 2).sum(1)
            momentum[k] = np.linalg.norm(w @ now - resting)
    return LangevinMarch(velocities, energy, momentum)
