"""Divergence of the Landau velocity field at every particle by the direct sum over all others, tile by tile."""

from __future__ import annotations

import math

import numba
import numpy as np

TILE = 512
MATHS = {"reassoc", "contract", "nsz", "arcp"}


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def divergence(v, s, w, jacobian, exponent, out):
    """Fill out (N,) with Σ_j w_j |z|^γ (|z|² tr J_i − zᵀJ_i z − (d − 1) z·(s_i − s_j)), z = v_i − v_j.

    Parameters
    ----------
    v, s
        Velocities and scores as rows of components, (d, N).
    w
        Weights (N,).
    jacobian
        ∂s/∂v at the particles, (N, d, d).
    exponent
        γ; coincident particles add nothing.
    out
        (N,), in the particles' precision; sums over tiles are in double.
    """
    d, particles = v.shape
    real = v.dtype.type
    for i in numba.prange(particles):
        trace = real(0)
        for m in range(d):
            trace += jacobian[i, m, m]
        square, value = np.empty(TILE, v.dtype), np.empty(TILE, v.dtype)
        total = 0.0
        for start in range(0, particles, TILE):
            size = min(TILE, particles - start)
            square[:size] = 0
            value[:size] = 0
            for m in range(d):
                v_m, s_m, v_i, s_i = v[m, start : start + size], s[m, start : start + size], v[m, i], s[m, i]
                for j in range(size):
                    z = v_i - v_m[j]
                    square[j] += z * z
                    value[j] -= real(d - 1) * z * (s_i - s_m[j]) + jacobian[i, m, m] * z * z
                for n in range(m):
                    v_n, v_k = v[n, start : start + size], v[n, i]
                    both = jacobian[i, m, n] + jacobian[i, n, m]
                    for j in range(size):
                        value[j] -= both * (v_i - v_m[j]) * (v_k - v_n[j])
            part = real(0)
            w_j = w[start : start + size]
            for j in range(size):
                term = value[j] + trace * square[j]
                if exponent == -3.0:
                    apart = max(square[j], real(1e-24))  # whose power 3/2 is a normal number in single precision
                    part += w_j[j] * term / (apart * np.sqrt(apart))
                elif exponent == 0.0:
                    part += w_j[j] * term
                elif square[j] > 0:
                    part += w_j[j] * term * real(math.exp(0.5 * exponent * math.log(square[j])))
            total += part
        out[i] = total
