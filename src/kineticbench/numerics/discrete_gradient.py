"""One implicit step of particles that keeps momentum and energy and lets their entropy fall, all at once.

Gonzalez's midpoint gradient G of the entropy H along a step Δ = v¹ − v⁰, with v̄ = (v⁰ + v¹)/2,

    G_i = F_i(v̄) + α Δ_i,    α = (H(v¹) − H(v⁰) − Σ w F(v̄)·Δ) / Σ w |Δ|²,    F_i = (1/w_i) ∂H/∂v_i

satisfies Σ w G·Δ = H(v¹) − H(v⁰). So Δ_i = dt U_i, U_i = −Σ_j w_j A(v̄_i − v̄_j)(G_i − G_j), changes the entropy by
exactly −dt/2 Σ_ij w_i w_j (G_i − G_j)·A (G_i − G_j) ≤ 0, and since Σ w U = 0 and Σ w v̄·U = 0, neither momentum nor
energy.

Sources: O. Gonzalez, Journal of Nonlinear Science 6, 449 (1996); for the Landau equation, E. Hirvijoki and
J. W. Burby, Physics of Plasmas 27, 082307 (2020). D. G. Anderson, Journal of the ACM 12, 547 (1965) for the iteration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Diverged

Velocities = Float[np.ndarray, "particle d"]

# Earlier iterates that a new one is mixed from.
_MEMORY = 6
_MOST = 200
# A residual of so many thermal speeds will not come back.
_FAR = 1e3


@dataclass(frozen=True)
class Dissipation:
    """What a step has to know of the entropy and of the collisions.

    Parameters
    ----------
    entropy
        H(v).
    gradient
        F(v) = (1/w) ∂H/∂v, (particle, d).
    rate
        U(v, F), (particle, d).
    """

    entropy: Callable[[np.ndarray], float]
    gradient: Callable[[np.ndarray], np.ndarray]
    rate: Callable[[np.ndarray, np.ndarray], np.ndarray]


def step(
    v: Velocities, w: Float[np.ndarray, "particle"], physics: Dissipation, dt: float, tolerance: float = 1e-11
) -> Velocities:
    """Velocities after one step, by Anderson's accelerated fixed-point iteration from a step of Euler's.

    Parameters
    ----------
    v, w
        Velocities, float64, and weights.
    physics
        Entropy, its gradient, and the collisions.
    dt
        Length of the step.
    tolerance
        Of the equation's residual r, as ‖r‖ ≤ tolerance ‖v − mean‖ in the norm √(Σ w |·|²).

    Returns
    -------
    v¹. Momentum is kept to rounding, energy to ½ ‖r‖ ‖Δ‖, and H rises by at most ‖F‖ ‖r‖.

    Raises
    ------
    Diverged
        Where the iteration runs away, or does not reach the tolerance in 200 turns; a shorter step will.
    """
    root = np.sqrt(w)[:, None]
    scale = float(np.linalg.norm(root * (v - w @ v / w.sum())))
    before = physics.entropy(v)

    def image(move: np.ndarray) -> np.ndarray:
        middle = v + move / 2
        force = physics.gradient(middle)
        square = float(w @ (move**2).sum(1))
        if square > 0:
            gained = float(w @ (force * move).sum(1))
            force = force + ((physics.entropy(v + move) - before - gained) / square) * move
        return dt * physics.rate(middle, force)

    move = dt * physics.rate(v, physics.gradient(v))
    moves: list[np.ndarray] = []
    residuals: list[np.ndarray] = []
    for _ in range(_MOST):
        target = image(move)
        residual = root * (target - move)
        size = float(np.linalg.norm(residual))
        if size <= tolerance * scale:
            return v + target
        if not size < _FAR * scale:
            break
        moves, residuals = [*moves[-_MEMORY:], target], [*residuals[-_MEMORY:], residual]
        move = _mixed(moves, residuals)
    raise Diverged("The implicit step did not converge.", "Take a shorter dt.")


def _mixed(targets: list[np.ndarray], residuals: list[np.ndarray]) -> np.ndarray:
    """The affine combination of the targets whose residual is smallest, Σ θ = 1."""
    if len(targets) == 1:
        return targets[0]
    last = residuals[-1].ravel()
    differences = np.stack([last - r.ravel() for r in residuals[:-1]], axis=1)
    theta = np.linalg.lstsq(differences, last, rcond=1e-10)[0]
    mixed = targets[-1].copy()
    for share, target in zip(theta, targets[:-1], strict=True):
        mixed -= share * (targets[-1] - target)
    return mixed
