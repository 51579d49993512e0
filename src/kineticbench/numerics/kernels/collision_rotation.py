"""Brownian motion of a direction on its sphere, and the random numbers for it.

Random numbers are a hash of (key, index, draw), so that a particle's own do not depend on threads or on the others.
"""

from __future__ import annotations

import math

import numba
import numpy as np

# An increment whose multiples fill 64 bits evenly, and SplitMix64's mixing of a word (Steele, Lea & Flood 2014).
_STRIDE = np.uint64(0x9E3779B97F4A7C15)
_FIRST, _SECOND = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_UNIFORM = 2.0**-53
# Where the variance σ² of a step exceeds this, the direction is taken as uniform: in 3D its memory is below e^(−8).
FORGOTTEN = 8.0
# Largest variance of one step of the geodesic random walk that stands for Brownian motion in three dimensions and more.
WALK = 0.25


@numba.njit(cache=True, inline="always")
def mixed(word):
    """A 64-bit word whose every bit depends on every bit of the given one."""
    word = (word ^ (word >> np.uint64(30))) * _FIRST
    word = (word ^ (word >> np.uint64(27))) * _SECOND
    return word ^ (word >> np.uint64(31))


@numba.njit(cache=True)
def stream(key, index):
    """The state with which the random numbers of one particle or pair begin."""
    return mixed(np.uint64(key) + _STRIDE * (np.uint64(index) + np.uint64(1)))


@numba.njit(cache=True)
def uniform(state):
    """A number in (0, 1], and the next state."""
    state = np.uint64(state + _STRIDE)
    return (np.float64(mixed(state) >> np.uint64(11)) + 1.0) * _UNIFORM, state


@numba.njit(cache=True)
def normals(state, out):
    """Fill `out` with independent normal numbers (Box and Muller); the next state."""
    for k in range(0, out.size, 2):
        u, state = uniform(state)
        angle, state = uniform(state)
        radius = math.sqrt(-2.0 * math.log(u))
        out[k] = radius * math.cos(2 * math.pi * angle)
        if k + 1 < out.size:
            out[k + 1] = radius * math.sin(2 * math.pi * angle)
    return state


@numba.njit(cache=True, error_model="numpy")
def turn(z, variance, state, work):
    """Move the vector z, of any length, on its sphere by Brownian motion; in place, the next state.

    `variance` σ² is that of each tangential component of the direction: its mean decays to e^(−(d−1)σ²/2) of itself
    and its harmonics of degree l to e^(−l(l+d−2)σ²/2): exactly in 2D, and otherwise up to an error of order h³ for each
    step of variance h ≤ `WALK`, an arc |g| (1 − (d − 2) h/12) along the great circle of g, normal in the tangent space.
    |z| is kept up to rounding. `work` holds d numbers.
    """
    d = z.size
    length = 0.0
    for k in range(d):
        length += z[k] * z[k]
    length = math.sqrt(length)
    if length == 0 or variance == 0:
        return state
    steps = 0
    if d == 2:
        state = normals(state, work)
        angle = math.sqrt(min(variance, 1e6)) * work[0]  # beyond, every direction is as likely
        c, s = math.cos(angle), math.sin(angle)
        z[0], z[1] = c * z[0] - s * z[1], s * z[0] + c * z[1]
    elif variance > FORGOTTEN:
        state = normals(state, work)
        for k in range(d):
            z[k] = work[k]
    else:
        steps = math.ceil(variance / WALK)
    for _ in range(steps):
        state = normals(state, work)
        along = across = 0.0
        for k in range(d):
            along += work[k] * z[k]
        along /= length * length
        for k in range(d):
            work[k] -= along * z[k]
            across += work[k] * work[k]
        size = math.sqrt(across)
        angle = math.sqrt(variance / steps) * size * (1 - (d - 2) * variance / steps / 12)
        ahead, side = math.cos(angle), length * math.sin(angle) / size
        for k in range(d):
            z[k] = ahead * z[k] + side * work[k]
    found = 0.0
    for k in range(d):
        found += z[k] * z[k]
    scale = length / math.sqrt(found)
    for k in range(d):
        z[k] *= scale
    return state
