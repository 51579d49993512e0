"""The Vlasov–Poisson equation on a phase-space grid: exact spectral shifts in q and in p.

    drift: f(q, p) ← f(q − h p, p)        kick: f(q, p) ← f(q, p − h E(q)),    ∂E/∂q = Q (∫ f dp − 1/L)

f is periodic in q and, since it vanishes at ±p_max, in p. Each shift multiplies Fourier coefficients by a phase, so space
errors fall faster than any power of the cell size as long as f is resolved. Phase mixing winds f into filaments of
wavenumber η = k t in p; what reaches the end of the spectrum would come back as a recurrence at t = L/Δp. The filter
exp(−36 |η/η_max|³⁶) (T. Y. Hou and R. Li, J. Comput. Phys. 226, 379 (2007)) absorbs it there and leaves moments alone;
`norm_loss` tells how much was absorbed.

Sources: C. Z. Cheng and G. Knorr, J. Comput. Phys. 22, 330 (1976); A. J. Klimas and W. M. Farrell, J. Comput. Phys.
110, 150 (1994).
"""

from __future__ import annotations

import numpy as np
import scipy.fft
from jaxtyping import Float

from kineticbench.contracts import Diverged

from .poisson import multipliers
from .splitting import kicks_and_drifts

_EDGE = {np.dtype(np.float32): 1e-5, np.dtype(np.float64): 1e-6}


class VlasovGrid:
    """The state of one case, which it advances in place.

    Parameters
    ----------
    density
        f at the nodes q_j = j L / N_q, p_i = −p_max + 2 i p_max / N_p; shape (N_q, N_p), float32 or float64.
    length, charge
        L and Q.
    p_max
        Half the width of the grid in p.

    Notes
    -----
    Kept are the coefficients in q of f, (N_q/2 + 1, N_p). A kick leaves the density and so E unchanged; it is therefore
    owed until the next drift, or until f itself is asked for, and two successive kicks cost one.
    """

    def __init__(self, density: Float[np.ndarray, "q p"], length: float, charge: float, p_max: float):
        from .kernels.rotate import rotate

        self.length, self.charge, self.p_max = length, charge, p_max
        self._rotate = rotate
        self._dtype = density.dtype
        self._cells_q, self._cells_p = density.shape
        k = 2 * np.pi / length * np.arange(self._cells_q // 2 + 1)
        self._eta = np.pi / p_max
        self.p = p_max * (2 * np.arange(self._cells_p) / self._cells_p - 1)
        self._drift_start, self._drift_increment = k * p_max, -k * (2 * p_max / self._cells_p)
        self._filter_q, self._filter_p = _filter(self._cells_q), _filter(self._cells_p).astype(self._dtype)
        self._ones_q, self._ones_p = np.ones(self._cells_q), np.ones(self._cells_p, self._dtype)
        self._poisson = charge * multipliers(self._cells_q, length)
        self._owed = 0.0
        self._f = scipy.fft.rfft(density, axis=0, workers=self._workers)
        self._norm = self._square()

    def advance(self, dt: float, order: int, steps: int = 1) -> None:
        """March `steps` steps of length `dt` by the splitting of this order."""
        for _ in range(steps):
            for kick, drift in kicks_and_drifts(order):
                self._owed += kick * dt
                if drift:
                    self._kick()
                    self._drift(drift * dt)

    def field_modes(self) -> np.ndarray:
        """E_m = (1/L) ∫ E e^(−2πimq/L) dq for m = 0, …, N_q/2."""
        density = self._f.sum(axis=1, dtype=complex) * (2 * self.p_max / self._cells_p / self._cells_q)
        return self._poisson * density

    def field_energy(self) -> float:
        """½ ∫ E² dq, by Parseval."""
        return float(self.length * (np.abs(self.field_modes()) ** 2).sum())

    def moments(self) -> tuple[float, float, float]:
        """∫∫ f, ∫∫ p f and ½ ∫∫ p² f + ½ ∫ E² dq / Q.

        An owed kick is counted exactly: p ← p + h E.
        """
        cell = 2 * self.p_max / self._cells_p * self.length / self._cells_q
        mass, momentum = (float((self._f[0].real @ self.p**n) * cell) for n in (0, 1))
        kinetic = 0.5 * float((self._f[0].real @ self.p**2) * cell)
        if self._owed:
            kick = self._owed * self._field()
            density, current = (
                scipy.fft.irfft(self._f @ (self.p**n).astype(self._dtype), self._cells_q) * cell for n in (0, 1)
            )
            momentum += float(kick @ density)
            kinetic += float(kick @ current + 0.5 * kick**2 @ density)
        return mass, momentum, kinetic + self.field_energy() / self.charge

    def norm_loss(self) -> float:
        """1 − ∫∫ f² / ∫∫ f₀²: the part of f that was wound too finely for the grid and has been absorbed."""
        return 1 - self._square() / self._norm

    def coefficients(self) -> np.ndarray:
        """Coefficients of f in q, (N_q/2 + 1, N_p): f(q_j, p) = Re Σ_m c_m w_m e^{2πijm/N_q}, see `spectral_values`."""
        if self._owed:
            self._kick()
        return self._f

    def require_room(self, time: float) -> None:
        """Raise `Diverged` where f has reached ±p_max, or is not finite."""
        profile = np.abs(self._f[0].real)
        edge = max(profile[:2].max(), profile[-2:].max()) / profile.max()
        if not edge < _EDGE[self._dtype]:
            raise Diverged(
                f"At t = {time:g} the density at the edge of the grid, p = ±{self.p_max:g}, is {edge:.1e} of its maximum.",
                f"Take p_max = {1.5 * self.p_max:g} with {round(1.5 * self._cells_p)} cells, or a smaller dt.",
            )

    @property
    def _workers(self) -> int:
        from numba import get_num_threads

        return get_num_threads()

    def _field(self) -> np.ndarray:
        return scipy.fft.irfft(self.field_modes(), self._cells_q) * self._cells_q

    def _square(self) -> float:
        energy = np.einsum("mp,mp->m", self._f.real, self._f.real) + np.einsum("mp,mp->m", self._f.imag, self._f.imag)
        return float(energy[0] + 2 * energy[1:].sum(dtype=float))

    def _kick(self) -> None:
        turn = -self._eta * self._owed * self._field()
        self._owed = 0.0
        f = scipy.fft.irfft(self._f, self._cells_q, axis=0, overwrite_x=True, workers=self._workers)
        g = scipy.fft.rfft(f, axis=1, workers=self._workers)
        self._rotate(g, np.zeros(self._cells_q), turn, self._ones_q, self._filter_p)
        f = scipy.fft.irfft(g, self._cells_p, axis=1, overwrite_x=True, workers=self._workers)
        self._f = scipy.fft.rfft(f, axis=0, overwrite_x=True, workers=self._workers)

    def _drift(self, h: float) -> None:
        self._rotate(self._f, h * self._drift_start, h * self._drift_increment, self._filter_q, self._ones_p)


def spectral_values(
    coefficients: np.ndarray, length: float, p_max: float, cells_q: int, points: Float[np.ndarray, "point 2"]
) -> Float[np.ndarray, "point"]:
    """The trigonometric interpolant of f at any points (q, p), from `VlasovGrid.coefficients`; zero beyond ±p_max.

    A tensor grid of points costs two matrix products; scattered points one product for each block of them.
    """
    spectrum = scipy.fft.fft(coefficients.astype(complex), axis=1)
    q, p = points.T
    if cells_q % 2 == 0:
        spectrum[-1] *= 0.5
    spectrum[1:] *= 2
    spectrum /= spectrum.shape[1] * cells_q
    eta = np.pi / p_max * np.fft.fftfreq(spectrum.shape[1], 1 / spectrum.shape[1])
    k = 2 * np.pi / length * np.arange(spectrum.shape[0])
    columns, column = np.unique(q, return_inverse=True)
    rows, row = np.unique(p, return_inverse=True)
    if columns.size * rows.size <= 4 * len(points):
        table = (np.exp(1j * np.outer(columns, k)) @ spectrum) @ np.exp(1j * np.outer(eta, rows + p_max))
        values = table.real[column, row]
    else:
        values = np.empty(len(points))
        for first in range(0, len(points), 1024):
            here = slice(first, first + 1024)
            along = np.exp(1j * np.outer(q[here], k)) @ spectrum
            values[here] = np.einsum("ij,ij->i", along, np.exp(1j * np.outer(p[here] + p_max, eta))).real
    return np.where(np.abs(p) < p_max, values, 0.0)


def _filter(cells: int) -> np.ndarray:
    """exp(−36 |m/m_max|³⁶) for the modes m = 0, …, cells/2 of a real transform."""
    modes = np.arange(cells // 2 + 1)
    return np.exp(-36 * (modes / modes[-1]) ** 36)
