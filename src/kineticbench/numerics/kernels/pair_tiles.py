"""Sums over pairs of particles."""

from __future__ import annotations

import math

import numba
import numpy as np

MATHS = {"reassoc", "contract", "nsz", "arcp"}


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def groups(v, s, w, exponent, out):
    """out = Σ_j w_j |z|^γ (|z|² − z zᵀ)(s_i − s_j), j over the group of i; (group, p, d)."""
    number, size, d = v.shape
    for task in numba.prange(number * size):
        g, i = task // size, task % size
        total = np.zeros(d)
        for j in range(size):
            square = along = 0.0
            for k in range(d):
                z = v[g, i, k] - v[g, j, k]
                square += z * z
                along += z * (s[g, i, k] - s[g, j, k])
            if square > 0:
                factor = w[g, j] * math.pow(square, 0.5 * exponent)
                for k in range(d):
                    z = v[g, i, k] - v[g, j, k]
                    total[k] += factor * (square * (s[g, i, k] - s[g, j, k]) - z * along)
        for k in range(d):
            out[g, i, k] = total[k]
