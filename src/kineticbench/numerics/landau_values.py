"""What a density on a velocity grid says: values and scores at any point, entropy and its dissipation.

f is the trigonometric interpolant of the grid's values. Where it is not resolved its logarithm means nothing. With the
floor φ, the largest of four roundings of its maximum, exp(−πn/4) of it (`landau_box.level`), twice its most negative
value, and four times the root mean square of its last modes,

- ∫ f ln f is ∫ f ln max(f, φ), and dissipation ∫ Q(f) ln⁺(f/φ), which is ∫ Q(f) ln f up to the tail since ∫ Q(f) = 0:
  both are linear in f below φ, so that noise cancels as it does in the mass;
- ∇ ln f is ∇f / f where f > 10 φ, elsewhere that of the Maxwellian with the mean and covariance of f.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from jaxtyping import Float

from .landau_operator import VelocityGrid, moments

# Elements of a table that are held at once.
_BLOCK = 1 << 22


def floor(f: np.ndarray) -> float:
    """φ, below which f is not resolved."""
    power = np.abs(np.asarray(scipy.fft.rfftn(f))) ** 2
    n = f.shape[0]
    last = max(float(np.take(power, n // 2, axis).sum(dtype=float)) for axis in range(f.ndim)) ** 0.5 / f.size
    least = max(4 * float(np.finfo(f.dtype).eps), math.exp(-math.pi * n / 4))
    return float(max(least * f.max(), -2 * f.min(), 4 * last))


def entropy(grid: VelocityGrid, f: np.ndarray) -> float:
    """∫ f ln max(f, φ)."""
    return float(np.sum(f.astype(float) * np.log(np.maximum(f, floor(f)).astype(float)))) * grid.volume


def dissipation(grid: VelocityGrid, f: np.ndarray, rate: np.ndarray) -> float:
    """d/dt ∫ f ln f = ∫ Q(f) ln⁺(f/φ), from f and `rate`, Q(f)."""
    low = floor(f)
    seen = f > low
    return float(np.sum(rate[seen].astype(float) * np.log(f[seen].astype(float) / low))) * grid.volume


def density_and_score(
    grid: VelocityGrid, f: np.ndarray, points: Float[np.ndarray, "point d"], score: bool = True
) -> tuple[Float[np.ndarray, "point"], Float[np.ndarray, "point d"] | None]:
    """F and, where asked for, ∇ ln f at the points; outside the box f = 0."""
    spectrum = np.asarray(scipy.fft.fftn(f.astype(float))) / f.size
    n = grid.cells
    k = np.pi / grid.half_width * np.fft.fftfreq(n, 1 / n)
    k[n // 2] = 0.0  # half of the last mode at +k and half at −k: a cosine, kept as such below
    inside = np.all(np.abs(points - np.array(grid.centre)) <= grid.half_width, axis=1)
    values = np.where(inside, _evaluate(grid, spectrum, points), 0.0)
    if not score:
        return values, None
    mass, mean, spread = moments(grid, f)
    del mass
    slopes = np.linalg.solve(spread, -(points - mean).T).T
    seen = values > 10 * floor(f)
    if seen.any():
        for a in range(grid.dimension):
            wave = 1j * k.reshape([-1 if b == a else 1 for b in range(grid.dimension)])
            slopes[seen, a] = _evaluate(grid, spectrum * wave, points)[seen] / values[seen]
    return values, slopes


def _evaluate(grid: VelocityGrid, spectrum: np.ndarray, points: np.ndarray) -> np.ndarray:
    """The real trigonometric polynomial at the points: by axes where they form a tensor grid, else in blocks."""
    distinct = [np.unique(points[:, a], return_inverse=True) for a in range(grid.dimension)]
    if np.prod([float(x.size) for x, _ in distinct]) <= 4 * len(points):
        table = spectrum
        for a, (x, _) in enumerate(distinct):
            table = np.moveaxis(np.tensordot(_phases(grid, x - grid.centre[a]), table, (1, a)), 0, a)
        return np.real(table)[tuple(place for _, place in distinct)]
    found = np.empty(len(points))
    block = max(1, _BLOCK // grid.cells ** (grid.dimension - 1))
    flat = spectrum.reshape(grid.cells, -1)
    for first in range(0, len(points), block):
        x = points[first : first + block] - np.array(grid.centre)
        table = _phases(grid, x[:, 0]) @ flat
        for a in range(1, grid.dimension):
            table = np.einsum("pk,pkr->pr", _phases(grid, x[:, a]), np.reshape(table, (len(x), grid.cells, -1)))
        found[first : first + block] = np.real(table[:, 0])
    return found


def _phases(grid: VelocityGrid, offset: np.ndarray) -> np.ndarray:
    """exp(ik(x − x₀)) for every offset x from the centre, x₀ the first node's, and every mode; the last is a cosine."""
    n = grid.cells
    k = np.pi / grid.half_width * np.fft.fftfreq(n, 1 / n)
    phases = np.exp(1j * np.outer(offset + grid.half_width - grid.width / 2, k))
    phases[:, n // 2] = np.real(phases[:, n // 2])
    return phases
