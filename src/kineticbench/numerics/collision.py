"""Collision sums of the homogeneous Landau equation over weighted particles.

    U_i = −Σ_j w_j A(v_i − v_j)(s_i − s_j),    A(z) = B |z|^γ (|z|² I − z zᵀ)

v (N, d) are velocities, s (N, d) scores ∇ log f, w (N,) weights, which may be zero; U (N, d) is dv/dt. NumPy arrays are
answered by NumPy (compiled loops on numba's threads), JAX arrays by JAX (traceable; on whatever device holds them), in
the precision of v. A is symmetric and A(z) z = 0, so Σ w U = 0 and Σ w v·U = 0 up to rounding. U stays the same under
s → s + λ v + c, and every sum here first subtracts the best such fit from s, which takes away most of the rounding near
equilibrium, where s is nearly linear. Coincident particles exert nothing on each other.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..contracts import HomogeneousLandau, InvalidInput, require_positive
from .collision_moments import maxwell_moments
from .collision_pairs import grouped_pairs


def maxwell_sum(v: Any, s: Any, w: Any, strength: float) -> Any:
    """The sum for Maxwell molecules, γ = 0, in O(N d²): the pair sum is a polynomial, so it factors into moments.

    With v and s centred by their weighted means, W = Σw, P = Σw v vᵀ, R = Σw v sᵀ, g = Σw|v|²s, h = Σw (v·s) v:

        U_i = −B { (W|v_i|² + tr P) s_i + 2Rᵀv_i − g − [(W v_i·s_i + tr R) v_i + P s_i + R v_i − h] }

    Parameters
    ----------
    v, s
        Velocities and scores, (N, d), any d.
    w
        Weights, (N,).
    strength
        B.

    Returns
    -------
    (N, d)
        dv/dt, equal to the direct sum up to rounding.

    Raises
    ------
    InvalidInput
        For arrays that disagree in shape or hold no particle, or a strength that is not positive.
    """
    v, s, w = _checked(v, s, w, strength)
    return maxwell_moments(v, s, w, strength)


def pair_sum(v: Any, s: Any, w: Any, strength: float, exponent: float) -> Any:
    """The direct sum over all pairs for any γ in [−3, 1], in tiles: O(N²) time, O(N) memory.

    Parameters
    ----------
    v, s
        Velocities and scores, (N, d).
    w
        Weights, (N,).
    strength, exponent
        B and γ.

    Returns
    -------
    (N, d)
        dv/dt.

    Raises
    ------
    InvalidInput
        As `maxwell_sum`, and for γ outside [−3, 1].
    """
    v, s, w = _checked(v, s, w, strength, exponent)
    if len(v) == 1:
        return v * 0
    return grouped_pairs(v[None], s[None], w[None], strength, exponent)[0]


def coulomb_sum(v: Any, s: Any, w: Any, strength: float) -> Any:
    """The direct sum for Coulomb collisions, γ = −3; see `pair_sum`."""
    return pair_sum(v, s, w, strength, -3.0)


def collision_sum(v: Any, s: Any, w: Any, equation: HomogeneousLandau) -> Any:
    """The exact sum of an equation, by the fastest way: moments for Maxwell molecules, tiles of pairs otherwise."""
    if equation.exponent == 0:
        return maxwell_sum(v, s, w, equation.strength)
    return pair_sum(v, s, w, equation.strength, equation.exponent)


def random_batch_sum(v: Any, s: Any, w: Any, equation: HomogeneousLandau, batch: int, generator: Any) -> Any:
    """The sum over random disjoint groups instead of all pairs: unbiased, O(N · batch).

    The particles are dealt at random into groups of at most `batch` whose sizes p differ by at most one (three
    particles in pairs make one group). Within its group a particle feels each other one with probability
    (p − 1)/(N − 1), so each group's sum is scaled by (N − 1)/(p − 1) and the mean over all deals is the full sum. A
    group is a small plasma of its own: momentum and energy are conserved within each.

    Parameters
    ----------
    v, s
        Velocities and scores, (N, d).
    w
        Weights, (N,).
    equation
        Gives B and γ.
    batch
        Largest size of a group, at least 2.
    generator
        A `numpy.random.Generator` for NumPy arrays, a key of `jax.random` for JAX arrays.

    Returns
    -------
    (N, d)
        dv/dt.

    Raises
    ------
    InvalidInput
        As `pair_sum`, and for a batch below 2.

    References
    ----------
    S. Jin, L. Li and J.-G. Liu, Random batch methods (RBM) for interacting particle systems, J. Comput. Phys. 400,
    108877 (2020), doi:10.1016/j.jcp.2019.108877.
    """
    v, s, w = _checked(v, s, w, equation.strength, equation.exponent)
    require_positive("batch", batch, whole=True)
    if batch < 2:
        raise InvalidInput(f"batch must be at least 2, got {batch}.", "A particle alone has nobody to collide with.")
    particles = len(v)
    groups = max(1, min(math.ceil(particles / batch), particles // 2))
    if groups == 1:
        return collision_sum(v, s, w, equation)
    xp = v.__array_namespace__()
    if xp is np:
        order = generator.permutation(particles)
    else:
        import jax

        order = jax.random.permutation(generator, particles)
    # Row g of `slots` holds group g; the last slot of the groups that are one short stays empty.
    size = math.ceil(particles / groups)
    short = groups * size - particles
    slots = np.arange(groups * size).reshape(groups, size)
    taken = np.ones((groups, size), bool)
    taken[groups - short :, -1] = False
    slots = np.where(taken, np.cumsum(taken).reshape(taken.shape) - 1, 0)
    members = order[slots]
    scale = ((particles - 1) / (taken.sum(1) - 1)).astype(str(v.dtype))
    weights = w[members] * xp.asarray(taken, dtype=v.dtype)
    dealt = grouped_pairs(v[members], s[members], weights, equation.strength, equation.exponent)
    dealt = dealt * xp.asarray(scale)[:, None, None]
    found = dealt[taken]
    if xp is np:
        result = np.empty_like(found)
        result[order] = found
        return result
    return xp.zeros_like(found).at[order].set(found)


def _checked(v: Any, s: Any, w: Any, strength: float, exponent: float = 0.0) -> tuple[Any, Any, Any]:
    """The three arrays as arrays of one kind and of the precision of v."""
    require_positive("strength", strength)
    if not -3 <= exponent <= 1:
        raise InvalidInput(f"exponent must lie in [−3, 1], got {exponent}.", "Take 0 for Maxwell, −3 for Coulomb.")
    if not hasattr(v, "__array_namespace__") or v.dtype.kind != "f":
        raise InvalidInput(f"v must be a NumPy or JAX array of floats, got {type(v).__name__}.")
    if v.ndim != 2 or 0 in v.shape or tuple(s.shape) != tuple(v.shape) or tuple(w.shape) != (v.shape[0],):
        raise InvalidInput(
            f"v and s must have one shape (N, d) with N ≥ 1 and w (N,), got {v.shape}, {s.shape} and {w.shape}."
        )
    xp = v.__array_namespace__()
    return v, xp.asarray(s, dtype=v.dtype), xp.asarray(w, dtype=v.dtype)
