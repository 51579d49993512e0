"""The Bobylev–Krook–Wu solution of the Landau equation for Maxwell molecules: everything about it, exactly.

    f(t, v) = (2πK)^(−d/2) e^(−r²/2K) (P + Q r²),    K = 1 − C e^(−2(d−1)Bt)
    P = ((d+2)K − d) / 2K,    Q = (1 − K) / 2K²,    r = |v|

in any dimension d ≥ 2, of mass 1, mean 0 and covariance I. With u = r²/2K it is the mixture of Gamma laws
u ~ (1 − p) Γ(d/2) + p Γ(d/2 + 1), p = d(1 − K)/2K = 1 − P, in a uniform direction; every formula here follows from
that. f is positive while K ≥ d/(d+2). C is ½ for d = 2 and 1 for d = 3, as in the literature; beyond, 2/(d+2), the
largest with which the solution is positive from t = 0 on. With C = 1 the 3D solution begins at t = ln(5/2)/4B.

Sources: A. V. Bobylev (1975); M. Krook and T. T. Wu, Physics of Fluids 20, 1589 (1977). For the Landau equation:
J. A. Carrillo, J. Hu, L. Wang and J. Wu, Journal of Computational Physics: X 7, 100066 (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import InitialDensity, InvalidInput, Law, require_array, require_positive
from .velocity_start import VelocityDensity, VelocityStart, direction_dimension, directions, random_directions

# Trapezoidal nodes in ln u: the integrands decay like u^(d/2) and e^(−u), and are analytic for |Im ln u| < π/2, so
# the error is about e^(−π²/h) = 1e-68 for the step and 1e-17 for the ends.
_LOG_U = np.arange(-40.0, 6.625, 0.0625)
# Most Newton steps, and the longest in ln u.
_STEPS, _STRIDE = 400, 4.0


def law(dimension: int, strength: float, start_time: float) -> Law:
    """Everything that is known of the solution; times count from `start_time`.

    Parameters
    ----------
    dimension, strength
        d and B of the equation.
    start_time
        t at the start of the problem.

    Raises
    ------
    InvalidInput
        For d < 2, B ≤ 0, and a start at which f is not positive everywhere.

    Notes
    -----
    The flow map is radial and keeps the distribution function of r: p P(d/2+1, u) + (1−p) P(d/2, u), with P the
    regularised lower incomplete gamma function, is constant along each characteristic (in 2D so is
    (1 + Qr²) e^(−r²/2K)). It is inverted to rounding, in the far tail too. Where P = 0 the score is 2v/r² near the
    origin; at v = 0 itself 0 is returned.
    """
    at_start = shape(dimension, strength, start_time)
    rate = 2 * (dimension - 1) * strength

    def at(t: float | np.ndarray) -> BKW:
        if not np.isfinite(t) or t < 0:
            raise InvalidInput(f"The solution is known from t = 0 of the problem on, not at {t:g}.")
        return BKW(dimension, at_start.excess * math.exp(-rate * float(t)))

    def over(times: float | np.ndarray, value: str) -> np.ndarray:
        return np.array([getattr(at(t), value) for t in np.atleast_1d(np.asarray(times, float))])

    def covariance(times: float | np.ndarray) -> np.ndarray:
        return np.tile(np.eye(dimension), (len(over(times, "excess")), 1, 1))

    return Law(
        density=lambda t, v: at(t).density(v),
        score=lambda t, v: at(t).score(v),
        flow=lambda t, v: transport(at_start, at(t), v),
        sample=lambda t, number, seed: at(t).draw(number, np.random.default_rng(seed)),
        entropy=lambda times: over(times, "entropy"),
        dissipation=lambda times: rate * over(times, "excess") * over(times, "entropy_slope"),
        covariance=covariance,
        fourth_moment=lambda times: over(times, "fourth_moment"),
    )


def start(dimension: int, strength: float, start_time: float, half_width: float) -> InitialDensity:
    """The solution at `start_time` as an initial density that samples every start; knows nothing of later times.

    Parameters
    ----------
    dimension, strength, start_time
        As of `law`.
    half_width
        L of its velocity mesh.
    """
    return VelocityStart(shape(dimension, strength, start_time), half_width)


def shape(dimension: int, strength: float, time: float) -> BKW:
    """The solution at one time."""
    require_positive("dimension", dimension, whole=True)
    require_positive("strength", strength)
    if dimension < 2:
        raise InvalidInput(f"dimension must be at least 2, got {dimension}.")
    constant = {2: 0.5, 3: 1.0}.get(dimension, 2 / (dimension + 2))
    begins = max(0.0, math.log(constant * (dimension + 2) / 2) / (2 * (dimension - 1) * strength))
    if not begins <= time < math.inf:
        raise InvalidInput(
            f"f is not positive at t = {time:g} in {dimension}D.", f"Start at t = {begins:.6g} or later."
        )
    return BKW(dimension, constant * math.exp(-2 * (dimension - 1) * strength * time))


@dataclass(frozen=True)
class BKW(VelocityDensity):
    """The solution at one time, as a density of velocities.

    Parameters
    ----------
    dimension
        d.
    excess
        1 − K, from 0 (the Maxwellian) to 2/(d+2).
    """

    dimension: int
    excess: float

    @property
    def variance(self) -> float:
        """K."""
        return 1 - self.excess

    @property
    def share(self) -> float:
        """Probability p of the mixture's Γ(d/2 + 1), at most 1."""
        return min(1.0, self.dimension * self.excess / (2 * self.variance))

    @property
    def fourth_moment(self) -> float:
        """⟨|v|⁴⟩ = d(d+2)K(2 − K)."""
        return self.dimension * (self.dimension + 2) * self.variance * (1 + self.excess)

    @property
    def entropy(self) -> float:
        """∫ f ln f = −(d/2) ln 2πK − (d/2 + p) + E[ln(1 − p + 2pu/d)], the mean by quadrature to rounding."""
        a, p = self.dimension / 2, self.share
        factor, gamma, _ = self._quadrature()
        return -a * math.log(2 * math.pi * self.variance) - (a + p) + float(np.sum(gamma * factor * np.log(factor)))

    @property
    def entropy_slope(self) -> float:
        """d(∫ f ln f)/dK = (d/2K²)(1 − K − E₀[(2u/d − 1) ln(1 − p + 2pu/d)]), u ~ Γ(d/2) in E₀."""
        factor, gamma, u = self._quadrature()
        a = self.dimension / 2
        mean = float(np.sum(gamma * (u / a - 1) * np.log(factor)))
        return a / self.variance**2 * (self.excess - mean)

    @property
    def unit_dimension(self) -> int:
        """One number for the radius, the others for the direction."""
        return 1 + direction_dimension(self.dimension)

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point"]:
        """Values of f."""
        u = self._reduced(v)
        norm = (2 * math.pi * self.variance) ** (-self.dimension / 2)
        return norm * np.exp(-u) * self._factor(u)

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """∇ log f = (−1/K + 2Q/(P + Qr²)) v."""
        factor = self._factor(self._reduced(v))
        slope = self.excess / self.variance**2 / np.where(factor > 0, factor, np.inf)
        return (slope - 1 / self.variance)[:, None] * v

    def draw(self, number: int, rng: np.random.Generator) -> Float[np.ndarray, "particle d"]:
        """Independent samples, by the mixture."""
        u = rng.standard_gamma(self.dimension / 2 + (rng.random(number) < self.share))
        return np.sqrt(2 * self.variance * u)[:, None] * random_directions(number, self.dimension, rng)

    def quantile(self, u: Float[np.ndarray, "particle k"]) -> Float[np.ndarray, "particle d"]:
        """The radius from the first number by its inverse distribution function, the direction from the others."""
        from scipy.special import gammaincinv

        guess = gammaincinv(self.dimension / 2 + self.share, u[:, 0])
        x = self.invert(np.log(u[:, 0]), np.log1p(-u[:, 0]), np.log(guess))
        radius = math.sqrt(2 * self.variance) * np.exp(x / 2)
        return radius[:, None] * directions(u[:, 1:], self.dimension)

    def log_below(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the distribution function of u = e^x, p P(d/2+1, u) + (1−p) P(d/2, u), without underflow.

        P(a, u) = u^a e^(−u) M(1, a+1, u) / Γ(a+1) with Kummer's function M ≥ 1, up to u = d; beyond, by `log_above`.
        """
        from scipy.special import gammaln, hyp1f1

        a, p = self.dimension / 2, self.share
        border = math.log(self.dimension)
        near = np.minimum(x, border)
        u = np.exp(near)
        total = (1 - p) * hyp1f1(1, a + 1, u) + p * u / (a + 1) * hyp1f1(1, a + 2, u)
        series = a * near - u - gammaln(a + 1) + np.log(total)
        return np.where(x > border, np.log1p(-np.exp(self.log_above(np.maximum(x, border)))), series)

    def log_above(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the rest, 1 − F, without underflow: e^u Q(a, u) is a finite sum for whole 2a."""
        from scipy.special import erfcx, gamma

        a, u = self.dimension / 2, np.exp(x)
        odd = self.dimension % 2
        total = erfcx(np.sqrt(u)) if odd else np.zeros_like(u)
        for k in np.arange(odd / 2, a):
            total = total + u**k / gamma(k + 1)
        return np.log(total + self.share * u**a / gamma(a + 1)) - u

    def log_slope(self, x: np.ndarray) -> np.ndarray:
        """Logarithm of the density of x = ln u, u^a e^(−u) (1 − p + pu/a) / Γ(a), a = d/2."""
        from scipy.special import gammaln

        a, u = self.dimension / 2, np.exp(x)
        return a * x - u - gammaln(a) + np.log(np.maximum(self._factor(u), np.finfo(float).tiny))

    def invert(self, below: np.ndarray, above: np.ndarray, guess: np.ndarray) -> np.ndarray:
        """The x = ln u with ln F = below or, where F > ½, ln(1 − F) = above: bracketed Newton steps to rounding.

        Each is a smooth and monotonous function of x in the half where it is used, known there to relative rounding.
        """
        x, lower = guess, below < math.log(0.5)
        low, high = np.full_like(x, -np.inf), np.full_like(x, np.inf)
        for _ in range(_STEPS):
            value = np.where(lower, self.log_below(x), self.log_above(x))
            residual = np.where(lower, value - below, above - value)
            low, high = np.where(residual <= 0, x, low), np.where(residual >= 0, x, high)
            moved = x - np.clip(residual * np.exp(np.clip(value - self.log_slope(x), -700, 700)), -_STRIDE, _STRIDE)
            outside = (moved < low) | (moved > high)
            moved[outside] = 0.5 * (low + high)[outside]
            step, x = np.abs(moved - x), moved
            if (step <= 1e-10 * np.maximum(1, np.abs(x))).all():  # convergence is quadratic: rounding is reached
                break
        return x

    def _reduced(self, v: np.ndarray) -> np.ndarray:
        require_array("v", v, 2, (None, self.dimension))
        return np.einsum("ij,ij->i", v, v) / (2 * self.variance)

    def _factor(self, u: np.ndarray) -> np.ndarray:
        return (1 - self.share) + 2 * self.share / self.dimension * u

    def _quadrature(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """1 − p + 2pu/d, the weights of ∫ · Γ(d/2) du, and u."""
        from scipy.special import gammaln

        a, u = self.dimension / 2, np.exp(_LOG_U)
        weights = (_LOG_U[1] - _LOG_U[0]) * np.exp(a * _LOG_U - u - gammaln(a))
        return self._factor(u), weights, u


def transport(first: BKW, second: BKW, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
    """Where characteristics that leave v under the law `first` are when the law is `second`."""
    before = first._reduced(v)
    moving = before > 0
    scale = np.ones(len(v))
    x = np.log(before[moving])
    after = second.invert(first.log_below(x), first.log_above(x), x)
    scale[moving] = math.sqrt(second.variance / first.variance) * np.exp((after - x) / 2)
    return v * scale[:, None]
