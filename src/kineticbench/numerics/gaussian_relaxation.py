"""Relaxation of the covariance of a homogeneous plasma: exact for Maxwell molecules, else as if f were Gaussian.

With z = v − v* and mass W, every f obeys dΣ/dt = 2BW E[|z|^γ (|z|² I − d z zᵀ)]. For γ = 0 the right-hand side is
4BW (tr Σ I − d Σ), whatever f; for other exponents it is closed by z ~ N(0, 2Σ). tr Σ, twice the thermal energy per
mass, is constant, and Σ keeps its principal axes.
"""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float

from ..contracts import Diverged, HomogeneousLandau

# Trapezoidal nodes in ln τ: the integrand is analytic for |Im ln τ| < π and decays at least like e^(−|ln τ|/2).
_LOG_TAU = np.arange(-80.0, 80.25, 0.25)


def weighted_moments(
    v: Float[np.ndarray, "N d"], w: Float[np.ndarray, "N"]
) -> tuple[float, Float[np.ndarray, "d"], Float[np.ndarray, "d d"]]:
    """Mass Σw, mean and covariance Σw c cᵀ / Σw of weighted particles, in double precision."""
    v, w = v.astype(np.float64, copy=False), w.astype(np.float64)
    mass = float(w.sum())
    mean = (w @ v) / mass if mass > 0 else np.zeros(v.shape[1])
    c = v - mean
    covariance = (w[:, None] * c).T @ c / mass if mass > 0 else np.zeros((v.shape[1], v.shape[1]))
    return mass, mean, 0.5 * (covariance + covariance.T)


def relaxed(
    covariance: Float[np.ndarray, "d d"], mass: float, equation: HomogeneousLandau, times: Float[np.ndarray, "time"]
) -> tuple[Float[np.ndarray, "time d d"], Float[np.ndarray, "time d d"]]:
    """Σ(t) and dΣ/dt at increasing times from 0 on, for the covariance at t = 0 and the mass of f.

    Exact for γ = 0, where Σ∞ − Σ decays as e^(−4dBWt); otherwise of a Gaussian f, by an adaptive Runge–Kutta method
    of order 8 with a relative tolerance of 1e-11.
    """
    d, rate = len(covariance), equation.strength * mass
    values, axes = np.linalg.eigh(covariance)
    values = np.maximum(values, 0.0)
    total = values.sum()
    if equation.exponent == 0:
        decay = np.exp(-4 * d * rate * times)[:, None]
        spread = total / d + (values - total / d) * decay
        slope = 4 * rate * (total - d * spread)
    elif total == 0 or not times.size or times[-1] == 0:
        spread = np.broadcast_to(values, (times.size, d))
        slope = np.stack([_slope(row, equation.exponent, rate) for row in spread]) if times.size else spread
    else:
        from scipy.integrate import solve_ivp

        solved = solve_ivp(
            lambda _, row: _slope(row, equation.exponent, rate),
            (0.0, float(times[-1])),
            values,
            method="DOP853",
            t_eval=times,
            rtol=1e-11,
            atol=1e-13 * total,
        )
        if not solved.success:
            raise Diverged(f"The covariance could not be followed: {solved.message}")
        spread = solved.y.T * (total / solved.y.T.sum(1, keepdims=True))
        slope = np.stack([_slope(row, equation.exponent, rate) for row in spread])
    return _turned(axes, spread), _turned(axes, slope)


def anisotropy_rate(variances: Float[np.ndarray, "d"], exponent: float, rate: float) -> Float[np.ndarray, "d"]:
    """d/dt of the principal variances of a Gaussian f; `rate` is B times the mass, γ in [−3, 1].

        2 rate E[|z|^γ (|z|² − d z_k²)],    z ~ N(0, 2 diag(variances))

    |z|^(−2a) = ∫ τ^(a−1) e^(−τ|z|²) dτ / Γ(a) leaves Gaussian integrals and one over τ, in any dimension; where
    γ > −1 it is applied to |z|^(γ−2) instead, whose integral converges faster.
    """
    return _slope(variances, exponent, rate)


def _slope(variances: np.ndarray, exponent: float, rate: float) -> np.ndarray:
    total = float(variances.sum())
    if total <= 0:
        return np.zeros_like(variances)
    # In units in which the mean variance is ½, so that |z|² is of order d.
    unit = 2 * total / len(variances)
    lam = np.maximum(variances, 0.0) / unit
    power = -0.5 * exponent if exponent <= -1 else 1 - 0.5 * exponent
    tau = np.exp(_LOG_TAU)[:, None]
    damp = 1 + 4 * tau * lam
    square = 2 * lam / damp  # variance of z_k under the damped Gaussian
    if exponent > -1:
        square = square * (square.sum(1, keepdims=True) + 2 * square)  # E z_k² |z|²
    weight = np.exp(power * _LOG_TAU - 0.5 * np.log(damp).sum(1))
    moments = weight @ square * (_LOG_TAU[1] - _LOG_TAU[0]) / math.gamma(power)
    return 2 * rate * unit ** (0.5 * exponent + 1) * (moments.sum() - len(lam) * moments)


def _turned(axes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    return np.einsum("ik,tk,jk->tij", axes, rows, axes)
