"""Spectral solver of the Vlasov–Poisson equation on a phase-space grid."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Solution,
    Solver,
    TrainingSet,
    Unsupported,
    VlasovPoisson,
    require_positive,
)
from kineticbench.numerics.splitting import kicks_and_drifts
from kineticbench.numerics.vlasov_march import initial_grids, march


@dataclass(frozen=True)
class VlasovGrid(Solver):
    """Spectral semi-Lagrangian method on a phase-space grid.

        ∂f/∂t + p ∂f/∂q + E ∂f/∂p = 0:    f(q, p) ← f(q − h p, p),    f(q, p) ← f(q, p − h E(q)),    in turn

    Each shift is exact for the trigonometric interpolant of f, so errors in space fall faster than any power of the
    cell size until filaments of f, which get finer in proportion to time, outgrow the grid; a filter absorbs those, so
    they never return as a recurrence (diagnostic "norm_loss" = 1 − ∫∫f² / ∫∫f₀²). Mass and momentum are kept to
    rounding, energy to the order of the splitting. Good values: 128 × 512 cells, dt = 0.1 to 0.2 / ω_p with order 4;
    rates of linear waves need no more than 32 × 256 cells.

    Parameters
    ----------
    cells_q
        N_q, cells in a period; even.
    cells_p
        N_p, cells in [−p_max, p_max]; even.
    dt
        Time step h; every time asked for must be a multiple of it.
    order
        Order of the splitting in time: 2 (Strang; one shift each way a step), 4 (six) or 6 (eleven).
    p_max
        Half the width of the grid in p. 0 takes 1.2 times the momentum beyond which f₀ is below 10⁻¹⁰ of its maximum.
    """

    cells_q: int = 128
    cells_p: int = 512
    dt: float = 0.1
    order: int = 4
    p_max: float = 0.0

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{ChengKnorr1976,
      author = {Cheng, C. Z. and Knorr, Georg},
      title = {The integration of the {Vlasov} equation in configuration space},
      journal = {Journal of Computational Physics},
      volume = {22}, number = {3}, pages = {330--351}, year = {1976},
      doi = {10.1016/0021-9991(76)90053-X}
    }
    @article{BlanesMoan2002,
      author = {Blanes, S. and Moan, P. C.},
      title = {Practical symplectic partitioned {Runge--Kutta} and {Runge--Kutta--Nystr{\\"o}m} methods},
      journal = {Journal of Computational and Applied Mathematics},
      volume = {142}, number = {2}, pages = {313--330}, year = {2002},
      doi = {10.1016/S0377-0427(01)00492-7}
    }
    """

    def __post_init__(self) -> None:
        for name, cells in (("cells_q", self.cells_q), ("cells_p", self.cells_p)):
            require_positive(name, cells, whole=True)
            if cells % 2 or cells < 8:
                raise InvalidInput(f"{name} must be even and at least 8, got {cells}.")
        require_positive("dt", self.dt)
        kicks_and_drifts(self.order)
        if self.p_max != 0:
            require_positive("p_max", self.p_max)

    @property
    def start(self) -> None:
        """None: it starts from the density."""
        return

    def unsupported(self, problem: Problem) -> str | None:
        """It needs an initial density, no given particles, and a density or series to answer with."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it solves the Vlasov–Poisson equation, not {problem.equation.name}"
        if problem.ensemble is not None:
            return "it solves the continuum equation for f and has no particles; this problem asks about given ones"
        if problem.initial_density is None:
            return "it starts from an initial density, which this problem does not have"
        if problem.query.points is None and problem.query.series.size == 0:
            return "it returns series and f at points, and this problem asks for neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """From a grid that just carries a linear wave to one that resolves filaments; second, then fourth order."""
        times = np.union1d(problem.query.series, problem.query.times)
        gaps = np.diff(np.union1d([0.0], times))
        spacing = float(gaps[gaps > 1e-9 * problem.query.final_time].min(initial=problem.query.final_time))
        frequency = problem.equation.plasma_frequency if isinstance(problem.equation, VlasovPoisson) else 1.0
        dt = spacing / max(1, math.ceil(spacing * frequency / 0.2 - 1e-9))
        return [
            VlasovGrid(32, 128, dt, 2, self.p_max),
            VlasovGrid(64, 256, dt / 2, 2, self.p_max),
            VlasovGrid(64, 256, dt, 4, self.p_max),
            VlasovGrid(128, 512, dt, 4, self.p_max),
            VlasovGrid(256, 1024, dt, 4, self.p_max),
        ]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Nothing to fit; `Unsupported` where `unsupported` says so or for a GPU."""
        reason = self.unsupported(problem) or ("it runs on the CPU only" if device != "cpu" else None)
        if reason:
            raise Unsupported(f"vlasov_grid cannot solve this problem: {reason}.")
        return _OnGrid(self, problem, np.dtype(precision))


@dataclass(frozen=True)
class _OnGrid(Propagator):
    solver: VlasovGrid
    problem: Problem
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case through the query's times; particles are not used."""
        solver, equation, density = self.solver, self.problem.equation, self.problem.initial_density
        assert isinstance(equation, VlasovPoisson)
        assert density is not None
        grids = initial_grids(density, equation, solver.cells_q, solver.cells_p, solver.p_max, self.dtype)
        runs = [march(grid, query, solver.dt, solver.order) for grid in grids]
        return Solution(
            density=None if query.points is None else np.stack([run.density for run in runs], axis=1),
            series={name: np.stack([run.series[name] for run in runs]) for name in runs[0].series},
            diagnostics={"norm_loss": np.array([run.norm_loss for run in runs])},
        )
