"""Orders of the Vlasov–Poisson solvers in the step and the cell. Imports come late since asv looks at this file."""

from __future__ import annotations

from typing import Any

import numpy as np

from .study import curve, study


def pic_steps() -> dict[str, Any]:
    """Particles of one quiet start at t = 4 against those of a step 8 times shorter than the shortest."""
    steps = (10, 20, 40)
    errors = _distances([_moved(8000, 64, 4.0 / n, 4.0) for n in (*steps, 320)])
    return study(
        "pic-steps",
        "Particle-in-cell in the step",
        "Kick, drift, kick is symmetric in time and so of second order, for positions and momenta alike, where the "
        "force is smooth: here 64 cells a wavelength and 8 000 particles, against a step of 1/80.",
        "steps",
        [curve("positions", steps, errors[0], 2.0, 0.2), curve("momenta", steps, errors[1], 2.0, 0.2)],
    )


def pic_cells() -> dict[str, Any]:
    """The same particles at t = 2 with ever more cells, against 512."""
    cells = (8, 16, 32, 64)
    errors = _distances([_moved(200_000, n, 0.1, 2.0) for n in (*cells, 512)])
    return study(
        "pic-cells",
        "Particle-in-cell in the cell",
        "A linear spline interpolates a smooth field with an error of second order in the cell width; particles are so "
        "many (200 000) that their noise does not show.",
        "cells",
        [curve("positions", cells, errors[0], 2.0, 0.15), curve("momenta", cells, errors[1], 2.0, 0.15)],
    )


def sheet_steps() -> dict[str, Any]:
    """Leapfrog with exact forces, plain and corrected, against the motion that is exact crossing by crossing."""
    from kineticbench.numerics import sheets

    random = np.random.default_rng(7)
    x, p = random.normal(64, 1, (4, 256)), random.normal(size=(4, 256))
    box: dict[str, Any] = {"length": 128.0, "charge": 25.6, "times": np.array([1.0])}
    w = np.full(x.shape, 1 / 256)
    truth, steps = sheets.exact(x, p, w, **box), (200, 400, 800, 1600)
    curves = []
    for correct, name, order in ((False, "plain", 1.0), (True, "corrected", 2.0)):
        marches = [sheets.leapfrog(x, p, w, **box, step=1 / n, correct=correct) for n in steps]
        errors = [float(sheets.distances(one, truth, 128.0).mean()) for one in marches]
        curves.append(curve(name, steps, errors, order, 0.4))
    return study(
        "sheet-steps",
        "Sheets in the step, plain and corrected",
        "The force jumps where two sheets cross, which costs plain leapfrog an order; given the impulse that each "
        "crossing left out, the step is of second order again.",
        "steps",
        curves,
    )


def splitting_steps() -> dict[str, Any]:
    """Field energies of nonlinear Landau damping until t = 8 on one grid, against a step of 1/40."""
    from kineticbench.contracts import Query, VlasovPoisson
    from kineticbench.numerics.vlasov_march import initial_grids, march

    times, plasma = Query(np.empty(0), 0.8 * np.arange(11)), _plasma(0.5)
    equation = VlasovPoisson(plasma.length, plasma.length)

    def energies(dt: float, order: int) -> np.ndarray:
        return march(initial_grids(plasma, equation, 32, 128)[0], times, dt, order).series["field_energy"]

    truth, curves = energies(0.025, 6), []
    for order, steps in ((2, (0.2, 0.1, 0.05)), (4, (0.4, 0.2, 0.1))):
        errors = [float(np.abs(energies(dt, order) - truth).max()) for dt in steps]
        curves.append(curve(f"splitting {order}", [8.0 / dt for dt in steps], errors, order))
    return study(
        "splitting-steps",
        "Vlasov grid in the step",
        "Every shift is exact for the interpolant, so what is left is the error of the splitting: second order for "
        "Strang's, fourth for the composition of it. The solution is nonlinear Landau damping (k = 0.5, α = 0.5).",
        "steps",
        curves,
    )


def _plasma(amplitude: float) -> Any:
    from kineticbench.numerics.maxwellians import Maxwellians
    from kineticbench.numerics.perturbed_plasma import PerturbedPlasma

    return PerturbedPlasma(Maxwellians(), 0.5, amplitude)


def _moved(particles: int, cells: int, dt: float, time: float) -> tuple[np.ndarray, np.ndarray, float]:
    from kineticbench.contracts import Quiet
    from kineticbench.numerics.pic import trajectories

    plasma = _plasma(0.3)
    start, length = plasma.sample(Quiet(), particles, 0), plasma.length
    q, p = (array[..., 0] for array in (start.positions, start.velocities))
    stops = [round(time / dt)]
    return (*trajectories(q, p, length=length, cells=cells, charge=length, dt=dt, stops=stops), length)


def _distances(runs: list[tuple[np.ndarray, np.ndarray, float]]) -> tuple[list[float], list[float]]:
    """Root mean square distances of positions and momenta of all runs to the last."""
    true_q, true_p, length = runs[-1]
    positions, momenta = [], []
    for q, p, _ in runs[:-1]:
        dq = (q - true_q + length / 2) % length - length / 2
        positions.append(float(np.sqrt((dq**2).mean())))
        momenta.append(float(np.sqrt(((p - true_p) ** 2).mean())))
    return positions, momenta


STUDIES = (pic_steps, pic_cells, sheet_steps, splitting_steps)
