"""Mixtures of Gaussians whose axes are those of velocity space."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, require_array, require_positive
from .velocity_start import VelocityDensity


@dataclass(frozen=True)
class GaussianMixture(VelocityDensity):
    """f(v) = Σ_k φ_k N(v; m_k, diag(σ²_k)), of unit mass.

    Parameters
    ----------
    fractions
        φ_k > 0, summing to one.
    means
        m_k, d numbers for each.
    variances
        σ²_k > 0, d numbers for each.

    Raises
    ------
    InvalidInput
        For no component, lengths that disagree, variances that are not positive (a dimension with zero spread has no
        density), fractions that are not positive or do not sum to one.
    """

    fractions: tuple[float, ...]
    means: tuple[tuple[float, ...], ...]
    variances: tuple[tuple[float, ...], ...]

    def __post_init__(self) -> None:
        if not self.fractions or not len(self.fractions) == len(self.means) == len(self.variances):
            raise InvalidInput("fractions, means and variances must be as many, at least one.")
        if len({len(row) for row in (*self.means, *self.variances)}) != 1 or not self.means[0]:
            raise InvalidInput("Every mean and every row of variances must have one number for each dimension.")
        for fraction in self.fractions:
            require_positive("fractions", fraction)
        for variance in np.ravel(self.variances):
            require_positive("variances", float(variance))
        if not np.isfinite(self.means).all():
            raise InvalidInput(f"means must be finite, got {self.means}.")
        if abs(math.fsum(self.fractions) - 1) > 1e-12:
            raise InvalidInput(f"fractions must sum to one, got {math.fsum(self.fractions)!r}.")

    @property
    def dimension(self) -> int:  # type: ignore[override]
        """Dimensions d."""
        return len(self.means[0])

    @property
    def unit_dimension(self) -> int:
        """As many as dimensions; the first also chooses the component."""
        return self.dimension

    @property
    def mean(self) -> Float[np.ndarray, "d"]:
        """Σ_k φ_k m_k."""
        return np.array(self.fractions) @ np.array(self.means)

    @property
    def covariance(self) -> Float[np.ndarray, "d d"]:
        """About the mean."""
        away = np.array(self.means) - self.mean
        share = np.array(self.fractions)
        return np.diag(share @ np.array(self.variances)) + np.einsum("k,ki,kj->ij", share, away, away)

    @property
    def fourth_moment(self) -> float:
        """⟨|v|⁴⟩ = Σ_k φ_k [(|m|² + tr S)² + 2 tr S² + 4 mᵀSm]."""
        m, s = np.array(self.means), np.array(self.variances)
        each = ((m**2).sum(1) + s.sum(1)) ** 2 + 2 * (s**2).sum(1) + 4 * (s * m**2).sum(1)
        return float(np.array(self.fractions) @ each)

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point"]:
        """Values of f."""
        return np.exp(self._logarithms(v)).sum(0)

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """∇ log f: the components' scores, averaged by their shares of f, which do not underflow in the tails."""
        logarithms = self._logarithms(v)
        shares = np.exp(logarithms - logarithms.max(0))
        shares /= shares.sum(0)
        total = np.zeros_like(v)
        for share, mean, variance in zip(shares, self.means, self.variances, strict=True):
            total += share[:, None] * (np.array(mean) - v) / np.array(variance)
        return total

    def draw(self, number: int, rng: np.random.Generator) -> Float[np.ndarray, "particle d"]:
        """Independent samples."""
        chosen = self._component(rng.random(number))
        return self._place(chosen, rng.standard_normal((number, self.dimension)))

    def quantile(self, u: Float[np.ndarray, "particle k"]) -> Float[np.ndarray, "particle d"]:
        """The first number chooses the component, and what is left of it is its quantile along the first axis."""
        from scipy.special import ndtri

        chosen = self._component(u[:, 0])
        share = np.array(self.fractions)
        left = (u[:, 0] - (np.cumsum(share) - share)[chosen]) / share[chosen]
        left = np.clip(left, np.finfo(float).tiny, np.nextafter(1.0, 0.0))
        return self._place(chosen, ndtri(np.concatenate([left[:, None], u[:, 1:]], axis=1)))

    def _component(self, u: np.ndarray) -> np.ndarray:
        return np.searchsorted(np.cumsum(self.fractions)[:-1], u, side="right")

    def _place(self, chosen: np.ndarray, normal: np.ndarray) -> np.ndarray:
        return np.array(self.means)[chosen] + np.sqrt(self.variances)[chosen] * normal

    def _logarithms(self, v: np.ndarray) -> np.ndarray:
        """Logarithms ln φ_k N_k(v), (component, point)."""
        require_array("v", v, 2, (None, self.dimension))
        rows = []
        for fraction, mean, variance in zip(self.fractions, self.means, self.variances, strict=True):
            squares = ((v - np.array(mean)) ** 2 / np.array(variance)).sum(1)
            norm = math.log(fraction) - 0.5 * float(np.log(2 * math.pi * np.array(variance)).sum())
            rows.append(norm - 0.5 * squares)
        return np.stack(rows)
