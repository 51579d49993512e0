"""A plasma with a sinusoidal density perturbation: the start of every verification problem, and its particles."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import (
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

from .maxwellians import Maxwellians

# How far a weighted start and a mesh reach beyond the outermost drifts, in thermal speeds: f is 2e-8 of its height.
_DEVIATIONS = 6.0
_BLOCK = 1 << 18


@dataclass(frozen=True)
class PerturbedPlasma(InitialDensity):
    """f₀(q, p) = (1 + α cos kq) F(p) / L on the box L = 2π/k, of unit mass; one case.

    Parameters
    ----------
    velocities
        F.
    wavenumber
        k > 0.
    amplitude
        α, 0 < α < 1, so that f₀ is positive.

    Notes
    -----
    `sample` answers every start:

    - `Random`: independent particles;
    - `Quiet`: the rank-1 lattice ((g i + r) mod N, i + ½) / N with g ≈ N/φ coprime to N (φ: golden ratio, r from the
      seed), mapped through the inverse distribution functions of q and of p. Each particle is a beam of its own and
      positions are incommensurate with velocities: without perturbation all Fourier modes of the density vanish at
      the start, and they stay small while the lattice shears;
    - `Quiet(weighted=True)`: the same lattice, velocities uniform over six thermal speeds beyond the outermost
      drifts, weights ∝ F, so that resonances far out in the tail are resolved as well as the bulk;
    - `Mesh`: cell centres of a uniform mesh over the same range, weights ∝ f₀; as many particles as the largest mesh
      with about equally many cells per thermal speed as per k⁻¹ holds, which may be a few less than asked for.

    Positions are exact to rounding: θ + α sin θ = 2πu (Kepler's equation) is solved by Newton steps.
    Source of the lattice: E. Hlawka and H. Niederreiter; see H. Niederreiter, Random Number Generation and
    Quasi-Monte Carlo Methods (SIAM, 1992), chapter 5.
    """

    velocities: Maxwellians
    wavenumber: float
    amplitude: float

    def __post_init__(self) -> None:
        require_positive("wavenumber", self.wavenumber)
        require_positive("amplitude", self.amplitude)
        if self.amplitude >= 1:
            raise InvalidInput(f"amplitude must be below 1, or f would be negative; got {self.amplitude!r}.")

    @property
    def length(self) -> float:
        """L = 2π/k."""
        return 2 * math.pi / self.wavenumber

    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point"]:
        """f₀ at points (q, p); shape (1, point)."""
        require_array("v", v, 2, (None, 2))
        return (self._profile(v[:, 0]) * self.velocities.density(v[:, 1]))[None]

    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point d"]:
        """(∂_q, ∂_p) ln f₀ at points (q, p); shape (1, point, 2)."""
        require_array("v", v, 2, (None, 2))
        phase = self.wavenumber * v[:, 0]
        along = -self.amplitude * self.wavenumber * np.sin(phase) / (1 + self.amplitude * np.cos(phase))
        return np.stack([along, self.velocities.score(v[:, 1])], axis=-1)[None]

    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        """`particles` particles of the one case; see the class for what each start does.

        Raises
        ------
        InvalidInput
            For a number of particles that is not a positive integer, or an unknown start.
        """
        require_positive("particles", particles, whole=True)
        match start:
            case Random():
                return self._fill(particles, self._random(seed))
            case Quiet(weighted=False):
                return self._fill(particles, self._lattice(particles, seed, self.velocities.quantile))
            case Quiet():
                low, high = self.velocities.support(_DEVIATIONS)
                lattice = self._lattice(particles, seed, lambda u: low + (high - low) * u)
                return self._fill(particles, lattice, weigh=self.velocities.density)
            case Mesh():
                return self._mesh(particles)
        raise InvalidInput(f"start must be Random(), Quiet() or Mesh(), got {start!r}.")

    def _profile(self, q: np.ndarray) -> np.ndarray:
        return (1 + self.amplitude * np.cos(self.wavenumber * q)) / self.length

    def _positions(self, u: np.ndarray) -> np.ndarray:
        """The inverse of the distribution function of q. With e = θ + π it is Kepler's e − α sin e = 2πu + π."""
        mean = 2 * math.pi * u + math.pi
        e = mean - 0.85 * self.amplitude * np.sign(np.sin(2 * math.pi * u))
        for _ in range(30):
            step = (e - self.amplitude * np.sin(e) - mean) / (1 - self.amplitude * np.cos(e))
            e -= step
            if np.abs(step).max() < 1e-9:
                break
        e -= (e - self.amplitude * np.sin(e) - mean) / (1 - self.amplitude * np.cos(e))
        return np.clip((e - math.pi) / self.wavenumber, 0.0, np.nextafter(self.length, 0))

    def _random(self, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        rng = np.random.default_rng(seed)
        shares = np.cumsum(self.velocities.fractions)[:-1]
        drifts, spreads = np.array(self.velocities.drifts), np.array(self.velocities.spreads)
        while True:
            q = self._positions(rng.random(_BLOCK))
            beam = np.searchsorted(shares, rng.random(_BLOCK), side="right")
            yield q, drifts[beam] + spreads[beam] * rng.standard_normal(_BLOCK)

    def _lattice(
        self, particles: int, seed: int, velocity: Callable[[np.ndarray], np.ndarray]
    ) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        shift = np.random.default_rng(seed).random()
        generator = _golden_generator(particles)
        for first in range(0, particles, _BLOCK):
            i = np.arange(first, min(first + _BLOCK, particles))
            yield self._positions((generator * i % particles + shift) / particles), velocity((i + 0.5) / particles)

    def _fill(
        self,
        particles: int,
        blocks: Iterator[tuple[np.ndarray, np.ndarray]],
        weigh: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> Ensemble:
        positions, velocities = np.empty((1, particles, 1)), np.empty((1, particles, 1))
        weights = None if weigh is None else np.empty((1, particles))
        for first in range(0, particles, _BLOCK):
            here = slice(first, min(first + _BLOCK, particles))
            q, p = next(blocks)
            positions[0, here, 0] = q[: here.stop - first]
            velocities[0, here, 0] = p[: here.stop - first]
            if weigh is not None and weights is not None:
                weights[0, here] = weigh(velocities[0, here, 0])
        if weights is None:
            return Ensemble(positions, velocities)
        weights /= weights.sum()
        return Ensemble(positions, velocities, weights)

    def _mesh(self, particles: int) -> Ensemble:
        low, high = self.velocities.support(_DEVIATIONS)
        aspect = 2 * math.pi * min(self.velocities.spreads) / (high - low)
        columns = min(particles, max(1, round(math.sqrt(particles * aspect))))
        rows = particles // columns
        q = (np.arange(columns) + 0.5) * (self.length / columns)
        p = low + (np.arange(rows) + 0.5) * ((high - low) / rows)
        weights = np.outer(self.velocities.density(p), self._profile(q))
        shape = (1, rows * columns, 1)
        return Ensemble(
            np.broadcast_to(q, weights.shape).reshape(shape),
            np.broadcast_to(p[:, None], weights.shape).reshape(shape),
            (weights / weights.sum()).reshape(1, -1),
        )


def _golden_generator(particles: int) -> int:
    """The integer coprime to N that is nearest to N/φ."""
    golden = round(particles * (math.sqrt(5) - 1) / 2)
    for distance in range(particles + 1):
        for generator in (golden + distance, golden - distance):
            if generator > 0 and math.gcd(generator, particles) == 1:
                return generator
    raise AssertionError("1 is coprime to every integer")
