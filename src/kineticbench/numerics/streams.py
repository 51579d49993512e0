"""Cases drawn one after another from a single stream of random numbers, of which any stretch can be had.

The stream is that of the Gaussian ensemble's public generator: NumPy's legacy `RandomState`, first the parameters of
every case, then case after case its particles. Earlier cases are drawn and thrown away, so a stretch is the same
whatever else is asked for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Ensemble
from .starts import CosineModes, PositionLaw, ThermalStart, WrappedNormal


@dataclass(frozen=True, eq=False)
class Cases:
    """A stretch of the stream.

    Parameters
    ----------
    ensemble
        The particles.
    density
        What they were drawn from.
    """

    ensemble: Ensemble
    density: ThermalStart

    @property
    def conditions(self) -> dict[str, Float[np.ndarray, "case"]]:
        """Parameters of each case's start, by name."""
        law, density = self.density.law, self.density
        named = {"mean_momentum": density.mean_momentum, "std_momentum": density.std_momentum}
        if isinstance(law, WrappedNormal):
            return {"mean_position": law.mean, "std_position": law.std, **named}
        assert isinstance(law, CosineModes)
        for m in range(law.amplitudes.shape[1]):
            named |= {f"amplitude_{m + 1}": law.amplitudes[:, m], f"phase_{m + 1}": law.phases[:, m]}
        return named


@dataclass(frozen=True)
class Stream:
    """What is drawn.

    Parameters
    ----------
    seed
        Of `RandomState`.
    total
        Cases in the stream.
    particles
        Particles of a case.
    length
        Period of the box; the cases are centred at half of it.
    """

    seed: int
    total: int
    particles: int
    length: float

    def gaussian(self, first: int, cases: int, sigma: tuple[float, float]) -> Cases:
        """Normal positions and momenta, with standard deviations uniform in `sigma`, in the public generator's order.

        μ_q, μ_p, σ_q, σ_p of all cases; then for each case N normal numbers for q and N for p.
        """
        random = np.random.RandomState(self.seed)
        mean_q, mean_p = (random.uniform(value, value, self.total) for value in (0.5 * self.length, 0.0))
        std_q, std_p = (_between(random.random_sample(self.total), sigma) for _ in range(2))
        drawn = self._skip(first, cases, lambda: random.randn(2, self.particles))
        chosen = slice(first, first + cases)
        law = WrappedNormal(mean_q[chosen], std_q[chosen], self.length)
        positions = law.mean[:, None] + law.std[:, None] * drawn[:, 0]
        return self._cases(law, positions, mean_p[chosen], std_p[chosen], drawn[:, 1])

    def multimode(self, first: int, cases: int, sigma: tuple[float, float], modes: int, amplitude: float) -> Cases:
        """Positions that fill the box with cosine modes, normal momenta.

        σ_p uniform in `sigma`, amplitudes uniform in [0, `amplitude` / `modes`) and phases in [0, 2π) of all cases;
        then for each case N uniform numbers for q and N normal ones for p.
        """
        random = np.random.RandomState(self.seed)
        std_p = _between(random.random_sample(self.total), sigma)
        amplitudes = random.uniform(0, amplitude / modes, (self.total, modes))
        phases = random.uniform(0, 2 * np.pi, (self.total, modes))
        n = self.particles
        drawn = self._skip(first, cases, lambda: np.stack([random.random_sample(n), random.randn(n)]))
        chosen = slice(first, first + cases)
        law = CosineModes(amplitudes[chosen], phases[chosen], self.length)
        return self._cases(law, law.quantile(drawn[:, 0]), np.zeros(cases), std_p[chosen], drawn[:, 1])

    def _skip(self, first: int, cases: int, draw: Callable[[], np.ndarray]) -> np.ndarray:
        """Draw `first` cases for nothing and then `cases` to keep, (case, 2, particle)."""
        for _ in range(first):
            draw()
        kept = np.empty((cases, 2, self.particles))
        for case in range(cases):
            kept[case] = draw()
        return kept

    def _cases(
        self, law: PositionLaw, positions: np.ndarray, mean_p: np.ndarray, std_p: np.ndarray, z: np.ndarray
    ) -> Cases:
        positions = np.mod(positions, self.length)
        positions[positions >= self.length] = 0  # numpy.mod may round up to L
        momenta = mean_p[:, None] + std_p[:, None] * z
        return Cases(Ensemble(positions[..., None], momenta[..., None]), ThermalStart(law, mean_p, std_p))


def _between(u: np.ndarray, ends: tuple[float, float]) -> np.ndarray:
    """Uniform numbers as `RandomState.uniform` makes them."""
    low, high = ends
    return low + (high - low) * u
