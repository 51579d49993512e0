"""What a compiled loop may ask of the processor beyond plain arithmetic: fused products, quick roots, wide vectors."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic, overload

_MAGIC = {32: 0x5F3759DF, 64: 0x5FE6EB50C7B537A9}  # first guess of a reciprocal root, Lomont 2003


def _make_fma(_context: Any, x: Any, y: Any, z: Any) -> Any:
    """x·y + z, fused where the processor can: also where x·y serves two sums, which a compiler would round first."""
    if not (isinstance(x, types.Float) and x == y == z):
        raise TypingError(f"fma takes three floats of one precision, got {x}, {y} and {z}.")

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        kind = arguments[0].type
        function = builder.module.declare_intrinsic("llvm.fmuladd", [kind], ir.FunctionType(kind, [kind] * 3))
        return builder.call(function, arguments, fastmath=("reassoc", "contract", "nsz"))

    return x(x, y, z), generate


fma: Any = intrinsic(_make_fma)


def _make_guess(_context: Any, x: Any) -> Any:
    """1/√x to 3.5 %, from the bits of x."""
    bits = x.bitwidth

    def generate(_context: Any, builder: Any, _signature: Any, arguments: Any) -> Any:
        whole = ir.IntType(bits)
        half = builder.lshr(builder.bitcast(arguments[0], whole), whole(1))
        return builder.bitcast(builder.sub(whole(_MAGIC[bits]), half), arguments[0].type)

    return x(x), generate


_guess: Any = intrinsic(_make_guess)


def _make_wide(_context: Any) -> Any:
    """Let the loop around use the widest vectors there are, where a compiler for Intel would stop at half of them."""

    def generate(context: Any, builder: Any, _signature: Any, _arguments: Any) -> Any:
        set.add(builder.function.attributes, '"prefer-vector-width"="512"')  # llvmlite knows no attribute with a value
        return context.get_dummy_value()

    return types.none(), generate


wide: Any = intrinsic(_make_wide)


def reciprocal_root(x):
    """1/√x of a positive normal x, to rounding (single precision: where roots may be estimated, to twice that).

    Vectors of doubles have no estimate to begin with, and their roots and divisions take longer than all else in a
    pair: so a guess from the bits, and two steps of Householder's iteration, of order 4 and 3.
    """
    return 1 / math.sqrt(x)


@overload(reciprocal_root, inline="always")
def _reciprocal_root(x):
    if x == types.float32:
        return lambda x: np.float32(1) / math.sqrt(x)

    def double(x):
        y = _guess(x)
        e = fma(-x * y, y, 1.0)
        y = fma(y * e, fma(e, fma(e, 0.3125, 0.375), 0.5), y)
        e = fma(-x * y, y, 1.0)
        return fma(y * e, fma(e, 0.375, 0.5), y)

    return double
