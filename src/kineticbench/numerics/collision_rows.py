"""Direct collision sums on a GPU: whole rows of pairs in one fused reduction, which XLA never writes to memory.

A GPU has thousands of threads to feed, so tiles one after another, which keep a CPU's caches warm, leave it idle. Here
thread (g, j) meets the particles of group g, `TOGETHER` of them, with particle j, so that each v_j, s_j, w_j it loads
serves several pairs, and one reduction over j adds up all their components.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import jax
import jax.numpy as jnp

TOGETHER = 4  # particles of a thread
PAIRS = 1 << 31  # of one reduction: a bound on what there would be in memory, should a compiler write it after all


def rows(v: Any, s: Any, w: Any, exponent: float, together: int = TOGETHER) -> Any:
    """Σ_j w_j A(v_i − v_j)(s_i − s_j) / B of one group, (p, d); v, s (p, d), w (p,)."""
    particles, d = v.shape
    groups = -(-particles // together)
    at_once = max(1, min(groups, PAIRS // (together * particles)))
    count = -(-groups // at_once)
    extra = count * at_once * together - particles
    own = [jnp.pad(a, ((0, extra), (0, 0))).reshape(count, at_once, together, d) for a in (v, s)]
    block = partial(_block, v=v, s=s, w=w, exponent=exponent)
    found = block(own[0][0], own[1][0])[None] if count == 1 else jax.lax.map(lambda a: block(*a), tuple(own))
    return found.reshape(-1, d)[:particles]


def _block(v_i: Any, s_i: Any, v: Any, s: Any, w: Any, exponent: float) -> Any:
    """The sums of (groups, together, d) particles."""
    together, d = v_i.shape[1:]
    parts = []
    for k in range(together):
        z = [v_i[:, k, a, None] - v[None, :, a] for a in range(d)]
        ds = [s_i[:, k, a, None] - s[None, :, a] for a in range(d)]
        square = sum(a * a for a in z)
        direct, inverse = _powers(square, exponent)
        factor = w * direct
        along = sum(a * b for a, b in zip(z, ds, strict=True)) * inverse
        parts += [factor * (b - a * along) for a, b in zip(z, ds, strict=True)]
    zeros = (jnp.zeros((), v.dtype),) * len(parts)
    sums = jax.lax.reduce(tuple(parts), zeros, lambda a, b: tuple(x + y for x, y in zip(a, b, strict=True)), (1,))
    return jnp.stack(sums, -1).reshape(-1, together, d)


def _powers(square: Any, exponent: float) -> tuple[Any, Any]:
    """|z|^(γ+2) and |z|⁻², both 0 for coincident particles; products of one reciprocal root for a whole γ."""
    apart = square > 0
    root = jnp.where(apart, jax.lax.rsqrt(jnp.where(apart, square, 1)), 0)
    inverse = root * root
    by_exponent = {-3: root, -2: jnp.where(apart, 1, 0).astype(square.dtype), -1: square * root, 0: square}
    by_exponent[1] = square * (square * root)
    if exponent in by_exponent:
        return by_exponent[exponent], inverse  # pyright: ignore[reportArgumentType]
    return jnp.where(apart, jnp.where(apart, square, 1) ** (0.5 * exponent + 1), 0), inverse
