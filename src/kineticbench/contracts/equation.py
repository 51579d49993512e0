"""The kinetic equations that problems pose."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar

from .checks import require_positive
from .errors import InvalidInput


class Equation(ABC):
    """A kinetic equation with its parameters.

    Attributes
    ----------
    name
        What a solver's `solves` refers to.
    """

    name: ClassVar[str]

    @property
    @abstractmethod
    def position_dimension(self) -> int:
        """Dimensions of position space; 0 for a spatially homogeneous equation."""

    @property
    @abstractmethod
    def velocity_dimension(self) -> int:
        """Dimensions of velocity space."""


@dataclass(frozen=True)
class VlasovPoisson(Equation):
    """One-dimensional Vlasov–Poisson equation of one species before a uniform neutralising background.

        ∂f/∂t + p ∂f/∂q + E ∂f/∂p = 0,    ∂E/∂q = Q (∫ f dp − 1/L),    q ∈ [0, L) periodic,  ∫∫ f dq dp = 1

    Charges repel (dq/dt = p, dp/dt = +E) and have unit mass, so ω_p² = Q / L. In the Gaussian ensemble
    Q = c_p N for N particles of charge c_p.

    Parameters
    ----------
    length
        L, the period of the box.
    charge
        Q, the total charge.
    """

    length: float
    charge: float
    name: ClassVar[str] = "vlasov_poisson"

    def __post_init__(self) -> None:
        require_positive("length", self.length)
        require_positive("charge", self.charge)

    @property
    def position_dimension(self) -> int:
        """One."""
        return 1

    @property
    def velocity_dimension(self) -> int:
        """One."""
        return 1

    @property
    def plasma_frequency(self) -> float:
        """ω_p = √(Q / L)."""
        return math.sqrt(self.charge / self.length)


@dataclass(frozen=True)
class HomogeneousLandau(Equation):
    """Spatially homogeneous Landau equation.

        ∂f/∂t = ∇·∫ A(v − v*) [f(v*) ∇f(v) − f(v) ∇f(v*)] dv*,    A(z) = B |z|^γ (|z|² I − z zᵀ)

    Parameters
    ----------
    dimension
        Dimensions d ≥ 2 of velocity space.
    exponent
        γ in [−3, 1]: 0 for Maxwell molecules, −3 for Coulomb collisions.
    strength
        B.
    """

    dimension: int
    exponent: float
    strength: float
    name: ClassVar[str] = "homogeneous_landau"

    def __post_init__(self) -> None:
        require_positive("dimension", self.dimension, whole=True)
        require_positive("strength", self.strength)
        if self.dimension < 2:
            raise InvalidInput(f"dimension must be at least 2, got {self.dimension}.")
        if not -3 <= self.exponent <= 1:
            raise InvalidInput(
                f"exponent must lie in [−3, 1], got {self.exponent}.", "Take 0 for Maxwell molecules, −3 for Coulomb."
            )

    @property
    def position_dimension(self) -> int:
        """Zero: the plasma is homogeneous."""
        return 0

    @property
    def velocity_dimension(self) -> int:
        """The dimension d."""
        return self.dimension
