"""Spectral solver of the homogeneous Landau equation on a velocity grid."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
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
    require_positive,
)
from kineticbench.numerics.landau_box import velocity_box
from kineticbench.numerics.landau_march import march, stable_step
from kineticbench.numerics.landau_operator import LandauOperator


@dataclass(frozen=True)
class LandauGrid(Solver):
    """Fourier spectral method on a velocity grid, in two and three dimensions.

        ∂f/∂t = ∂_a (D_ab ∂_b f − F_a f),    D = A ∗ f,    F_a = ∂_b D_ab,    A(z) = B|z|^γ(|z|² I − z zᵀ)

    Derivatives are spectral and the convolutions those of free space, without periodic images, for every γ in [−3, 1],
    so errors fall faster than any power of the cell width: cells of half the narrowest thermal width give f to about
    10⁻⁸, of its whole 10⁻². Mass is kept to rounding; momentum and energy as well as f is resolved; f can become
    negative where it is not (diagnostic "negative_mass"), and may not reach the edge (diagnostic "edge"). Where f is
    below what the grid resolves, its score is that of the Maxwellian with its moments. Good values: 32 to 64 cells at
    order 4 and dt = 0, the longest stable step; order 2 where the end is far, in steps that follow the physics.

    Parameters
    ----------
    cells
        n, cells along each axis; even.
    dt
        Time step; 0 takes 80 % of the longest stable one of order 4, and five times that for order 2.
    half_width
        L of the box [c − L, c + L]ᵈ about the mean velocity c. 0 takes the smallest beyond which f₀ and its
        Maxwellian are below exp(−πn/4) of their maxima, but 10⁻¹⁰ at least and 10⁻⁷ at most.
    order
        4: classical Runge–Kutta, stable while dt · max Σ|D_ab| (π/h)² ≤ 2.8. 2: stabilised Runge–Kutta–Chebyshev, with
        as many stages as a step of any length needs.
    """

    cells: int = 48
    dt: float = 0.0
    half_width: float = 0.0
    order: int = 4

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{PareschiRussoToscani2000,
      author = {Pareschi, L. and Russo, G. and Toscani, G.},
      title = {Fast spectral methods for the {Fokker--Planck--Landau} collision operator},
      journal = {Journal of Computational Physics},
      volume = {165}, number = {1}, pages = {216--236}, year = {2000},
      doi = {10.1006/jcph.2000.6612}
    }
    @article{VicoGreengardFerrando2016,
      author = {Vico, Felipe and Greengard, Leslie and Ferrando, Miguel},
      title = {Fast convolution with free-space {Green's} functions},
      journal = {Journal of Computational Physics},
      volume = {323}, pages = {191--203}, year = {2016},
      doi = {10.1016/j.jcp.2016.07.028}
    }
    """

    def __post_init__(self) -> None:
        require_positive("cells", self.cells, whole=True)
        if self.cells % 2 or self.cells < 8:
            raise InvalidInput(f"cells must be even and at least 8, got {self.cells}.")
        for name, value in (("dt", self.dt), ("half_width", self.half_width)):
            if value != 0:
                require_positive(name, value)
        if self.order not in (2, 4):
            raise InvalidInput(f"order must be 2 or 4, got {self.order!r}.")

    @property
    def start(self) -> None:
        """None: it starts from the density."""
        return

    def unsupported(self, problem: Problem) -> str | None:
        """It needs d ≤ 3, an initial density, no given particles, and a density or series to answer with."""
        equation = problem.equation
        if not isinstance(equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {equation.name}"
        if equation.dimension > 3:
            return f"a grid in {equation.dimension} dimensions has too many cells; it takes two or three"
        if problem.ensemble is not None:
            return "it solves the continuum equation for f and has no particles; this problem asks about given ones"
        if problem.initial_density is None:
            return "it starts from an initial density, which this problem does not have"
        if problem.query.points is None and problem.query.series.size == 0:
            return "it returns series and f at points, and this problem asks for neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """From a grid that barely resolves f to one that leaves little but rounding; steps follow the final time."""
        end = problem.query.final_time or 1.0
        settings = ((16, 25), (24, 50), (32, 100), (32, 400), (48, 400))
        return [LandauGrid(n, end / steps, self.half_width, 2) for n, steps in settings]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Find the box and tabulate the kernel; `Unsupported` where `unsupported` says so or for a GPU.

        Raises
        ------
        InvalidInput
            Where f₀ has not vanished at ±half_width.
        """
        reason = self.unsupported(problem) or ("it runs on the CPU only" if device != "cpu" else None)
        if reason:
            raise Unsupported(f"landau_grid cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, HomogeneousLandau)
        assert problem.initial_density is not None
        dimension = problem.equation.dimension
        grid, values = velocity_box(problem.initial_density, dimension, self.cells, self.half_width)
        operator = LandauOperator(grid, problem.equation, np.dtype(precision))
        starts = [f.reshape(grid.shape).astype(precision) for f in values]
        return _OnGrid(self, operator, starts)


@dataclass(frozen=True)
class _OnGrid(Propagator):
    solver: LandauGrid
    operator: LandauOperator
    starts: list[np.ndarray] = field(repr=False)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case through the query's times; particles are not used."""
        solver, runs, steps = self.solver, [], []
        for f in self.starts:
            steps.append(solver.dt or stable_step(self.operator, f, solver.order))
            runs.append(march(self.operator, f, query, steps[-1], solver.order))
        return Solution(
            density=None if query.points is None else np.stack([run.density for run in runs], axis=1),
            point_score=None if query.points is None else np.stack([run.point_score for run in runs], axis=1),
            series={name: np.stack([run.series[name] for run in runs]) for name in runs[0].series},
            diagnostics={
                "negative_mass": np.array([run.negative_mass for run in runs]),
                "edge": np.array([run.edge for run in runs]),
                "dt": np.array(steps),
                "half_width": np.array([self.operator.grid.half_width]),
            },
        )
