"""Weighted particles, batched over cases, and the ways of drawing them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from .checks import all_finite, require_array
from .errors import InvalidInput


@dataclass(frozen=True)
class Random:
    """Independent samples with equal weights."""


@dataclass(frozen=True)
class Quiet:
    """Low-discrepancy samples, for noise below 1/√N.

    Parameters
    ----------
    weighted
        False: equal weights, velocities through the inverse distribution function.
        True: velocities uniform over the support, f in the weights, so that the tails are resolved too.
    """

    weighted: bool = False


@dataclass(frozen=True)
class Mesh:
    """Cell centres of a uniform mesh, weights f₀ hᵈ.

    Parameters
    ----------
    half_width
        L of the velocity mesh [−L, L]ᵈ of a homogeneous equation, n cells of width h = 2L/n along each axis, n the
        whole part of the d-th root of the number of particles; 0 leaves L to the density.
    """

    half_width: float = 0.0


Start = Random | Quiet | Mesh


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Particles of several cases that are solved together.

    Parameters
    ----------
    positions
        (case, particle, d_x), or None where the equation is homogeneous.
    velocities
        (case, particle, d_v); momenta of particles of unit mass.
    weights
        (case, particle), non-negative, summing to the mass of f (one unless the dataset says otherwise).
        None gives every particle 1/N, as a view that takes no memory.

    Raises
    ------
    InvalidInput
        For arrays that are empty, not finite, of the wrong rank, or that disagree in shape.
    """

    positions: Float[np.ndarray, "case particle d_x"] | None
    velocities: Float[np.ndarray, "case particle d_v"]
    weights: Float[np.ndarray, "case particle"] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        require_array("velocities", self.velocities, 3)
        cases, particles, _ = self.velocities.shape
        if 0 in self.velocities.shape:
            raise InvalidInput(f"An ensemble needs at least one case and particle, got {self.velocities.shape}.")
        if self.positions is not None:
            require_array("positions", self.positions, 3, (cases, particles, None))
        if self.weights is None:
            equal = np.asarray(1.0 / particles, dtype=self.velocities.dtype)
            object.__setattr__(self, "weights", np.broadcast_to(equal, (cases, particles)))
        else:
            require_array("weights", self.weights[:1, :1] if self.equal_weights else self.weights, 2)
            if self.weights.shape != (cases, particles):
                raise InvalidInput(f"weights must have shape {(cases, particles)}, got {self.weights.shape}.")
            if self.weights[:1, :1].min() < 0 or (not self.equal_weights and self.weights.min() < 0):
                raise InvalidInput(f"weights must not be negative, got {self.weights.min():g}.")

    @property
    def cases(self) -> int:
        """Number of cases."""
        return self.velocities.shape[0]

    @property
    def particles(self) -> int:
        """Number of particles of each case."""
        return self.velocities.shape[1]

    @property
    def equal_weights(self) -> bool:
        """Whether every particle of every case has one weight, stored once."""
        return isinstance(self.weights, np.ndarray) and self.weights.ndim == 2 and self.weights.strides == (0, 0)

    def take(self, cases: slice | np.ndarray) -> Ensemble:
        """The chosen cases, as views where `cases` is a slice."""
        velocities = self.velocities[cases]
        positions = None if self.positions is None else self.positions[cases]
        return Ensemble(positions, velocities, self._weights_for(velocities, self.weights[cases]))

    def astype(self, dtype: str | np.dtype) -> Ensemble:
        """The ensemble in another precision; the same object where it already has it."""
        if self.velocities.dtype == dtype and (self.positions is None or self.positions.dtype == dtype):
            return self
        velocities = self.velocities.astype(dtype, copy=False)
        positions = None if self.positions is None else _cast_inside(self.positions, velocities.dtype)
        return Ensemble(positions, velocities, self._weights_for(velocities, self.weights))

    def _weights_for(self, velocities: np.ndarray, weights: np.ndarray) -> np.ndarray:
        if self.equal_weights:
            return np.broadcast_to(self.weights[0, 0].astype(velocities.dtype), velocities.shape[:2])
        return weights.astype(velocities.dtype, copy=False)


def _cast_inside(positions: np.ndarray, dtype: np.dtype) -> np.ndarray:
    """Cast, but never beyond the largest position: what lay just below L must not become L."""
    cast = positions.astype(dtype, copy=False)
    largest = positions.max()
    top = largest.astype(dtype)
    if top > largest:
        np.minimum(cast, np.nextafter(top, dtype.type(-np.inf)), out=cast)
    return cast


def require_inside(positions: np.ndarray, length: float) -> None:
    """Raise `InvalidInput` unless every position lies in the box [0, length)."""
    low, high = float(positions.min()), float(positions.max())
    if not all_finite(positions) or low < 0 or high >= length:
        raise InvalidInput(
            f"Positions must lie in the box [0, {length:g}), found {low:g} to {high:g}.",
            "Wrap them with numpy.mod(positions, length).",
        )
