"""How volumes change along the Landau flow of a score, which carries the density along with the particles.

    d ln det ∂v(t)/∂v(0) / dt = ∇·U(v_i) = −Σ_j w_j [ A(z) : ∇s_i − B (d − 1) |z|^γ z·(s_i − s_j) ],    z = v_i − v_j

and f(t, v(t)) = f₀(v(0)) / det. Only the diagonal of ∇s and the sum of its opposite entries enter.

Reference: Y. Huang and L. Wang, arXiv 2405.05187.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Any

import numpy as np

from ..contracts import HomogeneousLandau

ROWS = 128  # particles whose pairs JAX holds at once


def divergence(v: Any, s: Any, w: Any, jacobian: Any, equation: HomogeneousLandau) -> Any:
    """∇·U at the particles, (N,); by moments in O(N) for Maxwell molecules, else over all pairs in O(N) memory.

    Parameters
    ----------
    v, s
        Velocities and scores, (N, d); NumPy or JAX.
    w
        Weights, (N,).
    jacobian
        ∂s/∂v, (N, d, d).
    equation
        Gives B and γ.
    """
    if equation.exponent == 0:
        return _by_moments(v, s, w, jacobian, equation.strength)
    return _by_pairs(v, s, w, jacobian, equation.strength, equation.exponent)


def _by_moments(v: Any, s: Any, w: Any, jacobian: Any, strength: float) -> Any:
    """−B {(W|v|² + tr P) tr J − W vᵀJv − J:P − (d − 1)(W v·s + tr R)}, v and s centred, P = Σw v vᵀ, R = Σw v sᵀ."""
    xp, d, kept = v.__array_namespace__(), v.shape[1], v.dtype
    if xp is np:
        v, s, w, jacobian = (np.asarray(a, np.float64) for a in (v, s, w, jacobian))
    mass = w.sum()
    v, s = (a - (w[:, None] * a).sum(0) / mass for a in (v, s))
    trace = xp.einsum("imm->i", jacobian)
    P = xp.einsum("i,im,in->mn", w, v, v)
    square, product = (v * v).sum(1), (v * s).sum(1)
    along = xp.einsum("im,imn,in->i", v, jacobian, v)
    crossed = xp.einsum("imn,mn->i", jacobian, P)
    stretched = (mass * square + xp.trace(P)) * trace - mass * along - crossed
    return (-strength * (stretched - (d - 1) * (mass * product + (w * product).sum()))).astype(kept)


def _by_pairs(v: Any, s: Any, w: Any, jacobian: Any, strength: float, exponent: float) -> Any:
    if v.__array_namespace__() is np:
        from .kernels.score_volume import divergence as direct

        out = np.empty(len(v), v.dtype)
        v, s, jacobian = (np.ascontiguousarray(a, out.dtype) for a in (v.T, s.T, jacobian))
        direct(v, s, w.astype(out.dtype), jacobian, float(exponent), out)
        return -strength * out
    return -strength * _traced()(v, s, w, jacobian, float(exponent))


@cache
def _traced() -> Any:
    """JAX's way, tile by tile."""
    import jax
    import jax.numpy as jnp

    @partial(jax.jit, static_argnums=4)
    def total(v: Any, s: Any, w: Any, jacobian: Any, exponent: float) -> Any:
        d, extra = v.shape[1], -len(v) % ROWS

        def row(own: tuple[Any, Any, Any]) -> Any:
            v_i, s_i, J = own
            z, ds = v_i[:, None] - v[None], s_i[:, None] - s[None]
            square = (z * z).sum(-1)
            power = jnp.where(square > 0, jnp.where(square > 0, square, 1) ** (exponent / 2), 0)
            turned = jnp.einsum("ijm,imn,ijn->ij", z, J, z, precision="highest")
            bend = jnp.einsum("imm->i", J)[:, None] * square - turned
            return (w * power * (bend - (d - 1) * (z * ds).sum(-1))).sum(1)

        padded = [jnp.pad(a, ((0, extra), *((0, 0),) * (a.ndim - 1))) for a in (v, s, jacobian)]
        tiles = tuple(a.reshape(-1, ROWS, *a.shape[1:]) for a in padded)
        return jax.lax.map(row, tiles).reshape(-1)[: len(v)]

    return total
