"""Pair sums in two and three dimensions: every pair is met once, tile by tile, and pushes both of its particles.

A pair costs three subtractions for z, three for the scores, one reciprocal root and seventeen multiplications or fused
ones; that it serves both particles nearly halves the cost. Two rows i go through a tile together, so that the particles
j are loaded, and what they gain is stored, half as often. Slices instead of index ranges let the compiler see that no
index is negative; otherwise it gathers, and all of it is seven times slower. An integer beside a float32 makes a
float64 in numba, hence the typed constants; they belong to the kernel and are no arguments, so that the compiler knows
their values inside a parallel loop too.

Sums over a tile are in the particles' precision and those over tiles in double, so that momentum and energy are kept
to the rounding of single terms. Rows of tiles are dealt to `LANES` private sums, which are added in order, so that the
answer does not depend on the number of threads.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable

import numba
import numpy as np

from .fused import fma, reciprocal_root, wide

TILE = 768  # particles
LANES = 16
# Sums may be reordered, multiplications fused, and roots and divisions taken by refined estimates (single precision).
MATHS = {"reassoc", "contract", "nsz", "arcp", "afn", "nnan", "ninf"}
COULOMB, QUADRATIC, INVERSE, MAXWELL, HARD = range(5)
MODELS = {-3.0: COULOMB, -2.0: QUADRATIC, -1.0: INVERSE, 0.0: MAXWELL, 1.0: HARD}  # by the exponent γ


@functools.cache
def kernel(d: int, exponent: float, equal: bool, precision: str) -> Callable:
    """`mutual` for 2 or 3 dimensions, an exponent of `MODELS`, equal or any weights, and float32 or float64."""
    return _make(d == 3, MODELS[exponent], equal, np.dtype(precision).type(1))


def row(size: int, precision: str) -> int:
    """Length of the rows of `data`: a multiple of 4096 bytes apart they would share the same few lines of the cache."""
    page = 4096 // np.dtype(precision).itemsize
    return size + (3 * page // 4 - size) % page if size > TILE else size


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _push(dx, dy, dz, da, db, dc, tiny, one, space, model):
    """Factor and direction of |z|^γ (|z|² − z zᵀ)(s_i − s_j) of one pair; a factor 0 where |z|² is below `tiny`."""
    square = dx * dx + dy * dy
    along = dx * da + dy * db
    if space:
        square = square + dz * dz
        along = along + dz * dc
    if model == 3:
        return one, square * da - along * dx, square * db - along * dy, square * dc - along * dz
    safe = max(square, tiny)
    if model == 0:
        factor = reciprocal_root(safe)
        along = along * (factor * factor)
    else:
        along = along / safe
        factor = one
        if model == 2:
            factor = math.sqrt(safe)
        elif model == 4:
            factor = safe * math.sqrt(safe)
    factor = factor if square > tiny else one - one
    return factor, da - along * dx, db - along * dy, dc - along * dz


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _one_row(i, data, first, last, tiny, one, gained, total, space, model, equal):
    """Row i against the particles first, …, last − 1, which lose what it gains; theirs goes to `gained` from 0 on."""
    x, y, z = data[0, first:last], data[1, first:last], data[2, first:last]
    a, b, c, w = data[3, first:last], data[4, first:last], data[5, first:last], data[6, first:last]
    gx, gy, gz = gained[0, : last - first], gained[1, : last - first], gained[2, : last - first]
    xi, yi, zi, ai, bi, ci, wi = data[0, i], data[1, i], data[2, i], data[3, i], data[4, i], data[5, i], data[6, i]
    p = q = r = one - one
    for j in range(x.size):
        m, f, g, h = _push(xi - x[j], yi - y[j], zi - z[j], ai - a[j], bi - b[j], ci - c[j], tiny, one, space, model)
        if not equal:
            m = m * (wi * w[j])
        p, q = fma(m, f, p), fma(m, g, q)
        gx[j], gy[j] = fma(-m, f, gx[j]), fma(-m, g, gy[j])
        if space:
            r = fma(m, h, r)
            gz[j] = fma(-m, h, gz[j])
    total[0, i] += p
    total[1, i] += q
    total[2, i] += r


@numba.njit(error_model="numpy", fastmath=MATHS, inline="always")
def _two_rows(i, data, first, last, tiny, one, gained, total, space, model, equal):
    """Rows i and i + 1 at once."""
    x, y, z = data[0, first:last], data[1, first:last], data[2, first:last]
    a, b, c, w = data[3, first:last], data[4, first:last], data[5, first:last], data[6, first:last]
    gx, gy, gz = gained[0, : last - first], gained[1, : last - first], gained[2, : last - first]
    xi, yi, zi, ai, bi, ci, wi = data[0, i], data[1, i], data[2, i], data[3, i], data[4, i], data[5, i], data[6, i]
    k = i + 1
    xk, yk, zk, ak, bk, ck, wk = data[0, k], data[1, k], data[2, k], data[3, k], data[4, k], data[5, k], data[6, k]
    pi = qi = ri = pk = qk = rk = one - one
    for j in range(x.size):
        xj, yj, zj, aj, bj, cj = x[j], y[j], z[j], a[j], b[j], c[j]
        mi, fi, gi, hi = _push(xi - xj, yi - yj, zi - zj, ai - aj, bi - bj, ci - cj, tiny, one, space, model)
        mk, fk, gk, hk = _push(xk - xj, yk - yj, zk - zj, ak - aj, bk - bj, ck - cj, tiny, one, space, model)
        if not equal:
            mi, mk = mi * (wi * w[j]), mk * (wk * w[j])
        pi, qi = fma(mi, fi, pi), fma(mi, gi, qi)
        pk, qk = fma(mk, fk, pk), fma(mk, gk, qk)
        gx[j] = fma(-mk, fk, fma(-mi, fi, gx[j]))
        gy[j] = fma(-mk, gk, fma(-mi, gi, gy[j]))
        if space:
            ri, rk = fma(mi, hi, ri), fma(mk, hk, rk)
            gz[j] = fma(-mk, hk, fma(-mi, hi, gz[j]))
    total[0, i] += pi
    total[1, i] += qi
    total[2, i] += ri
    total[0, k] += pk
    total[1, k] += qk
    total[2, k] += rk


def _make(space: bool, model: int, equal: bool, one: np.floating) -> Callable:
    @numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
    def mutual(data, tiny, totals):
        """Add Σ_j w_i w_j |z|^γ (|z|² − z zᵀ)(s_i − s_j), or the same without weights where `equal`.

        Parameters
        ----------
        data
            (group, 7, `row(p)`): velocities, scores and weights in 3 + 3 + 1 rows; in the plane rows 2 and 5 are zero.
        tiny
            The |z|² up to which particles coincide, in the particles' precision.
        totals
            (group, lane, 3, p) float64, zeros; the sum over lanes is the answer.
        """
        groups, lanes, _, size = totals.shape
        tiles = (size + TILE - 1) // TILE
        for task in numba.prange(groups * lanes):
            wide()
            own, total = data[task // lanes], totals[task // lanes, task % lanes]
            gained = np.empty((3, TILE), data.dtype)
            for row in range(task % lanes, tiles, lanes):
                start, stop = row * TILE, min(size, (row + 1) * TILE)
                gained[:] = 0
                for i in range(start, stop - 1):
                    rest = gained[:, i + 1 - start :]
                    _one_row(i, own, i + 1, stop, tiny, one, rest, total, space, model, equal)
                for k in range(3):
                    for j in range(stop - start):
                        total[k, start + j] += gained[k, j]
                # Each tile meets the half of the others that follows it on a circle; opposite ones meet once.
                meetings = (tiles - 1) // 2 + (1 if tiles % 2 == 0 and row < tiles // 2 else 0)
                for offset in range(1, meetings + 1):
                    other = (row + offset) % tiles
                    first, last = other * TILE, min(size, (other + 1) * TILE)
                    gained[:] = 0
                    for i in range(start, stop - 1, 2):
                        _two_rows(i, own, first, last, tiny, one, gained, total, space, model, equal)
                    if (stop - start) % 2:
                        _one_row(stop - 1, own, first, last, tiny, one, gained, total, space, model, equal)
                    for k in range(3):
                        for j in range(last - first):
                            total[k, first + j] += gained[k, j]

    return mutual
