"""Sums of a smooth function of one variable over many particles, through quintic B-splines on equidistant nodes.

A smooth f is replaced by s(x) = Σ_j f̂_j B(x/h − j) on nodes x_j = j h, with B the centred quintic B-spline (six nodes
in reach of any point). Then

    Σ_i f(c_i) ≈ Σ_j n_j f̂_j,   n_j = Σ_i B(c_i/h − j)      (`deposit`)
    f'(c_i)    ≈ Σ_j f̂_j B'(c_i/h − j) / h                  (`gather`, derivative = 1)

s is four times continuously differentiable, its error is O(h⁶), and the derivative of the first sum is exactly the
second, so that a force which is gathered belongs to a potential which is deposited.

Everything is JAX, differentiable, and free of loops over particles: one scatter or gather of six neighbours each.
"""

from __future__ import annotations

from fractions import Fraction

import jax
import jax.numpy as jnp
import numpy as np

REACH = 6
"""Nodes that a point sees."""

MARGIN = 3
"""Nodes beyond the outermost points, at either end."""


def _pieces(degree: int) -> list[list[Fraction]]:
    """Coefficients, by rising power of f ∈ [0, 1), of the cardinal B-spline of support [0, degree + 1] at f + m."""
    zero = Fraction(0)
    pieces = [[Fraction(1)]]
    for d in range(1, degree + 1):
        nothing = [zero] * d
        rising = [*pieces, nothing]
        falling = [nothing, *pieces]
        pieces = [
            [
                (m * up + (d + 1 - m) * down + low_up - low_down) / d
                for up, down, low_up, low_down in zip(
                    [*rising[m], zero], [*falling[m], zero], [zero, *rising[m]], [zero, *falling[m]], strict=True
                )
            ]
            for m in range(d + 1)
        ]
    return pieces


def _derivative(coefficients: np.ndarray) -> np.ndarray:
    return coefficients[:, 1:] * np.arange(1, coefficients.shape[1])


_VALUE = np.array(_pieces(REACH - 1)[::-1], dtype=float)
_WEIGHTS = (_VALUE, _derivative(_VALUE), _derivative(_derivative(_VALUE)))

# B̂⁻¹ = 1 − δ²/4 + 13 δ⁴/240 − 11 δ⁶/960 + …, where B̂ = 1 + δ²/4 + δ⁴/120 samples the spline at its nodes.
_INVERSE = np.array([0, 0, 0, 1.0, 0, 0, 0])
for _power, _factor in ((1, -1 / 4), (2, 13 / 240), (3, -11 / 960)):
    _difference = np.ones(1)
    for _ in range(_power):
        _difference = np.convolve(_difference, [1.0, -2.0, 1.0])
    _INVERSE += _factor * np.pad(_difference, 3 - _power)


def nodes_for(reach: float, spacing: float) -> int:
    """Nodes of this spacing, an even number, that cover every point of [−reach, reach]."""
    return 2 * (int(np.ceil(reach / spacing)) + MARGIN)


def covered(nodes: int, spacing: float) -> float:
    """Half-width of the interval that `nodes` nodes of this spacing cover."""
    return (nodes // 2 - MARGIN) * spacing


def node_positions(nodes: int, spacing: jax.Array | float) -> jax.Array:
    """x_j, and three more at either end: where `coefficients` wants the function."""
    return (jnp.arange(nodes + 2 * MARGIN) - (nodes // 2 + MARGIN)) * spacing


def coefficients(values: jax.Array) -> jax.Array:
    """f̂ on the nodes from f at `node_positions`, along the last axis; the spline misses f by O(h⁶) at the nodes.

    A short symmetric filter in place of the exact inverse, so that every coefficient is local: nodes added at the ends
    change none of those between.
    """
    nodes = values.shape[-1] - 2 * MARGIN
    taps = [float(tap) * values[..., k : k + nodes] for k, tap in enumerate(_INVERSE)]
    return sum(taps[1:], start=taps[0])


def _locate(c: jax.Array, spacing: jax.Array | float, nodes: int) -> tuple[jax.Array, jax.Array]:
    """First node in reach of each point, and how far the point lies beyond the third; clipped to the ends."""
    last = nodes - REACH
    t = jnp.clip(c / spacing + (nodes // 2 - 2), 1, last + 1)
    first = jnp.minimum(t.astype(jnp.int32), last)
    return first, t - first


def _weights(f: jax.Array, derivative: int) -> list[jax.Array]:
    """B or a derivative (in units of 1/h) from the six nodes in reach, by Horner's rule."""
    polynomials = _WEIGHTS[derivative]
    weights = []
    for polynomial in polynomials:
        value = jnp.full_like(f, polynomial[-1])
        for coefficient in polynomial[-2::-1]:
            value = value * f + float(coefficient)
        weights.append(value)
    return weights


def deposit(
    c: jax.Array, spacing: jax.Array | float, nodes: int, masses: jax.Array | None = None, derivative: int = 0
) -> jax.Array:
    """Σ_i m_i B⁽ᵈ⁾(c_i/h − j) h⁻ᵈ on every node j: the adjoint of `gather`.

    Parameters
    ----------
    c
        (case, particle), within `covered(nodes, spacing)` of zero; points beyond count as lying at the end.
    spacing
        h.
    nodes
        Number of nodes.
    masses
        m, (case, particle); None for ones.
    derivative
        d, 0 to 2.

    Returns
    -------
    jax.Array
        (case, node).
    """
    first, f = _locate(c, spacing, nodes)
    weights = jnp.stack(_weights(f, derivative), -1)
    scale = spacing**-derivative if masses is None else (masses * spacing**-derivative)[..., None]
    window = jax.lax.ScatterDimensionNumbers(
        update_window_dims=(1,), inserted_window_dims=(), scatter_dims_to_operand_dims=(0,)
    )

    def one(first: jax.Array, weights: jax.Array) -> jax.Array:
        empty = jnp.zeros(nodes, weights.dtype)
        return jax.lax.scatter_add(empty, first[:, None], weights, window, mode="promise_in_bounds")

    return jax.vmap(one)(first, weights * scale)


def gather(table: jax.Array, c: jax.Array, spacing: jax.Array | float, derivative: int = 0) -> jax.Array:
    """s⁽ᵈ⁾(c_i), (case, particle), from coefficients `table` (case, node); d from 0 to 2, as for `deposit`."""
    first, f = _locate(c, spacing, table.shape[-1])
    total = jnp.zeros_like(c)
    for k, weight in enumerate(_weights(f, derivative)):
        total += weight * jnp.take_along_axis(table, first + k, 1, mode="promise_in_bounds")
    return total * spacing**-derivative
