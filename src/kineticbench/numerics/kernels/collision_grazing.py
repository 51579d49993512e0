"""One step of random-pair grazing collisions."""

from __future__ import annotations

import math

import numba
import numpy as np

from .collision_rotation import stream, turn, uniform

_BLOCK = 256


@numba.njit(cache=True)
def shuffle(order, key):
    """Bring an order into a uniformly random one, in place (Fisher and Yates)."""
    state = stream(key, 0)
    for i in range(order.size - 1, 0, -1):
        u, state = uniform(state)
        j = min(int(u * (i + 1)), i)
        order[i], order[j] = order[j], order[i]


@numba.njit(parallel=True, error_model="numpy", cache=True)
def collide(v, order, exponent, variance, key):
    """Turn the relative velocity of particles order[2k], order[2k + 1] by Brownian motion on its sphere; in place.

    Parameters
    ----------
    v
        (N, d) float64.
    order
        (N,), a permutation; where N is odd the last particle rests.
    exponent
        γ.
    variance
        Of a tangential component of the direction where |z| = 1; elsewhere |z|^γ times that.
    key
        uint64, of this step.
    """
    pairs, d = order.size // 2, v.shape[1]
    for block in numba.prange((pairs + _BLOCK - 1) // _BLOCK):
        z, middle, work = np.empty(d), np.empty(d), np.empty(d)
        for pair in range(block * _BLOCK, min(pairs, (block + 1) * _BLOCK)):
            i, j = order[2 * pair], order[2 * pair + 1]
            square = 0.0
            for k in range(d):
                z[k] = v[i, k] - v[j, k]
                middle[k] = 0.5 * (v[i, k] + v[j, k])
                square += z[k] * z[k]
            if square > 0:
                size = variance if exponent == 0 else variance * math.pow(square, 0.5 * exponent)
                turn(z, size, stream(key, pair + 1), work)
                for k in range(d):
                    v[i, k] = middle[k] + 0.5 * z[k]
                    v[j, k] = middle[k] - 0.5 * z[k]
