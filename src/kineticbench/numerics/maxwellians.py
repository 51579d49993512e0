"""Mixtures of drifting Maxwellians: the unperturbed velocity distributions of the verification problems."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr, ndtri

from kineticbench.contracts import InvalidInput, require_positive


@dataclass(frozen=True)
class Maxwellians:
    """F(p) = Σ_j n_j N(p; u_j, σ_j²), normalised to one.

    Parameters
    ----------
    fractions
        n_j > 0, summing to one.
    drifts
        u_j.
    spreads
        σ_j > 0, the thermal speeds.

    Raises
    ------
    InvalidInput
        Where the three differ in length, a fraction or spread is not positive, or the fractions do not sum to one.
    """

    fractions: tuple[float, ...] = (1.0,)
    drifts: tuple[float, ...] = (0.0,)
    spreads: tuple[float, ...] = (1.0,)

    def __post_init__(self) -> None:
        if not len(self.fractions) == len(self.drifts) == len(self.spreads) > 0:
            raise InvalidInput(
                f"A mixture needs as many fractions as drifts and spreads, got {len(self.fractions)}, "
                f"{len(self.drifts)} and {len(self.spreads)}."
            )
        for n, u, s in zip(self.fractions, self.drifts, self.spreads, strict=True):
            require_positive("A fraction", n)
            require_positive("A spread", s)
            if not math.isfinite(u):
                raise InvalidInput(f"A drift must be finite, got {u!r}.")
        if abs(sum(self.fractions) - 1) > 1e-12:
            raise InvalidInput(f"The fractions must sum to one, got {sum(self.fractions)!r}.")

    @property
    def symmetric(self) -> bool:
        """Whether F(p) = F(−p)."""
        parts = list(zip(self.fractions, self.drifts, self.spreads, strict=True))
        return sorted(parts) == sorted((n, -u, s) for n, u, s in parts)

    @property
    def mean(self) -> float:
        """∫ p F dp."""
        return sum(n * u for n, u in zip(self.fractions, self.drifts, strict=True))

    @property
    def second_moment(self) -> float:
        """∫ p² F dp."""
        return sum(n * (u * u + s * s) for n, u, s in zip(self.fractions, self.drifts, self.spreads, strict=True))

    def support(self, deviations: float) -> tuple[float, float]:
        """The interval within `deviations` thermal speeds of at least one component's drift, gaps filled."""
        low = min(u - deviations * s for u, s in zip(self.drifts, self.spreads, strict=True))
        high = max(u + deviations * s for u, s in zip(self.drifts, self.spreads, strict=True))
        return low, high

    def density(self, p: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """F(p)."""
        total = np.zeros_like(p)
        for n, u, s in zip(self.fractions, self.drifts, self.spreads, strict=True):
            total += n / (math.sqrt(2 * math.pi) * s) * np.exp(-0.5 * ((p - u) / s) ** 2)
        return total

    def score(self, p: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """The slope d ln F / dp, also where F underflows."""
        exponents = [
            math.log(n / s) - 0.5 * ((p - u) / s) ** 2
            for n, u, s in zip(self.fractions, self.drifts, self.spreads, strict=True)
        ]
        highest = np.max(exponents, axis=0)
        shares = [np.exp(e - highest) for e in exponents]
        slopes = [w * (u - p) / s**2 for w, u, s in zip(shares, self.drifts, self.spreads, strict=True)]
        return np.sum(slopes, axis=0) / np.sum(shares, axis=0)

    def cumulative(self, p: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape"]:
        """∫ F from −∞ to p."""
        total = np.zeros_like(p)
        for n, u, s in zip(self.fractions, self.drifts, self.spreads, strict=True):
            total += n * ndtr((p - u) / s)
        return total

    def quantile(self, probability: Float[np.ndarray, "number"]) -> Float[np.ndarray, "number"]:
        """The inverse of `cumulative` for probabilities in (0, 1), to rounding.

        One component has a closed form; a mixture takes Newton steps, held inside the cell of a table of `cumulative`.
        """
        if len(self.fractions) == 1:
            return self.drifts[0] + self.spreads[0] * ndtri(probability)
        nodes = np.linspace(*self.support(9.0), 8193)
        levels = self.cumulative(nodes)
        cell = np.clip(np.searchsorted(levels, probability, side="right") - 1, 0, nodes.size - 2)
        low, high = nodes[cell], nodes[cell + 1]
        rise = levels[cell + 1] - levels[cell]
        p = low + (probability - levels[cell]) / np.where(rise > 0, rise, 1) * (high - low)
        for _ in range(3):
            slope = np.maximum(self.density(p), np.finfo(float).tiny)
            p = np.clip(p - (self.cumulative(p) - probability) / slope, low, high)
        return p
