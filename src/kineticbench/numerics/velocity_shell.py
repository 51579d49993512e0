"""A Gaussian shell of velocities in three dimensions."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import require_array, require_positive
from .velocity_start import VelocityDensity, directions, random_directions

_TABLE = 4096


@dataclass(frozen=True)
class GaussianShell(VelocityDensity):
    """f(v) = h exp(−(|v| − σ)² / 2τ²) in three dimensions; not of unit mass.

    The law of the radius r is known in closed form: with x = r − σ and Φ, φ the standard normal distribution function
    and density, the mass within r is 4πh [(σ² + τ²) τ √2π Φ(x/τ) − √2π τ² (x + 2σ) φ(x/τ)] from x = −σ on. It is
    inverted from a table by Newton steps.

    Parameters
    ----------
    radius
        σ.
    width
        τ.
    height
        h.
    """

    radius: float
    width: float
    height: float
    dimension: int = 3

    def __post_init__(self) -> None:
        for name in ("radius", "width", "height"):
            require_positive(name, getattr(self, name))

    @property
    def mass(self) -> float:
        """∫ f dv."""
        return self.height * 4 * math.pi * self._total

    @property
    def mean_square(self) -> float:
        """⟨v²⟩ = ∫ r⁴ e^(−x²/2τ²) dr / ∫ r² e^(−x²/2τ²) dr, by quadrature to rounding."""
        r = np.linspace(0, self.radius + 10 * self.width, 20_001)
        shell = r**2 * np.exp(-0.5 * ((r - self.radius) / self.width) ** 2)
        simpson = np.ones(r.size)
        simpson[1:-1:2], simpson[2:-1:2] = 4, 2
        return float((simpson @ (shell * r**2)) / (simpson @ shell))

    @property
    def unit_dimension(self) -> int:
        """One number for the radius, two for the direction."""
        return 3

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point"]:
        """Values of f."""
        return self.height * np.exp(-0.5 * ((self._speed(v) - self.radius) / self.width) ** 2)

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """∇ log f = (σ − r) v / τ² r; at v = 0, where f has a kink, 0 is returned."""
        r = self._speed(v)
        return ((self.radius - r) / self.width**2 / np.where(r > 0, r, np.inf))[:, None] * v

    def draw(self, number: int, rng: np.random.Generator) -> Float[np.ndarray, "particle d"]:
        """Independent samples."""
        return self._radii(rng.random(number))[:, None] * random_directions(number, 3, rng)

    def quantile(self, u: Float[np.ndarray, "particle k"]) -> Float[np.ndarray, "particle d"]:
        """The radius from the first number, the direction from the others."""
        return self._radii(u[:, 0])[:, None] * directions(u[:, 1:], 3)

    @property
    def _total(self) -> float:
        far = self.radius + 40 * self.width
        return float(self._within(np.array([far]))[0])

    def _within(self, r: np.ndarray) -> np.ndarray:
        """∫₀^r r² e^(−x²/2τ²) dr."""
        return self._primitive(r - self.radius) - self._primitive(np.array([-self.radius]))

    def _primitive(self, x: np.ndarray) -> np.ndarray:
        from scipy.special import ndtr

        s, c = self.width, self.radius
        bell = np.exp(-0.5 * (x / s) ** 2)
        return (c**2 + s**2) * s * math.sqrt(2 * math.pi) * ndtr(x / s) - s**2 * (x + 2 * c) * bell

    def _radii(self, u: np.ndarray) -> np.ndarray:
        """The inverse distribution function of r."""
        table = np.linspace(max(0.0, self.radius - 10 * self.width), self.radius + 10 * self.width, _TABLE)
        below = self._within(table) / self._total
        rising = np.concatenate([[True], np.diff(np.maximum.accumulate(below)) > 0])
        r = np.interp(u, below[rising], table[rising])
        for _ in range(3):
            slope = r**2 * np.exp(-0.5 * ((r - self.radius) / self.width) ** 2) / self._total
            step = (self._within(r) / self._total - u) / np.maximum(slope, np.finfo(float).tiny)
            r = r - np.clip(step, -0.1 * self.width, 0.1 * self.width)
        return np.maximum(r, 0.0)

    def _speed(self, v: np.ndarray) -> np.ndarray:
        require_array("v", v, 2, (None, 3))
        return np.linalg.norm(v, axis=1)
