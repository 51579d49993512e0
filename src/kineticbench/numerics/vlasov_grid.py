"""The Vlasov–Poisson equation on a phase-space grid: exact spectral shifts in q and in p.

    drift: f(q, p) ← f(q − h p, p)        kick: f(q, p) ← f(q, p − h E(q)),    ∂E/∂q = Q (∫ f dp − 1/L)

f is periodic in q and, since it vanishes at ±p_max, in p. Each shift multiplies Fourier coefficients by a phase, so
errors in space fall faster than any power of the cell size as long as f is resolved. Phase mixing winds f into
filaments of wavenumber η = k t in p; what reaches the end of the spectrum would come back as a recurrence at t = L/Δp.
The filter exp(−36 |η/η_max|³⁶) (T. Y. Hou and R. Li, J. Comput. Phys. 226, 379 (2007)) absorbs it there and leaves
moments alone; `norm_loss` tells how much was absorbed.

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

_EDGE = 1e-4
# Cells from which starting threads costs less than they save.
_WORTH_THREADS = 1 << 16


class PhaseSpaceGrid:
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
        from numba import get_num_threads

        from .kernels.rotate import rotate, rotate_parallel

        self.length, self.charge, self.p_max = length, charge, p_max
        self._threads = get_num_threads() if density.size >= _WORTH_THREADS else 1
        self._rotate = rotate if self._threads == 1 else rotate_parallel
        self._dtype = density.dtype
        self.cells_q, self._cells_p = density.shape
        k = 2 * np.pi / length * np.arange(self.cells_q // 2 + 1)
        self._eta = np.pi / p_max
        self.p = p_max * (2 * np.arange(self._cells_p) / self._cells_p - 1)
        self._drift_start, self._drift_increment = k * p_max, -k * (2 * p_max / self._cells_p)
        self._filter_q, self._filter_p = _filter(self.cells_q), _filter(self._cells_p).astype(self._dtype)
        self._ones_q, self._ones_p = np.ones(self.cells_q), np.ones(self._cells_p, self._dtype)
        self._poisson = charge * multipliers(self.cells_q, length)
        self._owed = 0.0
        self._f = self._forward(density, 0)
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
        density = self._f.sum(axis=1, dtype=complex) * (2 * self.p_max / self._cells_p / self.cells_q)
        return self._poisson * density

    def field_energy(self) -> float:
        """½ ∫ E² dq, by Parseval."""
        return float(self.length * (np.abs(self.field_modes()) ** 2).sum())

    def moments(self) -> tuple[float, float, float]:
        """∫∫ f, ∫∫ p f and ½ ∫∫ p² f + ½ ∫ E² dq / Q.

        An owed kick is counted exactly: p ← p + h E.
        """
        cell = 2 * self.p_max / self._cells_p * self.length / self.cells_q
        mass, momentum = (float((self._f[0].real @ self.p**n) * cell) for n in (0, 1))
        kinetic = 0.5 * float((self._f[0].real @ self.p**2) * cell)
        if self._owed:
            kick = self._owed * self._field()
            density, current = (
                np.asarray(scipy.fft.irfft(self._f @ (self.p**n).astype(self._dtype), self.cells_q)) * cell
                for n in (0, 1)
            )
            momentum += float(kick @ density)
            kinetic += float(kick @ current + 0.5 * kick**2 @ density)
        return mass, momentum, kinetic + self.field_energy() / self.charge

    def norm_loss(self) -> float:
        """1 − ∫∫ f² / ∫∫ f₀²: the part of f that was wound too finely for the grid and has been absorbed."""
        return 1 - self._square() / self._norm

    def coefficients(self) -> np.ndarray:
        """The transform of f in q, up to date, (N_q/2 + 1, N_p); `vlasov_march.spectral_values` evaluates it."""
        if self._owed:
            self._kick()
        return self._f

    def require_room(self, time: float) -> None:
        """Raise `Diverged` where ∫ f dq has reached ±p_max, averaged over the outer cells, or is not finite."""
        profile, outer = self._f[0].real, max(2, self._cells_p // 16)
        edge = max(abs(float(profile[:outer].mean())), abs(float(profile[-outer:].mean()))) / float(profile.max())
        if not edge < _EDGE:
            raise Diverged(
                f"At t = {time:g} the density at the grid's edge, p = ±{self.p_max:g}, is {edge:.1e} of its maximum.",
                f"Take p_max = {1.5 * self.p_max:g} with {round(1.5 * self._cells_p)} cells, or a smaller dt.",
            )

    def _forward(self, array: np.ndarray, axis: int) -> np.ndarray:
        return np.asarray(scipy.fft.rfft(array, axis=axis, workers=self._threads))

    def _backward(self, array: np.ndarray, axis: int) -> np.ndarray:
        cells = (self.cells_q, self._cells_p)[axis]
        return np.asarray(scipy.fft.irfft(array, cells, axis=axis, overwrite_x=True, workers=self._threads))

    def _field(self) -> np.ndarray:
        return np.asarray(scipy.fft.irfft(self.field_modes(), self.cells_q)) * self.cells_q

    def _square(self) -> float:
        energy = np.array([np.vdot(row, row).real for row in self._f], dtype=float)
        return float(energy[0] + 2 * energy[1:].sum())

    def _kick(self) -> None:
        turn = -self._eta * self._owed * self._field()
        self._owed = 0.0
        f = self._backward(self._f, 0)
        g = self._forward(f, 1)
        self._rotate(g, np.zeros(self.cells_q), turn, self._ones_q, self._filter_p)
        self._f = self._forward(self._backward(g, 1), 0)

    def _drift(self, h: float) -> None:
        self._rotate(self._f, h * self._drift_start, h * self._drift_increment, self._filter_q, self._ones_p)


def _filter(cells: int) -> np.ndarray:
    """exp(−36 |m/m_max|³⁶) for the modes m = 0, …, cells/2 of a real transform."""
    modes = np.arange(cells // 2 + 1)
    return np.exp(-36 * (modes / modes[-1]) ** 36)
