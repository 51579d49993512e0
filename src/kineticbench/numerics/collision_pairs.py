"""Direct collision sums within groups of particles, tile by tile: compiled loops for NumPy, scans for JAX."""

from __future__ import annotations

from typing import Any

import numpy as np

from .collision_moments import centred

ROWS, COLUMNS = 512, 512  # particles of a tile under JAX


def grouped_pairs(v: Any, s: Any, w: Any, strength: float, exponent: float) -> Any:
    """U_i = −Σ_j w_j A(v_i − v_j)(s_i − s_j), j over the group of i; v, s (group, p, d), w (group, p) → (group, p, d)."""
    v, s = centred(v, s, w)
    if v.__array_namespace__() is np:
        from .kernels.pair_tiles import groups

        out = np.empty_like(v)
        groups(v, s, w, float(exponent), out)
        out *= -strength
        return out
    import jax

    return -strength * jax.vmap(lambda *group: _tiled(*group, exponent))(v, s, w)


def _tiled(v: Any, s: Any, w: Any, exponent: float) -> Any:
    """Σ_j w_j A (s_i − s_j) / B of one group: a map over tiles of i, in each a scan over tiles of j."""
    import jax
    import jax.numpy as jnp

    particles, d = v.shape
    rows, columns = min(ROWS, particles), min(COLUMNS, particles)

    def tiles(size: int) -> tuple[Any, Any, Any]:
        extra = -particles % size
        padded = (jnp.pad(a, ((0, extra), *((0, 0),) * (a.ndim - 1))) for a in (v, s, w))
        return tuple(a.reshape(-1, size, *a.shape[1:]) for a in padded)  # type: ignore[return-value]

    others = tiles(columns)

    @jax.checkpoint
    def tile(v_i: Any, s_i: Any, v_j: Any, s_j: Any, w_j: Any) -> Any:
        z = [v_i[:, k, None] - v_j[None, :, k] for k in range(d)]
        ds = [s_i[:, k, None] - s_j[None, :, k] for k in range(d)]
        square = sum(a * a for a in z)
        apart = square > 0
        square = jnp.where(apart, square, 1)  # so that neither the power nor its derivative is ever infinite
        along = sum(a * b for a, b in zip(z, ds, strict=True)) / square
        factor = jnp.where(apart, w_j * square ** (0.5 * exponent + 1), 0)
        return jnp.stack([(factor * (b - a * along)).sum(1) for a, b in zip(z, ds, strict=True)], -1)

    def row(own: tuple[Any, Any, Any]) -> Any:
        def add(total: Any, other: tuple[Any, Any, Any]) -> tuple[Any, None]:
            return total + tile(own[0], own[1], *other), None

        return jax.lax.scan(add, jnp.zeros_like(own[0]), others)[0]

    return jax.lax.map(row, tiles(rows)).reshape(-1, d)[:particles]
