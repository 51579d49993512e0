"""Second and fourth moments under the Landau equation for Maxwell molecules, whose moment equations close."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau, InvalidInput, Law, Problem, Reference, require_array, require_positive
from .velocity_mixture import GaussianMixture
from .velocity_start import VelocityStart


def maxwell_law(covariance: Float[np.ndarray, "d d"], fourth_moment: float, strength: float) -> Law:
    """Covariance and ⟨|v|⁴⟩ at every time, of unit mass and zero mean, from those at t = 0.

        dΣ/dt = 4B (tr Σ I − d Σ),    d⟨|v|⁴⟩/dt = −4(d−1)B (⟨|v|⁴⟩ − T²) + 8B (T² − tr Σ²),    T = tr Σ

    Hence Σ = Σ∞ + Δ e^(−4dBt) with Σ∞ = T I/d and Δ = Σ(0) − Σ∞, and with M∞ = (d+2)T²/d and q = 2 tr Δ²/(d+1)

        ⟨|v|⁴⟩ = M∞ + q e^(−8dBt) + (⟨|v|⁴⟩(0) − M∞ − q) e^(−4(d−1)Bt)

    Both follow from the stochastic equation of one particle among the others, whose coefficients are moments:
    dv = −2(d−1)Bv dt + √(2D) dW, D = B[(|v|² + T)I − vvᵀ − Σ].

    Parameters
    ----------
    covariance
        Σ(0).
    fourth_moment
        ⟨|v|⁴⟩(0).
    strength
        B.
    """
    require_array("covariance", covariance, 2)
    require_positive("strength", strength)
    d, trace = len(covariance), float(np.trace(covariance))
    end = trace / d * np.eye(d)
    excess = covariance - end
    last, q = (d + 2) / d * trace**2, 2 * float((excess**2).sum()) / (d + 1)

    def at(times: float | np.ndarray, rate: float) -> np.ndarray:
        return np.exp(-rate * strength * np.atleast_1d(np.asarray(times, float)))

    return Law(
        covariance=lambda times: end + excess * at(times, 4 * d)[:, None, None],
        fourth_moment=lambda times: last + q * at(times, 8 * d) + (fourth_moment - last - q) * at(times, 4 * (d - 1)),
    )


def maxwell_reference(problem: Problem) -> Reference:
    """What is exact of a mixture of Gaussians of zero mean under Maxwell molecules: covariance and fourth moment."""
    start, equation = problem.initial_density, problem.equation
    if (
        not isinstance(start, VelocityStart)
        or not isinstance(start.velocities, GaussianMixture)
        or not isinstance(equation, HomogeneousLandau)
        or equation.exponent != 0
    ):
        raise InvalidInput("This is no mixture of Gaussians under Maxwell molecules.", "Take one from problem().")
    mixture = start.velocities
    return Reference(
        law=maxwell_law(mixture.covariance, mixture.fourth_moment, equation.strength),
        provenance="Exact: the moment equations of Maxwell molecules close.",
    )
