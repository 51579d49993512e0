"""The collision sum of Maxwell molecules by moments, and the gauge of scores; NumPy and JAX alike."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

_BLOCK = 16384  # numbers of an array of one block


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

    Scores are reduced by λ v, λ = tr R / tr P, which leaves g − h as it is. NumPy works in double precision on blocks
    of particles that stay in the second-level cache; JAX multiplies matrices in full precision on every device.
    """
    xp, d = v.__array_namespace__(), v.shape[1]
    size = max(256, _BLOCK // d) if xp is np else len(v)
    blocks = [slice(first, first + size) for first in range(0, len(v), size)]
    kind = np.float64 if xp is np else v.dtype

    def total(term: Callable[[Any, Any, Any], Any]) -> Any:
        return sum(term(*(a[block].astype(kind) for a in (v, s, w))) for block in blocks)

    mass = total(lambda v, s, w: w.sum())
    safe = _positive(xp, mass)
    mean_v = total(lambda v, s, w: _matmul(xp, w, v)) / safe
    mean_s = total(lambda v, s, w: _matmul(xp, w, s)) / safe

    def moments(v: Any, s: Any, w: Any) -> Any:
        v, s = v - mean_v, s - mean_s
        weighted = w[:, None] * v
        skew = (w * (v * v).sum(1))[:, None] * s - (w * (v * s).sum(1))[:, None] * v  # g − h
        P, R = _matmul(xp, weighted.T, v), _matmul(xp, weighted.T, s)
        return xp.concatenate([P, R, skew.sum(0)[None]])

    found = total(moments)
    P, R, skew = found[:d], found[d:-1], found[-1]
    trace = xp.trace(P)
    slope = xp.trace(R) / _positive(xp, trace)
    R = R - slope * P  # now without a trace

    def push(v: Any, s: Any) -> Any:
        v = v.astype(kind) - mean_v
        s = s.astype(kind) - mean_s - slope * v
        along_s = (mass * (v * v).sum(1) + trace)[:, None] * s - _matmul(xp, s, P)
        along_v = _matmul(xp, v, 2 * R - R.T) - (mass * (v * s).sum(1))[:, None] * v
        return (-strength * (along_s + along_v - skew)).astype(v_kind)

    v_kind = v.dtype
    return xp.concatenate([push(v[block], s[block]) for block in blocks])


def _positive(xp: Any, value: Any) -> Any:
    """The value, or 1 where it is 0: sums over nothing but zeros are zero over whatever stands below them."""
    return xp.where(value > 0, value, xp.ones_like(value))


def _matmul(xp: Any, a: Any, b: Any) -> Any:
    return a @ b if xp is np else xp.matmul(a, b, precision="highest")
