"""Small problems on which every solver is followed from commit to commit; a new solver is one line of `ROWS`.

A row's setting is part of its name, and the name a parameter of the benchmarks: a setting that changes begins a history
of its own. `size` multiplies what the row grows in.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from kineticbench.contracts import Dataset, Device, Precision, Problem, Solution, Solver

SIZES = (1, 4)
ROUNDING = 1e-12  # errors and drifts below it are rounding; they count as this


@dataclass(frozen=True)
class Row:
    """A solver's setting on a dataset.

    Parameters
    ----------
    solver, parameters
        The method and its setting.
    dataset
        One of `DATASETS`.
    grows, base
        What `size` multiplies, and what of: "cases", or a parameter of the solver.
    """

    solver: str
    dataset: str
    parameters: Mapping[str, Any]
    grows: str
    base: int

    @property
    def name(self) -> str:
        """Solver and whole setting, as asv shows them."""
        shown = {**self.parameters, self.grows: self.base}
        return f"{self.solver}: {', '.join(f'{name}={value}' for name, value in shown.items())}"


DATASETS: dict[str, dict[str, Any]] = {
    "gaussian_ensemble": {},
    "landau_damping": {},
    "bkw": {"final_time": 1.0, "cells": 32},
}
METRICS: dict[str, tuple[str, ...]] = {
    "gaussian_ensemble": ("w1_position", "w1_momentum", "drift_momentum", "drift_energy"),
    "landau_damping": ("growth_rate", "frequency", "drift_mass", "drift_momentum", "drift_energy"),
    "bkw": ("density_l2", "w1_marginals", "trajectory_error", "entropy_own", "drift_momentum", "drift_energy"),
}
_TINY_FLOW = {"steps": 5, "nodes": 32, "hidden": 16, "training_steps": 5, "training_nodes": 32, "epochs": 0.2}
_TINY_PAIR = {"width": 16, "batch": 64, "slices": 4, "updates": 60, "witnesses": 0}
_FEW_UPDATES = {"iterations": 2, "fit_updates": 100, "dt": 0.2}
ROWS = (
    Row("identity", "gaussian_ensemble", {}, "cases", 512),
    Row("sheets", "gaussian_ensemble", {"steps": 5}, "cases", 512),
    Row("pic", "gaussian_ensemble", {"cells": 128, "dt": 0.04}, "cases", 512),
    Row("mlp", "gaussian_ensemble", {"width": 16, "epochs": 1}, "cases", 512),
    Row("pde_nhf", "gaussian_ensemble", _TINY_FLOW, "cases", 16),
    Row("pic", "landau_damping", {"cells": 64, "dt": 0.1, "loading": "quiet-weighted"}, "particles", 5_000),
    Row("vlasov_grid", "landau_damping", {"cells_q": 32, "dt": 0.2, "order": 2}, "cells_p", 64),
    Row("maxwellian", "bkw", {}, "particles", 4096),
    Row("landau_grid", "bkw", {"order": 2}, "cells", 12),
    Row("blob", "bkw", {"dt": 0.1}, "particles", 400),
    Row("grazing_collisions", "bkw", {}, "particles", 4096),
    Row("langevin", "bkw", {}, "particles", 4096),
    Row("sbtm", "bkw", _FEW_UPDATES, "particles", 100),
    Row("pinn_pm", "bkw", _TINY_PAIR, "particles", 256),
)
LEARNED = ("mlp", "pde_nhf", "sbtm", "pinn_pm")
BY_NAME = {row.name: row for row in ROWS}


@dataclass(frozen=True, eq=False)
class Posed:
    """A row at a size: its dataset, its solver, and the problem with the particles that the solver starts from."""

    dataset: Dataset
    solver: Solver
    problem: Problem

    def fit(self, device: Device = "cpu", precision: Precision = "float64") -> Callable[[], Solution]:
        """Fit as the engine does, and return the call that solves, to the last array at home."""
        from kineticbench.engine.timing import home

        solver, problem = self.solver, self.problem
        if solver.amortised:
            learned = problem.without_start(), self.dataset.training()
            propagator = solver.fit(*learned, device=device, precision=precision)
        else:
            propagator = solver.fit(problem, device=device, precision=precision)
        return lambda: home(propagator(problem.ensemble, problem.query))


def pose(row: Row, size: int = 1) -> Posed:
    """Build a row; `UnknownName` where this version has no such solver, dataset or parameter."""
    from kineticbench import catalog
    from kineticbench.engine.solve import start

    grown = {row.grows: row.base * size}
    own = {} if row.grows == "cases" else grown
    dataset = catalog.build("datasets", row.dataset, DATASETS[row.dataset])
    solver = catalog.build("solvers", row.solver, {**row.parameters, **own})
    problem = dataset.problem(cases=grown.get("cases"))
    return Posed(dataset, solver, replace(problem, ensemble=start(solver, problem, seed=0)))


def scores(row: Row, folder: Path) -> dict[str, float | str]:
    """Errors and drifts of a row by metric, or why there is none; from the folder, or found now and kept there.

    They are found in a process of their own, so that what is compiled lies on disk and not in this process's memory.
    """
    path = folder / f"{ROWS.index(row)}.json"
    if not path.exists():
        command = (sys.executable, "-m", "benchmarks.cases", str(ROWS.index(row)), str(path))
        subprocess.run(command, cwd=Path(__file__).parents[1], check=True)
    return json.loads(path.read_text())


def find_scores(row: Row, path: Path) -> None:
    """Solve a row and write its scores."""
    os.environ["KINETICBENCH_CACHE"] = str(path.parent / "cache")
    from kineticbench.contracts import UnknownName

    try:
        posed = pose(row)
    except UnknownName as error:
        found: dict[str, float | str] = {name: str(error) for name in METRICS[row.dataset]}
    else:
        solution, reference = posed.fit()(), posed.dataset.reference(posed.problem)
        found = {name: figure(name, solution, reference, posed.problem) for name in METRICS[row.dataset]}
    path.write_text(json.dumps(found))


def figure(name: str, solution: Any, reference: Any, problem: Any) -> float | str:
    """The largest drift of the run, or the error at the last time; mean over cases; or why there is none."""
    import numpy as np

    from kineticbench.contracts import Unsupported
    from kineticbench.metrics import load, missing

    metric = load(name)
    reason = missing(metric, solution, reference, problem)
    if reason is not None:
        return reason
    try:
        over_cases = metric(solution, reference, problem).value.mean(axis=1)
    except Unsupported as error:
        return str(error)
    value = float(over_cases.max() if name.startswith("drift_") else over_cases[-1])
    if not np.isfinite(value):
        raise ArithmeticError(f"{name} is {value}.")
    return max(value, ROUNDING)


if __name__ == "__main__":
    find_scores(ROWS[int(sys.argv[1])], Path(sys.argv[2]))
