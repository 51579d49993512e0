"""Coordinates in which the symmetric potential trains well: per particle, centred, and in the units of the data.

The sum h over N particles makes inputs of ρ whose common part is hundreds of times what tells one case from another, so
gradient descent in the weights themselves crawls. A hidden potential V' with weights of order one is trained instead,

    V(q) = N γ P² ρ'( s (W₂'(h/N − μ)) + b₂' ),    a = w₁'c/X + b₁

with X and P the spread of positions and momenta, N their number, and μ the mean of h/N over the training states at the
start. The map V' → V is linear in each layer, so what is stored has the plain architecture again: this is a
preconditioner and an initialisation, not another model.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from .symmetric_potential import Potential, initial

FEATURE_SCALE = 4.0
"""s: differences between cases, a few tenths in units of a feature, become of order one."""

ENERGY_SCALE = 0.03
"""γ. Forces are weak at the start and grow; from ten times as much, training does not settle."""

KINKS = 2.7
SHARPNESS = (1.3, 4.5)


class Units(NamedTuple):
    """X, N, P² and μ (hidden,), from training states."""

    position: float
    particles: int
    energy: float
    features: np.ndarray


def start(hidden: int, seed: int, q: np.ndarray, p: np.ndarray, narrow: float) -> tuple[Potential, Units]:
    """V' before training, and the units of the states q, p (case, particle).

    A particle's features have widths that are log-uniform between `narrow`, the spread of positions where the motion
    began, and X; their kinks −b₁/w₁' lie uniformly within ±`KINKS` widths. Every later layer is uniform in ±1/√(its
    inputs).
    """
    c = q - q.mean(1, keepdims=True)
    spread, energy = float(c.std()), float((p - p.mean(1, keepdims=True)).var())
    random = np.random.default_rng([seed, 1])
    width = (min(narrow, spread) / spread) ** random.uniform(size=hidden)
    sharp = random.uniform(*SHARPNESS, hidden) * random.choice([-1.0, 1.0], hidden) / width
    kinks = width * random.uniform(-KINKS, KINKS, hidden)
    latent = initial(hidden, seed)._replace(w1=sharp, b1=-sharp * kinks)
    some = c[:: max(len(c) // 256, 1)].reshape(-1, 1) / spread
    features = np.mean([np.logaddexp(0, part * latent.w1 + latent.b1).mean(0) for part in np.array_split(some, 64)], 0)
    return latent, Units(spread, q.shape[1], energy, features)


def plain(latent: Potential, units: Units) -> Potential:
    """V from V'; differentiable."""
    N, s = units.particles, FEATURE_SCALE
    mean = jnp.asarray(units.features, latent.W2.dtype)
    height = N * ENERGY_SCALE * units.energy
    return latent._replace(
        w1=latent.w1 / units.position,
        W2=latent.W2 * (s / N),
        b2=(latent.b2 - s * (latent.W2 @ mean)) / N,
        w4=latent.w4 * height,
        b4=latent.b4 * height,
    )


def as_arrays(tree: object, dtype: str) -> object:
    """The leaves of a pytree as JAX arrays of this type."""
    return jax.tree.map(lambda leaf: jnp.asarray(leaf, dtype), tree)
