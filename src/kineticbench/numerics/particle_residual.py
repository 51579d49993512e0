"""Training of a flow map and a score on particles: the continuous-time residual of the homogeneous Landau equation.

    ℓ(φ) = E |∂_τ T_φ(τ, X) − U[T_φ, s_θ]|²                physics residual, no step in time
    ℓ(θ) = E (|s_θ|² + 2 ∇·s_θ)(τ, T_φ(τ, X))              implicit score matching (Hyvärinen 2005)

X has the law f₀ and τ = y^{1.25} with stratified y. U is taken as given where φ is differentiated, and T_φ where θ is,
so each network has a regression of its own whose target the other one moves. The mean of the second loss is
E|s_θ − ∇ log f_φ|² minus the Fisher information of f_φ, the law of T_φ(τ, X). With "transported" matching the target
∇ log f_φ is instead computed from the flow itself (`flow_score_networks.carried_score`), which takes the sampling
noise of the divergence away and brings the second derivatives of the flow in.

Both losses are in the units of `Units`, of order one. Adam, each network's gradient clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax

from ..contracts import Device, HomogeneousLandau, InitialDensity, InvalidInput, Random, Unsupported
from . import flow_score_networks as networks
from .collision import collision_sum
from .flow_score_networks import Networks
from .jax_scope import scope, side_by_side

EARLY = 1.25
"""Power by which times bunch towards the start, where errors of the flow stay for good."""

SHARDS = 2
"""Parts of a batch whose gradients are taken side by side."""

CLIP = 10.0
"""Largest norm of each network's gradient."""

PILOT = 2**16
"""Particles from which the units are found."""

OPTIMISER = optax.scale_by_adam(b2=0.99)

Exact = Callable[[Any, Any], Any]


class Units(NamedTuple):
    """x = (v − mean)/sigma, τ = t/horizon; `mass` is that of f₀."""

    mean: np.ndarray
    sigma: float
    horizon: float
    mass: float

    @classmethod
    def of(cls, density: InitialDensity, horizon: float) -> Units:
        """From samples of f₀; any choice near the moments would do.

        Raises
        ------
        InvalidInput
            Where there is no time to learn, or a start without spread.
        """
        if not horizon > 0:
            raise InvalidInput(
                "The last time of the query is 0, so there is nothing to learn.", "Ask for a later time."
            )
        pilot = density.sample(Random(), PILOT, 0)
        if pilot.cases != 1:
            raise Unsupported(f"it learns one density at a time, and this start has {pilot.cases} cases")
        v = pilot.velocities[0].astype(float)
        sigma = float(np.sqrt(v.var(0).mean()))
        if not sigma > 0:
            raise InvalidInput("The start has no spread: all its particles are equal, and stay so.", "Widen it.")
        return cls(v.mean(0), sigma, float(horizon), float(pilot.weights.sum()))

    def equation(self, equation: HomogeneousLandau) -> HomogeneousLandau:
        """The equation in these units, for weights that sum to one: its strength is B · horizon · mass · σ^γ."""
        strength = equation.strength * self.horizon * self.mass * self.sigma**equation.exponent
        return HomogeneousLandau(equation.dimension, equation.exponent, strength)

    def scaled(self, v: np.ndarray) -> np.ndarray:
        """The x that belongs to v."""
        return (v - self.mean) / self.sigma


@dataclass(frozen=True)
class Sampling:
    """What a batch is: `slices` times with `particles` particles each.

    Parameters
    ----------
    particles
        Particles that collide with each other, at least two.
    slices
        Times in a batch.
    fresh
        New particles from f₀ for every slice of every update; otherwise the same `particles` for all of them.
    matching
        "implicit" or "transported".
    """

    particles: int
    slices: int
    fresh: bool
    matching: str

    @property
    def drawn(self) -> int:
        """How many different particles one update uses."""
        return self.particles * (self.slices if self.fresh else 1)

    def distinct(self, updates: int) -> int:
        """How many different particles so many updates see."""
        return self.drawn * (updates if self.fresh else 1)


class Batch(NamedTuple):
    """x₀ (slice, particle, d), τ (slice,), ∇ log f₀ there, and where the particles are if not where T says; or None."""

    x: Any
    tau: Any
    initial: Any
    places: Any


class ParticleLearner:
    """Both networks with their optimiser (`training.Learner`).

    Parameters
    ----------
    density, equation, units
        f₀, the equation as posed, and the units.
    shape
        Width and number of hidden layers.
    sampling
        What a batch is.
    seed, device
        Of the networks and the particles, and where to train; always in float32, since sampling noise is far above
        its rounding.
    exact_score, exact_flow
        To tell sources of error apart: a score (τ, x) → s of JAX arrays in the place of the network in U, and a map
        (τ, x₀) → x of NumPy arrays in the place of T_φ where the score learns.
    """

    def __init__(
        self,
        density: InitialDensity,
        equation: HomogeneousLandau,
        units: Units,
        shape: tuple[int, int],
        sampling: Sampling,
        seed: int,
        device: Device,
        exact_score: Exact | None = None,
        exact_flow: Exact | None = None,
    ):
        self._density, self._units, self._sampling, self._seed = density, units, sampling, seed
        self._device: Device = device
        self._exact_flow = exact_flow
        self._gradient = partial(
            _loss_gradient, equation=units.equation(equation), matching=sampling.matching, exact_score=exact_score
        )
        with scope(device, "float32"):
            begin = networks.start(equation.dimension, *shape, seed)
            self._networks: Networks = jax.tree.map(lambda leaf: jnp.asarray(leaf, "float32"), begin)
            self._optimiser = OPTIMISER.init(self._networks)  # type: ignore[arg-type]

    def update(self, step: int, rate: float) -> float:
        """One update on the batch of this step; the loss is the sum of both."""
        parts = np.array_split(np.arange(self._sampling.slices), min(SHARDS, self._sampling.slices))
        whole = self.batch(step)
        shards = [Batch(*(None if field is None else field[part] for field in whole)) for part in parts]
        shares = [len(part) / self._sampling.slices for part in parts]
        found = side_by_side(lambda shard: self._gradient(self._networks, shard), shards, self._device, "float32")
        with scope(self._device, "float32"):
            losses, gradients = zip(*found, strict=True)
            self._networks, self._optimiser, value = _apply(
                self._networks, self._optimiser, losses, gradients, shares, rate
            )
            return float(value)

    def batch(self, step: int) -> Batch:
        """The particles and times of an update; a function of seed and step alone."""
        key = np.random.SeedSequence([self._seed, step])
        rng, count = np.random.default_rng(key), self._sampling.slices
        tau = ((np.arange(count) + rng.random(count)) / count) ** EARLY
        n = self._sampling.particles
        if self._sampling.fresh:
            v = self._density.sample(Random(), n * count, int(rng.integers(2**62))).velocities[0]
        else:
            v = np.tile(self._density.sample(Random(), n, self._seed).velocities[0], (count, 1))
        x = self._units.scaled(v).reshape(count, n, -1)
        initial = places = None
        if self._sampling.matching == "transported":
            initial = (self._density.score(v)[0] * self._units.sigma).reshape(x.shape).astype(np.float32)
        if self._exact_flow is not None:
            places = np.stack([self._exact_flow(t, x0) for t, x0 in zip(tau, x, strict=True)]).astype(np.float32)
        return Batch(x.astype(np.float32), tau.astype(np.float32), initial, places)

    def state(self) -> dict[str, np.ndarray]:
        """Weights and optimiser."""
        leaves = jax.tree.leaves((self._networks, self._optimiser))
        return {f"learner/{i:03d}": np.asarray(leaf) for i, leaf in enumerate(leaves)}

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to what `state` returned."""
        leaves, structure = jax.tree.flatten((self._networks, self._optimiser))
        with scope(self._device, "float32"):
            kept = [
                jnp.asarray(state[f"learner/{i:03d}"].reshape(leaf.shape), leaf.dtype) for i, leaf in enumerate(leaves)
            ]
        self._networks, self._optimiser = jax.tree.unflatten(structure, kept)

    def result(self) -> Networks:
        """The networks, NumPy arrays."""
        return jax.tree.map(np.asarray, self._networks)


def loss(
    learned: Networks, batch: Batch, *, equation: HomogeneousLandau, matching: str, exact_score: Exact | None
) -> jax.Array:
    """ℓ(φ) + ℓ(θ) of a batch, in the equation's own units."""
    _, n, d = batch.x.shape
    tau = jnp.repeat(batch.tau, n)[:, None]
    x = batch.x.reshape(-1, d)
    place, rate = networks.with_rate(learned.flow, tau, x)
    seen = jax.lax.stop_gradient(place) if batch.places is None else batch.places.reshape(-1, d)
    if matching == "implicit":
        s, divergence = networks.with_divergence(learned.score, tau, seen)
        matched = jnp.mean((s**2).sum(1) + 2 * divergence)
    else:
        s = networks.score(learned.score, tau, seen)
        target = networks.carried_score(jax.lax.stop_gradient(learned.flow), tau, x, batch.initial.reshape(-1, d))
        matched = jnp.mean(((s - target) ** 2).sum(1))
    driving = jax.lax.stop_gradient(s) if exact_score is None else exact_score(tau, seen)
    weights = jnp.full(n, 1 / max(n - 1, 1), x.dtype)  # the mean over the others, without bias
    u = jax.vmap(lambda v, s: collision_sum(v, s, weights, equation))(
        seen.reshape(batch.x.shape), driving.reshape(batch.x.shape)
    )
    physics = jnp.mean(((rate - jax.lax.stop_gradient(u).reshape(-1, d)) ** 2).sum(1))
    return physics + matched


_loss_gradient = jax.jit(jax.value_and_grad(loss), static_argnames=("equation", "matching", "exact_score"))


@jax.jit
def _apply(
    learned: Networks, optimiser: Any, losses: tuple, gradients: tuple, shares: list, rate: Any
) -> tuple[Networks, Any, jax.Array]:
    """Networks and optimiser after one update, and the mean loss."""

    def mean(*parts: jax.Array) -> Any:
        return sum((share * part for share, part in zip(shares[1:], parts[1:], strict=True)), shares[0] * parts[0])

    total = jax.tree.map(mean, *gradients)
    clipped = Networks(*(_clipped(layers) for layers in total))
    updates, optimiser = OPTIMISER.update(clipped, optimiser)  # type: ignore[arg-type]
    moved = jax.tree.map(lambda leaf, update: (leaf - rate * update).astype(leaf.dtype), learned, updates)
    return moved, optimiser, mean(*losses)


def _clipped(layers: Any) -> Any:
    norm = jnp.sqrt(sum((leaf**2).sum() for leaf in jax.tree.leaves(layers)))
    return jax.tree.map(lambda leaf: leaf * jnp.minimum(1.0, CLIP / jnp.maximum(norm, 1e-30)), layers)
