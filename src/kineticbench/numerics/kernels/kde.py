"""Sums of Gaussian kernels over weighted particles, cut off where the kernel is below rounding's notice.

Each adds Σ_i w_i Π_a exp(−½ ((x_a − v_ia) / h_a)²) to `out`; normalisation is left to the caller. On a tensor grid the
kernel factors, so that a particle costs one exponential for each node of each axis within reach, and one multiplication
for each node of the grid within reach. Slices instead of index ranges let the compiler see that no index is negative,
and vectorise; so does the exponential of `blob_pairs`, which calls no library.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from .blob_pairs import BLOCK, MATHS, _exponential
from .fused import wide


@njit(error_model="numpy", fastmath=MATHS, inline="always")
def _factors(axis, centre, width, reach, out):
    """Fill `out` with the kernel at the nodes of an ascending axis within reach; returns the first and one past."""
    first = np.searchsorted(axis, centre - reach * width)
    last = np.searchsorted(axis, centre + reach * width)
    nodes, values, inverse = axis[first:last], out[: last - first], 1 / width
    for i in range(nodes.size):
        z = (nodes[i] - centre) * inverse
        values[i] = _exponential(0.5 * z * z)
    return first, last


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS)
def plane(v, weights, width, x, y, reach, out):
    """Add the kernels of particles v (n, 2) on the grid x × y, out (x.size, y.size)."""
    wide()
    along_x, along_y = np.empty(x.size), np.empty(y.size)
    for particle in range(v.shape[0]):
        i0, i1 = _factors(x, v[particle, 0], width[0], reach, along_x)
        j0, j1 = _factors(y, v[particle, 1], width[1], reach, along_y)
        for i in range(i0, i1):
            share, line = weights[particle] * along_x[i - i0], out[i, j0:j1]
            for j in range(line.size):
                line[j] += share * along_y[j]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS)
def space(v, weights, width, x, y, z, reach, out):
    """Add the kernels of particles v (n, 3) on the grid x × y × z, out (x.size, y.size, z.size)."""
    wide()
    along_x, along_y, along_z = np.empty(x.size), np.empty(y.size), np.empty(z.size)
    for particle in range(v.shape[0]):
        i0, i1 = _factors(x, v[particle, 0], width[0], reach, along_x)
        j0, j1 = _factors(y, v[particle, 1], width[1], reach, along_y)
        k0, k1 = _factors(z, v[particle, 2], width[2], reach, along_z)
        for i in range(i0, i1):
            for j in range(j0, j1):
                share, line = weights[particle] * along_x[i - i0] * along_y[j - j0], out[i, j, k0:k1]
                for k in range(line.size):
                    line[k] += share * along_z[k]


@njit(cache=True, nogil=True, error_model="numpy", fastmath=MATHS)
def anywhere(v, weights, points, reach, out):
    """Add the kernels of particles v (d, n) at points (m, d), both in units of the bandwidth."""
    wide()
    limit = 0.5 * reach * reach
    halves = np.empty(BLOCK)
    for point in range(points.shape[0]):
        total = 0.0
        for start in range(0, v.shape[1], BLOCK):
            share = weights[start : start + BLOCK]
            half = halves[: share.size]
            half[:] = 0
            for axis in range(v.shape[0]):
                place, line = points[point, axis], v[axis, start : start + BLOCK]
                for k in range(half.size):
                    gap = place - line[k]
                    half[k] += 0.5 * gap * gap
            for k in range(half.size):
                total += share[k] * _exponential(min(half[k], limit)) if half[k] <= limit else 0.0
        out[point] += total
