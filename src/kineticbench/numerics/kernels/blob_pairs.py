"""Sums of Gaussian blobs over near pairs, by cell lists: bins of velocity space, particles sorted by bin.

Bins divide the first axes, three at most; the bins of the last of them are contiguous in the sorted particles, so a
target meets a few long runs of neighbours. These are taken in blocks that stay in the first-level cache, with an
exponential that the compiler vectorises: e^(−q) = (e^(−q/32))^32, the inner one by its Taylor series to y¹³ about the
middle of its range, good to 1e-14.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

BLOCK = 128
CHUNKS = 64
MATHS = {"reassoc", "contract", "nsz", "arcp"}
# e^(−q) is taken for 0 ≤ q ≤ LARGEST, and is zero beyond.
LARGEST = 28.125
_MIDDLE = LARGEST / 64
_MIDDLE_VALUE = math.exp(-_MIDDLE)


@njit(error_model="numpy", fastmath=MATHS, inline="always")
def _exponential(q):
    y = _MIDDLE - q * 0.03125
    value = 1.0 + y / 13
    value = 1.0 + y * value / 12
    value = 1.0 + y * value / 11
    value = 1.0 + y * value / 10
    value = 1.0 + y * value / 9
    value = 1.0 + y * value / 8
    value = 1.0 + y * value / 7
    value = 1.0 + y * value / 6
    value = 1.0 + y * value / 5
    value = 1.0 + y * value / 4
    value = 1.0 + y * value / 3
    value = 1.0 + y * value / 2
    value = _MIDDLE_VALUE * (1.0 + y * value)
    value *= value
    value *= value
    value *= value
    value *= value
    return value * value


@njit(error_model="numpy", inline="always")
def _bin(x, low, inverse, bins):
    return min(max(np.int64(math.floor((x - low) * inverse)), 0), bins - 1)


@njit(error_model="numpy", cache=True)
def sort(v, low, inverse, bins):
    """Particles by bin, and where each bin begins.

    Parameters
    ----------
    v
        (particle, d).
    low, inverse, bins
        Of the binned axes, the first ones, each (axis,): where they begin, bins per unit, and how many.

    Returns
    -------
    order
        (particle,): which particle stands where, by bin and then by number.
    begin
        (bins + 1,): first place of each bin, the last axis fastest.
    """
    home = np.empty(len(v), np.int64)
    begin = np.zeros(bins.prod() + 1, np.int64)
    for i in range(len(v)):
        index = 0
        for a in range(bins.size):
            index = index * bins[a] + _bin(v[i, a], low[a], inverse[a], bins[a])
        home[i] = index
        begin[index + 1] += 1
    for b in range(begin.size - 1):
        begin[b + 1] += begin[b]
    free = begin[:-1].copy()
    order = np.empty(len(v), np.int64)
    for i in range(len(v)):
        order[free[home[i]]] = i
        free[home[i]] += 1
    return order, begin


@njit(error_model="numpy", fastmath=MATHS, inline="always")
def _run(y, x, charges, first, last, inverse_variance, q, sums):
    """Adds particles first, …, last − 1 to the sums of one target."""
    d = y.size
    for start in range(first, last, BLOCK):
        size = min(BLOCK, last - start)
        near = q[:size]
        near[:] = 0
        for a in range(d):
            place, line = y[a], x[a, start : start + size]
            for k in range(size):
                near[k] += (place - line[k]) ** 2
        for k in range(size):
            half = near[k] * (0.5 * inverse_variance)
            near[k] = _exponential(min(half, LARGEST)) if half < LARGEST else 0.0
        for c in range(charges.shape[0]):
            charge = charges[c, start : start + size]
            total = 0.0
            for k in range(size):
                total += charge[k] * near[k]
            sums[c, d] += total
            for a in range(d):
                line = x[a, start : start + size]
                moment = 0.0
                for k in range(size):
                    moment += charge[k] * near[k] * (y[a] - line[k])
                sums[c, a] += moment


@njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def near_sums(targets, x, charges, begin, low, inverse, bins, variance, out):
    """Σ_j b_cj e^(−|y−v_j|²/2ε) (y − v_j, 1) for each target y and each kind of charge c.

    Parameters
    ----------
    targets
        (target, d).
    x, charges
        Sorted particles (d, particle) and their charges b (kind, particle).
    begin, low, inverse, bins
        As of `sort`.
    variance
        ε.
    out
        (target, kind, d + 1), filled.
    """
    number = len(targets)
    reach = math.sqrt(2 * LARGEST * variance)
    share = (number + CHUNKS - 1) // CHUNKS
    axes = bins.size
    for chunk in prange(CHUNKS):
        q = np.empty(BLOCK)
        least, most = np.zeros(3, np.int64), np.zeros(3, np.int64)
        for i in range(min(chunk * share, number), min((chunk + 1) * share, number)):
            y, sums = targets[i], out[i]
            sums[:] = 0
            for a in range(axes):
                b = 3 - axes + a
                least[b] = _bin(y[a] - reach, low[a], inverse[a], bins[a])
                most[b] = _bin(y[a] + reach, low[a], inverse[a], bins[a])
            middle = bins[axes - 2] if axes > 1 else 1
            for i0 in range(least[0], most[0] + 1):
                for i1 in range(least[1], most[1] + 1):
                    row = (i0 * middle + i1) * bins[axes - 1]
                    _run(y, x, charges, begin[row + least[2]], begin[row + most[2] + 1], 1 / variance, q, sums)
