"""Particles of a homogeneous plasma: independent, quiet or on a mesh, for any density of velocities."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import (
    Ensemble,
    InitialDensity,
    InvalidInput,
    Mesh,
    Quiet,
    Random,
    Start,
    require_array,
    require_positive,
)


class VelocityDensity(ABC):
    """A density f(v) in closed form with exact maps from random and from uniform numbers.

    Attributes
    ----------
    dimension
        d.
    mass
        ∫ f dv.
    unit_dimension
        How many uniform numbers `quantile` makes one velocity of.
    """

    dimension: int

    @property
    def mass(self) -> float:
        """∫ f dv."""
        return 1.0

    @property
    @abstractmethod
    def unit_dimension(self) -> int:
        """How many uniform numbers `quantile` makes one velocity of."""

    @abstractmethod
    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point"]:
        """Values of f."""

    @abstractmethod
    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """∇ log f."""

    @abstractmethod
    def draw(self, number: int, rng: np.random.Generator) -> Float[np.ndarray, "particle d"]:
        """Independent samples of f / mass."""

    @abstractmethod
    def quantile(self, u: Float[np.ndarray, "particle k"]) -> Float[np.ndarray, "particle d"]:
        """Velocities whose law is f / mass where u is uniform in the unit cube of `unit_dimension` dimensions."""


@dataclass(frozen=True)
class VelocityStart(InitialDensity):
    """The start of a homogeneous problem: one density of velocities, one case.

    Parameters
    ----------
    velocities
        f₀.
    half_width
        L of the velocity mesh [−L, L]ᵈ that holds f₀ up to a negligible rest; what `Mesh()` and
        `Quiet(weighted=True)` fill.

    Notes
    -----
    `sample` answers every start:

    - `Random`: independent particles of equal weight;
    - `Quiet`: the points ((i + ½)/N, {i α + r}) with α the powers of the generalised golden ratio and r from the seed,
      through the density's exact inverse map; equal weights;
    - `Quiet(weighted=True)`: such points uniform in [−L, L]ᵈ, weights ∝ f₀ that sum to the mass;
    - `Mesh`: the centres of nᵈ cells, n the whole part of N^(1/d), weights f₀ hᵈ as they are: they sum to the mass
      that the midpoint rule finds, which differs from the true one by what lies beyond L and by the rule's error.

    Sources: H. Niederreiter, Random Number Generation and Quasi-Monte Carlo Methods (SIAM, 1992), chapter 3; the
    generalised golden ratio, root of x^(k+1) = x + 1, is H. Harborth's and M. Roberts' choice of badly approximable α.
    """

    velocities: VelocityDensity
    half_width: float

    def __post_init__(self) -> None:
        require_positive("half_width", self.half_width)

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point"]:
        """f₀ at the velocities, shape (1, point)."""
        require_array("v", v, 2, (None, self.velocities.dimension))
        return self.velocities.density(v)[None]

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point d"]:
        """∇ log f₀ at the velocities, shape (1, point, d)."""
        require_array("v", v, 2, (None, self.velocities.dimension))
        return self.velocities.score(v)[None]

    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        """`particles` particles (on a mesh at most as many) of the one case; see the class for each start.

        Raises
        ------
        InvalidInput
            For a number of particles that is not a positive integer, a negative half width, or an unknown start.
        """
        require_positive("particles", particles, whole=True)
        match start:
            case Random():
                return self._equal(self.velocities.draw(particles, np.random.default_rng(seed)))
            case Quiet(weighted=False):
                return self._equal(self.velocities.quantile(lattice(particles, self.velocities.unit_dimension, seed)))
            case Quiet():
                v = self.half_width * (2 * lattice(particles, self.velocities.dimension, seed) - 1)
                weights = self.velocities.density(v)
                if not weights.sum() > 0:
                    raise InvalidInput("No particle lies where f₀ is positive.", "Take more particles.")
                return Ensemble(None, v[None], (weights * (self.velocities.mass / weights.sum()))[None])
            case Mesh():
                if not 0 <= start.half_width < math.inf:
                    raise InvalidInput(f"half_width must not be negative, got {start.half_width!r}.")
                half_width, d = start.half_width or self.half_width, self.velocities.dimension
                v = cell_centres(half_width, whole_root(particles, d), d)
                cell = (2 * half_width) ** d / len(v)
                return Ensemble(None, v[None], (self.velocities.density(v) * cell)[None])
        raise InvalidInput(f"start must be Random(), Quiet() or Mesh(), got {start!r}.")

    def _equal(self, v: np.ndarray) -> Ensemble:
        if self.velocities.mass == 1:
            return Ensemble(None, v[None])
        return Ensemble(None, v[None], np.broadcast_to(np.asarray(self.velocities.mass / len(v)), (1, len(v))))


def cell_centres(half_width: float, cells: int, dimension: int) -> Float[np.ndarray, "point d"]:
    """Centres of the nᵈ cells of [−L, L]ᵈ; the last coordinate varies fastest."""
    axis = (2 * np.arange(cells) + 1 - cells) * (half_width / cells)
    return np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)


def whole_root(number: int, degree: int) -> int:
    """The whole part of the root, exactly: the largest n with n^degree ≤ number."""
    n = round(number ** (1 / degree))
    while n**degree > number:
        n -= 1
    while (n + 1) ** degree <= number:
        n += 1
    return n


def lattice(number: int, dimension: int, seed: int) -> Float[np.ndarray, "particle k"]:
    """Low-discrepancy points inside the unit cube; the seed shifts every coordinate but the first."""
    golden = 2.0
    for _ in range(64):  # x^(dimension) = x + 1 for the dimension − 1 coordinates beyond the first
        golden = (1 + golden) ** (1 / dimension)
    alpha = golden ** -np.arange(1, dimension)
    shift = np.random.default_rng(seed).random(dimension - 1)
    i = np.arange(number)[:, None]
    points = np.concatenate([(i + 0.5) / number, (i * alpha + shift) % 1.0], axis=1)
    return np.clip(points, np.finfo(float).tiny, np.nextafter(1.0, 0.0))


def directions(u: Float[np.ndarray, "particle k"], dimension: int) -> Float[np.ndarray, "particle d"]:
    """Uniform directions of uniform numbers: one of them for d = 2, two for d = 3, d beyond."""
    if dimension == 2:
        angle = 2 * math.pi * u[:, 0]
        return np.stack([np.cos(angle), np.sin(angle)], axis=1)
    if dimension == 3:
        height, angle = 2 * u[:, 0] - 1, 2 * math.pi * u[:, 1]
        ring = np.sqrt(1 - height**2)
        return np.stack([ring * np.cos(angle), ring * np.sin(angle), height], axis=1)
    from scipy.special import ndtri

    normal = ndtri(u)
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)


def direction_dimension(dimension: int) -> int:
    """How many uniform numbers `directions` wants."""
    return dimension - 1 if dimension <= 3 else dimension


def random_directions(number: int, dimension: int, rng: np.random.Generator) -> Float[np.ndarray, "particle d"]:
    """Independent uniform directions."""
    normal = rng.standard_normal((number, dimension))
    return normal / np.linalg.norm(normal, axis=1, keepdims=True)
