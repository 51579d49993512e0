"""Direct collision sums within groups of particles, tile by tile: compiled loops for NumPy, scans for JAX."""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from .collision_moments import centred

ROWS, COLUMNS = 512, 512  # particles of a tile under JAX
COINCIDENT = {"float32": 1e-30, "float64": 1e-200}  # |z|² relative to the fastest particle's speed squared


def grouped_pairs(v: Any, s: Any, w: Any, strength: float, exponent: float) -> Any:
    """U_i = −Σ_j w_j A(v_i − v_j)(s_i − s_j), j over the group of i.

    v, s are (group, p, d), w (group, p), and so is the answer; nothing is allocated that grows faster than p.
    """
    v, s = centred(v, s, w)
    if v.__array_namespace__() is np:
        return _compiled(v, s, w, strength, exponent)
    return -strength * _traced()(v, s, w, float(exponent))


@cache
def _traced() -> Any:
    """JAX's way: whole rows on a GPU, tiles elsewhere, and tiles for every derivative."""
    import jax

    from .collision_rows import rows

    @partial(jax.custom_jvp, nondiff_argnums=(3,))
    def one(v: Any, s: Any, w: Any, exponent: float) -> Any:
        if len(v) <= ROWS:
            return _tiled(v, s, w, exponent)
        tiled, whole = partial(_tiled, exponent=exponent), partial(rows, exponent=exponent)
        return jax.lax.platform_dependent(v, s, w, cpu=tiled, default=whole)

    @one.defjvp
    def _(exponent: float, primals: Any, tangents: Any) -> Any:
        return jax.jvp(partial(_tiled, exponent=exponent), primals, tangents)

    @partial(jax.jit, static_argnums=3)
    def each(v: Any, s: Any, w: Any, exponent: float) -> Any:
        return jax.vmap(lambda v, s, w: one(v, s, w, exponent))(v, s, w)

    return each


def _compiled(v: np.ndarray, s: np.ndarray, w: np.ndarray, strength: float, exponent: float) -> np.ndarray:
    """NumPy's way. Velocities are scaled to at most 1, so that no unit of speed overflows a power of |z|."""
    from .kernels import pair_tiles

    speed = float(np.abs(v).max(initial=0.0))
    if speed == 0:
        return np.zeros_like(v)
    kind, precision, d = v.dtype.type, v.dtype.name, v.shape[2]
    tiny = kind(COINCIDENT[precision])
    v = v * kind(1 / speed)
    factor = -strength * speed ** (exponent + 2)
    if d not in (2, 3) or exponent not in pair_tiles.MODELS:
        return (factor * _one_way(v, s, v, s, w, exponent, tiny)).astype(v.dtype)
    # A pair that is met once gains w_i w_j …, which is divided by w_i afterwards; that fails for the lightest.
    heaviest = float(w.max())
    share = w * kind(1 / heaviest) if heaviest > 0 else w
    light = share <= tiny
    groups, size = w.shape
    data = np.zeros((groups, 7, pair_tiles.row(size, precision)), v.dtype)
    data[:, :d, :size] = v.swapaxes(1, 2)
    data[:, 3 : 3 + d, :size] = s.swapaxes(1, 2)
    data[:, 6, :size] = share
    lanes = min(pair_tiles.LANES, -(-size // pair_tiles.TILE))
    totals = np.zeros((groups, lanes, 3, size))
    equal = bool((share == 1).all())
    pair_tiles.kernel(d, float(exponent), equal, precision)(data, tiny, totals)
    total = totals.sum(1)[:, :d].swapaxes(1, 2)
    total *= (factor * heaviest / np.where(light, 1, share).astype(np.float64))[..., None]
    for g in np.flatnonzero(light.any(1)):
        own, one = light[g], slice(g, g + 1)
        total[g, own] = factor * _one_way(v[one, own], s[one, own], v[one], s[one], w[one], exponent, tiny)[0]
    return total.astype(v.dtype)


def _one_way(v: Any, s: Any, sources_v: Any, sources_s: Any, w: Any, exponent: float, tiny: Any) -> np.ndarray:
    """Σ_j w_j A (s_i − s_j) / B for the given particles and sources, (group, n, d)."""
    from .kernels.pair_rows import one_way

    v, s, sources_v, sources_s = (np.ascontiguousarray(a.swapaxes(1, 2)) for a in (v, s, sources_v, sources_s))
    out = np.empty(v.shape)
    one_way(v, s, sources_v, sources_s, np.ascontiguousarray(w), v.dtype.type(0.5 * exponent), tiny, out)
    return out.swapaxes(1, 2)


def _tiled(v: Any, s: Any, w: Any, exponent: float) -> Any:
    """Σ_j w_j A (s_i − s_j) / B of one group: a map over tiles of i, in each a scan over tiles of j."""
    import jax
    import jax.numpy as jnp

    particles, d = v.shape
    rows, columns = min(ROWS, particles), min(COLUMNS, particles)

    def tiles(size: int) -> Any:
        extra = -particles % size
        padded = [jnp.pad(a, ((0, extra), *((0, 0),) * (a.ndim - 1))) for a in (v, s, w)]
        return tuple(a.reshape(-1, size, *a.shape[1:]) for a in padded)

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

    def row(own: Any) -> Any:
        def add(total: Any, other: Any) -> tuple[Any, None]:
            return total + tile(own[0], own[1], other[0], other[1], other[2]), None

        return jax.lax.scan(add, jnp.zeros_like(own[0]), others)[0]

    return jax.lax.map(row, tiles(rows)).reshape(-1, d)[:particles]
