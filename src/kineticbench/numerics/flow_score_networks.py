"""Two networks of a neural particle method: a flow map from the start, and the score of the law that it carries.

    T(τ, x₀) = x₀ + τ (A_φ x₀ + b_φ)(τ, x₀),        s(τ, x) = −x + (A_θ x + b_θ)(τ, x),        0 ≤ τ ≤ 1

A (d × d) and b (d) are the outputs of one multilayer perceptron with SiLU layers, so that an affine flow, or the score
of a Gaussian, is within reach of what depends on τ alone. x and τ are of order one: x = (v − v̄)/σ with mean and
standard deviation of the start, τ = t over the longest time; −x is the score of the Maxwellian with the conserved
moments. T(0, ·) is the identity whatever φ is.

Every row of a batch is a point of its own: τ (n, 1), x (n, d).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

Layers = list[tuple[Any, Any]]

LAST = 0.1
"""Size of the last layer's weights at first, in units of the others': both maps begin near their baselines."""


class Networks(NamedTuple):
    """Weights of the flow map φ and of the score θ: for each layer a matrix (in, out) and a vector (out,)."""

    flow: Layers
    score: Layers


def start(dimension: int, width: int, depth: int, seed: int) -> Networks:
    """Random networks with `depth` hidden layers of one width; float64 NumPy arrays."""
    rng = np.random.default_rng(seed)
    sizes = [1 + dimension, *[width] * depth, dimension * (dimension + 1)]

    def layers() -> Layers:
        made = [(rng.normal(size=(a, b)) / np.sqrt(a), rng.uniform(-1, 1, b)) for a, b in pairwise(sizes)]
        matrix, vector = made.pop()
        return [*made, (LAST * matrix, 0 * vector)]

    return Networks(layers(), layers())


def flow(layers: Layers, tau: jax.Array, x: jax.Array) -> jax.Array:
    """T(τ, x₀), (n, d)."""
    return x + tau * _affine(layers, tau, x)


def score(layers: Layers, tau: jax.Array, x: jax.Array) -> jax.Array:
    """s(τ, x), (n, d)."""
    return _affine(layers, tau, x) - x


def with_divergence(layers: Layers, tau: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """s(τ, x) and its exact divergence ∇·s, (n, d) and (n,)."""
    value, columns = jacobian(lambda y: score(layers, tau, y), x)
    return value, jnp.trace(columns, axis1=1, axis2=2)


def with_rate(layers: Layers, tau: jax.Array, x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """T(τ, x₀) and ∂T/∂τ, both (n, d)."""
    return jax.jvp(lambda t: flow(layers, t, x), (tau,), (jnp.ones_like(tau),))


def gradient(layers: Layers, tau: jax.Array, x: jax.Array) -> jax.Array:
    """J = ∇T with respect to x₀, (n, d, d): J[:, i, k] = ∂T_i/∂x₀_k."""
    return jacobian(lambda y: flow(layers, tau, y), x)[1]


def carried_score(layers: Layers, tau: jax.Array, x: jax.Array, initial: jax.Array) -> jax.Array:
    """Score of the law that the flow carries, at T(τ, x₀): ∇ log(f₀/det J) = J⁻ᵀ(∇ log f₀ − ∇₀ log det J), (n, d).

    Parameters
    ----------
    layers, tau, x
        The flow, the times and the starting points x₀.
    initial
        ∇ log f₀ there, (n, d).
    """

    def logarithm(y: jax.Array) -> jax.Array:
        return jnp.linalg.slogdet(gradient(layers, tau, y))[1]

    slope = jnp.stack([jax.jvp(logarithm, (x,), (along,))[1] for along in _axes(x)], axis=-1)
    transposed = jnp.swapaxes(gradient(layers, tau, x), 1, 2)
    return jnp.linalg.solve(transposed, (initial - slope)[..., None])[..., 0]


def strain(layers: Layers, tau: jax.Array, x: jax.Array) -> jax.Array:
    """Largest eigenvalue of the symmetric part of ∇u = ∂_τJ J⁻¹ at T(τ, x₀), (n,); u is the flow's velocity field."""
    jac, rate = jax.jvp(lambda t: gradient(layers, t, x), (tau,), (jnp.ones_like(tau),))
    slope = jnp.swapaxes(jnp.linalg.solve(jnp.swapaxes(jac, 1, 2), jnp.swapaxes(rate, 1, 2)), 1, 2)
    return jnp.linalg.eigvalsh(slope + jnp.swapaxes(slope, 1, 2))[:, -1] / 2


def invert(layers: Layers, tau: jax.Array, y: jax.Array, steps: int = 30, stride: float = 0.5) -> Any:
    """Where the points y come from: T(τ, x₀) = y by Newton steps of bounded length, from x₀ = y.

    Returns
    -------
    (x₀, residual)
        (n, d), and |T(τ, x₀) − y| (n,): what is not small has no preimage nearby.
    """

    def step(_: Any, x: jax.Array) -> jax.Array:
        value, jac = jacobian(lambda z: flow(layers, tau, z), x)
        move = jnp.linalg.solve(jac, (value - y)[..., None])[..., 0]
        move = jnp.where(jnp.isfinite(move), move, 0.0)
        length = jnp.linalg.norm(move, axis=1, keepdims=True)
        return x - move * jnp.minimum(1.0, stride / jnp.maximum(length, 1e-30))

    x = jax.lax.fori_loop(0, steps, step, y)
    return x, jnp.linalg.norm(flow(layers, tau, x) - y, axis=1)


def jacobian(function: Callable[[jax.Array], jax.Array], x: jax.Array) -> tuple[jax.Array, jax.Array]:
    """A row-wise function's values (n, d) and its Jacobian (n, d, d), one forward pass for each axis."""
    parts = [jax.jvp(function, (x,), (along,)) for along in _axes(x)]
    return parts[0][0], jnp.stack([part[1] for part in parts], axis=-1)


def _axes(x: jax.Array) -> list[jax.Array]:
    return [jnp.zeros_like(x).at[:, k].set(1) for k in range(x.shape[1])]


def _affine(layers: Layers, tau: jax.Array, x: jax.Array) -> jax.Array:
    d = x.shape[1]
    hidden = jnp.concatenate([2 * tau - 1, x], axis=1)
    for matrix, vector in layers[:-1]:
        hidden = jax.nn.silu(hidden @ matrix + vector)
    out = hidden @ layers[-1][0] + layers[-1][1]
    return out[:, :d] + (out[:, d:].reshape(-1, d, d) * x[:, None, :]).sum(2)
