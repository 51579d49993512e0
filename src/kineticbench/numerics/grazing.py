"""A step of random-pair grazing collisions."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau
from . import stochastic_march


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
) -> stochastic_march.Paths:
    """March particles of one weight; their momentum and energy stay those of the start up to rounding."""
    from .kernels.collision_grazing import collide, shuffle

    particles, mass = len(v), weight * len(v)

    def step(state: stochastic_march.State, number: int, length: float, key: np.uint64) -> None:
        velocities, order = state
        shuffle(order, key)
        collide(velocities, order, equation.exponent, pair_variance(particles, mass, equation.strength, length), key)

    state, w = (v.astype(np.float64), np.arange(particles)), np.full(particles, weight)
    return stochastic_march.march(v, w, state, step, lambda state: state[0], dt, seed, times, series)
