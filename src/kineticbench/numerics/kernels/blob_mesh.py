"""Gaussian blobs of particles summed onto the cells of a mesh, and a field of the mesh gathered back, in O(N).

A Gaussian is a product of one factor per axis, so a particle needs one short table of exponentials along each axis,

    e^(−(t−o)²/2s²) = e^(−t²/2s²) (e^(t/s²))^o e^(−o²/2s²),    o = −m, …, m cells,

where t in [−½, ½] is its place in its cell and s the standard deviation in cells: two exponentials, a recurrence and
constants. Meshes have three axes; in two dimensions the first has one cell. They are padded, so that no blob that
touches the inner cells leaves the array. Particles are deposited in a fixed number of chunks, each onto its own copy of
the mesh, and the copies are added in order: results do not depend on the number of threads.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

CHUNKS = 8
MATHS = {"reassoc", "contract", "nsz"}


@njit(error_model="numpy", fastmath=MATHS, inline="always")
def _table(t, m, inverse_variance, bell, psi):
    value = math.exp(-(0.5 * t * t + m * t) * inverse_variance)
    ratio = math.exp(t * inverse_variance)
    for k in range(psi.size):
        psi[k] = value * bell[k]
        value *= ratio


@njit(error_model="numpy", fastmath=MATHS, inline="always")
def _slope_table(t, m, psi, slope):
    for k in range(psi.size):
        slope[k] = (k - m - t) * psi[k]


@njit(error_model="numpy", inline="always")
def _reaches(x, m, pad, cells):
    """Whether a blob at x, in cells of the padded mesh, touches an inner cell; False for NaN too."""
    return x > pad - m - 0.5 and x < pad + cells + m - 0.5


@njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def deposit(v, w, low, inverse_width, inverse_variance, m, bell, pad, cells, shape, copies, spans):
    """Σ_k w_k e^(−(c−v_k)²/2ε) onto each chunk's own copy of the mesh.

    Parameters
    ----------
    v, w
        (particle, d) with d = 2 or 3, and (particle,).
    low
        (d,): centre of the first cell of the padded mesh.
    inverse_width, inverse_variance
        1/h, and h²/ε.
    m, bell
        Reach of a blob in cells; e^(−o²/2s²) at o = −m, …, at least to m, (width,).
    pad, cells, shape
        Cells around the inner mesh, n of the inner one along each axis, and the three lengths of the padded one.
    copies
        (CHUNKS, cells of the padded mesh): overwritten within the spans.
    spans
        (CHUNKS, 3), integers: first and one past the last entry that was touched; how many particles of the chunk
        lie outside the inner mesh.
    """
    particles, d = v.shape
    plane, row = shape[1] * shape[2], shape[2]
    width = bell.size
    share = (particles + CHUNKS - 1) // CHUNKS
    for chunk in prange(CHUNKS):
        first, last = min(chunk * share, particles), min((chunk + 1) * share, particles)
        copy = copies[chunk]
        bases = np.empty(last - first, np.int64)
        lowest, highest, outside = copy.size, 0, 0
        for i in range(first, last):
            base, touches, inside = 0, True, True
            for a in range(d):
                x = (v[i, a] - low[a]) * inverse_width
                touches = touches and _reaches(x, m, pad, cells)
                inside = inside and x >= pad - 0.5 and x <= pad + cells - 0.5
                if touches:
                    base = base * shape[3 - d + a] + np.int64(math.floor(x + 0.5)) - m
            bases[i - first] = base if touches else -1
            outside += 0 if inside else 1
            if touches:
                lowest, highest = min(lowest, base), max(highest, base)
        highest = max(lowest, highest + (2 * m * plane if d == 3 else 0) + 2 * m * row + width)
        spans[chunk, 0], spans[chunk, 1], spans[chunk, 2] = lowest, highest, outside
        for k in range(lowest, highest):
            copy[k] = 0
        one, two, three = np.ones(1, v.dtype), np.empty(width, v.dtype), np.empty(width, v.dtype)
        if d == 3:
            one = np.empty(width, v.dtype)
        planes = 2 * m + 1 if d == 3 else 1
        for i in range(first, last):
            base = bases[i - first]
            if base < 0:
                continue
            if d == 3:
                x = (v[i, 0] - low[0]) * inverse_width
                _table(x - math.floor(x + v.dtype.type(0.5)), m, inverse_variance, bell, one)
            y, z = (v[i, d - 2] - low[d - 2]) * inverse_width, (v[i, d - 1] - low[d - 1]) * inverse_width
            _table(y - math.floor(y + v.dtype.type(0.5)), m, inverse_variance, bell, two)
            _table(z - math.floor(z + v.dtype.type(0.5)), m, inverse_variance, bell, three)
            for p in range(planes):
                weight = w[i] * one[p]
                for q in range(2 * m + 1):
                    factor = weight * two[q]
                    start = base + p * plane + q * row
                    line = copy[start : start + width]  # a slice has no negative indices, so its loop is vectorised
                    for k in range(width):
                        line[k] += factor * three[k]


@njit(parallel=True, error_model="numpy", cache=True)
def reduce(copies, spans, scale, floor, pad, cells, shape, d, density, logarithm, entropy):
    """The copies added in order: f̃ on the inner cells, ln max(f̃, floor) there and zero around, and Σ f̃ ln f̃.

    Parameters
    ----------
    copies, spans, pad, cells, shape
        As of `deposit`.
    scale
        Normalisation of a blob, (2πε)^(−d/2).
    floor
        Least value whose logarithm is taken.
    d
        2 or 3.
    density
        (n^d,), filled.
    logarithm
        (cells of the padded mesh,), its inner cells filled.
    entropy
        (rows,): Σ f̃ ln f̃ of each row of the inner mesh, n^(d−1) of them.
    """
    rows = cells ** (d - 1)
    for r in prange(rows):
        i, j = r // cells, r % cells
        start = (pad + j) * shape[2] + pad
        if d == 3:
            start += (pad + i) * shape[1] * shape[2]
        out = density[r * cells : (r + 1) * cells]
        out[:] = 0
        for chunk in range(CHUNKS):
            copy = copies[chunk]
            begin = max(start, spans[chunk, 0])
            for k in range(begin, min(start + cells, spans[chunk, 1])):
                out[k - start] += copy[k]
        total = 0.0
        for k in range(cells):
            value = out[k] * scale
            out[k] = value
            logarithm[start + k] = math.log(max(value, floor))
            total += value * logarithm[start + k] if value > 0 else 0.0
        entropy[r] = total


@njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def gather(v, low, inverse_width, inverse_variance, m, bell, pad, cells, shape, field, scale, out):
    """Σ_l φ_l ∇_v e^(−(v−c_l)²/2ε) at the velocities v; zero where a blob would touch no inner cell.

    Parameters
    ----------
    v, low, inverse_width, inverse_variance, m, bell, pad, cells, shape
        As of `deposit`.
    field
        (cells of the padded mesh,): φ.
    scale
        Factor of the result.
    out
        (particle, d), filled.
    """
    particles, d = v.shape
    plane, row = shape[1] * shape[2], shape[2]
    width = bell.size
    planes = 2 * m + 1 if d == 3 else 1
    share = (particles + CHUNKS - 1) // CHUNKS
    for chunk in prange(CHUNKS):
        psi = np.ones((3, width), v.dtype)
        slope = np.zeros((3, width), v.dtype)
        psi0, psi1, psi2, slope0, slope1, slope2 = psi[0], psi[1], psi[2], slope[0], slope[1], slope[2]
        for i in range(min(chunk * share, particles), min((chunk + 1) * share, particles)):
            base, touches = 0, True
            for a in range(d):
                x = (v[i, a] - low[a]) * inverse_width
                touches = touches and _reaches(x, m, pad, cells)
                if touches:
                    nearest = math.floor(x + v.dtype.type(0.5))
                    base = base * shape[3 - d + a] + np.int64(nearest) - m
                    _table(x - nearest, m, inverse_variance, bell, psi[3 - d + a])
                    _slope_table(x - nearest, m, psi[3 - d + a], slope[3 - d + a])
            along0, along1, along2 = v.dtype.type(0), v.dtype.type(0), v.dtype.type(0)
            for p in range(planes if touches else 0):
                level, tilt1, tilt2 = v.dtype.type(0), v.dtype.type(0), v.dtype.type(0)
                for q in range(2 * m + 1):
                    start = base + p * plane + q * row
                    line = field[start : start + width]
                    value, tilt = v.dtype.type(0), v.dtype.type(0)
                    for k in range(width):
                        value += psi2[k] * line[k]
                        tilt += slope2[k] * line[k]
                    level += psi1[q] * value
                    tilt1 += slope1[q] * value
                    tilt2 += psi1[q] * tilt
                along0 += slope0[p] * level
                along1 += psi0[p] * tilt1
                along2 += psi0[p] * tilt2
            if d == 3:
                out[i, 0] = scale * along0
            out[i, d - 2] = scale * along1
            out[i, d - 1] = scale * along2
