"""The collision sum of Maxwell molecules by moments, and the gauge of scores; NumPy and JAX alike."""

from __future__ import annotations

from typing import Any

import numpy as np


def centred(v: Any, s: Any, w: Any) -> tuple[Any, Any]:
    """Velocities about their weighted mean, and scores less their best fit λ v + c, which exerts nothing.

    Works on (…, N, d) and (…, N), each leading index apart.
    """
    xp = v.__array_namespace__()
    mass = _positive(xp, w.sum(-1))[..., None, None]
    share = w[..., None] / mass
    v = v - (share * v).sum(-2, keepdims=True)
    s = s - (share * s).sum(-2, keepdims=True)
    slope = (share * v * s).sum((-1, -2)) / _positive(xp, (share * v * v).sum((-1, -2)))
    return v, s - slope[..., None, None] * v


def maxwell_moments(v: Any, s: Any, w: Any, strength: float) -> Any:
    """U (N, d) of `collision.maxwell_sum`, which states the formula and checks the arrays.

    Scores are reduced by λ v, λ = tr R / tr P, which leaves g − h as it is. NumPy arrays go through compiled loops that
    work in double precision; JAX multiplies matrices in full precision on every device.
    """
    xp = v.__array_namespace__()
    if xp is np:
        return _compiled(v, s, w, strength)
    mass = w.sum()
    safe = _positive(xp, mass)
    v = v - _matmul(xp, w, v) / safe
    s = s - _matmul(xp, w, s) / safe
    weighted = w[:, None] * v
    P, R = _matmul(xp, weighted.T, v), _matmul(xp, weighted.T, s)
    skew = ((w * (v * v).sum(1))[:, None] * s - (w * (v * s).sum(1))[:, None] * v).sum(0)  # g − h
    trace = xp.trace(P)
    slope = xp.trace(R) / _positive(xp, trace)
    R, s = R - slope * P, s - slope * v  # now R has no trace
    along_s = (mass * (v * v).sum(1) + trace)[:, None] * s - _matmul(xp, s, P)
    along_v = _matmul(xp, v, 2 * R - R.T) - (mass * (v * s).sum(1))[:, None] * v
    return -strength * (along_s + along_v - skew)


def _compiled(v: np.ndarray, s: np.ndarray, w: np.ndarray, strength: float) -> np.ndarray:
    from .kernels.collision_moments import CHUNK, means, products, push

    particles, d = v.shape
    chunks = -(-particles // CHUNK)
    first, second = np.empty((chunks, 1 + 2 * d)), np.empty((chunks, 2 * d + 1, d))
    means(v, s, w, first)
    total = first.sum(0)
    mass = float(total[0])
    centre = (total[1:] / (mass if mass > 0 else 1.0)).reshape(2, d)
    products(v, s, w, centre, second)
    found = second.sum(0)
    P, R, skew = found[:d], found[d:-1], found[-1]
    trace = float(np.trace(P))
    slope = float(np.trace(R)) / (trace if trace > 0 else 1.0)
    R = R - slope * P
    out = np.empty_like(v)
    push(v, s, centre, slope, mass, P, 2 * R - R.T, skew, strength, out)
    return out


def _positive(xp: Any, value: Any) -> Any:
    """The value, or 1 where it is 0: sums over nothing but zeros are zero over whatever stands below them."""
    return xp.where(value > 0, value, xp.ones_like(value))


def _matmul(xp: Any, a: Any, b: Any) -> Any:
    return xp.matmul(a, b, precision="highest")
