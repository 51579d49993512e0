"""A step of independent particles in the moments of Maxwell molecules."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau
from . import stochastic_march
from .gaussian_relaxation import relaxed, weighted_moments


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
) -> stochastic_march.Paths:
    """March weighted particles, whose random numbers depend on the seed, the step and the particle only."""
    from .kernels.collision_langevin import step as diffuse

    mass, mean, start = weighted_moments(v, w)
    rate, d = equation.strength * mass, equation.dimension

    def step(state: stochastic_march.State, number: int, h: float, key: np.uint64) -> None:
        at = relaxed(start, mass, equation, number * dt + np.array([0.0, 0.5 * h]))[0]
        before, after = (noise_root(covariance, rate, 0.5 * h) for covariance in at)
        diffuse(state[0], math.exp(-0.5 * (d - 1) * rate * h), before, 2 * rate * h, after, key)

    state = (v.astype(np.float64) - mean,)
    return stochastic_march.march(v, w, state, step, lambda state: mean + state[0], dt, seed, times, series)
