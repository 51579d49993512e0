"""Initial densities f₀(q, p) = n(q) N(p; p̄, σ_p²), one law n for each case, and samples of them."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Ensemble, InitialDensity, InvalidInput, Mesh, Quiet, Random, Start, require_positive

REACH = 6.0  # standard deviations of momentum that uniform and mesh starts cover
GOLDEN = (math.sqrt(5) - 1) / 2


class PositionLaw(ABC):
    """A density of positions on [0, L), one for each case."""

    length: float

    @abstractmethod
    def density(self, q: np.ndarray) -> np.ndarray:
        """n(q), (case, point), for positions of shape (point,) or (case, point)."""

    @abstractmethod
    def slope(self, q: np.ndarray) -> np.ndarray:
        """Logarithmic derivative d log n / dq, (case, point)."""

    @abstractmethod
    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Positions (case, particle) in [0, L) that uniform numbers (case, particle) or (1, particle) stand for."""

    @abstractmethod
    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Ends (case,) of the interval that holds the density up to rounding; at most one period."""


@dataclass(frozen=True, eq=False)
class WrappedNormal(PositionLaw):
    """n(q) = Σ_m N(q + mL; q̄, σ_q²), the normal law on a circle.

    Parameters
    ----------
    mean, std
        q̄ and σ_q, (case,).
    length
        L.
    """

    mean: Float[np.ndarray, "case"]
    std: Float[np.ndarray, "case"]
    length: float

    def density(self, q: np.ndarray) -> np.ndarray:
        """n(q), summed over the images."""
        return self._images(q)[1].sum(0)

    def slope(self, q: np.ndarray) -> np.ndarray:
        """Logarithmic derivative, the images weighted by their densities."""
        offset, weight = self._images(q)
        total = np.maximum(weight.sum(0), np.finfo(float).tiny)
        return -(offset * weight).sum(0) / (total * self.std[:, None] ** 2)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """q̄ + σ_q Φ⁻¹(u), wrapped."""
        from scipy.special import ndtri

        return np.mod(self.mean[:, None] + self.std[:, None] * ndtri(u), self.length)

    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """Six standard deviations to each side, or the whole box."""
        half = np.minimum(REACH * self.std, 0.5 * self.length)
        return self.mean - half, self.mean + half

    def _images(self, q: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Distances to the mean of every image that matters, nearest included, and their densities."""
        nearest = np.remainder(q - self.mean[:, None] + 0.5 * self.length, self.length) - 0.5 * self.length
        reach = math.ceil(8 * float(self.std.max()) / self.length)
        offset = nearest + self.length * np.arange(-reach, reach + 1)[:, None, None]
        std = self.std[:, None]
        return offset, np.exp(-0.5 * (offset / std) ** 2) / (math.sqrt(2 * math.pi) * std)


@dataclass(frozen=True, eq=False)
class CosineModes(PositionLaw):
    """n(q) = (1 + Σ_m a_m cos(2πmq/L + θ_m)) / L, a box filled with modes m = 1, 2, ….

    Parameters
    ----------
    amplitudes, phases
        a_m and θ_m, (case, mode); Σ |a_m| < 1 in each case.
    length
        L.
    """

    amplitudes: Float[np.ndarray, "case mode"]
    phases: Float[np.ndarray, "case mode"]
    length: float

    def __post_init__(self) -> None:
        if (np.abs(self.amplitudes).sum(1) >= 1).any():
            raise InvalidInput("The amplitudes of a density must sum to less than 1 in each case.")

    def density(self, q: np.ndarray) -> np.ndarray:
        """n(q), the sum of its modes."""
        return (1 + np.real(self._sum(q, lambda m: self.amplitudes))) / self.length

    def slope(self, q: np.ndarray) -> np.ndarray:
        """Logarithmic derivative of the sum."""
        wave = 2 * math.pi / self.length
        return -wave * np.imag(self._sum(q, lambda m: m * self.amplitudes)) / (self.density(q) * self.length)

    def quantile(self, u: np.ndarray) -> np.ndarray:
        """Solves F(q) = u: a table of F for a guess, then Newton steps, which converge as n is positive."""
        u = np.broadcast_to(u, (len(self.amplitudes), u.shape[-1]))
        nodes = np.linspace(0, self.length, 64 * (self.amplitudes.shape[1] + 1))
        table = self._below(nodes)
        q = np.stack([np.interp(values, row, nodes) for values, row in zip(u, table, strict=True)])
        for _ in range(3):
            q -= (self._below(q) - u) / self.density(q)
        return np.mod(q, self.length)

    def interval(self) -> tuple[np.ndarray, np.ndarray]:
        """The whole box."""
        zeros = np.zeros(len(self.amplitudes))
        return zeros, zeros + self.length

    def _below(self, q: np.ndarray) -> np.ndarray:
        """F(q) = ∫₀^q n."""
        integral = self._sum(q, lambda m: self.amplitudes / m) - self._sum(np.zeros(1), lambda m: self.amplitudes / m)
        return q / self.length + np.imag(integral) / (2 * math.pi)

    def _sum(self, q: np.ndarray, factor: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
        """Σ_m c_m e^(i (2πmq/L + θ_m)), c = `factor`(m) (case, mode), by Horner's rule in e^(2πiq/L)."""
        modes = self.amplitudes.shape[1]
        coefficients = factor(np.arange(1, modes + 1)) * np.exp(1j * self.phases)
        turn = np.exp(2j * math.pi / self.length * q)
        total = np.zeros((1, 1))
        for m in range(modes - 1, -1, -1):
            total = (total + coefficients[:, m, None]) * turn
        return total


@dataclass(frozen=True, eq=False)
class ThermalStart(InitialDensity):
    """f₀(q, p) = n(q) N(p; p̄, σ_p²).

    Parameters
    ----------
    law
        n, one for each case.
    mean_momentum, std_momentum
        p̄ and σ_p, (case,).
    """

    law: PositionLaw
    mean_momentum: Float[np.ndarray, "case"]
    std_momentum: Float[np.ndarray, "case"]

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point"]:
        """f₀ at the points (q, p), for each case."""
        return self.law.density(v[:, 0]) * self._normal((v[:, 1] - self._p) / self._s) / self._s

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point d"]:
        """∇ log f₀ at the points (q, p), for each case."""
        return np.stack([self.law.slope(v[:, 0]), -(v[:, 1] - self._p) / self._s**2], -1)

    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        """Particles of every case: `Random`; `Quiet` from the golden-ratio lattice; `Mesh` over ±6 σ."""
        from scipy.special import ndtri

        require_positive("particles", particles, whole=True)
        if isinstance(start, Mesh):
            return self._mesh(particles)
        if isinstance(start, Quiet):
            first = (np.arange(particles) + 0.5)[None] / particles
            second = np.mod(0.5 + GOLDEN * np.arange(particles), 1.0)[None]
        elif isinstance(start, Random):
            generator = np.random.default_rng(seed)
            first, second = generator.random((2, len(self.std_momentum), particles))
        else:
            raise InvalidInput(f"start must be Random, Quiet or Mesh, got {start!r}.")
        q = self._inside(self.law.quantile(first))
        if isinstance(start, Quiet) and start.weighted:
            z = np.broadcast_to(REACH * (2 * second - 1), q.shape)
            return self._ensemble(q, z, self._normal(z))
        tiny = np.finfo(float).tiny
        return self._ensemble(q, np.broadcast_to(ndtri(np.maximum(second, tiny)), q.shape), None)

    def _mesh(self, particles: int) -> Ensemble:
        side = max(1, math.isqrt(particles))
        centres = (np.arange(side) + 0.5) / side
        low, high = self.law.interval()
        q = low[:, None] + (high - low)[:, None] * np.repeat(centres, side)
        z = np.broadcast_to(REACH * (2 * np.tile(centres, side) - 1), q.shape)
        return self._ensemble(self._inside(np.mod(q, self.law.length)), z, self.law.density(q) * self._normal(z))

    def _ensemble(self, q: np.ndarray, z: np.ndarray, weights: np.ndarray | None) -> Ensemble:
        if weights is not None:
            weights = weights / weights.sum(1, keepdims=True)
        return Ensemble(q[..., None], (self._p + self._s * z)[..., None], weights)  # type: ignore[arg-type]

    def _inside(self, q: np.ndarray) -> np.ndarray:
        return np.where(q < self.law.length, q, 0.0)  # numpy.mod may round up to L

    @property
    def _p(self) -> np.ndarray:
        return self.mean_momentum[:, None]

    @property
    def _s(self) -> np.ndarray:
        return self.std_momentum[:, None]

    @staticmethod
    def _normal(z: np.ndarray) -> np.ndarray:
        return np.exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
