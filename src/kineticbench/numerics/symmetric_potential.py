"""A learned potential that does not see the order of the particles or where they all are, and its force in closed form.

    V(q) = ρ(Σ_i φ(q_i − q̄)),    φ: 1 → K → D,    ρ: D → M → 1,    one softplus hidden layer each

With c_i = q_i − q̄, a_ik = w₁_k c_i + b₁_k and h_k = Σ_i softplus(a_ik), the second layer of φ acts on the sum:

    u = A h + d,    A = W₃W₂,    d = N W₃b₂ + b₃,    V = w₄·softplus(u) + b₄
    F_i = −(g_i − ḡ),    g_i = Σ_k G_k w₁_k σ(a_ik),    G = Aᵀ(w₄ ∘ σ(u))

so a matrix acts once per case instead of once per particle, and no automatic differentiation is needed (Souveton &
Terrana 2025, arXiv 2505.04471, describe the architecture; the algebra is exact).

Two forms of the same V can be asked for a force. `Exact` sums over hidden units for each particle. `Tabulated` holds
φ's hidden layer as B-splines (`kineticbench.numerics.tabulation`), contracted with A once and for all: a potential of
its own, close to V and four times differentiable, whose force is exactly minus its gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from . import tabulation
from .potential_slopes import Array, Exact, Tabulated, exact_slope, tabulated_slope


class Potential(NamedTuple):
    """The parameters of V, as in the equations above; a pytree."""

    w1: Array
    b1: Array
    W2: Array
    b2: Array
    W3: Array
    b3: Array
    w4: Array
    b4: Array


def shapes(hidden: int) -> Potential:
    """Shape of every parameter for K = D = M = `hidden`."""
    K = hidden
    return Potential((K,), (K,), (K, K), (K,), (K, K), (K,), (K,), ())  # type: ignore[arg-type]


def initial(hidden: int, seed: int) -> Potential:
    """Parameters uniform in ±1/√(inputs of the layer), float64 NumPy arrays, the same on every machine."""
    random = np.random.default_rng(seed)
    inputs = Potential(1, 1, *[hidden] * 6)  # type: ignore[arg-type]
    return Potential(
        *(random.uniform(-1, 1, shape) / np.sqrt(n) for shape, n in zip(shapes(hidden), inputs, strict=True))
    )


def value(potential: Potential, q: jax.Array) -> Array:
    """V for each case, (case,) from q (case, particle)."""
    c = q - q.mean(-1, keepdims=True)
    h = jax.nn.softplus(c[..., None] * potential.w1 + potential.b1).sum(-2)
    form = exact(potential, q.shape[-1])
    return jax.nn.softplus((h - form.h0) @ form.A.T + form.d) @ potential.w4 + potential.b4


def exact(potential: Potential, particles: int) -> Exact:
    """V, ready for `force`."""
    A, d = _contract(potential, particles)
    h0 = particles * jax.nn.softplus(potential.b1)
    return Exact(potential.w1, potential.b1, A, d + A @ h0, potential.w4, h0)


def tabulate(potential: Potential, particles: int, nodes: int, spacing: float | jax.Array) -> Tabulated:
    """V through splines on `nodes` nodes of this spacing around the mean position, ready for `force`."""
    A, d = _contract(potential, particles)
    x = tabulation.node_positions(nodes, spacing).astype(A.dtype)
    hidden = jax.nn.softplus(potential.w1[:, None] * x + potential.b1[:, None])
    centre = jax.nn.softplus(potential.b1)  # deposited particles add up to their number: leave only differences in T
    T = A @ (tabulation.coefficients(hidden) - centre[:, None])
    return Tabulated(T, d + particles * (A @ centre), potential.w4, jnp.asarray(spacing, A.dtype))


def _contract(potential: Potential, particles: int) -> tuple[Array, Array]:
    return potential.W3 @ potential.W2, particles * (potential.W3 @ potential.b2) + potential.b3


def force(form: Exact | Tabulated, q: jax.Array) -> jax.Array:
    """F = −∂V/∂q, (case, particle); its own derivatives are in closed form too."""
    c = q - q.mean(-1, keepdims=True)
    g = tabulated_slope(form, c) if isinstance(form, Tabulated) else exact_slope(form, c)
    return g.mean(-1, keepdims=True) - g
