"""Orders of the Landau solvers: the grid in its step, stochastic particles in their number."""

from __future__ import annotations

from typing import Any

import numpy as np

from .study import curve, study

STRENGTH = 1 / 16
SEEDS = 24


def landau_grid_steps() -> dict[str, Any]:
    """The density at t = 1 on 13 × 13 points, against the same grid at a step of 1/500."""
    from kineticbench import catalog
    from kineticbench.contracts import HomogeneousLandau, Problem, Query
    from kineticbench.numerics import bkw

    along = np.linspace(-3, 3, 13)
    points = np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)
    query = Query(np.array([0.0, 1.0]), np.empty(0), points)
    problem = Problem(HomogeneousLandau(2, 0.0, STRENGTH), bkw.start(2, STRENGTH, 1.0, 4.0), None, query)

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
    from kineticbench.numerics import bkw

    law = bkw.law(2, STRENGTH, 0.0)
    assert law.fourth_moment is not None
    exact = float(law.fourth_moment(np.array([1.0]))[0])
    numbers = (256, 1024, 4096, 16384)
    curves = []
    for name, dt, called in (("langevin", 0.25, "Langevin"), ("grazing_collisions", 0.05, "grazing pairs")):
        rows = [_root_mean_square(name, dt, number, exact) for number in numbers]
        middle, low, high = zip(*rows, strict=True)
        curves.append(curve(called, numbers, middle, 0.5, 0.15, low, high))
    return study(
        "monte-carlo",
        "Stochastic particles in their number",
        f"Independent samples of a law have a mean whose error falls as N^(−1/2), whatever moves them. Shown is the "
        f"relative error of ⟨|v|⁴⟩ of BKW in 2D, its root mean square over {SEEDS} seeds with 95 % intervals.",
        "particles",
        curves,
    )


def _root_mean_square(name: str, dt: float, particles: int, exact: float) -> tuple[float, float, float]:
    """Of the relative error over seeds, and the ends of its interval."""
    from kineticbench import catalog
    from kineticbench.contracts import HomogeneousLandau, Problem, Query, Random
    from kineticbench.numerics import bkw
    from kineticbench.ranking.bootstrap import deviations

    equation, query = HomogeneousLandau(2, 0.0, STRENGTH), Query(np.array([0.0, 1.0]))
    start = bkw.start(2, STRENGTH, 0.0, 5.0)
    solver: Any = catalog.build("solvers", name, {"dt": dt})
    squares = []
    for seed in range(SEEDS):
        ensemble = start.sample(Random(), particles, seed)
        propagator = solver.fit(Problem(equation, None, ensemble, query), seed=seed)
        v = np.asarray(propagator(ensemble, query).trajectory.velocities[1, 0])
        squares.append((float(((v * v).sum(1) ** 2).mean()) / exact - 1) ** 2)
    mean = float(np.mean(squares))
    down, up = deviations(np.array(squares)[None])
    return mean**0.5, max(mean - float(down[0]), 0.0) ** 0.5, (mean + float(up[0])) ** 0.5


STUDIES = (landau_grid_steps, monte_carlo)
