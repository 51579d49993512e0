"""The Landau collision operator on a velocity grid, by Fourier collocation.

    ∂f/∂t = Q(f) = ∂_a (D_ab ∂_b f − F_a f),    D = A ∗ f,    F_a = ∂_b D_ab,    A(z) = B|z|^γ (|z|² I − z zᵀ)

Derivatives are those of the trigonometric interpolant on the box, D and F free-space convolutions (`landau_kernel`), so
the error falls faster than any power of the cell width as long as f is resolved and vanishes at the box's edge. For
Maxwell molecules (γ = 0) D and F are polynomials of v whose coefficients are moments of f. Mass is kept to rounding,
since Q is a divergence; momentum and energy are kept as well as f is resolved.

Sources: L. Pareschi, G. Russo and G. Toscani, J. Comput. Phys. 165, 216 (2000), where collisions are periodised
instead; F. Vico, L. Greengard and M. Ferrando, J. Comput. Phys. 323, 191 (2016), for the convolution.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
import scipy.fft
from jaxtyping import Float

from kineticbench.contracts import HomogeneousLandau, InvalidInput, require_positive

from .landau_kernel import kernel_spectra

# Cells from which starting threads costs less than they save.
_WORTH_THREADS = 1 << 16


@dataclass(frozen=True)
class VelocityGrid:
    """Nodes v_i = c + L ((2i + 1)/n − 1), i = 0, …, n − 1, the cell centres of a box about c, along each axis.

    Parameters
    ----------
    cells
        n, even.
    half_width
        L.
    centre
        c, one number for each dimension.
    """

    cells: int
    half_width: float
    centre: tuple[float, ...]

    def __post_init__(self) -> None:
        require_positive("cells", self.cells, whole=True)
        require_positive("half_width", self.half_width)
        if self.cells % 2 or self.cells < 8:
            raise InvalidInput(f"cells must be even and at least 8, got {self.cells}.")

    @property
    def dimension(self) -> int:
        """D."""
        return len(self.centre)

    @property
    def width(self) -> float:
        """H = 2L/n."""
        return 2 * self.half_width / self.cells

    @property
    def volume(self) -> float:
        """hᵈ, the weight of a node."""
        return self.width**self.dimension

    @property
    def shape(self) -> tuple[int, ...]:
        """(n, …, n)."""
        return (self.cells,) * self.dimension

    def axes(self) -> list[np.ndarray]:
        """The nodes' coordinates along each axis, shaped to broadcast against f."""
        along = self.half_width * ((2 * np.arange(self.cells) + 1) / self.cells - 1)
        return list(np.meshgrid(*[c + along for c in self.centre], indexing="ij", sparse=True))

    def nodes(self) -> Float[np.ndarray, "node d"]:
        """All nodes, in the order of a ravelled f."""
        return np.stack(np.broadcast_arrays(*self.axes()), axis=-1).reshape(-1, self.dimension)


@dataclass(frozen=True, eq=False)
class Collision:
    """What a collision operator makes of f.

    Parameters
    ----------
    rate
        Q(f).
    spectral_radius
        A bound on the operator's largest eigenvalue for frozen D, max_v Σ_ab |D_ab| times the last wavenumber squared.
    """

    rate: np.ndarray
    spectral_radius: float


@runtime_checkable
class CollisionOperator(Protocol):
    """Q(f) for densities on one grid, however it is found."""

    grid: VelocityGrid

    def collide(self, f: np.ndarray) -> Collision:
        """Q(f), and how stiff it is."""
        ...


class LandauOperator:
    """Q(f) for densities on one grid.

    Parameters
    ----------
    grid
        Where f is known; in two or three dimensions.
    equation
        With the dimension of the grid.
    dtype
        Of f: float32 or float64.
    """

    def __init__(self, grid: VelocityGrid, equation: HomogeneousLandau, dtype: type | np.dtype = np.float64):
        from numba import get_num_threads

        if equation.dimension != grid.dimension:
            raise InvalidInput(f"The equation has {equation.dimension} dimensions, the grid {grid.dimension}.")
        self.grid, self.equation, self.dtype = grid, equation, np.dtype(dtype)
        self._threads = get_num_threads() if grid.cells**grid.dimension >= _WORTH_THREADS else 1
        self._axes = tuple(range(grid.dimension))
        n, d = grid.cells, grid.dimension
        k = np.pi / grid.half_width * np.fft.fftfreq(n, 1 / n)
        k[n // 2] = 0.0  # the derivative of the last mode vanishes at the nodes
        last = np.abs(k[: n // 2 + 1])
        complex_type = np.result_type(self.dtype, np.complex64)
        waves = np.meshgrid(*[k] * (d - 1), last, indexing="ij", sparse=True)
        self._derivative = [(1j * wave).astype(complex_type) for wave in waves]
        self._last = float(last.max())
        self._diffusion: dict[tuple[int, int], np.ndarray] = {}
        self._friction: list[np.ndarray] = []
        if equation.exponent != 0:
            spectra = kernel_spectra(d, n, float(equation.exponent))
            scale = equation.strength * grid.width ** (equation.exponent + 2 + d)
            self._diffusion = {ab: (scale * s).astype(self.dtype) for ab, s in spectra.diffusion.items()}
            self._friction = [(1j * scale / grid.width * s).astype(complex_type) for s in spectra.friction]

    def collide(self, f: np.ndarray) -> Collision:
        """Q(f) of a density on the grid, and how stiff it is."""
        d = self.grid.dimension
        spectrum = np.asarray(scipy.fft.rfftn(f, workers=self._threads))
        slope = [self._inverse(spectrum * wave) for wave in self._derivative]
        diffusion, friction = self.coefficients(f)
        total = np.zeros((), self.dtype)
        divergence = np.zeros_like(spectrum)
        for a in range(d):
            along = friction[a] * f
            for b in range(d):
                entry = diffusion[min(a, b), max(a, b)]
                along -= entry * slope[b]
                total = total + np.abs(entry)
            divergence -= self._derivative[a] * scipy.fft.rfftn(along, workers=self._threads)
        rate = self._inverse(divergence)
        return Collision(rate, float(np.max(total)) * self._last**2)

    def coefficients(self, f: np.ndarray) -> tuple[dict[tuple[int, int], np.ndarray], list[np.ndarray]]:
        """D_ab for a ≤ b, and F_a, at the nodes."""
        if not self._diffusion:
            return self._polynomials(f)
        padded = np.asarray(scipy.fft.rfftn(f, s=(2 * self.grid.cells,) * self.grid.dimension, workers=self._threads))
        diffusion = {ab: self._cropped(padded * weights) for ab, weights in self._diffusion.items()}
        return diffusion, [self._cropped(padded * weights) for weights in self._friction]

    def _polynomials(self, f: np.ndarray) -> tuple[dict[tuple[int, int], np.ndarray], list[np.ndarray]]:
        """γ = 0: D = B M [(|c|² + tr S) I − c cᵀ − S], F = −(d−1) B M c; c = v − mean, S the covariance."""
        d, axes, mass, mean, spread = self.grid.dimension, self.grid.axes(), *moments(self.grid, f)
        strength = self.equation.strength
        c = [(axis - m).astype(self.dtype) for axis, m in zip(axes, mean, strict=True)]
        isotropic = mass * np.asarray(sum(x**2 for x in c)) + mass * np.trace(spread)
        diffusion = {
            (a, b): (strength * ((a == b) * isotropic - mass * (c[a] * c[b] + spread[a, b]))).astype(self.dtype)
            for a in range(d)
            for b in range(a, d)
        }
        return diffusion, [(-(d - 1) * strength * mass * x).astype(self.dtype) for x in c]

    def _inverse(self, spectrum: np.ndarray) -> np.ndarray:
        return np.asarray(scipy.fft.irfftn(spectrum, s=self.grid.shape, workers=self._threads))

    def _cropped(self, spectrum: np.ndarray) -> np.ndarray:
        """The first n values along every axis of an inverse transform of 2n; the rest is never computed."""
        n = self.grid.cells
        for axis in self._axes[:-1]:
            spectrum = np.asarray(scipy.fft.ifft(spectrum, axis=axis, overwrite_x=True, workers=self._threads))
            spectrum = spectrum[(slice(None),) * axis + (slice(n),)]
        values = np.asarray(scipy.fft.irfft(spectrum, n=2 * n, axis=-1, workers=self._threads))
        return values[..., :n]


def moments(grid: VelocityGrid, f: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """Mass, mean (d,) and covariance (d, d) of f by the rule ∫ = hᵈ Σ, exact for the resolved; summed in float64."""
    axes, d = grid.axes(), grid.dimension
    others = [tuple(x for x in range(d) if x != a) for a in range(d)]
    mass = float(f.sum(dtype=float)) * grid.volume
    lines = [f.sum(axis=other, dtype=float) * grid.volume for other in others]
    mean = np.array([line @ axis.ravel() for line, axis in zip(lines, axes, strict=True)]) / mass
    spread = np.empty((d, d))
    for a in range(d):
        c = axes[a].ravel() - mean[a]
        spread[a, a] = lines[a] @ c**2
        for b in range(a):
            plane = f.sum(axis=tuple(x for x in range(d) if x not in (a, b)), dtype=float) * grid.volume
            spread[a, b] = spread[b, a] = (axes[b].ravel() - mean[b]) @ plane @ c
    return mass, mean, spread / mass
