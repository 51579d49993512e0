"""Compiled loops that do one thing as fast as the processor can: what ceilings are measured with.

Each works on its own arrays, on the thread that calls it, without Python's lock. Loops over arrays repeat themselves
with a different factor, so that a compiler can leave none of them out.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from kineticbench.numerics.kernels.fused import reciprocal_root, wide
from kineticbench.numerics.kernels.score_gradient import _exponential

MATHS = {"reassoc", "contract", "nsz", "arcp", "afn", "nnan", "ninf"}
COSINE = tuple((-1.0) ** k * (2 * math.pi) ** (2 * k) / math.factorial(2 * k) for k in range(15))
CHAINS, BYTES = 12, 64  # sums that wait for nothing but themselves: enough for four cycles of two units


def _make_chains(_context: Any, factor: Any, rounds: Any) -> Any:
    """Σ of `CHAINS` vectors after y ← y · factor + factor, `rounds` times; nothing leaves the registers."""

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        number = context.get_data_type(signature.args[0])
        lanes = BYTES // context.get_abi_sizeof(number)
        vector = ir.VectorType(number, lanes)
        first = builder.insert_element(ir.Constant(vector, ir.Undefined), arguments[0], ir.IntType(32)(0))
        spread = builder.shuffle_vector(
            first, ir.Constant(vector, ir.Undefined), ir.Constant(ir.VectorType(ir.IntType(32), lanes), [0] * lanes)
        )
        places = [cgutils.alloca_once(builder, vector) for _ in range(CHAINS)]
        for k, place in enumerate(places):
            builder.store(ir.Constant(vector, [float(k)] * lanes), place)
        with cgutils.for_range(builder, arguments[1]):
            for place in places:
                product = builder.fmul(builder.load(place), spread, flags=("contract",))
                builder.store(builder.fadd(product, spread, flags=("contract",)), place)
        total = builder.load(places[0])
        for place in places[1:]:
            total = builder.fadd(total, builder.load(place))
        found = builder.extract_element(total, ir.IntType(32)(0))
        for lane in range(1, lanes):
            found = builder.fadd(found, builder.extract_element(total, ir.IntType(32)(lane)))
        return found

    return factor(factor, types.intp), generate


_chains: Any = intrinsic(_make_chains)


@numba.njit(nogil=True, error_model="numpy")
def multiply_adds(factor, rounds):
    """`CHAINS` · `BYTES` / itemsize multiply-adds a round."""
    return _chains(factor, rounds)


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def triad(x, y, z, repeats):
    """Three arrays: x ← y + r z."""
    wide()
    for r in range(repeats):
        for i in range(x.size):
            x[i] = y[i] + r * z[i]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def copy(x, y, repeats):
    """Two arrays: x ← r y."""
    wide()
    for r in range(repeats):
        for i in range(x.size):
            x[i] = r * y[i]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def update(x, y, repeats):
    """Two arrays: x ← x + r y."""
    wide()
    for r in range(repeats):
        for i in range(x.size):
            x[i] += r * y[i]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def total(x, repeats):
    """One array, read: Σ r x."""
    wide()
    found = 0.0
    for r in range(repeats):
        for i in range(x.size):
            found += r * x[i]
    return found


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def roots(y, repeats):
    """Y ← 1/√y, to rounding, as the pair sums take it."""
    wide()
    for _ in range(repeats):
        for i in range(y.size):
            y[i] = reciprocal_root(y[i])


@numba.njit(nogil=True, error_model="numpy")
def divisions(y, repeats):
    """Y ← 1/y by the divider, correctly rounded."""
    wide()
    one = y.dtype.type(1)
    for _ in range(repeats):
        for i in range(y.size):
            y[i] = one / y[i]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def exponentials(y, repeats):
    """Y ← e^(−y) by the polynomial of score matching; NumPy's own is the other way."""
    wide()
    for _ in range(repeats):
        for i in range(y.size):
            y[i] = _exponential(-y[i], y.dtype.type)


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def cosines(y, repeats):
    """Y ← cos 2πy by the Taylor polynomial of degree 28, to rounding; NumPy's own is the other way."""
    wide()
    for _ in range(repeats):
        for i in range(y.size):
            t = y[i] - np.floor(y[i] + 0.5)
            s = t * t
            p = COSINE[14] * s + COSINE[13]
            p = (p * s + COSINE[12]) * s + COSINE[11]
            p = (p * s + COSINE[10]) * s + COSINE[9]
            p = (p * s + COSINE[8]) * s + COSINE[7]
            p = (p * s + COSINE[6]) * s + COSINE[5]
            p = (p * s + COSINE[4]) * s + COSINE[3]
            p = (p * s + COSINE[2]) * s + COSINE[1]
            y[i] = p * s + COSINE[0]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def gathers(cell, fraction, level, slope, kick, repeats):
    """A field between two nodes, at places that are known, from tables in the first-level cache."""
    for _ in range(repeats):
        for i in range(cell.size):
            kick[i] += level[cell[i]] + fraction[i] * slope[cell[i]]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def deposits(cell, fraction, t0, t1, t2, t3, repeats):
    """Charges of both neighbours, at places that are known, into four tables in the first-level cache."""
    for _ in range(repeats):
        for i in range(0, cell.size - 3, 4):
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


@numba.njit(nogil=True, error_model="numpy")
def swaps(order, partner):
    """Entries trade places with partners far away, one after another."""
    for i in range(partner.size):
        j = partner[i]
        order[i], order[j] = order[j], order[i]


@numba.njit(nogil=True, error_model="numpy", fastmath=MATHS)
def random_rows(v, order):
    """Rows of three numbers in random order are read and written, two at a time."""
    for k in range(0, order.size - 1, 2):
        i, j = order[k], order[k + 1]
        for a in range(v.shape[1]):
            middle = v[i, a] + v[j, a]
            v[i, a] = middle - v[i, a]
            v[j, a] = middle - v[j, a]


@numba.njit(nogil=True, error_model="numpy")
def tournaments(tree, steps, count):
    """The smallest leaf of a tree of minima is found, put off, and the minima above it and its neighbours renewed."""
    leaves = tree.size // 2
    for event in range(count):
        node = 1
        while node < leaves:
            node *= 2
            node += np.intp(tree[node + 1] < tree[node])
        tree[node] += steps[event % steps.size]
        low, high = (max(node - 1, leaves)) >> 1, (min(node + 1, 2 * leaves - 1)) >> 1
        while low > 0:
            left, right = tree[2 * low], tree[2 * low + 1]
            tree[low] = left if left < right else right
            left, right = tree[2 * high], tree[2 * high + 1]
            tree[high] = left if left < right else right
            low >>= 1
            high >>= 1
