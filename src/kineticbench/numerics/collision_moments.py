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

    NumPy accumulates the moments in double precision; JAX multiplies matrices in full precision on every device.
    """
    xp = v.__array_namespace__()
    kept = v.dtype
    if xp is np and kept != np.float64:
        v, s, w = (a.astype(np.float64) for a in (v, s, w))
    v, s = centred(v, s, w)
    mass = w.sum()
    square, product = (v * v).sum(1), (v * s).sum(1)
    weighted = w[:, None] * v
    P, R = _matmul(xp, weighted.T, v), _matmul(xp, weighted.T, s)
    g, h = _matmul(xp, w * square, s), _matmul(xp, w * product, v)
    trace_p, trace_r = xp.trace(P), xp.trace(R)
    linear_s = (mass * square + trace_p)[:, None] * s - _matmul(xp, s, P)
    linear_v = _matmul(xp, v, 2 * R - R.T) - (mass * product + trace_r)[:, None] * v
    return (-strength * (linear_s + linear_v - (g - h))).astype(kept)


def _positive(xp: Any, value: Any) -> Any:
    """The value, or 1 where it is 0: sums over nothing but zeros are zero over whatever stands below them."""
    return xp.where(value > 0, value, xp.ones_like(value))


def _matmul(xp: Any, a: Any, b: Any) -> Any:
    return a @ b if xp is np else xp.matmul(a, b, precision="highest")
