"""Free-space convolution with the Landau kernel, to spectral accuracy.

    D_ab(v) = ∫ A_ab(v − v*) f(v*) dv*,    F_a(v) = ∫ ∂_b A_ab(v − v*) f(v*) dv*,    A(z) = |z|^γ (|z|² I − z zᵀ)

Where f lives in a box of n cells a side, only |z| ≤ R = n √d cells matter. Cut off there, A has a smooth transform

    Â(k) = τ(k) (I − k̂k̂ᵀ) + λ(k) k̂k̂ᵀ,    λ = |S| (d−1)/d ∫₀ᴿ r^(γ+d+1) φ_(d+2)(kr) dr,
    τ + λ/(d−1) = |S| ∫₀ᴿ r^(γ+d+1) φ_d(kr) dr,    φ_d(x) = Γ(d/2) (2/x)^(d/2−1) J_(d/2−1)(x),

|S| the area of the unit sphere, whatever the singularity of A at 0; the integrals are done by Gauss–Jacobi quadrature,
which takes the power of r for its weight. The trapezoidal rule in k with period 3n cells ≥ R + n then gives weights
of the values of f at the nodes, exact for every f whose transform has died out at the grid's last wavenumber.

Source: F. Vico, L. Greengard and M. Ferrando, J. Comput. Phys. 323, 191 (2016), for scalar kernels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import scipy.fft
from jaxtyping import Float

from kineticbench.contracts import InvalidInput

# Values of Bessel functions held at once.
_BLOCK = 1 << 21


@dataclass(frozen=True, eq=False)
class KernelSpectra:
    """Spectra of the weights on 2n cells a side, with zeros padded to f, in units of the cell width.

    Parameters
    ----------
    diffusion
        {(a, b): D_ab's weights' transform, real since they are even}, a ≤ b; each (2n, …, n + 1).
    friction
        (F_a's weights' transform) / i, real since they are odd.
    """

    diffusion: dict[tuple[int, int], np.ndarray]
    friction: list[np.ndarray]


@lru_cache(maxsize=3)
def kernel_spectra(dimension: int, cells: int, exponent: float) -> KernelSpectra:
    """The weights of a d-dimensional grid of n = `cells` cells a side (d = 2, 3), for the exponent γ.

    D = B h^(γ+2+d) · (weights of D) ⊛ f and F = B h^(γ+1+d) · (weights of F) ⊛ f on a grid of width h.

    Raises
    ------
    InvalidInput
        For another dimension.
    """
    if dimension not in (2, 3):
        raise InvalidInput(f"Kernel spectra are tabulated in two and three dimensions, got {dimension}.")
    period = 3 * cells
    whole = np.fft.fftfreq(period, 1 / period)
    axes = [*[whole] * (dimension - 1), np.arange(period // 2 + 1.0)]
    modes = np.meshgrid(*axes, indexing="ij", sparse=True)
    squared = sum(np.square(m) for m in modes)
    table = np.unique(squared)
    unit = 2 * np.pi / period
    transverse, longitudinal = truncated_transform(
        dimension, exponent, unit * np.sqrt(table), cells * math.sqrt(dimension)
    )
    place = np.searchsorted(table, squared)
    across, along = transverse[place], longitudinal[place]
    per_square = (along - across) / np.maximum(squared, 1)
    # An odd power of the last wavenumber of an even period has no definite sign: such modes are dropped.
    odd = [np.where(2 * np.abs(m) == period, 0.0, m) for m in modes]
    diffusion = {}
    for a in range(dimension):
        for b in range(a, dimension):
            spectrum = across + per_square * modes[a] ** 2 if a == b else per_square * odd[a] * odd[b]
            diffusion[a, b] = np.real(_restricted(spectrum, cells)).copy()
    friction = [np.imag(_restricted(1j * unit * m * along, cells)).copy() for m in odd]
    return KernelSpectra(diffusion, friction)


def truncated_transform(
    dimension: int, exponent: float, wavenumbers: Float[np.ndarray, "k"], radius: float
) -> tuple[Float[np.ndarray, "k"], Float[np.ndarray, "k"]]:
    """τ and λ of |z|^γ (|z|² I − z zᵀ) cut off at |z| = `radius`, for d = 2 and 3."""
    from scipy.special import roots_jacobi

    power = exponent + dimension + 1
    number = int(0.55 * radius * wavenumbers.max()) + 40
    node, weight = roots_jacobi(number, 0.0, power)
    r = 0.5 * radius * (1 + node)
    weight = weight * (0.5 * radius) ** (power + 1)
    area = 2 * math.pi ** (dimension / 2) / math.gamma(dimension / 2)
    total, along = np.empty_like(wavenumbers), np.empty_like(wavenumbers)
    step = max(1, _BLOCK // number)
    for first in range(0, wavenumbers.size, step):
        here = slice(first, first + step)
        scalar, vector = _waves(dimension, wavenumbers[here, None] * r)
        total[here] = area * (scalar @ weight)
        along[here] = area * (dimension - 1) / dimension * (vector @ weight)
    return total - along / (dimension - 1), along


def _waves(dimension: int, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """φ_d(x) and φ_(d+2)(x): a plane wave's averages over the sphere, the second weighted with (1 − μ²) d/(d−1)."""
    from scipy.special import j0, j1

    small = x < 0.1
    safe = np.where(small, 1.0, x)
    if dimension == 2:
        return j0(x), np.where(small, 1 - x**2 / 8 + x**4 / 192 - x**6 / 9216, 2 * j1(safe) / safe)
    series = 1 - x**2 / 10 + x**4 / 280 - x**6 / 15120
    return np.sinc(x / np.pi), np.where(small, series, 3 * (np.sin(safe) - safe * np.cos(safe)) / safe**3)


def _restricted(spectrum: np.ndarray, cells: int) -> np.ndarray:
    """From a spectrum on the period 3n to that of the weights at offsets −n < m < n, laid out on 2n cells."""
    dimension = spectrum.ndim
    weights = np.asarray(scipy.fft.irfftn(spectrum, s=(3 * cells,) * dimension))
    offsets = np.arange(-cells + 1, cells)
    laid = np.zeros((2 * cells,) * dimension)
    laid[np.ix_(*[offsets] * dimension)] = weights[np.ix_(*[offsets] * dimension)]
    return np.asarray(scipy.fft.rfftn(laid))
