"""The innermost loop of a small network: a panel of a matrix product, held in vector registers.

A network of width 32 is too narrow for a linear-algebra library, whose call and packing cost more than the product. The
loop here keeps `ROWS` rows of the result, `columns(dtype)` wide, in registers for the whole sum, with one vector load
and `ROWS` broadcasts for every `ROWS` vector multiply–adds. It is written as LLVM vectors because no arrangement of
scalar loops makes the compiler hold a block of sums in registers; LLVM splits the vectors to what the processor has.
On one Zen 4 core at 3.7 GHz it does 80 of the 118 Gflop/s that two 256-bit multiply–adds a cycle make in float32.
"""

from __future__ import annotations

from typing import Any

import llvmlite.binding as llvm
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

WIDE = bool(llvm.get_host_cpu_features().get("avx512f", False))
ROWS, BYTES = (8, 128) if WIDE else (4, 64)  # 16 of 32 registers of 64 bytes, or 8 of 16 of 32 bytes


def columns(itemsize: int) -> int:
    """Columns of a panel of numbers of so many bytes."""
    return BYTES // itemsize


def _type_panel(context, a, a_at, a_row, a_k, b, b_at, b_k, terms, c, c_at, c_row, add):
    """C[r, :] (+)= Σ_k A[r, k] B[k, :] for `ROWS` rows r and one panel of columns.

    A begins at `a_at` of the array `a`, its next row is `a_row` further on and its next k `a_k`; B begins at `b_at` of
    `b`, its next k is `b_k` further on; C begins at `c_at` of `c`, its next row is `c_row` further on. Columns of B and
    C are neighbours. There are `terms` values of k. With `add` the product is added to what C holds.
    """
    place = types.intp
    signature = types.void(a, place, place, place, b, place, place, place, c, place, place, types.boolean)
    return signature, _panel


def _panel(context, builder, signature, arguments):
    a, a_at, a_row, a_k, b, b_at, b_k, terms, c, c_at, c_row, add = arguments
    kind = signature.args[0].dtype
    number = context.get_data_type(kind)
    size = context.get_abi_sizeof(number)
    vector = ir.VectorType(number, columns(size))
    lanes = ir.VectorType(ir.IntType(32), columns(size))
    start_a, start_b, start_c = (
        context.make_array(signature.args[i])(context, builder, array).data for i, array in ((0, a), (4, b), (8, c))
    )

    def nth(step, r):
        return builder.mul(step, ir.Constant(step.type, r))

    def vector_at(start, place):
        return builder.bitcast(builder.gep(start, [place]), vector.as_pointer())

    def load(start, place):
        value = builder.load(vector_at(start, place))
        value.align = size
        return value

    rows_a = [builder.gep(start_a, [builder.add(a_at, nth(a_row, r))]) for r in range(ROWS)]
    rows_c = [builder.add(c_at, nth(c_row, r)) for r in range(ROWS)]
    sums = [cgutils.alloca_once(builder, vector) for _ in range(ROWS)]  # registers, once LLVM has looked at them
    for place in sums:
        builder.store(ir.Constant(vector, [0.0] * columns(size)), place)
    with builder.if_then(add):
        for r in range(ROWS):
            builder.store(load(start_c, rows_c[r]), sums[r])
    undefined = ir.Constant(vector, ir.Undefined)
    with cgutils.for_range(builder, terms) as loop:
        row_b = load(start_b, builder.add(b_at, builder.mul(loop.index, b_k)))
        ahead = builder.mul(loop.index, a_k)
        for r in range(ROWS):
            one = builder.load(builder.gep(rows_a[r], [ahead]))
            first = builder.insert_element(undefined, one, ir.Constant(ir.IntType(32), 0))
            spread = builder.shuffle_vector(first, undefined, ir.Constant(lanes, [0] * columns(size)))
            product = builder.fmul(spread, row_b, flags=("contract",))
            builder.store(builder.fadd(builder.load(sums[r]), product, flags=("contract",)), sums[r])
    for r in range(ROWS):
        stored = builder.store(builder.load(sums[r]), vector_at(start_c, rows_c[r]))
        stored.align = size
    return context.get_dummy_value()


def _type_power(context, exponent, like):
    """2ⁿ for a whole number n within the range of the type of `like`, put together from its bits."""
    wide = like == types.float64
    whole = ir.IntType(64 if wide else 32)

    def build(context, builder, signature, arguments):
        n = arguments[0]
        if n.type.width > whole.width:
            n = builder.trunc(n, whole)
        elif n.type.width < whole.width:
            n = builder.sext(n, whole)
        n = builder.add(n, ir.Constant(whole, 1023 if wide else 127))
        n = builder.shl(n, ir.Constant(whole, 52 if wide else 23))
        return builder.bitcast(n, context.get_data_type(like))

    return like(exponent, like), build


panel: Any = intrinsic(_type_panel)
power_of_two: Any = intrinsic(_type_power)
