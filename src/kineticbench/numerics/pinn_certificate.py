"""How far a learned flow can be from the true one, as far as losses can tell; derived in docs/certificate.md.

    √E|T_φ(t,V) − T(t,V)|² ≤ C(t) = ∫₀ᵗ e^{Λ(t)−Λ(s)} ‖e(s)‖ ds + (∫₀ᵗ e^{2(Λ(t)−Λ(s))} α(s) ds ∫₀ᵗ q(s) ds)^{1/2}

e = ∂ₜT_φ − U[f_φ] is the defect of the law f_φ = f₀/det ∇T_φ that the flow carries: the physics residual plus what the
score gap s_θ − ∇ log f_φ makes of U. q = E eᵀĀ⁻¹e bounds the relative Fisher information of f_φ and the truth, Ā being
∫ A(v − w) f(w) dw; α is the largest eigenvalue of Ā at the particles, Λ(t) = ∫₀ᵗ L with L the largest eigenvalue of the
symmetric part of ∇u_φ there, u_φ the learned velocity field.

For Maxwell molecules Ā follows from the moments of f₀ alone, exactly, and C is a bound under two assumptions: that the
true velocity field stretches no more than the learned one (L), and that the particles represent the law (α and the
means, to which two standard errors are added). For other kernels Ā is that of the learned law, and C an indicator.
There is no constant to choose.
"""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from ..contracts import HomogeneousLandau, InitialDensity, Random
from . import flow_score_networks as networks
from .collision import collision_sum
from .flow_score_networks import Networks
from .jax_scope import scope
from .particle_residual import PILOT, Units

NODES = 33
"""Times at which everything is evaluated, bunched quadratically towards the start."""

STANDARD_ERRORS = 2.0
"""How many are added to a mean over particles."""

WITNESS_SEED = 7_919
"""Of the particles, which are not those of any training."""


class Certificate(NamedTuple):
    """Curves over time, in the units of v and t.

    Parameters
    ----------
    times
        (node,) from 0 to the horizon.
    bound
        C(t); NaN from where the learned flow ceases to be one to one.
    score_gap
        √E|s_θ − ∇ log f_φ|².
    physics_residual
        √E|∂ₜT_φ − U[T_φ, s_θ]|².
    """

    times: np.ndarray
    bound: np.ndarray
    score_gap: np.ndarray
    physics_residual: np.ndarray

    def at(self, name: str, times: np.ndarray) -> np.ndarray:
        """One of the curves, interpolated linearly."""
        return np.interp(times, self.times, getattr(self, name))


class _Moment(NamedTuple):
    """What is known at one time: ‖e‖, q, α, L, the score gap, the residual, and whether a determinant is ≤ 0."""

    defect: Any
    weighted: Any
    largest: Any
    strain: Any
    gap: Any
    residual: Any
    folded: Any


def certify(
    learned: Networks, density: InitialDensity, equation: HomogeneousLandau, units: Units, particles: int
) -> Certificate:
    """Evaluate C, the score gap and the residual on `particles` particles that no training saw."""
    v = density.sample(Random(), particles, WITNESS_SEED).velocities[0]
    many = density.sample(Random(), PILOT, WITNESS_SEED + 1).velocities[0]
    start = units.scaled(v), density.score(v)[0] * units.sigma, np.cov(units.scaled(many).T)
    tau = np.linspace(0, 1, NODES) ** 2
    with scope("cpu", "float64"):
        exact = jax.tree.map(lambda leaf: jnp.asarray(leaf, "float64"), learned)
        found = [_moment(units.equation(equation), exact, float(t), *map(jnp.asarray, start)) for t in tau]
    curves = _Moment(*(np.array(column) for column in zip(*found, strict=True)))
    bound = grown(tau, curves.defect, curves.weighted, curves.largest, curves.strain)
    bound[np.cumsum(curves.folded) > 0] = np.nan
    speed = units.sigma / units.horizon
    return Certificate(tau * units.horizon, bound * units.sigma, curves.gap / units.sigma, curves.residual * speed)


def grown(tau: np.ndarray, e: np.ndarray, q: np.ndarray, alpha: np.ndarray, strain: np.ndarray) -> np.ndarray:
    """C at every node, all (node,), by the trapezoidal rule."""
    growth = _cumulated(strain, tau)
    direct = np.exp(growth) * _cumulated(np.exp(-growth) * e, tau)
    spread = np.exp(2 * growth) * _cumulated(np.exp(-2 * growth) * alpha, tau)
    return direct + np.sqrt(spread * _cumulated(q, tau))


def _cumulated(values: np.ndarray, tau: np.ndarray) -> np.ndarray:
    return np.concatenate([[0.0], np.cumsum(np.diff(tau) * (values[1:] + values[:-1]) / 2)])


@partial(jax.jit, static_argnums=0)
def _moment(
    equation: HomogeneousLandau, learned: Networks, t: Any, x: jax.Array, initial: jax.Array, covariance: jax.Array
) -> _Moment:
    tau, weights = jnp.full((len(x), 1), t), jnp.full(len(x), 1 / (len(x) - 1))
    place, rate = networks.with_rate(learned.flow, tau, x)
    own = networks.carried_score(learned.flow, tau, x, initial)
    claimed = networks.score(learned.score, tau, place)
    residual = rate - collision_sum(place, claimed, weights, equation)
    if equation.exponent == 0:
        mobility = _maxwell_mobility(equation, covariance, t, place)
        friction = (equation.dimension - 1) * equation.strength * place
        defect = rate + (mobility @ own[..., None])[..., 0] + friction
    else:
        mobility = _pair_mobility(place, equation.strength, equation.exponent)
        defect = rate - collision_sum(place, own, weights, equation)
    weighted = (defect * jnp.linalg.solve(mobility, defect[..., None])[..., 0]).sum(1)
    return _Moment(
        jnp.sqrt(_upper((defect**2).sum(1))),
        _upper(weighted),
        jnp.linalg.eigvalsh(mobility)[:, -1].max(),
        networks.strain(learned.flow, tau, x).max(),
        jnp.sqrt(((claimed - own) ** 2).sum(1).mean()),
        jnp.sqrt((residual**2).sum(1).mean()),
        jnp.any(jnp.linalg.det(networks.gradient(learned.flow, tau, x)) <= 0),
    )


def _upper(samples: jax.Array) -> jax.Array:
    """A mean, with standard errors on top."""
    return samples.mean() + STANDARD_ERRORS * samples.std() / np.sqrt(len(samples))


def _maxwell_mobility(equation: HomogeneousLandau, covariance: jax.Array, t: Any, v: jax.Array) -> jax.Array:
    """Ā = B[(|v|² + tr P)I − vvᵀ − P], P(t) = P∞ + (P₀ − P∞)e^{−4dBt}, P∞ isotropic; exact for γ = 0, mean 0."""
    d, eye = equation.dimension, jnp.eye(equation.dimension)
    final = jnp.trace(covariance) / d * eye
    spread = final + (covariance - final) * jnp.exp(-4 * d * equation.strength * t)
    square = (v**2).sum(1)[:, None, None] + jnp.trace(spread)
    return equation.strength * (square * eye - v[:, :, None] * v[:, None, :] - spread)


def _pair_mobility(v: jax.Array, strength: float, exponent: float) -> jax.Array:
    """Ā at every particle, of all the others, (n, d, d); memory O(N) by one particle after another."""

    def of(point: jax.Array) -> jax.Array:
        z = point - v
        square = (z**2).sum(1)
        power = jnp.where(square > 0, jnp.where(square > 0, square, 1.0) ** (exponent / 2), 0.0)
        return (power * square).sum() * jnp.eye(v.shape[1]) - (power * z.T) @ z

    return strength / (len(v) - 1) * jax.lax.map(of, v)
