"""Sums of Gaussian kernels over weighted particles, cut off where the kernel is below rounding's notice.

Each adds Σ_i w_i Π_a exp(−½ ((x_a − v_ia) / h_a)²) to `out`; normalisation is left to the caller. On a tensor grid the
kernel factors, so that a particle costs one exponential for each node of each axis within reach, and one multiplication
for each node of the grid within reach.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _factors(axis, centre, width, reach, out):
    """Fill `out` with the kernel at the nodes of an ascending axis within reach; returns the first and one past."""
    first = np.searchsorted(axis, centre - reach * width)
    last = np.searchsorted(axis, centre + reach * width)
    for i in range(first, last):
        z = (axis[i] - centre) / width
        out[i - first] = np.exp(-0.5 * z * z)
    return first, last


@njit(cache=True, nogil=True)
def plane(v, weights, width, x, y, reach, out):
    """Add the kernels of particles v (n, 2) on the grid x × y, out (x.size, y.size)."""
    along_x, along_y = np.empty(x.size), np.empty(y.size)
    for particle in range(v.shape[0]):
        i0, i1 = _factors(x, v[particle, 0], width[0], reach, along_x)
        j0, j1 = _factors(y, v[particle, 1], width[1], reach, along_y)
        for i in range(i0, i1):
            share = weights[particle] * along_x[i - i0]
            for j in range(j0, j1):
                out[i, j] += share * along_y[j - j0]


@njit(cache=True, nogil=True)
def space(v, weights, width, x, y, z, reach, out):
    """Add the kernels of particles v (n, 3) on the grid x × y × z, out (x.size, y.size, z.size)."""
    along_x, along_y, along_z = np.empty(x.size), np.empty(y.size), np.empty(z.size)
    for particle in range(v.shape[0]):
        i0, i1 = _factors(x, v[particle, 0], width[0], reach, along_x)
        j0, j1 = _factors(y, v[particle, 1], width[1], reach, along_y)
        k0, k1 = _factors(z, v[particle, 2], width[2], reach, along_z)
        for i in range(i0, i1):
            for j in range(j0, j1):
                share = weights[particle] * along_x[i - i0] * along_y[j - j0]
                for k in range(k0, k1):
                    out[i, j, k] += share * along_z[k - k0]


@njit(cache=True, nogil=True)
def anywhere(v, weights, points, reach, out):
    """Add the kernels of particles v (n, d) at points (m, d), both in units of the bandwidth."""
    limit = reach * reach
    for point in range(points.shape[0]):
        total = 0.0
        for particle in range(v.shape[0]):
            squared = 0.0
            for axis in range(v.shape[1]):
                gap = points[point, axis] - v[particle, axis]
                squared += gap * gap
                if squared > limit:
                    break
            if squared <= limit:
                total += weights[particle] * np.exp(-0.5 * squared)
        out[point] += total
