"""The periodic Poisson equation in one dimension, solved by Fourier series on a uniform grid.

    ∂E/∂q = ρ − ρ̄,    φ_k = ρ_k / k²,    E_k = −i k φ_k = −i ρ_k / k    (k = 2πm/L, m ≠ 0)

Nodes lie at q_j = j L/M. E is the real part of the sum, so the Nyquist mode of an even grid drops out.
"""

from __future__ import annotations

import math

import numpy as np
import scipy.fft
from jaxtyping import Complex, Float


def multipliers(cells: int, length: float) -> Complex[np.ndarray, "mode"]:
    """−i/k for the modes m = 0, …, ⌊M/2⌋ of a real transform; 0 for the mean and for the Nyquist mode."""
    modes = np.arange(cells // 2 + 1)
    k = 2 * np.pi / length * modes
    response = np.zeros(modes.size, dtype=complex)
    inner = slice(1, (cells + 1) // 2)
    response[inner] = -1j / k[inner]
    return response


def electric_field(density: Float[np.ndarray, "*batch cell"], length: float) -> Float[np.ndarray, "*batch cell"]:
    """E at the nodes from ρ at the nodes; the mean of ρ does not matter."""
    cells = density.shape[-1]
    response = multipliers(cells, length).astype(np.result_type(density.dtype, np.complex64))
    modes = np.asarray(scipy.fft.rfft(density, axis=-1)) * response
    return np.asarray(scipy.fft.irfft(modes, cells, axis=-1))


def point_response(cells: int, length: float) -> Float[np.ndarray, "cell"]:
    """E at node j due to a unit charge at node 0, which is a density of M/L there. Odd in j, with period M.

    The field of any density is its circular convolution with this: E_i = (L/M) Σ_j ρ_j G_(i−j).
    """
    return np.asarray(scipy.fft.irfft(multipliers(cells, length), cells)) * (cells / length)


def field_energy(field: Float[np.ndarray, "*batch cell"], length: float) -> Float[np.ndarray, "*batch"]:
    """½ ∫ E² dq, exact for the trigonometric interpolant of E."""
    return np.asarray(length / (2 * field.shape[-1]) * np.einsum("...j,...j->...", field, field))


def field_mode(field: Float[np.ndarray, "*batch cell"], mode: int = 1) -> Complex[np.ndarray, "*batch"]:
    """(1/L) ∫ E exp(−2πi m q/L) dq for one mode m."""
    cells = field.shape[-1]
    wave = np.exp(-2j * math.pi * mode / cells * np.arange(cells))
    return np.asarray((field * wave).sum(axis=-1) / cells)  # not field @ wave, whose rounding depends on the batch
