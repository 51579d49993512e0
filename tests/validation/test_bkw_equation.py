"""BKW solves the Landau equation: by the Fokker–Planck form of Maxwell molecules and by integrated characteristics."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.numerics import bkw

USUAL = {2: (1 / 16, 0.0), 3: (1 / 24, 5.5), 5: (0.1, 0.0), 10: (0.1, 0.0)}


def velocity(d: int, strength: float, v: np.ndarray, score: np.ndarray) -> np.ndarray:
    """U = −D s − (d − 1) B v, D = B[(|v|² + d − 1) I − v vᵀ]: the Landau flux of a law of mean 0 and covariance I."""
    square, along = (v**2).sum(1, keepdims=True), (v * score).sum(1, keepdims=True)
    return -strength * ((square + d - 1) * score - along * v) - (d - 1) * strength * v


@pytest.mark.parametrize("d", USUAL)
def test_residual_of_the_equation(d):
    """∂f/∂t + ∇·(f U) = 0 by differences of fourth order, U radial."""
    strength, start = USUAL[d]
    law = bkw.law(d, strength, start)
    density, score = law.density, law.score
    assert density is not None
    assert score is not None
    r, t, h = np.linspace(0.3, 4, 40), 1.0, 1e-3
    axis = np.eye(d)[:1]

    def flux(r: np.ndarray) -> np.ndarray:
        v = r[:, None] * axis
        return r ** (d - 1) * density(t, v) * velocity(d, strength, v, score(t, v))[:, 0]

    weights = ((-2, 1 / 12), (-1, -8 / 12), (1, 8 / 12), (2, -1 / 12))
    rate = sum(c * density(t + k * h, r[:, None] * axis) for k, c in weights) / h
    divergence = sum(c * flux(r + k * h) for k, c in weights) / h / r ** (d - 1)
    np.testing.assert_allclose(rate, -divergence, atol=1e-9 * np.abs(rate).max() + 1e-12)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_flow_agrees_with_characteristics_that_are_integrated(d):
    """Runge–Kutta of order four in 400 steps, with the exact score, from just after the start, where it is bounded."""
    strength, start = USUAL[d]
    law = bkw.law(d, strength, start + 0.1)
    assert law.score is not None
    assert law.flow is not None
    v = np.random.default_rng(0).normal(size=(300, d))
    w, end, steps = v.copy(), 2.0, 400
    dt = end / steps
    for n in range(steps):
        t = n * dt
        k1 = velocity(d, strength, w, law.score(t, w))
        k2 = velocity(d, strength, w + dt / 2 * k1, law.score(t + dt / 2, w + dt / 2 * k1))
        k3 = velocity(d, strength, w + dt / 2 * k2, law.score(t + dt / 2, w + dt / 2 * k2))
        k4 = velocity(d, strength, w + dt * k3, law.score(t + dt, w + dt * k3))
        w = w + dt / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    np.testing.assert_allclose(law.flow(end, v), w, atol=1e-8)
