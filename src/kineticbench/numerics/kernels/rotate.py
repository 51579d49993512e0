"""Multiplication by linear phases: shifts in Fourier space."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

_BLOCK = 64


@njit(cache=True, fastmath={"contract", "nsz"})
def _rotate_row(row, start, increment, row_factor, column_factor):
    cosines = np.empty(_BLOCK, row.real.dtype)
    sines = np.empty(_BLOCK, row.real.dtype)
    for j in range(_BLOCK):
        cosines[j] = math.cos(j * increment)
        sines[j] = math.sin(j * increment)
    for first in range(0, row.size, _BLOCK):
        angle = start + first * increment
        c = cosines.dtype.type(row_factor * math.cos(angle))
        s = cosines.dtype.type(row_factor * math.sin(angle))
        for j in range(first, min(first + _BLOCK, row.size)):
            u = (c * cosines[j - first] - s * sines[j - first]) * column_factor[j]
            v = (c * sines[j - first] + s * cosines[j - first]) * column_factor[j]
            z = row[j]
            row[j] = complex(z.real * u - z.imag * v, z.real * v + z.imag * u)


@njit(cache=True)
def rotate(values, start, increment, row_factor, column_factor):
    """values[i, j] *= row_factor[i] column_factor[j] exp(i (start[i] + j increment[i])), in place, on one thread.

    The phase is exact at every 64th column and multiplied up from a table between, so that two sines per row and block
    do and rounding stays at a few units.
    """
    for i in range(values.shape[0]):
        _rotate_row(values[i], start[i], increment[i], row_factor[i], column_factor)


@njit(cache=True, parallel=True)
def rotate_parallel(values, start, increment, row_factor, column_factor):
    """The same on numba's threads."""
    for i in prange(values.shape[0]):
        _rotate_row(values[i], start[i], increment[i], row_factor[i], column_factor)
