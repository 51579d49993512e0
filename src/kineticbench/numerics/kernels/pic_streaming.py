"""Particle-in-cell for many particles: one pass over the particles a step, kick, drift and deposit together.

A step reads and writes each particle once: 32 bytes of traffic in double precision. Particles are taken in chunks of
fixed size, each with its own density, which are added in order afterwards, so that the answer does not depend on the
number of threads. Within a chunk, blocks that stay in the first-level cache go through four short loops instead of one:
field gather and kick, drift and wrap, index and fraction, deposit. All but the last then vectorise (one loop over all
of them does not: the compiler would have to prove too many pairs of arrays distinct, and stops at eight), and on Zen 4
this alone is twice as fast.

The deposit is the reason why single precision is not twice as fast as double. Its additions to two neighbouring entries
per particle are scalar in either precision, and are one 16-byte addition in double but two in single; so both
precisions deposit in double, which also keeps 10⁸ single-precision particles from losing their sum. The second reason
is a trap: in numba `float32 − int32` is a `float64`, and a fraction computed that way turns the whole loop to double.
Indices are unsigned, which spares the wrap of negative ones.
"""

from __future__ import annotations

import numba
import numpy as np

from .pic_resident import COPIES, MATHS, wrapped

BLOCK = 512
SMALLEST_CHUNK = 8192


def chunk_size(cells: int) -> int:
    """Particles of a chunk: enough that its density costs less than its particles."""
    return max(SMALLEST_CHUNK, 4 * cells)


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _kick(x, v, level, slope, sync, w, weighted):
    """Add E(x) to v for one block; Σ w v and Σ w v² of the velocities at the time of the positions."""
    momentum, kinetic = x.dtype.type(0), x.dtype.type(0)
    for i in range(x.size):
        whole = np.floor(x[i])
        j = np.uint32(np.int32(whole))
        kick = level[j] + (x[i] - whole) * slope[j]
        now = v[i] + sync * kick
        share = w[i] if weighted else w[0]
        momentum += share * now
        kinetic += share * now * now
        v[i] += kick
    return np.float64(momentum), np.float64(kinetic)


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _locate(x, cell, fraction):
    for i in range(x.size):
        whole = np.floor(x[i])
        fraction[i] = x[i] - whole
        cell[i] = np.uint32(np.int32(whole))


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _deposit(cell, fraction, w, weighted, t0, t1, t2, t3):
    """Adds w(1 − f), w f to a cell's pair; four tables, since an addition waits for the last one to its address."""
    size = cell.size
    if weighted:
        for i in range(0, size - 1, 2):
            j, share, f = cell[i], np.float64(w[i]), fraction[i] * w[i]
            t0[j, 0] += share - f
            t0[j, 1] += f
            j, share, f = cell[i + 1], np.float64(w[i + 1]), fraction[i + 1] * w[i + 1]
            t1[j, 0] += share - f
            t1[j, 1] += f
        if size % 2:
            j, share, f = cell[size - 1], np.float64(w[size - 1]), fraction[size - 1] * w[size - 1]
            t0[j, 0] += share - f
            t0[j, 1] += f
        return
    for i in range(0, size - 3, 4):
        j, f = cell[i], fraction[i]
        t0[j, 0] += 1 - f
        t0[j, 1] += f
        j, f = cell[i + 1], fraction[i + 1]
        t1[j, 0] += 1 - f
        t1[j, 1] += f
        j, f = cell[i + 2], fraction[i + 2]
        t2[j, 0] += 1 - f
        t2[j, 1] += f
        j, f = cell[i + 3], fraction[i + 3]
        t3[j, 0] += 1 - f
        t3[j, 1] += f
    for i in range(size - size % 4, size):
        j, f = cell[i], fraction[i]
        t0[j, 0] += 1 - f
        t0[j, 1] += f


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def step(x, v, weights, level, slope, sync, cells_real, chunk, drift, density, moments):
    """One kick, drift and deposit of every case; in place.

    Parameters
    ----------
    x, v
        (case, particle), in cells and cells a step.
    weights
        (case, particle), or (1, 1) where all are equal; the density then counts particles.
    level, slope
        (case, M + 1): velocity that the kick gives at node j, and by how much more at node j + 1.
    sync
        The part of the kick that brings the velocities to the time of the positions.
    cells_real
        M in the particles' type.
    chunk
        Particles of a chunk.
    drift
        False: deposit only; nothing moves.
    density
        (case, chunk, M + 1) float64: charge at the nodes; node M is node 0.
    moments
        (case, chunk, 2): Σ w v and Σ w v² before the drift.
    """
    cases, particles = x.shape
    chunks = density.shape[1]
    nodes = density.shape[2]
    weighted = weights.size > 1
    inverse = x.dtype.type(1) / cells_real
    for task in numba.prange(cases * chunks):
        case, part = task // chunks, task % chunks
        tables = np.zeros((COPIES, nodes, 2))
        t0, t1, t2, t3 = tables[0], tables[1], tables[2], tables[3]
        cell, fraction = np.empty(BLOCK, np.uint32), np.empty(BLOCK)
        row = weights[case % weights.shape[0]]
        momentum = kinetic = 0.0
        for start in range(part * chunk, min(particles, (part + 1) * chunk), BLOCK):
            stop = min(start + BLOCK, particles, (part + 1) * chunk)
            xb, vb = x[case, start:stop], v[case, start:stop]
            wb = row[start:stop] if weighted else row[0:1]
            if drift:
                one, two = _kick(xb, vb, level[case], slope[case], sync, wb, weighted)
                momentum += one
                kinetic += two
                for i in range(xb.size):
                    xb[i] = wrapped(xb[i] + vb[i], cells_real, inverse)
            _locate(xb, cell[: stop - start], fraction[: stop - start])
            _deposit(cell[: stop - start], fraction[: stop - start], wb, weighted, t0, t1, t2, t3)
        moments[case, part, 0] = momentum
        moments[case, part, 1] = kinetic
        out = density[case, part]
        out[0] = 0
        for j in range(nodes - 1):
            out[j] += t0[j, 0] + t1[j, 0] + t2[j, 0] + t3[j, 0]
            out[j + 1] = t0[j, 1] + t1[j, 1] + t2[j, 1] + t3[j, 1]
        # A position just below M + rounding may lie in cell M, which is cell 0.
        last = nodes - 1
        out[last] += t0[last, 0] + t1[last, 0] + t2[last, 0] + t3[last, 0]
        out[1 % last] += t0[last, 1] + t1[last, 1] + t2[last, 1] + t3[last, 1]


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def observe(x, v, level, slope, sync, scale, chunk, out_q, out_p):
    """Positions in the box and velocities at the time of the positions; `scale` is dx, dx/dt and L."""
    cases, particles = x.shape
    to_position, to_velocity, length = scale
    chunks = -(-particles // chunk)
    for task in numba.prange(cases * chunks):
        case, part = task // chunks, task % chunks
        stop = min(particles, (part + 1) * chunk)
        for i in range(part * chunk, stop):
            whole = np.floor(x[case, i])
            j = np.uint32(np.int32(whole))
            q = x[case, i] * to_position
            out_q[case, i] = q if q < length else 0
            kick = level[case, j] + (x[case, i] - whole) * slope[case, j]
            out_p[case, i] = (v[case, i] + sync * kick) * to_velocity
