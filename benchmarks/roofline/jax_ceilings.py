"""The ceilings of a device as JAX reaches them: what a GPU's kernels are measured against.

Names and units are those of `ceilings`, with one footprint, that of memory. Chains of operations stay in registers: XLA
fuses them into one kernel, which reads and writes each number once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .clock import best

CHAINS, ROUNDS = 8, 32
NODES, VISITS = 128, 16
SIZES = {"gpu": 1 << 26, "cpu": 1 << 22}  # numbers of an array


def measure(device: str, seconds: float, size: int | None = None) -> dict[str, float]:
    """The ceilings of a device, by name; arrays of so many numbers."""
    import jax

    size = size or SIZES[device]
    found: dict[str, float] = {}
    with jax.enable_x64(True), jax.default_device(jax.devices(device)[0]):
        for precision in ("float32", "float64"):
            for name, amount, function, arguments in _all(precision, size):
                compiled = jax.jit(function)
                took = best(lambda f=compiled, a=arguments: jax.block_until_ready(f(*a)), seconds)
                found[name] = max(found.get(name, 0.0), amount / took)
    return found


def _all(precision: str, size: int) -> list[tuple[str, float, Callable[..., Any], tuple[Any, ...]]]:
    """(name, what a call does, the function, its arguments)."""
    import jax.numpy as jnp

    kind = np.dtype(precision)
    x = jnp.linspace(0.5, 1.5, size).astype(kind)
    random = np.random.default_rng(0)
    cell = jnp.asarray(random.integers(0, NODES, size).astype("int32"))
    level = jnp.asarray(random.random(NODES).astype(kind))
    copies = max(1, size // 256)

    def multiply_adds(x: Any) -> Any:
        sums = [x + k for k in range(CHAINS)]
        for _ in range(ROUNDS):
            sums = [s * kind.type(0.5) + kind.type(0.25) for s in sums]
        return sum(sums)

    def roots(x: Any) -> Any:
        import jax

        sums = [x + k for k in range(CHAINS)]
        for _ in range(ROUNDS // 8):
            sums = [jax.lax.rsqrt(s) + kind.type(1) for s in sums]
        return sum(sums)

    def gathers(cell: Any, x: Any, level: Any) -> Any:
        total = x
        for k in range(VISITS):
            at = (cell + 7 * k) & (NODES - 1)
            total = total + (jnp.take(level, at) + x * jnp.take(level, NODES - 1 - at))
        return total

    def deposits(cell: Any, x: Any) -> Any:
        own = (jnp.arange(size) % copies) * NODES + cell
        beside = (jnp.arange(size) % copies) * NODES + (cell + 1) % NODES
        return jnp.zeros(copies * NODES).at[own].add(1 - x).at[beside].add(x)

    return [
        (f"bytes/{kind.itemsize * size * 2}", 2 * kind.itemsize * size, lambda x: x + 1, (x,)),
        (f"operations/{precision}", CHAINS * ROUNDS * size, multiply_adds, (x,)),
        (f"roots/{precision}", CHAINS * (ROUNDS // 8) * size, roots, (x,)),
        (f"gathers/{precision}", VISITS * size, gathers, (cell, x, level)),
        (f"deposits/{precision}", size, deposits, (cell, x.astype("float64"))),
    ]
