"""Explicit steps for ∂f/∂t = Q(f), a parabolic equation whose stiffness is ρ, its largest eigenvalue.

Order 4 is the classical Runge–Kutta method: four evaluations of Q, stable while ρ dt ≤ 2.785. Order 2 is the
Runge–Kutta–Chebyshev method: s evaluations, stable while ρ dt ≤ 0.653 (s² − 1), s chosen for each step, so that long
steps cost few evaluations: ρ dt = 160 takes 16 where order 4 takes 230.

Source: B. P. Sommeijer, L. F. Shampine and J. G. Verwer, J. Comput. Appl. Math. 88, 315 (1998), with ε = 2/13.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache

import numpy as np

from kineticbench.contracts import InvalidInput

from .landau_operator import Collision

Rate = Callable[[np.ndarray], Collision]

# The real interval of stability of the classical method of order 4.
INTERVAL = 2.785
_DAMPING = 2 / 13
_MOST_STAGES = 200


def step(rate: Rate, f: np.ndarray, first: Collision, dt: float, order: int) -> np.ndarray:
    """F after a step of length `dt`; `first` is Q at the start of the step.

    Raises
    ------
    InvalidInput
        For an order other than 2 and 4, and for a step that would take more than 200 stages.
    """
    if order == 4:
        return _classical(rate, f, first.rate, dt)
    if order == 2:
        return _chebyshev(rate, f, first.rate, dt, stages(first.spectral_radius, dt))
    raise InvalidInput(f"order must be 2 or 4, got {order}.")


def stages(spectral_radius: float, dt: float) -> int:
    """How many stages of order 2 keep a step stable, with ten per cent to spare."""
    number = max(2, math.ceil(math.sqrt(1 + 1.1 * spectral_radius * dt / 0.653)))
    if number > _MOST_STAGES:
        longest = 0.653 * (_MOST_STAGES**2 - 1) / (1.1 * spectral_radius)
        raise InvalidInput(
            f"A step of dt = {dt:g} would take {number} stages.", f"Take dt = {longest:.2g} or shorter, or fewer cells."
        )
    return number


def _classical(rate: Rate, f: np.ndarray, k1: np.ndarray, dt: float) -> np.ndarray:
    h = f.dtype.type(dt)
    k2 = rate(f + h / 2 * k1).rate
    k3 = rate(f + h / 2 * k2).rate
    k4 = rate(f + h * k3).rate
    return f + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)


def _chebyshev(rate: Rate, f: np.ndarray, q0: np.ndarray, dt: float, number: int) -> np.ndarray:
    start, terms = _coefficients(number)
    kind, h = f.dtype.type, f.dtype.type(dt)
    before, now = f, f + kind(start) * h * q0
    for mu, nu, mu_rate, gamma in terms:
        after = kind(1 - mu - nu) * f + kind(mu) * now + kind(nu) * before
        after += h * (kind(mu_rate) * rate(now).rate + kind(gamma) * q0)
        before, now = now, after
    return now


@lru_cache(maxsize=64)
def _coefficients(number: int) -> tuple[float, tuple[tuple[float, ...], ...]]:
    """μ̃₁, and (μ_j, ν_j, μ̃_j, γ̃_j) for j = 2, …, s."""
    w0 = 1 + _DAMPING / number**2
    t, slope, curve = np.zeros(number + 1), np.zeros(number + 1), np.zeros(number + 1)
    t[0], t[1], slope[1] = 1.0, w0, 1.0
    for j in range(2, number + 1):
        t[j] = 2 * w0 * t[j - 1] - t[j - 2]
        slope[j] = 2 * t[j - 1] + 2 * w0 * slope[j - 1] - slope[j - 2]
        curve[j] = 4 * slope[j - 1] + 2 * w0 * curve[j - 1] - curve[j - 2]
    w1 = slope[number] / curve[number]
    b = np.empty(number + 1)
    b[2:] = curve[2:] / slope[2:] ** 2
    b[:2] = b[2]
    terms = [
        (
            2 * b[j] * w0 / b[j - 1],
            -b[j] / b[j - 2],
            2 * b[j] * w1 / b[j - 1],
            -(1 - b[j - 1] * t[j - 1]) * 2 * b[j] * w1 / b[j - 1],
        )
        for j in range(2, number + 1)
    ]
    return float(b[1] * w1), tuple(tuple(float(x) for x in term) for term in terms)
