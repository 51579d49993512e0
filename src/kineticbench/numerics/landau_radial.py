"""Coulomb collisions of an isotropic plasma in three dimensions: one radial equation, Rosenbluth's potentials.

    ∂f/∂t = v⁻² ∂_v [v² (D f′ − F f)],    D = (8πB/3) [v⁻³ ∫₀ᵛ f w⁴ dw + ∫ᵥ^∞ f w dw],    F = −8πB v⁻² ∫₀ᵛ f w² dw

in flux form on N shells of equal width, second order in it; answers of N, 2N and 4N shells are extrapolated to the
limit (Richardson, twice). In time the method of Dormand and Prince of order 8 with error control to 10⁻¹¹. Nothing is
shared with the grid methods in three dimensions but the equation.

Source: M. N. Rosenbluth, W. M. MacDonald and D. L. Judd, Phys. Rev. 107, 1 (1957).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import Diverged

_TOLERANCE = 1e-11


@dataclass(frozen=True, eq=False)
class RadialAnswer:
    """What is known of an isotropic f.

    Parameters
    ----------
    times
        (time,).
    mass, mean_square, fourth_moment, entropy, dissipation
        ∫ f, ⟨v²⟩, ⟨v⁴⟩ of f divided by its mass, ∫ f ln f and its rate; (time,).
    density
        f at the radii asked for, (time, radius).
    """

    times: Float[np.ndarray, "time"]
    mass: Float[np.ndarray, "time"]
    mean_square: Float[np.ndarray, "time"]
    fourth_moment: Float[np.ndarray, "time"]
    entropy: Float[np.ndarray, "time"]
    dissipation: Float[np.ndarray, "time"]
    density: Float[np.ndarray, "time radius"]


_SCALARS = ("mass", "mean_square", "fourth_moment", "entropy", "dissipation")


def radial_answer(
    start: Callable[[np.ndarray], np.ndarray],
    strength: float,
    times: Float[np.ndarray, "time"],
    radii: Float[np.ndarray, "radius"],
    reach: float,
    shells: int = 200,
) -> tuple[RadialAnswer, RadialAnswer]:
    """The extrapolated answer, and that of one extrapolation less, whose difference bounds its error.

    Parameters
    ----------
    start
        f₀ as a function of |v|.
    strength
        B.
    times
        Increasing from 0 on.
    radii
        Where f is asked for.
    reach
        The largest |v|, beyond which f is negligible at all times.
    shells
        N, the fewest.
    """
    first, second, third = (_march(start, strength, times, radii, reach, shells << n) for n in range(3))
    once, fine = _extrapolated(first, second, 4), _extrapolated(second, third, 4)
    return _extrapolated(once, fine, 16), fine


def _march(
    start: Callable[[np.ndarray], np.ndarray],
    strength: float,
    times: np.ndarray,
    radii: np.ndarray,
    reach: float,
    shells: int,
) -> RadialAnswer:
    from scipy.integrate import solve_ivp
    from scipy.interpolate import make_interp_spline

    h = reach / shells
    face = h * np.arange(1, shells)
    centre = h * (np.arange(shells) + 0.5)
    # Exact shell volumes over 4π, and shell averages of w, to keep mass to rounding.
    volume = (np.append(face, reach) ** 3 - np.append(0.0, face) ** 3) / 3

    def rate(_: float, f: np.ndarray) -> np.ndarray:
        inner = np.cumsum(f * centre**4)[:-1] * h
        outer = (np.sum(f * centre) - np.cumsum(f * centre)[:-1]) * h
        diffusion = (8 * math.pi * strength / 3) * (inner / face**3 + outer)
        friction = -(8 * math.pi * strength) * np.cumsum(f * volume)[:-1] / face**2
        flux = face**2 * (diffusion * np.diff(f) / h - friction * 0.5 * (f[1:] + f[:-1]))
        return np.diff(flux, prepend=0.0, append=0.0) / volume

    f0 = start(centre)
    run = solve_ivp(
        rate, (0.0, times[-1]), f0, "DOP853", times, rtol=_TOLERANCE, atol=_TOLERANCE * float(f0.max()) * 1e-3
    )
    if not run.success:
        raise Diverged(f"The radial equation was not solved: {run.message}")
    f = run.y.T
    weight = 4 * math.pi * h * centre**2
    mass = f @ weight
    seen = np.where(f > 1e-14 * f.max(), f, 1.0)  # what is below has no logarithm that counts
    rates = np.array([rate(0.0, one) for one in f])
    values = []
    for one in f:  # an even function of v
        spline = make_interp_spline(np.concatenate([-centre[::-1], centre]), np.concatenate([one[::-1], one]), k=5)
        values.append(np.where(radii <= centre[-1], spline(np.minimum(radii, centre[-1])), 0.0))
    return RadialAnswer(
        times,
        mass,
        f @ (weight * centre**2) / mass,
        f @ (weight * centre**4) / mass,
        (f * np.log(seen)) @ weight,
        (rates * np.log(seen)) @ weight,
        np.array(values),
    )


def _extrapolated(coarse: RadialAnswer, fine: RadialAnswer, factor: int) -> RadialAnswer:
    """The limit, fine + (fine − coarse) / (factor − 1)."""
    pairs = {name: (getattr(coarse, name), getattr(fine, name)) for name in (*_SCALARS, "density")}
    return RadialAnswer(fine.times, **{name: b + (b - a) / (factor - 1) for name, (a, b) in pairs.items()})
