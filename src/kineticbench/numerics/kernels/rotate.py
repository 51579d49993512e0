"""Multiplication by linear phases: shifts in Fourier space."""

from __future__ import annotations

import math

import numpy as np
from numba import njit, prange

_BLOCK = 64


@njit(cache=True, parallel=True, fastmath={"contract", "nsz"})
def rotate(values, start, increment, row_factor, column_factor):
    """values[i, j] *= row_factor[i] column_factor[j] exp(i (start[i] + j increment[i])), in place.

    The phase is exact at every 64th column and multiplied up from a table between, so that two sines per row and block
    do and rounding stays at a few units.
    """
    rows, columns = values.shape
    for i in prange(rows):
        cosines = np.empty(_BLOCK, values.real.dtype)
        sines = np.empty(_BLOCK, values.real.dtype)
        for j in range(_BLOCK):
            cosines[j] = math.cos(j * increment[i])
            sines[j] = math.sin(j * increment[i])
        for first in range(0, columns, _BLOCK):
            angle = start[i] + first * increment[i]
            c = cosines.dtype.type(row_factor[i] * math.cos(angle))
            s = cosines.dtype.type(row_factor[i] * math.sin(angle))
            for j in range(first, min(first + _BLOCK, columns)):
                u = (c * cosines[j - first] - s * sines[j - first]) * column_factor[j]
                v = (c * sines[j - first] + s * cosines[j - first]) * column_factor[j]
                z = values[i, j]
                values[i, j] = complex(z.real * u - z.imag * v, z.real * v + z.imag * u)
