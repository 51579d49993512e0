"""Row by row, Wasserstein distances of sorted samples: general weights on the line, any weights on the circle.

With F and G the distribution functions, W1 = ∫|F − G| dx on the line, and on a circle of circumference L the minimum of
∫|F − G − c| dx over c, which the length-weighted median of F − G attains (Rabin, Delon & Gousseau 2011; Delon, Salmon &
Sobolevski 2010). One thread each, without Python's lock, so that callers may run them on parts in threads.
"""

from __future__ import annotations

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def _merge(x, wx, y, wy, gaps, excess):
    """Walk through two sorted samples: lengths between neighbours and F − G on them; returns how many, and the span."""
    n, m = x.size, y.size
    i = j = count = 0
    total_x, total_y = wx.sum(), wy.sum()
    below_x = below_y = 0.0
    first = position = min(x[0], y[0])
    while i < n or j < m:
        step_x = j >= m or (i < n and x[i] <= y[j])
        here = x[i] if step_x else y[j]
        if here > position:
            gaps[count] = here - position
            excess[count] = below_x / total_x - below_y / total_y
            count += 1
            position = here
        if step_x:
            below_x += wx[i]
            i += 1
        else:
            below_y += wy[j]
            j += 1
    return count, position - first


@njit(cache=True, nogil=True)
def line_rows(x, wx, y, wy, out):
    """W1 on the line of each row of x (row, n) and y (row, m), sorted, with weights of any sums."""
    for row in range(x.shape[0]):
        gaps, excess = np.empty(x.shape[1] + y.shape[1]), np.empty(x.shape[1] + y.shape[1])
        count, _ = _merge(x[row], wx[row], y[row], wy[row], gaps, excess)
        total = 0.0
        for k in range(count):
            total += gaps[k] * abs(excess[k])
        out[row] = total


@njit(cache=True, nogil=True)
def line_squares(x, wx, y, wy, out):
    """W2² on the line, ∫₀¹ (F⁻¹ − G⁻¹)² du, of each row of x (row, n) and y (row, m), sorted, weights summing to one.

    Mass that rounding leaves over when one side is used up, and zero weights, do not count.
    """
    for row in range(x.shape[0]):
        i = j = 0
        left_x, left_y, total = wx[row, 0], wy[row, 0], 0.0
        while True:
            share = min(left_x, left_y)
            gap = x[row, i] - y[row, j]
            total += share * gap * gap
            left_x -= share
            left_y -= share
            if left_x <= left_y:
                i += 1
                if i == x.shape[1]:
                    break
                left_x += wx[row, i]
            else:
                j += 1
                if j == y.shape[1]:
                    break
                left_y += wy[row, j]
        out[row] = total


@njit(cache=True, nogil=True)
def circle_rows(x, wx, y, wy, length, out):
    """W1 on the circle of circumference `length` of each row of x and y, sorted within [0, length)."""
    for row in range(x.shape[0]):
        size = x.shape[1] + y.shape[1] + 1
        gaps, excess = np.empty(size), np.empty(size)
        count, span = _merge(x[row], wx[row], y[row], wy[row], gaps, excess)
        gaps[count], excess[count] = length - span, 0.0
        count += 1
        median = _weighted_median(excess[:count], gaps[:count], length)
        total = 0.0
        for k in range(count):
            total += gaps[k] * abs(excess[k] - median)
        out[row] = total


@njit(cache=True, nogil=True)
def _weighted_median(values, weights, total):
    order = np.argsort(values)
    below = 0.0
    for k in order:
        below += weights[k]
        if 2.0 * below >= total:
            return values[k]
    return values[order[-1]]


@njit(cache=True, nogil=True)
def circle_rows_equal(x, y, length, out):
    """The same for as many particles of equal weight in x as in y: F − G is a whole number over n, so no sort."""
    n = x.shape[1]
    for row in range(x.shape[0]):
        lengths = np.zeros(2 * n + 1)
        a, b = x[row], y[row]
        i = j = 0
        first = position = min(a[0], b[0])
        while i < n or j < n:
            step_a = j >= n or (i < n and a[i] <= b[j])
            here = a[i] if step_a else b[j]
            lengths[n + i - j] += here - position
            position = here
            if step_a:
                i += 1
            else:
                j += 1
        lengths[n] += length - (position - first)
        level, below = 0, lengths[0]
        while 2.0 * below < length and level < 2 * n:
            level += 1
            below += lengths[level]
        total = 0.0
        for k in range(2 * n + 1):
            total += lengths[k] * abs(k - level)
        out[row] = total / n
