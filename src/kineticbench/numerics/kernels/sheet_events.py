"""The sheet model solved exactly, crossing by crossing.

Between crossings sheet i is a harmonic oscillator of frequency ω = √(Q M/L) about a centre that moves with the mean
momentum: x_i = c_i + p̄ t + A_i cos ωt + B_i sin ωt. So the gap of neighbours k, k+1 is

    g(φ) = δ + a cos φ + b sin φ,    φ = ωt,    δ = L (w_k + w_{k+1}) / 2M,    a = A_{k+1} − A_k,    b = B_{k+1} − B_k

and closes at cos φ* = −(δ a + s b)/R², sin φ* = (s a − δ b)/R², R² = a² + b², s = √(R² − δ²), once in a period, or
never if R < δ. Where i overtakes j, the centre of i moves on by L w_j / M and that of j back by L w_i / M; position and
momentum are continuous, so A and B change by the cosine and sine of φ* times that. Nothing is discretised: the error
is rounding.

A crossing concerns three neighbouring gaps only, so the next one is kept at the root of a tree of minima.
"""

import math

import numba as nb
import numpy as np

from .sheets import measure, wrap

PERIOD = 4.0  # of `_key`, which stands for the phase in comparisons
EARLY = 1e-9  # a closing this much before its cause is the same event up to rounding
REST = 1.0  # a pair that has just crossed does not meet again for half a period, 2


@nb.njit(cache=True, inline="always", error_model="numpy")
def _key(u, v):
    """A number in [0, 4) that grows with the angle of the vector (u, v), at the cost of one division."""
    ratio = u / (abs(u) + abs(v))
    return 1.0 - ratio if v >= 0.0 else 3.0 + ratio


@nb.njit(cache=True, inline="always", error_model="numpy")
def _closing(a, b, delta):
    """(cos φ*, sin φ*) times R², where the gap closes, and R² − δ², below zero where it never does."""
    rest = a * a + b * b - delta * delta
    s = math.sqrt(rest if rest > 0.0 else 0.0)
    return -(delta * a + s * b), s * a - delta * b, rest


@nb.njit(cache=True, inline="always", error_model="numpy")
def _renew(k, A, B, w, spacing, when, after):
    """Find when gap k closes next, at `after` or later."""
    up = k + 1 if k + 1 < A.size else 0
    u, v, rest = _closing(A[up] - A[k], B[up] - B[k], 0.5 * spacing * (w[k] + w[up]))
    key = _key(u, v) if rest > 0.0 else np.inf
    if key < after:
        key += PERIOD * math.ceil((after - key) / PERIOD)
    when[k] = key


@nb.njit(cache=True, error_model="numpy")
def _cross(k, A, B, c, w, ids, length, spacing, when):
    """Let the sheets of gap k trade places, and find when the three gaps around them close next."""
    n = A.size
    up = k + 1 if k + 1 < n else 0
    a, b = A[up] - A[k], B[up] - B[k]
    u, v, _ = _closing(a, b, 0.5 * spacing * (w[k] + w[up]))
    square = a * a + b * b
    cosine, sine = u / square, v / square
    seam = length if up == 0 else 0.0
    on, back = spacing * w[up], spacing * w[k]
    A[k], A[up] = A[up] + back * cosine, A[k] - on * cosine
    B[k], B[up] = B[up] + back * sine, B[k] - on * sine
    c[k], c[up] = c[up] - back + seam, c[k] + on - seam
    w[k], w[up] = w[up], w[k]
    ids[k], ids[up] = ids[up], ids[k]
    now = when[k]
    _renew(k, A, B, w, spacing, when, now + REST)
    _renew(up, A, B, w, spacing, when, now - EARLY)
    _renew(k - 1 if k > 0 else n - 1, A, B, w, spacing, when, now - EARLY)


@nb.njit(cache=True, inline="always", error_model="numpy")
def _smaller(tree, node):
    left, right = tree[2 * node], tree[2 * node + 1]
    tree[node] = left if left < right else right


@nb.njit(cache=True, error_model="numpy")
def _lift(tree, leaves, low, high):
    """Renew the minima above the gaps `low` and `high`, and above one between them."""
    low, high = (low + leaves) >> 1, (high + leaves) >> 1
    while low > 0:
        _smaller(tree, low)
        _smaller(tree, high)
        low >>= 1
        high >>= 1


@nb.njit(cache=True, error_model="numpy")
def _run(end, A, B, c, w, ids, length, spacing, tree):
    """Let every gap close that closes before phase `end`, in the order of time; the number of crossings."""
    n = A.size
    leaves = tree.size // 2
    when = tree[leaves:]
    crossings = 0
    while tree[1] < end:
        node = 1
        while node < leaves:
            node *= 2
            node += np.intp(tree[node + 1] < tree[node])
        k = node - leaves
        _cross(k, A, B, c, w, ids, length, spacing, when)
        crossings += 1
        if 0 < k < n - 1:
            _lift(tree, leaves, k - 1, k + 1)
        else:
            _lift(tree, leaves, 0, min(1, n - 1))
            _lift(tree, leaves, max(n - 2, 0), n - 1)
    return crossings


@nb.njit(cache=True, error_model="numpy")
def _solve_case(case, x, p, w, ids, length, charge, times, snapshot, row, positions, momenta, measures):
    n = x.size
    w = w.copy()
    mass, centre, speed = 0.0, 0.0, 0.0
    for k in range(n):
        mass += w[k]
        centre += w[k] * x[k]
        speed += w[k] * p[k]
    centre /= mass
    speed /= mass
    omega = math.sqrt(charge * mass / length)
    spacing = length / mass
    A, B, c = np.empty(n), np.empty(n), np.empty(n)
    leaves = 1
    while leaves < n:
        leaves *= 2
    tree = np.full(2 * leaves, np.inf)
    below = -0.5 * mass
    for k in range(n):
        c[k] = spacing * (below + 0.5 * w[k]) + centre
        A[k] = x[k] - c[k]
        B[k] = (p[k] - speed) / omega
        below += w[k]
    for k in range(n):
        _renew(k, A, B, w, spacing, tree[leaves:], -EARLY)
    for node in range(leaves - 1, 0, -1):
        _smaller(tree, node)
    crossings = 0
    for stop in range(times.size):
        time = times[stop]
        if time > 0.0:  # the start itself is recorded as it was given
            phase = omega * time
            cosine, sine = math.cos(phase), math.sin(phase)
            end = _key(cosine, sine)
            end += PERIOD * round((2.0 * phase / math.pi - end) / PERIOD)
            crossings += _run(end, A, B, c, w, ids, length, spacing, tree)
            for k in range(n):
                x[k] = c[k] + speed * time + A[k] * cosine + B[k] * sine
                p[k] = speed + omega * (B[k] * cosine - A[k] * sine)
        if snapshot[stop] >= 0:
            for k in range(n):
                positions[snapshot[stop], case, ids[k]] = wrap(x[k], length)
                momenta[snapshot[stop], case, ids[k]] = p[k]
        if row[stop] >= 0:
            measure(x, p, w, length, charge, measures[case, row[stop]])
    return crossings


@nb.njit(cache=True, nogil=True, error_model="numpy")
def solve(first, last, x, p, w, ids, length, charge, times, snapshot, row, positions, momenta, measures, crossings):
    """Solve the cases from `first` to before `last`; the chains x, p, ids (case, particle), float64, are overwritten.

    The state at `times[s]` goes to `positions[snapshot[s]]`, `momenta[snapshot[s]]` (time, case, particle) and to
    `measures[:, row[s]]` (case, row, measure), or nowhere where the index is −1; the number of crossings of each case
    to `crossings`. `w` may have a single row.
    """
    for case in range(first, last):
        crossings[case] = _solve_case(
            case,
            x[case],
            p[case],
            w[case % w.shape[0]],
            ids[case],
            length,
            charge,
            times,
            snapshot,
            row,
            positions,
            momenta,
            measures,
        )
