"""g_i = ∂V/∂c_i of the symmetric potential, and the derivatives of g, both in closed form and in two forms.

Notation of `kineticbench.numerics.symmetric_potential`. Written by hand since automatic differentiation of the exact
form would keep an array of cases × particles × hidden units for every step in time. Here a case is worked off at a
time on a CPU, so that its particles × hidden units stay in the cache, and nothing of that size is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from . import tabulation

Array = Any
"""A leaf of parameters: JAX while computing, NumPy at rest."""

GROUP = 64
"""Factors 1 < 1 + e⁻ˣ ≤ 2 that are multiplied before a logarithm is taken: 2⁶⁴ is far from overflow in float32."""


class Exact(NamedTuple):
    """V as it stands, for a given number of particles: u = A (h − h₀) + d.

    h₀ is h with all particles at one place; differences leave less to be rounded.
    """

    w1: Array
    b1: Array
    A: Array
    d: Array
    w4: Array
    h0: Array


class Tabulated(NamedTuple):
    """V with the hidden layer of φ as splines: u = T n + d, n the deposited particles, for a given number of them."""

    T: Array
    d: Array
    w4: Array
    spacing: Array


@jax.custom_vjp
def tabulated_slope(form: Tabulated, c: jax.Array) -> jax.Array:
    """G from u = T n(c) + d, S = Tᵀ(w₄ ∘ σ(u)), g_i = S'(c_i); c and g are (case, particle)."""
    return _tabulated_forward(form, c)[0]


def _tabulated_forward(form: Tabulated, c: jax.Array) -> Any:
    n = tabulation.deposit(c, form.spacing, form.T.shape[1])
    u = n @ form.T.T + form.d
    S = (form.w4 * jax.nn.sigmoid(u)) @ form.T
    return tabulation.gather(S, c, form.spacing, 1), (form, c, n, u)


def _tabulated_backward(residuals: Any, v: jax.Array) -> Any:
    """Cotangents of Σ_i v_i g_i: one more deposit, m = Σ_i v_i B'(c_i), and two gathers."""
    form, c, n, u = residuals
    s = jax.nn.sigmoid(u)
    y = form.w4 * s
    m = tabulation.deposit(c, form.spacing, form.T.shape[1], v, derivative=1)
    Tm = m @ form.T.T
    du = y * (1 - s) * Tm
    dc = tabulation.gather(du @ form.T, c, form.spacing, 1) + v * tabulation.gather(y @ form.T, c, form.spacing, 2)
    return Tabulated(y.T @ m + du.T @ n, du.sum(0), (s * Tm).sum(0), jnp.zeros_like(form.spacing)), dc


tabulated_slope.defvjp(_tabulated_forward, _tabulated_backward)


@jax.custom_vjp
def exact_slope(form: Exact, c: jax.Array) -> jax.Array:
    """G from u = A h + d, G = Aᵀ(w₄ ∘ σ(u)), g_i = Σ_k G_k w₁_k σ(a_ik); c and g are (case, particle)."""
    return _exact_forward(form, c)[0]


def _exact_forward(form: Exact, c: jax.Array) -> Any:
    def one(c: jax.Array) -> tuple[jax.Array, jax.Array, jax.Array]:
        a, t = _activations(form, c)
        h = jnp.maximum(a, 0).sum(1) - _log_of_products(0.5 + 0.5 * jnp.abs(t)) - form.h0
        u = form.A @ h + form.d
        slope = 0.5 * form.w1 * ((form.w4 * jax.nn.sigmoid(u)) @ form.A)
        return slope @ t + slope.sum(), h, u

    g, h, u = _each(one, c)
    return g, (form, c, h, u)


def _exact_backward(residuals: Any, v: jax.Array) -> Any:
    """Cotangents of Σ_i v_i g_i = Σ_k G_k w₁_k s_k, s_k = Σ_i v_i σ(a_ik), with σ = (1 + t)/2, σ' = (1 − t²)/4."""
    form, c, h, u = residuals  # h stands for h − h₀
    sigma = jax.nn.sigmoid(u)
    y = form.w4 * sigma
    G = y @ form.A

    def one(of_case: tuple[jax.Array, ...]) -> tuple[jax.Array, ...]:
        c, v, G, y, sigma = of_case
        _, t = _activations(form, c)
        ones = jnp.ones_like(c)
        sums = 0.5 * (t @ jnp.stack([ones, c, v], 1) + jnp.stack([ones.sum(), c.sum(), v.sum()]))
        curved = 1 - t * t
        curved_sums = 0.25 * (curved @ jnp.stack([v, v * c], 1))
        dG = form.w1 * sums[:, 2]
        AdG = form.A @ dG
        du = y * (1 - sigma) * AdG
        dh = du @ form.A
        weight = 0.5 * dh * form.w1
        dc = v * ((0.25 * G * form.w1**2) @ curved) + weight @ t + weight.sum()
        dw1 = G * sums[:, 2] + G * form.w1 * curved_sums[:, 1] + dh * sums[:, 1]
        db1 = G * form.w1 * curved_sums[:, 0] + dh * sums[:, 0]
        return dc, dw1, db1, dG, du, sigma * AdG

    dc, dw1, db1, dG, du, dw4 = _each(one, (c, v, G, y, sigma))
    dA, dh0 = y.T @ dG + du.T @ h, -du.sum(0) @ form.A
    return Exact(dw1.sum(0), db1.sum(0), dA, du.sum(0), dw4.sum(0), dh0), dc


exact_slope.defvjp(_exact_forward, _exact_backward)


def _activations(form: Exact, c: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A and tanh(a/2) of one case, (hidden, particle)."""
    a = form.w1[:, None] * c + form.b1[:, None]
    return a, jnp.tanh(0.5 * a)


def _log_of_products(q: jax.Array) -> jax.Array:
    """Σ_i log q_ki for ½ ≤ q ≤ 1 with few logarithms; softplus(a) = max(a, 0) − log σ(|a|)."""
    particles = q.shape[1]
    group = max(size for size in range(1, GROUP + 1) if particles % size == 0)
    return jnp.log(q.reshape(q.shape[0], group, particles // group).prod(1)).sum(1)


def _each(one: Callable[[Any], Any], cases: Any) -> Any:
    """`one` for every case: one after another on a CPU, side by side elsewhere."""
    return jax.lax.platform_dependent(cases, cpu=lambda x: jax.lax.map(one, x), default=jax.vmap(one))
