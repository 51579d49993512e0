"""A converged solution and its error bar from three resolutions (Richardson).

Between resolutions every cell and the time step are halved. With d₁, d₂ the relative differences of successive
solutions, the order is p = log₂(d₁/d₂), and the finest solution errs by about d₂ / (2ᵖ − 1). The bar takes p no higher
than the order of the method in time, and d₂ itself where p < 1: filaments are not resolved there, and convergence has
not set in.

Source: P. J. Roache, J. Fluids Eng. 116, 405 (1994).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import Problem, Unsupported, VlasovPoisson

from .vlasov_march import initial_grids, march


@dataclass(frozen=True)
class Resolution:
    """One resolution of the phase-space grid.

    Parameters
    ----------
    cells_q, cells_p
        Cells of the grid.
    dt
        Time step.
    order
        Order of the splitting.
    """

    cells_q: int
    cells_p: int
    dt: float
    order: int = 4


def doublings(cells_q: int, cells_p: int, dt: float, number: int = 3) -> tuple[Resolution, ...]:
    """A resolution and those with all its cells and its time step halved, `number` in all."""
    return tuple(Resolution(cells_q << n, cells_p << n, dt / (1 << n)) for n in range(number))


def parts(steps: int, number: int = 4) -> list[slice]:
    """A series of `steps` times cut into `number` parts as equal as can be, in which field energies are compared."""
    edges = np.linspace(0, steps, number + 1).round().astype(int)
    return [slice(int(a), int(b)) for a, b in pairwise(edges)]


def relative_l2(value: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """‖value − truth‖₂ / ‖truth‖₂ over the last axis."""
    return np.asarray(np.linalg.norm(value - truth, axis=-1) / np.linalg.norm(truth, axis=-1))


def converge(
    problem: Problem, resolutions: Sequence[Resolution], report: Callable[[Resolution], None] = lambda _: None
) -> dict[str, np.ndarray]:
    """The first case of a Vlasov–Poisson problem at the last of at least three resolutions, and how well it is known.

    Returns
    -------
    dict
        "field_energy" and "field_mode" (real part, imaginary part) at the series' times; "density" (snapshot, point)
        where there are points; "field_energy_bar" (part,), for each of the `parts` of the series, and "density_bar"
        (snapshot,), relative L2 errors of these; "field_energy_differences" and "density_differences"
        (pair of resolutions, …) they come from.
    """
    equation, density = problem.equation, problem.initial_density
    if not isinstance(equation, VlasovPoisson) or density is None:
        raise Unsupported("Only a Vlasov–Poisson problem with an initial density can be solved on a grid.")
    runs = []
    for resolution in resolutions:
        report(resolution)
        grid = initial_grids(density, equation, resolution.cells_q, resolution.cells_p)[0]
        runs.append(march(grid, problem.query, resolution.dt, resolution.order))
    energies = [run.series["field_energy"] for run in runs]
    mode = runs[-1].series["field_mode"]
    found = {"field_energy": energies[-1], "field_mode": np.stack([mode.real, mode.imag])}
    found["field_energy_differences"] = np.array(
        [[float(relative_l2(a[part], b[part])) for part in parts(a.size)] for a, b in pairwise(energies)]
    )
    snapshots = [run.density for run in runs if run.density is not None]
    if snapshots:
        found["density"] = snapshots[-1]
        found["density_differences"] = np.array([relative_l2(a, b) for a, b in pairwise(snapshots)])
    for name in ("field_energy", "density"):
        if name in found:
            coarse, fine = found[f"{name}_differences"][-2:]
            found[f"{name}_bar"] = richardson(coarse, fine, resolutions[-1].order)
    return found


def richardson(coarse: Float[np.ndarray, "*n"], fine: Float[np.ndarray, "*n"], order: int) -> Float[np.ndarray, "*n"]:
    """The error of the finest of three solutions from the differences d₁ (coarse) and d₂ (fine)."""
    tiny = np.finfo(float).tiny
    p = np.log2(np.maximum(coarse, tiny) / np.maximum(fine, tiny))
    return np.where(p >= 1, fine / (2.0 ** np.clip(p, 1, order) - 1), fine)
