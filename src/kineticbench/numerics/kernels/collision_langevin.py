"""One step of the independent-particle equation of Maxwell molecules."""

from __future__ import annotations

import numba
import numpy as np

from .collision_rotation import normals, stream, turn

_BLOCK = 256


@numba.njit(parallel=True, error_model="numpy", cache=True)
def step(c, decay, before, variance, after, key):
    """Half a step of noise and friction, Brownian motion of the direction of c, the other half; in place.

    A half is c ← `decay` c + `before` ξ, the second with `after`, ξ normal.

    Parameters
    ----------
    c
        (N, d) float64, velocities about the mean.
    decay
        e^(−(d−1)BWh/2), of half a step.
    before, after
        (d, d) square roots of the covariances of the noise in either half.
    variance
        Of a tangential component of the direction.
    key
        uint64, of this step.
    """
    particles, d = c.shape
    for block in numba.prange((particles + _BLOCK - 1) // _BLOCK):
        noise, work = np.empty(d), np.empty(d)
        for i in range(block * _BLOCK, min(particles, (block + 1) * _BLOCK)):
            state = stream(key, i)
            for half in range(2):
                root = before if half == 0 else after
                state = normals(state, noise)
                for k in range(d):
                    moved = decay * c[i, k]
                    for m in range(d):
                        moved += root[k, m] * noise[m]
                    work[k] = moved
                for k in range(d):
                    c[i, k] = work[k]
                if half == 0:
                    state = turn(c[i], variance, state, work)
