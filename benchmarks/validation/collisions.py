"""Orders of the Landau solvers: the grid in its step, stochastic particles in their number."""

from __future__ import annotations

from typing import Any

import numpy as np

from kineticbench import catalog
from kineticbench.contracts import Ensemble, HomogeneousLandau, Problem, Query, Random
from kineticbench.numerics import bkw
from kineticbench.ranking.bootstrap import deviations

from .study import curve, study

PLANE = HomogeneousLandau(2, 0.0, 1 / 16)
SEEDS = 24


def landau_grid_steps() -> dict[str, Any]:
    """The density at t = 1 on 13 × 13 points, against the same grid at a step of 1/500."""
    along = np.linspace(-3, 3, 13)
    points = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    query = Query(np.array([0.0, 1.0]), np.empty(0), points)
    problem = Problem(PLANE, bkw.start(2, PLANE.strength, 1.0, 4.0), None, query)

    def density(dt: float, order: int) -> np.ndarray:
        values = {"cells": 16, "dt": dt, "half_width": 6.0, "order": order}
        solver: Any = catalog.build("solvers", "landau_grid", values)
        return solver.fit(problem)(None, query).density[-1, 0]

    truth, curves = density(0.002, 4), []
    for order, steps in ((2, (2, 4, 8)), (4, (40, 80))):
        errors = [float(np.abs(density(1 / n, order) - truth).max()) for n in steps]
        curves.append(curve(f"RK of order {order}", steps, errors, order, 0.5))
    return study(
        "landau-grid-steps",
        "Landau grid in the step",
        "Its two time steppers are of second and of fourth order; the cells are the same in all runs and so do not "
        "count. The solution is BKW in 2D.",
        "steps",
        curves,
    )


def monte_carlo() -> dict[str, Any]:
    """⟨|v|⁴⟩ of BKW at t = 1 from independent starts, root mean square over seeds."""
    law, start = bkw.law(2, PLANE.strength, 0.0), bkw.start(2, PLANE.strength, 0.0, 5.0)
    assert law.fourth_moment is not None
    exact = float(law.fourth_moment(np.array([1.0]))[0])
    numbers, query = (256, 1024, 4096, 16384), Query(np.array([0.0, 1.0]))
    curves = []
    for name, dt, called in (("langevin", 0.25, "Langevin"), ("grazing_collisions", 0.05, "grazing pairs")):
        solver: Any = catalog.build("solvers", name, {"dt": dt})
        middle, low, high = [], [], []
        for number in numbers:
            squares = []
            for seed in range(SEEDS):
                ensemble: Ensemble = start.sample(Random(), number, seed)
                propagator = solver.fit(Problem(PLANE, None, ensemble, query), seed=seed)
                v = np.asarray(propagator(ensemble, query).trajectory.velocities[1, 0])
                squares.append((float(((v * v).sum(1) ** 2).mean()) / exact - 1) ** 2)
            mean = float(np.mean(squares))
            down, up = deviations(np.array(squares)[None])
            middle.append(mean**0.5)
            low.append(max(mean - float(down[0]), 0.0) ** 0.5)
            high.append((mean + float(up[0])) ** 0.5)
        curves.append(curve(called, numbers, middle, 0.5, 0.15, low, high))
    return study(
        "monte-carlo",
        "Stochastic particles in their number",
        f"Independent samples of a law have a mean whose error falls as N^(−1/2), whatever moves them. Shown is the "
        f"relative error of ⟨|v|⁴⟩ of BKW in 2D, its root mean square over {SEEDS} seeds with 95 % intervals.",
        "particles",
        curves,
    )


STUDIES = (landau_grid_steps, monte_carlo)
