"""The march of random-pair grazing collisions through the times of a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau
from .leapfrog import stops

_MASK = (1 << 64) - 1
_STEP_KEY, _SHORT_KEY = 0xD1342543DE82EF95, 0xAF251AF3B0F025B5  # odd: every step of a march has a key of its own


@dataclass(frozen=True, eq=False)
class GrazingMarch:
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


def pair_variance(particles: int, mass: float, strength: float, dt: float) -> float:
    """Variance σ² of a tangential component of a pair's direction in a step, where |z| = 1; |z|^γ times that elsewhere.

    All pairs at once would make each direction diffuse with 8 B w |z|^γ dt, w = mass/N. Only ⌊N/2⌋ of the N(N − 1)/2
    pairs collide in a step, each as often as any other, so each collides that much more strongly:

        σ² = 8 B (mass/N) dt · N(N − 1)/(2⌊N/2⌋),

    8 B dt mass (N − 1)/N for even N and 8 B dt mass for odd. With it the expected covariance of a finite sample has
    the exact initial rate for γ = 0; over a step its anisotropy decays by (1 + e^(−dσ²))/2, to second order in dt as
    e^(−4dB dt mass).
    """
    if particles < 2:
        return 0.0
    return 8 * strength * mass / particles * dt * particles * (particles - 1) / (2 * (particles // 2))


def march(
    v: Float[np.ndarray, "N d"],
    weight: float,
    equation: HomogeneousLandau,
    dt: float,
    seed: int,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"],
) -> GrazingMarch:
    """March particles of one weight through all times; those off the grid are reached by a shorter step on a copy.

    Momentum and energy are those of the start up to rounding. The random numbers depend on the seed and the step only.
    """
    from .kernels.collision_grazing import collide, shuffle

    particles, mass = len(v), weight * len(v)
    origin = np.random.SeedSequence(seed).generate_state(1, np.uint64)[0]
    state, order = v.astype(np.float64), np.arange(particles)
    start = state.sum(0)

    def step(state: np.ndarray, order: np.ndarray, number: int, length: float, short: bool) -> None:
        key = np.uint64((int(origin) + number * _STEP_KEY + short * _SHORT_KEY) & _MASK)
        shuffle(order, key)
        collide(state, order, equation.exponent, pair_variance(particles, mass, equation.strength, length), key)

    velocities = np.empty((times.size, *v.shape))
    energy, momentum = np.empty(series.size), np.empty(series.size)
    wanted = [(*stop, velocities, k) for k, stop in enumerate(stops(times, dt))]
    wanted += [(*stop, None, k) for k, stop in enumerate(stops(series, dt))]
    number = 0
    for whole, rest, snapshot, k in sorted(wanted, key=lambda stop: stop[:2]):
        while number < whole:
            step(state, order, number, dt, False)
            number += 1
        now = state
        if rest:
            now, spare = state.copy(), order.copy()
            step(now, spare, number, rest, True)
        if snapshot is not None:
            snapshot[k] = now
        else:
            energy[k] = 0.5 * weight * np.vdot(now, now)
            momentum[k] = weight * np.linalg.norm(now.sum(0) - start)
    return GrazingMarch(velocities, energy, momentum)
