"""The collision sum of Maxwell molecules in three passes over the particles, all in double precision.

Particles are summed in chunks of fixed size that are added in order, so that the answer does not depend on the number
of threads.
"""

from __future__ import annotations

import numba
import numpy as np

CHUNK = 4096
MATHS = {"reassoc", "contract", "nsz"}


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def means(v, s, w, sums):
    """Σ w, Σ w v and Σ w s of each chunk, (chunk, 1 + 2d)."""
    particles, d = v.shape
    for chunk in numba.prange(sums.shape[0]):
        total = np.zeros(1 + 2 * d)
        for i in range(chunk * CHUNK, min(particles, (chunk + 1) * CHUNK)):
            total[0] += w[i]
            for k in range(d):
                total[1 + k] += np.float64(w[i]) * v[i, k]
                total[1 + d + k] += np.float64(w[i]) * s[i, k]
        sums[chunk] = total


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def products(v, s, w, centre, sums):
    """P, R and g − h of each chunk, (chunk, 2d + 1, d); `centre` (2, d) holds the means of v and s."""
    particles, d = v.shape
    for chunk in numba.prange(sums.shape[0]):
        total, c, e = np.zeros((2 * d + 1, d)), np.empty(d), np.empty(d)
        for i in range(chunk * CHUNK, min(particles, (chunk + 1) * CHUNK)):
            weight = np.float64(w[i])
            square = along = 0.0
            for k in range(d):
                c[k] = v[i, k] - centre[0, k]
                e[k] = s[i, k] - centre[1, k]
                square += c[k] * c[k]
                along += c[k] * e[k]
            square *= weight
            along *= weight
            for k in range(d):
                share = weight * c[k]
                for m in range(d):
                    total[k, m] += share * c[m]
                    total[d + k, m] += share * e[m]
                total[2 * d, k] += square * e[k] - along * c[k]
        sums[chunk] = total


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def push(v, s, centre, slope, mass, P, Q, skew, strength, out):
    """U of each particle; Q = 2R − Rᵀ for scores reduced by `slope` times v, whose R has no trace."""
    particles, d = v.shape
    trace = 0.0
    for k in range(d):
        trace += P[k, k]
    for chunk in numba.prange((particles + CHUNK - 1) // CHUNK):
        c, e = np.empty(d), np.empty(d)
        for i in range(chunk * CHUNK, min(particles, (chunk + 1) * CHUNK)):
            square = along = 0.0
            for k in range(d):
                c[k] = v[i, k] - centre[0, k]
                e[k] = s[i, k] - centre[1, k] - slope * c[k]
                square += c[k] * c[k]
                along += c[k] * e[k]
            for k in range(d):
                moved = (mass * square + trace) * e[k] - mass * along * c[k] - skew[k]
                for m in range(d):
                    moved += c[m] * Q[m, k] - e[m] * P[m, k]
                out[i, k] = -strength * moved
