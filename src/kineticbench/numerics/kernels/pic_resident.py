"""Particle-in-cell for many small cases: the whole march of one case stays in the first-level cache.

A case's particles are few and often lie close together, so its field is not solved on the grid. The Fourier solution
is a circular convolution, E_i = Σ_j G_(i−j) ρ_j, and only the nodes that the particles touch need it: the sum over
that window is exact, has no transform and no traffic, and becomes the whole grid where the particles fill the box.

Positions are held in cells and velocities in cells a step, so that drift, index and wrap need no constants but the
number of cells. Successive particles deposit into `COPIES` separate tables: an addition to an address must wait for the
last one to the same address to be forwarded, and particles of one cell often follow one another.
"""

from __future__ import annotations

import numba
import numpy as np

COPIES = 4
# Sums may be reordered and multiplications fused; infinities and NaN keep their meaning.
MATHS = {"reassoc", "contract", "nsz"}


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def wrapped(moved, cells_real, inverse):
    """A position in [0, M] from one anywhere; 0 where rounding or a huge velocity would lead out of the tables."""
    x = moved - cells_real * np.floor(moved * inverse)
    return x if x >= 0 and x <= cells_real else cells_real * 0


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _deposit(cell, fraction, weights, weighted, tables, density, low, high):
    """Cloud-in-cell charge at the nodes low, …, high + 1; no particle lies in a cell outside low, …, high."""
    stride = tables.shape[0] // COPIES
    particles = cell.size
    for k in range(COPIES):
        for j in range(low, high + 1):
            tables[k * stride + j, 0] = 0
            tables[k * stride + j, 1] = 0
    if weighted:
        for i in range(particles):
            j = cell[i] + (i % COPIES) * stride
            tables[j, 0] += weights[i] * (1 - fraction[i])
            tables[j, 1] += weights[i] * fraction[i]
    else:
        whole = particles - particles % COPIES
        for start in range(0, whole, COPIES):
            for k in range(COPIES):
                j = cell[start + k] + k * stride
                tables[j, 0] += 1 - fraction[start + k]
                tables[j, 1] += fraction[start + k]
        for i in range(whole, particles):
            tables[cell[i], 0] += 1 - fraction[i]
            tables[cell[i], 1] += fraction[i]
    density[low] = 0
    for j in range(low, high + 1):
        left, right = tables[j, 0], tables[j, 1]
        for k in range(1, COPIES):
            left += tables[k * stride + j, 0]
            right += tables[k * stride + j, 1]
        density[j] += left
        density[j + 1] = right


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _convolve(density, response, field, low, high, first, last):
    """E_i = Σ_j G_(i−j) ρ_j at the nodes first, …, last, for charges at the nodes low, …, high."""
    centre = response.size // 2
    for i in range(first, last + 1):
        field[i] = 0
    for j in range(low, high + 1):
        charge = density[j]
        if charge != 0:
            shift = centre - j
            for i in range(first, last + 1):
                field[i] += charge * response[i + shift]


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def march(positions, velocities, weights, response, scale, kick_first, snapshots, records, out_q, out_p, out_series):
    """March every case and write its states and scalars at the steps asked for.

    Parameters
    ----------
    positions, velocities
        (case, particle), physical units, positions in the box.
    weights
        (case, particle), or (1, 1) where all are equal; those are already in `response` then.
    response
        float64; velocity that half a kick gives at node i per unit of charge at node j, at [i − j + (size // 2)], in
        cells a step; 2M + 5 entries.
    scale
        Cells per unit length, cells a step per unit velocity, M, 1/M, L: five numbers of the particles' type.
    kick_first
        True: kick, drift, kick. False: one half-kick at the start, then drift, kick.
    snapshots, records
        (step + 1,): which row of `out_q`, `out_p` and which column of `out_series` a step fills, or −1.
    out_q, out_p
        (snapshot, case, particle).
    out_series
        (case, record, 6): Σ_j a_j² over the nodes; real and imaginary part of Σ_j a_j exp(−2πij/M); Σ w v; Σ w v²;
        Σ_j of the density, where a and v are in the units of `response`.
    """
    cases, particles = positions.shape
    to_cells, to_step, cells_real, inverse, length = scale
    cells = response.size // 2 - 2
    weighted = weights.size > 1
    for case in numba.prange(cases):
        x = positions[case] * to_cells
        v = velocities[case] * to_step
        w = weights[case % weights.shape[0]]
        kick, fraction = np.empty_like(x), np.empty_like(x)
        cell = np.empty(particles, np.uint32)
        tables = np.empty((COPIES * (cells + 1), 2))
        density, field = np.zeros(cells + 2), np.zeros(cells + 2)
        level, slope = np.zeros(cells + 1, x.dtype), np.zeros(cells + 1, x.dtype)
        for step in range(snapshots.size):
            if step > 0:
                for i in range(particles):
                    if kick_first:
                        v[i] += kick[i]
                    x[i] = wrapped(x[i] + v[i], cells_real, inverse)
            least, most = cells_real, x.dtype.type(0)
            for i in range(particles):
                whole = np.floor(x[i])
                fraction[i] = x[i] - whole
                cell[i] = np.uint32(np.int32(whole))
                least = min(least, whole)
                most = max(most, whole)
            low, high = np.int64(least), np.int64(most)
            _deposit(cell, fraction, w, weighted, tables, density, low, high)
            record = records[step]
            if record >= 0:
                _convolve(density, response, field, low, high + 1, 0, cells + 1)
            else:
                _convolve(density, response, field, low, high + 1, low, high + 1)
            for j in range(low, high + 1):
                level[j] = field[j]
                slope[j] = field[j + 1] - field[j]
            for i in range(particles):
                kick[i] = level[cell[i]] + fraction[i] * slope[cell[i]]
            if step > 0:
                for i in range(particles):
                    v[i] += kick[i]
            if snapshots[step] >= 0:
                row = snapshots[step]
                if step == 0:
                    out_q[row, case] = positions[case]
                    out_p[row, case] = velocities[case]
                else:
                    for i in range(particles):
                        q = x[i] / to_cells
                        out_q[row, case, i] = q if q < length else 0  # it may have been rounded up to L
                        out_p[row, case, i] = v[i] / to_step
            if record >= 0:
                _measure(field, cells, v, w, weighted, out_series[case, record])
                out_series[case, record, 5] = density[low : high + 2].sum()
            if step == 0 and not kick_first:
                for i in range(particles):
                    v[i] += kick[i]


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _measure(field, cells, v, w, weighted, out):
    square, real, imaginary, momentum, kinetic = 0.0, 0.0, 0.0, 0.0, 0.0
    for j in range(cells):
        angle = 2 * np.pi * j / cells
        square += np.float64(field[j]) ** 2
        real += field[j] * np.cos(angle)
        imaginary -= field[j] * np.sin(angle)
    for i in range(v.size):
        share = np.float64(w[i] if weighted else w[0])
        momentum += share * v[i]
        kinetic += share * np.float64(v[i]) ** 2
    out[0], out[1], out[2], out[3], out[4] = square, real, imaginary, momentum, kinetic
