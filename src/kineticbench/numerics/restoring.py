"""Momentum and energy of weighted particles, put back to given values."""

from __future__ import annotations

from typing import Any

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput


def restore(
    v: Float[Any, "particle d"],
    w: Float[Any, "particle"],
    momentum: Float[Any, "d"],
    energy: float | Float[Any, ""],
) -> Float[Any, "particle d"]:
    """Shift and scale velocities about their mean so that they have a given momentum and energy.

        v_i ← p/W + λ (v_i − v̄),    λ² = (E − |p|²/2W) / (½ Σ w_i |v_i − v̄|²),    W = Σ w_i,  v̄ = Σ w_i v_i / W

    Of all changes that restore both, it is the one that keeps the shape of the distribution. After one step of order p
    the factor differs from one by the energy error of that step, so the order of a scheme stays what it was.

    Parameters
    ----------
    v
        Velocities, (particle, d). NumPy in, NumPy out; JAX in, JAX out, traceable and differentiable.
    w
        Weights, (particle,), non-negative, of positive sum.
    momentum
        p = Σ w v that is wanted, (d,).
    energy
        E = ½ Σ w |v|² that is wanted.

    Returns
    -------
    The new velocities, in the precision of `v`. Both conditions hold to a few roundings of E. Particles without spread
    (one particle, or all equal) cannot be scaled: they get the momentum, and the energy that goes with it. In JAX an
    energy below |p|²/2W, which no velocities have, counts as |p|²/2W.

    Raises
    ------
    InvalidInput
        In NumPy, for weights that do not sum to a positive number and for an energy below |p|²/2W by more than
        rounding.
    """
    if isinstance(v, np.ndarray):
        return _restore_numpy(v, np.asarray(w), np.asarray(momentum), float(energy))
    import jax.numpy as jnp

    mass = w.sum()
    bulk = jnp.asarray(momentum) / mass
    centred = v - (w @ v) / mass
    spread = (w @ (centred**2).sum(1)) / 2
    wanted = jnp.maximum(energy - mass * (bulk @ bulk) / 2, 0)
    scalable = spread > 0
    # √(wanted/spread) has no derivative at wanted = 0, where λ = 0 is a plain value
    ratio = jnp.where(scalable & (wanted > 0), wanted / jnp.where(scalable, spread, 1), 1)
    factor = jnp.where(scalable & (wanted <= 0), 0, jnp.sqrt(ratio))
    return (bulk + factor * centred).astype(v.dtype)


def _restore_numpy(v: np.ndarray, w: np.ndarray, momentum: np.ndarray, energy: float) -> np.ndarray:
    w = w.astype(np.float64, copy=False)
    mass = w.sum()
    if not mass > 0:
        raise InvalidInput(f"The weights must sum to a positive number, got {mass:g}.")
    bulk = momentum / mass
    centred = v.astype(np.float64)
    centred -= w @ centred / mass
    spread = float(w @ np.einsum("id,id->i", centred, centred)) / 2
    wanted = energy - mass * float(bulk @ bulk) / 2
    if wanted < -1e-6 * abs(energy):
        raise InvalidInput(
            f"An energy of {energy:g} is below {energy - wanted:g}, that of the bulk motion alone.",
            "Give the energy ½ Σ w |v|² that goes with the momentum Σ w v.",
        )
    factor = np.sqrt(max(wanted, 0.0) / spread) if spread > 0 else 0.0
    centred *= factor
    centred += bulk
    return centred.astype(v.dtype, copy=False)
