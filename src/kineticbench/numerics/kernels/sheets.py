"""Sheets kept in order: sorting, forces, and what is measured from them.

A chain holds the sheets of one case in ascending order of position. Its positions are not wrapped: the chain is one
period of an infinite row in which sheet k + N stands at x_k + L, and a pair that crosses the seam between the last and
the first sheet trades places by a shift of ±L. So the seam costs no more than any other crossing. The force formula
holds for every such cut of the row (the jump of the mean cancels the jump of the ranks).
"""

import math

import numba as nb

MEASURES = 5  # field energy, real and imaginary part of the first field mode, momentum, kinetic energy
FAST = {"reassoc", "contract", "arcp", "nsz"}  # lets sums vectorise; infinities and NaN keep their meaning


@nb.njit(cache=True)
def wrap(x, length):
    """The position in [0, L)."""
    inside = x - length * math.floor(x / length)
    return inside if 0.0 <= inside < length else type(x)(0.0)


@nb.njit(cache=True, fastmath=FAST)
def rank_force(w, charge, force):
    """The part of each sheet's force that comes from the charge below and above it: Q (S_k + w_k/2 − M/2)."""
    mass = 0.0
    for k in range(w.size):
        mass += w[k]
    below = -0.5 * mass
    for k in range(w.size):
        force[k] = charge * (below + 0.5 * w[k])
        below += w[k]
    return mass


@nb.njit(cache=True, fastmath=FAST)
def mean(x, w):
    """Weighted mean Σ w x / Σ w."""
    total = 0.0
    mass = 0.0
    for k in range(x.size):
        total += w[k] * x[k]
        mass += w[k]
    return total / mass


@nb.njit(cache=True)
def _swap_seam(x, p, w, ids, length):
    """Let the last and the first sheet trade places across the seam."""
    n = x.size - 1
    x[0], x[n] = x[n] - length, x[0] + length
    p[0], p[n] = p[n], p[0]
    w[0], w[n] = w[n], w[0]
    ids[0], ids[n] = ids[n], ids[0]


@nb.njit(cache=True)
def _insert(x, p, w, ids, stride, moves):
    """Insertion sort of every `stride`-th sheet; what is left of the allowed `moves`, negative where it gave up."""
    for i in range(stride, x.size):
        if x[i] >= x[i - stride]:
            continue
        xi, pi, wi, idi = x[i], p[i], w[i], ids[i]
        j = i
        while j >= stride and x[j - stride] > xi:
            x[j], p[j], w[j], ids[j] = x[j - stride], p[j - stride], w[j - stride], ids[j - stride]
            j -= stride
        x[j], p[j], w[j], ids[j] = xi, pi, wi, idi
        moves -= (i - j) // stride
        if moves < 0:
            return moves
    return moves


@nb.njit(cache=True)
def _sort_anew(x, p, w, ids, length):
    """Wrap every sheet into the box and sort from scratch (Shell's sort)."""
    for k in range(x.size):
        x[k] = wrap(x[k], length)
    stride = 1
    while stride < x.size:
        stride = 4 * stride + 1
    while stride > 0:
        _insert(x, p, w, ids, stride, x.size * x.size)
        stride //= 4


@nb.njit(cache=True)
def restore_order(x, p, w, ids, length):
    """Sort a nearly sorted chain by insertion, or anew where that would take too many moves."""
    n = x.size
    moves = 32 * n
    while True:
        moves = _insert(x, p, w, ids, 1, moves)
        if moves < 0:
            _sort_anew(x, p, w, ids, length)
            return
        if x[n - 1] <= x[0] + length:
            return
        _swap_seam(x, p, w, ids, length)


@nb.njit(cache=True)
def _cross(x, p, w, dx, dp, i, j, gap, charge, step):
    """Correct the pair in which i has overtaken j by `gap` at the end of a drift of length `step`.

    The force on i jumps by +Q w_j and on j by −Q w_i where they cross, s = gap / (p_i − p_j) before the end. The jump
    acts for s, the two half-kicks give it h/2; its displacement Q w s²/2 they leave out.
    """
    closing = p[i] - p[j]
    s = min(gap / closing, step) if closing > 0 else 0.0
    late = s - 0.5 * step
    dp[i] += charge * w[j] * late
    dp[j] -= charge * w[i] * late
    dx[i] += 0.5 * charge * w[j] * s * s
    dx[j] -= 0.5 * charge * w[i] * s * s


@nb.njit(cache=True)
def _insert_crossing(x, p, w, ids, dx, dp, charge, step):
    """Sort by neighbouring swaps; every swap is one crossing and is corrected."""
    for i in range(1, x.size):
        j = i
        while j > 0 and x[j - 1] > x[j]:
            _cross(x, p, w, dx, dp, j - 1, j, x[j - 1] - x[j], charge, step)
            x[j], x[j - 1] = x[j - 1], x[j]
            p[j], p[j - 1] = p[j - 1], p[j]
            w[j], w[j - 1] = w[j - 1], w[j]
            ids[j], ids[j - 1] = ids[j - 1], ids[j]
            dx[j], dx[j - 1] = dx[j - 1], dx[j]
            dp[j], dp[j - 1] = dp[j - 1], dp[j]
            j -= 1


@nb.njit(cache=True)
def restore_order_crossing(x, p, w, ids, dx, dp, length, charge, step):
    """Sort the chain after a drift and correct position and momentum of every pair that crossed in it."""
    n = x.size - 1
    dx[:] = 0.0
    dp[:] = 0.0
    _insert_crossing(x, p, w, ids, dx, dp, charge, step)
    while x[n] > x[0] + length:
        _cross(x, p, w, dx, dp, n, 0, x[n] - x[0] - length, charge, step)
        _swap_seam(x, p, w, ids, length)
        dx[0], dx[n] = dx[n], dx[0]
        dp[0], dp[n] = dp[n], dp[0]
        _insert_crossing(x, p, w, ids, dx, dp, charge, step)
    for k in range(n + 1):
        x[k] += dx[k]
        p[k] += dp[k]
    restore_order(x, p, w, ids, length)


@nb.njit(cache=True, fastmath=FAST)
def field_energy(x, w, length, charge):
    """½∫E²dq of the field between the sheets, exactly: it is linear there with slope −Q M/L."""
    n = x.size
    mass = 0.0
    for k in range(n):
        mass += w[k]
    slope = charge * mass / length
    centre = mean(x, w)
    total = 0.0
    below = -0.5 * mass
    for k in range(n):
        below += w[k]
        gap = (x[k + 1] if k + 1 < n else x[0] + length) - x[k]
        left = charge * below - slope * (x[k] - centre)
        right = left - slope * gap
        total += gap * (left * left + left * right + right * right)
    return total / 6.0


@nb.njit(cache=True, fastmath=FAST)
def measure(x, p, w, length, charge, out):
    """Write field energy, first field mode E₁ = Q ρ₁ / (i k₁), momentum and kinetic energy of a chain to `out`."""
    wave = 2.0 * math.pi / length
    cosine = 0.0
    sine = 0.0
    momentum = 0.0
    kinetic = 0.0
    for k in range(x.size):
        cosine += w[k] * math.cos(wave * x[k])
        sine += w[k] * math.sin(wave * x[k])
        momentum += w[k] * p[k]
        kinetic += 0.5 * w[k] * p[k] * p[k]
    scale = charge / (2.0 * math.pi)
    out[0] = field_energy(x, w, length, charge)
    out[1] = -scale * sine
    out[2] = -scale * cosine
    out[3] = momentum
    out[4] = kinetic
