"""Runs of the phase-space grid: set up from an initial density, marched through a query."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy.fft
from jaxtyping import Float

from kineticbench.contracts import InitialDensity, InvalidInput, Query, VlasovPoisson, whole_steps

from .vlasov_grid import PhaseSpaceGrid

_HEADROOM = 1.2


@dataclass(frozen=True, eq=False)
class March:
    """One case, answered.

    Parameters
    ----------
    series
        "field_energy", complex "field_mode", "mass", "momentum" and "energy" at `query.series`, each (step,).
    density
        f at `query.times` and `query.points`, (snapshot, point), or None.
    norm_loss
        1 − ∫∫f² / ∫∫f₀² at the end.
    """

    series: dict[str, np.ndarray]
    density: np.ndarray | None
    norm_loss: float


def initial_grids(
    density: InitialDensity,
    equation: VlasovPoisson,
    cells_q: int,
    cells_p: int,
    p_max: float = 0.0,
    dtype: type | np.dtype = np.float64,
) -> list[PhaseSpaceGrid]:
    """The grid of every case at t = 0.

    A `p_max` of 0 takes 1.2 times the momentum beyond which f₀ is below 10⁻¹⁰ of its maximum.

    Raises
    ------
    Diverged
        Where f₀ has not vanished at ±p_max.
    """
    p_max = p_max or _HEADROOM * momentum_reach(density, equation.length)
    q = equation.length / cells_q * np.arange(cells_q)
    p = p_max * (2 * np.arange(cells_p) / cells_p - 1)
    values = density.density(_nodes(q, p)).reshape(-1, cells_q, cells_p).astype(dtype, copy=False)
    grids = [PhaseSpaceGrid(f, equation.length, equation.charge, p_max) for f in values]
    for grid in grids:
        grid.require_room(0.0)
    return grids


def march(grid: PhaseSpaceGrid, query: Query, dt: float, order: int) -> March:
    """Advance a grid through every time of the query.

    Raises
    ------
    InvalidInput
        Where a time is not a multiple of `dt`.
    Diverged
        Where f reaches ±p_max or is no longer finite.
    """
    asked = {whole_steps(float(t), dt): i for i, t in enumerate(query.series)}
    shots = {whole_steps(float(t), dt): i for i, t in enumerate(query.times)}
    real = ("field_energy", "mass", "momentum", "energy")
    series = {name: np.empty(query.series.size) for name in real}
    modes = np.empty(query.series.size, complex)
    density = None if query.points is None else np.empty((query.times.size, len(query.points)))
    now = 0
    for stop in sorted(asked.keys() | shots.keys()):
        grid.advance(dt, order, stop - now)
        grid.require_room(stop * dt)
        now = stop
        if stop in asked:
            for name, value in zip(real, (grid.field_energy(), *grid.moments()), strict=True):
                series[name][asked[stop]] = value
            modes[asked[stop]] = grid.field_modes()[1]
        if stop in shots and density is not None and query.points is not None:
            density[shots[stop]] = spectral_values(
                grid.coefficients(), grid.length, grid.p_max, grid.cells_q, query.points
            )
    return March({**series, "field_mode": modes} if query.series.size else {}, density, grid.norm_loss())


def spectral_values(
    coefficients: np.ndarray, length: float, p_max: float, cells_q: int, points: Float[np.ndarray, "point 2"]
) -> Float[np.ndarray, "point"]:
    """The trigonometric interpolant of f at any points (q, p), from `PhaseSpaceGrid.coefficients`; zero beyond ±p_max.

    A tensor grid of points costs two matrix products; scattered points one product for each block of them.
    """
    spectrum = np.asarray(scipy.fft.fft(coefficients.astype(complex), axis=1))
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


def momentum_reach(density: InitialDensity, length: float, level: float = 1e-10) -> float:
    """The smallest P such that f₀ ≤ `level` · max f₀ for |p| ≥ P, for every case, as far as a scan can tell.

    Raises
    ------
    InvalidInput
        Where f₀ does not fall that low within |p| ≤ 10⁶.
    """
    q = length * np.arange(16) / 16
    reach = 1.0
    while reach < 1e6:
        p = np.linspace(-reach, reach, 2049)
        profile = density.density(_nodes(q, p)).reshape(-1, q.size, p.size).max(axis=(0, 1))
        high = np.abs(p[profile > level * profile.max()])
        if high.size and high.max() < 0.75 * reach:
            return float(high.max() + p[1] - p[0])
        reach *= 1.5
    raise InvalidInput("The initial density does not vanish at large momenta.", "Give p_max yourself.")


def _nodes(q: np.ndarray, p: np.ndarray) -> np.ndarray:
    return np.stack(np.meshgrid(q, p, indexing="ij"), axis=-1).reshape(-1, 2)
