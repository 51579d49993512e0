"""Pair sums in any dimension and for any exponent: each particle against all sources of its group, a tile at a time.

The components are the outer loop, so that each inner loop runs over the particles of a tile in the first-level cache
and vectorises for every dimension.
"""

from __future__ import annotations

import math

import numba
import numpy as np

TILE = 512
MATHS = {"reassoc", "contract", "nsz", "arcp", "afn", "nnan", "ninf"}


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def one_way(v, s, sources_v, sources_s, w, half, tiny, out):
    """out_i = Σ_j w_j |z|^γ (|z|² − z zᵀ)(s_i − s_j); nothing where |z|² is at most `tiny`.

    Parameters
    ----------
    v, s
        (group, d, n): what is pushed.
    sources_v, sources_s, w
        (group, d, p), (group, d, p), (group, p): what pushes.
    half, tiny
        γ/2, and the |z|² up to which particles coincide, in the particles' precision.
    out
        (group, d, n) float64.
    """
    groups, d, size = v.shape
    sources = w.shape[1]
    zero = half - half
    for task in numba.prange(groups * size):
        g, i = task // size, task % size
        square, along = np.empty(TILE, v.dtype), np.empty(TILE, v.dtype)
        for k in range(d):
            out[g, k, i] = 0
        for first in range(0, sources, TILE):
            last = min(sources, first + TILE)
            square[:] = 0
            along[:] = 0
            weights = w[g, first:last]
            for k in range(d):
                vi, si = v[g, k, i], s[g, k, i]
                vj, sj = sources_v[g, k, first:last], sources_s[g, k, first:last]
                for j in range(vj.size):
                    z = vi - vj[j]
                    square[j] += z * z
                    along[j] += z * (si - sj[j])
            for j in range(weights.size):
                apart = square[j] > tiny
                safe = max(square[j], tiny)
                power = weights[j] if half == 0 else weights[j] * math.exp(half * math.log(safe))
                square[j] = power * safe if apart else zero
                along[j] = power * along[j] if apart else zero
            for k in range(d):
                vi, si = v[g, k, i], s[g, k, i]
                vj, sj = sources_v[g, k, first:last], sources_s[g, k, first:last]
                total = zero
                for j in range(vj.size):
                    total += square[j] * (si - sj[j]) - along[j] * (vi - vj[j])
                out[g, k, i] += total
