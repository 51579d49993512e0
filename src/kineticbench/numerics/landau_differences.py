"""The Landau collision operator by finite differences and product quadrature: a second opinion on the spectral one.

    ∂f/∂t = ∂_a (D_ab ∂_b f − F_a f),    D_ab(v_i) = Σ_j ω_ab(i − j) f_j,    F_a(v_i) = Σ_j ω_ab(i − j) (∂_b f)_j

Derivatives are central differences of order p, f being zero outside the box. The weights are integrals of the kernel
against the cardinal function φ of local interpolation with p points along each axis, whose nodes are the grid's:

    ω_ab(m) = ∫ A_ab(z) φ(m − z) dz,    φ(u) = ∏_a φ₁(u_a),    in units of the cell width,

by Gauss quadrature on every unit cell, and on the one at the singularity in pyramids z = t (1, y) with the power of t
as weight. Nothing is periodic, and nothing is shared with the spectral method but the equation.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import product

import numpy as np
import scipy.fft
from jaxtyping import Float
from scipy.ndimage import correlate1d

from kineticbench.contracts import HomogeneousLandau

from .landau_operator import Collision, VelocityGrid

# Gauss points along a cell's edge; distance in cells from which ω is the kernel itself.
_GAUSS, _FAR = 8, 12


class DifferenceOperator:
    """Q(f) for densities on one grid, as `LandauOperator` has it.

    Parameters
    ----------
    grid
        Where f is known; in two or three dimensions.
    equation
        With the dimension of the grid.
    points
        p, even: the order of the differences and of the quadrature.
    """

    def __init__(self, grid: VelocityGrid, equation: HomogeneousLandau, points: int = 12):
        self.grid, self.equation = grid, equation
        self._stencil = first_difference(points) / grid.width
        scale = equation.strength * grid.width ** (equation.exponent + 2 + grid.dimension)
        n, d = grid.cells, grid.dimension
        self._weights = {}
        for a in range(d):
            for b in range(a, d):
                laid = _laid_out(n, d, equation.exponent, points, a, b)
                self._weights[a, b] = scale * np.asarray(scipy.fft.rfftn(laid))

    def collide(self, f: np.ndarray) -> Collision:
        """Q(f), and a bound on its stiffness."""
        d = self.grid.dimension
        slope = [self._difference(f, a) for a in range(d)]
        diffusion, friction = self.coefficients(f, slope)
        rate, total = np.zeros_like(f), np.zeros_like(f)
        for a in range(d):
            along = -friction[a] * f
            for b in range(d):
                entry = diffusion[min(a, b), max(a, b)]
                along += entry * slope[b]
                total += np.abs(entry)
            rate += self._difference(along, a)
        return Collision(rate, float(total.max()) * float(np.abs(self._stencil).sum()) ** 2)

    def coefficients(
        self, f: np.ndarray, slope: list[np.ndarray]
    ) -> tuple[dict[tuple[int, int], np.ndarray], list[np.ndarray]]:
        """D_ab for a ≤ b, and F_a, at the nodes."""
        d = self.grid.dimension
        waves = [self._spectrum(s) for s in slope]
        along = self._spectrum(f)
        diffusion = {ab: self._cropped(w * along) for ab, w in self._weights.items()}
        friction = [
            self._cropped(np.asarray(sum(self._weights[min(a, b), max(a, b)] * waves[b] for b in range(d))))
            for a in range(d)
        ]
        return diffusion, friction

    def _difference(self, f: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(correlate1d(f, self._stencil, axis, mode="constant"))

    def _spectrum(self, f: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.fft.rfftn(f, s=(2 * self.grid.cells,) * self.grid.dimension))

    def _cropped(self, spectrum: np.ndarray) -> np.ndarray:
        n, d = self.grid.cells, self.grid.dimension
        return np.asarray(scipy.fft.irfftn(spectrum, s=(2 * n,) * d))[(slice(n),) * d]


def first_difference(points: int) -> Float[np.ndarray, "p_plus_1"]:
    """Weights at −p/2, …, p/2 of the first derivative, exact for polynomials of degree p."""
    half = points // 2
    offsets = np.arange(1, half + 1)
    weights = np.array(
        [np.prod([q**2 / (q**2 - m**2) for q in offsets if q != m]) / (2 * m) for m in offsets], dtype=float
    )
    return np.concatenate([-weights[::-1], [0.0], weights])


def cardinal(x: np.ndarray, points: int) -> np.ndarray:
    """φ₁(x): at integer j the value of local Lagrange interpolation of a unit impulse at 0 with p points around x."""
    half = points // 2
    cell = np.floor(x)  # the impulse is −cell from the left end of the cell that x lies in, in which s runs
    s, node = x - cell, -cell
    value = np.where((node >= 1 - half) & (node <= half), 1.0, 0.0)
    for other in range(1 - half, half + 1):
        value = np.where(node == other, value, value * (s - other) / np.where(node == other, 1.0, node - other))
    return value


@lru_cache(maxsize=12)
def near_weights(dimension: int, exponent: float, points: int, a: int, b: int) -> np.ndarray:
    """ω_ab(m) for 0 ≤ m < 12 along every axis; other signs follow from those of z_a z_b."""
    from scipy.special import roots_jacobi

    node, weight = np.polynomial.legendre.leggauss(_GAUSS)
    cells = _FAR + points // 2
    z = (np.arange(cells)[:, None] + 0.5 + 0.5 * node).ravel()
    w = np.tile(0.5 * weight, cells)
    m = np.arange(_FAR)[:, None]
    even, odd = (cardinal(m - z, points) + sign * cardinal(m + z, points) for sign in (1, -1))
    signs = [odd if a != b and axis in (a, b) else even for axis in range(dimension)]
    table = _kernel(np.meshgrid(*[z] * dimension, indexing="ij", sparse=True), exponent, a, b)
    table[(slice(_GAUSS),) * dimension] = 0.0  # the cell at the singularity comes below
    for axis in range(dimension):
        table = np.moveaxis(np.tensordot(signs[axis] * w, table, (1, axis)), 0, axis)
    t, tw = roots_jacobi(_GAUSS + points * dimension // 2, 0.0, exponent + dimension + 1)
    t, tw = 0.5 + 0.5 * t, tw * 0.5 ** (exponent + dimension + 2)
    y, yw = 0.5 + 0.5 * np.polynomial.legendre.leggauss(24)[0], 0.5 * np.polynomial.legendre.leggauss(24)[1]
    sides = np.meshgrid(*[y] * (dimension - 1), indexing="ij")
    share = np.prod(np.meshgrid(*[yw] * (dimension - 1), indexing="ij"), axis=0).ravel()
    for top in range(dimension):
        direction = [side.ravel() for side in sides]
        direction.insert(top, np.ones(share.size))
        values = np.outer(tw, share * _kernel(direction, exponent, a, b)).ravel()
        basis = []
        for axis in range(dimension):
            x = np.outer(t, direction[axis]).ravel()
            sign = -1 if a != b and axis in (a, b) else 1
            basis.append(cardinal(m - x, points) + sign * cardinal(m + x, points))
        table += _sum_of_products(values, basis)
    return table


def _sum_of_products(values: np.ndarray, basis: list[np.ndarray]) -> np.ndarray:
    """Σ_q values_q ∏_a basis_a(m_a, q), in blocks of q."""
    total = np.zeros((len(basis[0]),) * len(basis))
    for first in range(0, values.size, 4096):
        here = slice(first, first + 4096)
        left = basis[0][:, here] * values[here]
        for middle in basis[1:-1]:
            left = (left[:, None] * middle[:, here]).reshape(-1, left.shape[-1])
        total += (left @ basis[-1][:, here].T).reshape(total.shape)
    return total


def _kernel(z: Sequence[np.ndarray], exponent: float, a: int, b: int) -> np.ndarray:
    """|z|^γ (|z|² δ_ab − z_a z_b), 0 at z = 0."""
    squared = np.asarray(sum(x**2 for x in z), dtype=float)
    power = np.where(squared > 0, squared, 1.0) ** (exponent / 2)
    return np.where(squared > 0, power * ((squared if a == b else 0.0) - z[a] * z[b]), 0.0)


def _laid_out(cells: int, dimension: int, exponent: float, points: int, a: int, b: int) -> np.ndarray:
    """ω_ab at offsets −n < m < n, laid out on 2n cells for a transform."""
    along = np.concatenate([np.arange(cells), [0], np.arange(1 - cells, 0)]).astype(float)
    offsets = np.meshgrid(*[along] * dimension, indexing="ij", sparse=True)
    table = _kernel(offsets, exponent, a, b)
    near = near_weights(dimension, float(exponent), points, a, b)
    reach = min(_FAR, cells)
    for signs in product((1, -1), repeat=dimension):
        place = np.ix_(*[sign * np.arange(reach) for sign in signs])
        parity = signs[a] * signs[b] if a != b else 1
        table[place] = parity * near[(slice(reach),) * dimension]
    return table
