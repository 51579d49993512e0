"""Loss and gradient of score matching for a fully connected network, all derivatives propagated by hand.

    L = Σ_i [ q_i |s(x_i)|² + c_i·s(x_i) + r_i Σ_k e_ik·(∂s/∂x)(x_i) e_ik ]

Value and tangents go through the layers together, as rows of one product per layer: with a = W h + b, ȧ_k = W ḣ_k,

    h ← φ(a),    ḣ_k ← φ'(a) ȧ_k.

Backwards, with H, Ḣ_k for the derivatives of L by h, ḣ_k and A, Ȧ_k for those by a, ȧ_k,

    Ȧ_k = φ'(a) Ḣ_k,    A = φ'(a) H + Σ_k φ''(a) ȧ_k Ḣ_k,    ∂L/∂W = A hᵀ + Σ_k Ȧ_k ḣ_kᵀ,    (H, Ḣ_k) ← Wᵀ (A, Ȧ_k),

so the forward march keeps φ' and φ'' ȧ_k, and one exponential serves φ, φ' and φ''. A tile of `TILE` points stays in
the second-level cache from its first layer to its gradient. Tiles are dealt to `CHUNKS` fixed chunks, each with its own
gradient, which are added in order: the answer does not depend on the number of threads.
"""

from __future__ import annotations

import numba
import numpy as np
from numba.np.ufunc.parallel import get_thread_id

from .score_panels import BYTES, ROWS, panel, power_of_two

TILE = 32
CHUNKS = 16
SILU, SOFTSIGN = 0, 1
MATHS = {"reassoc", "contract", "nsz", "arcp"}


@numba.njit(error_model="numpy", fastmath=MATHS)
def _exponential(x, real):
    """eˣ to rounding: x = n ln 2 + r, |r| ≤ ½ ln 2, and Taylor's polynomial of eʳ (degree 7 or 13)."""
    single = real(1) + real(1e-10) == real(1)
    x = min(max(x, real(-87 if single else -708)), real(88 if single else 709))
    n = np.floor(x * real(1.4426950408889634) + real(0.5))
    r = x - n * real(0.693145751953125)
    r = r - n * real(1.42860682030941723212e-6)
    if single:
        p = real(1 / 5040)
    else:
        p = real(1 / 6227020800)
        p = p * r + real(1 / 479001600)
        p = p * r + real(1 / 39916800)
        p = p * r + real(1 / 3628800)
        p = p * r + real(1 / 362880)
        p = p * r + real(1 / 40320)
        p = p * r + real(1 / 5040)
    p = p * r + real(1 / 720)
    p = p * r + real(1 / 120)
    p = p * r + real(1 / 24)
    p = p * r + real(1 / 6)
    p = p * r + real(1 / 2)
    p = p * r + real(1)
    p = p * r + real(1)
    return p * power_of_two(np.int32(n), n)


@numba.njit(error_model="numpy", fastmath=MATHS)
def _activate(activation, h, slope, bend, rows, width, tangents):
    """On entry h holds a and ȧ_k; it becomes φ(a) and φ'(a) ȧ_k, `slope` φ'(a) and `bend` φ''(a) ȧ_k."""
    real = h.dtype.type
    size = rows * width
    if activation == SILU:
        for i in range(size):
            a = h[i]
            sigma = real(1) / (real(1) + _exponential(-a, real))
            silu = a * sigma
            first = sigma + silu * (real(1) - sigma)
            h[i] = silu
            slope[i] = first
            bend[i] = sigma * (real(1) - sigma) * (real(2) + a - real(2) * silu)
    else:
        for i in range(size):
            a = h[i]
            inverse = real(1) / (real(1) + abs(a))
            h[i] = a * inverse
            slope[i] = inverse * inverse
            bend[i] = real(-2) * np.sign(a) * inverse * inverse * inverse
    for k in range(tangents, 0, -1):  # the first is the last, since φ'' waits in its place
        for i in range(size):
            along = h[k * size + i]
            h[k * size + i] = slope[i] * along
            bend[(k - 1) * size + i] = bend[i] * along


@numba.njit(error_model="numpy", fastmath=MATHS)
def _product(x, rows, terms, matrix, at, width, out):
    """Fill out (rows, width) with x (rows, terms = width) @ matrix (terms, width), all contiguous."""
    wide = BYTES // x.itemsize
    for column in range(0, width, wide):
        for row in range(0, rows, ROWS):
            panel(x, row * terms, terms, 1, matrix, at + column, width, terms, out, row * width + column, width, False)


@numba.njit(error_model="numpy", fastmath=MATHS)
def _outer(x, adjoint, rows, width, gradient, at):
    """Add xᵀ adjoint, summed over all rows, to the gradient (width, width)."""
    wide = BYTES // x.itemsize
    for column in range(0, width, wide):
        for row in range(0, width, ROWS):
            panel(x, row, 1, width, adjoint, column, width, rows, gradient, at + row * width + column, width, True)


def scratch_size(layers: int, width: int, tangents: int, dimension: int) -> int:
    """Numbers that a thread needs room for."""
    return TILE * (width * (layers * (2 + tangents + max(tangents, 1)) + 2 * (1 + tangents)) + dimension)


@numba.njit(error_model="numpy", fastmath=MATHS)
def _cut(scratch, at, rows, size):
    """The next (rows, size) of a workspace, and where what follows begins."""
    after = at + rows * size
    return scratch[at:after].reshape(rows, size), after


@numba.njit(error_model="numpy", fastmath=MATHS, cache=True)
def _chunk(
    chunk, x, q, c, r, e, first, bias, inner, turned, last, end, activation, total, g_one, g_b, flat_g, g_out, scratch
):  # fmt: skip
    """Loss and gradients over the tiles of one chunk."""
    points, d = x.shape
    tangents = e.shape[1]
    layers, width = bias.shape
    streams = 1 + tangents
    size = TILE * width
    real = x.dtype.type
    tiles = points // TILE
    flat_inner, flat_turned = inner.reshape(-1), turned.reshape(-1)
    h, at = _cut(scratch, 0, layers, streams * size)
    slope, at = _cut(scratch, at, layers, size)
    bend, at = _cut(scratch, at, layers, max(tangents, 1) * size)
    ends, at = _cut(scratch, at, 2, streams * size)
    up, down = ends[0], ends[1]
    ds = scratch[at : at + TILE * d].reshape(TILE, d)
    for part in (g_one, g_b, g_out):
        part[:] = 0
    flat_g[:] = 0
    total[:] = 0
    for tile in range(chunk, tiles, CHUNKS):
        base = tile * TILE
        # forwards
        begin = h[0]
        for p in range(TILE):
            for j in range(width):
                begin[p * width + j] = bias[0, j]
            for m in range(d):
                value = x[base + p, m]
                for j in range(width):
                    begin[p * width + j] += value * first[m, j]
            for k in range(tangents):
                at = (k + 1) * size + p * width
                direction = e[(base + p) % e.shape[0], k]
                for j in range(width):
                    begin[at + j] = 0
                for m in range(d):
                    value = direction[m]
                    for j in range(width):
                        begin[at + j] += value * first[m, j]
        _activate(activation, begin, slope[0], bend[0], TILE, width, tangents)
        for layer in range(1, layers):
            now = h[layer]
            _product(h[layer - 1], streams * TILE, width, flat_inner, (layer - 1) * width * width, width, now)
            for p in range(TILE):
                for j in range(width):
                    now[p * width + j] += bias[layer, j]
            _activate(activation, now, slope[layer], bend[layer], TILE, width, tangents)
        # the loss, and its derivatives by h and ḣ of the last layer
        top = h[layers - 1]
        for p in range(TILE):
            i = base + p
            for m in range(d):
                value = end[m]
                for j in range(width):
                    value += top[p * width + j] * last[m, j]
                ds[p, m] = real(2) * q[i] * value + c[i, m]
                total[0] += np.float64(value) * (q[i] * value + c[i, m])
                total[1 + m] += ds[p, m]
            for j in range(width):
                down[p * width + j] = 0
            for m in range(d):
                value = ds[p, m]
                for j in range(width):
                    down[p * width + j] += value * last[m, j]
                    g_out[m, j] += value * top[p * width + j]
            for k in range(tangents):
                at = (k + 1) * size + p * width
                direction = e[i % e.shape[0], k]
                for j in range(width):
                    down[at + j] = 0
                trace = real(0)
                for m in range(d):
                    value = r[i] * direction[m]
                    if value != 0:
                        for j in range(width):
                            trace += value * top[at + j] * last[m, j]
                            down[at + j] += value * last[m, j]
                            g_out[m, j] += value * top[at + j]
                total[0] += trace
        # backwards
        for layer in range(layers - 1, -1, -1):
            for i in range(size):
                up[i] = slope[layer, i] * down[i]
            for k in range(1, tangents + 1):
                for i in range(size):
                    along = down[k * size + i]
                    up[i] += bend[layer, (k - 1) * size + i] * along
                    up[k * size + i] = slope[layer, i] * along
            for p in range(TILE):
                for j in range(width):
                    g_b[layer, j] += up[p * width + j]
            if layer > 0:
                at = (layer - 1) * width * width
                _outer(h[layer - 1], up, streams * TILE, width, flat_g, at)
                _product(up, streams * TILE, width, flat_turned, at, width, down)
        for p in range(TILE):
            for m in range(d):
                value = x[base + p, m]
                for j in range(width):
                    g_one[m, j] += value * up[p * width + j]
            for k in range(tangents):
                at = (k + 1) * size + p * width
                direction = e[(base + p) % e.shape[0], k]
                for m in range(d):
                    value = direction[m]
                    for j in range(width):
                        g_one[m, j] += value * up[at + j]


@numba.njit(parallel=True, error_model="numpy", fastmath=MATHS, cache=True)
def gradient(
    x, q, c, r, e, first, bias, inner, turned, last, end, activation, losses, g_first, g_bias, g_inner, g_last, scratch
):  # fmt: skip
    """Loss and gradients by chunk.

    Parameters
    ----------
    x, q, c, r
        Points (N, d), quadratic (N,), linear (N, d) and trace (N,) coefficients; N a multiple of `TILE`, missing points
        have zero coefficients.
    e
        Directions (1 or N, tangents, d).
    first, bias, inner, turned, last, end
        Weights (d, width), (layer, width), (layer − 1, width, width) from unit to unit, the same transposed, (d, width)
        to each output, and (d,); width a multiple of a panel.
    activation
        `SILU` or `SOFTSIGN`.
    losses
        (`CHUNKS`, 1 + d), filled: the loss, and the gradient by `end`.
    g_first, g_bias, g_inner, g_last
        As the weights with a leading axis of `CHUNKS`, filled.
    scratch
        (threads, `scratch_size`).
    """
    for chunk in numba.prange(CHUNKS):
        _chunk(
            chunk, x, q, c, r, e, first, bias, inner, turned, last, end, activation,
            losses[chunk], g_first[chunk], g_bias[chunk], g_inner[chunk].reshape(-1), g_last[chunk],
            scratch[get_thread_id()],
        )  # fmt: skip
