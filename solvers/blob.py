"""Deterministic particles for the homogeneous Landau equation, with scores from a regularised entropy."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Quiet,
    Random,
    Solution,
    Solver,
    Start,
    TrainingSet,
    Trajectory,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.blob_march import Run, Scheme, simulate
from kineticbench.numerics.blob_start import Bandwidth, cube_of, stability

# Sums over pairs of all particles, which other kernels than Maxwell's need, are refused beyond this number of them.
_PAIRS = 200_000
# Of dt D/h², in the ladder: below the limit 3, beyond which entropy may rise.
_SAFE = 2.5
_STARTS: dict[str, Start] = {"mesh": Mesh(), "quiet": Quiet(), "random": Random()}


@dataclass(frozen=True)
class Blob(Solver):
    """Deterministic blob method: particles that carry Gaussians, moved down the gradient of their entropy.

        dv_i/dt = −Σ_j w_j A(v_i − v_j)(F_i − F_j),    f̃(v) = Σ_j w_j ψ_ε(v − v_j),    ε = C h^p
        mesh form:      F_i = Σ_l hᵈ ∇ψ_ε(v_i − c_l) ln f̃(c_l)
        particle form:  F_i = Σ_j w_j ∇ψ_ε(v_i − v_j) (1/f̃_i + 1/f̃_j)

    Particles start at the centres of the n^d cells of [−L, L]^d, h = 2L/n, with weights f₀h^d, and ψ_ε is the Gaussian
    of variance ε. The error of f̃ is of second order in h. A score costs O(N), and so does the sum over pairs for
    Maxwell molecules; for other γ the sum is direct, O(N²). Mass and momentum are kept to rounding. Energy grows by
    3e-5 under Euler steps of 0.01 and by 1e-10 under Runge–Kutta ones, and not at all with `restore`. The
    discrete-gradient step keeps it to 1e-12 while the entropy falls at every step whatever dt, at 7 to 10 times the
    cost of Euler's.

    The entropy of an explicit step falls while dt B(2L² + 1)/h² ≤ 3 (2D, γ = 0); beyond, a warning is given, since the
    scores then blow up well before the density shows it. Diagnostics: "stability", that number; "entropy_rises", in how
    many steps the entropy rose; "off_mesh", the most particles that were outside the mesh, which go on moving and count
    in every sum, but have a score only as far as their blobs reach the mesh.

    Good values: for BKW in 2D 6 400 particles, dt = 0.01 (density error 0.7 %). Halve dt when n grows by √2. The
    particle form has a density as good, scores and paths about five times as accurate, and costs three times as much.

    Parameters
    ----------
    particles
        N; at cell centres the largest n^d that is not above it. The default is 40² or 11³.
    dt
        Time step.
    form
        "mesh" (d = 2 or 3) or "particle" (any d).
    stepper
        "euler", "rk4" or "discrete-gradient".
    restore
        Whether momentum and energy are put back after each Euler or Runge–Kutta step, by a shift and a scaling.
    half_width
        L. 0 leaves it to the density.
    cells
        n of the mesh that scores are computed on. 0: that of the particles where they start at cell centres; where they
        are given elsewhere, so many that ε suits their number and spread.
    guard
        Cells that the mesh has beyond the particles' own on every side; 0 in the paper. Without them blobs at the edge
        stick out of the mesh, which pulls the particles there: paths are up to twice less accurate, f̃ by 1 %.
    bandwidth
        C.
    exponent
        p.
    placement
        Where particles start: "mesh", at cell centres; "quiet" or "random", drawn from f₀ with equal weights, which
        is what there is beyond three dimensions.
    """

    particles: int = 1600
    dt: float = 0.01
    form: Literal["mesh", "particle"] = "mesh"
    stepper: Literal["euler", "rk4", "discrete-gradient"] = "euler"
    restore: bool = False
    half_width: float = 0.0
    cells: int = 0
    guard: int = 8
    bandwidth: float = 0.64
    exponent: float = 1.98
    placement: Literal["mesh", "quiet", "random"] = "mesh"

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{CarrilloHuWangWu2020,
      author = {Carrillo, Jos{\\'e} A. and Hu, Jingwei and Wang, Li and Wu, Jeremy},
      title = {A particle method for the homogeneous {Landau} equation},
      journal = {Journal of Computational Physics: X},
      volume = {7}, pages = {100066}, year = {2020},
      doi = {10.1016/j.jcpx.2020.100066}
    }
    @article{Gonzalez1996,
      author = {Gonzalez, Oscar},
      title = {Time integration and discrete {Hamiltonian} systems},
      journal = {Journal of Nonlinear Science},
      volume = {6}, pages = {449--467}, year = {1996},
      doi = {10.1007/BF02440162}
    }
    """

    def __post_init__(self) -> None:
        require_positive("particles", self.particles, whole=True)
        require_positive("bandwidth", self.bandwidth)
        if not isinstance(self.restore, bool):
            raise InvalidInput(f"restore must be true or false, got {self.restore!r}.")
        if self.placement not in _STARTS:
            raise InvalidInput(f"placement must be one of {', '.join(_STARTS)}, got {self.placement!r}.")
        self.scheme  # noqa: B018 - checks the rest

    @property
    def scheme(self) -> Scheme:
        """How the march is made."""
        bandwidth = Bandwidth(self.bandwidth, self.exponent)
        return Scheme(
            self.dt, self.form, self.stepper, self.restore, self.cells, self.half_width, self.guard, bandwidth
        )

    @property
    def start(self) -> Start:
        """Cell centres of the mesh, or as `placement` says."""
        return Mesh(self.half_width) if self.placement == "mesh" else _STARTS[self.placement]

    def unsupported(self, problem: Problem) -> str | None:
        """It needs the Landau equation and a start, and for a mesh two or three dimensions."""
        equation = problem.equation
        if not isinstance(equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {equation.name}"
        if problem.ensemble is None and problem.initial_density is None:
            return "it starts from particles or from an initial density, and this problem has neither"
        if self.form == "mesh" and equation.dimension > 3:
            return f"a mesh in {equation.dimension} dimensions has too many cells; its particle form has none"
        count = self.particles if problem.ensemble is None else problem.ensemble.particles
        if equation.exponent != 0 and count > _PAIRS:
            return f"the sum over all pairs of {count} particles takes too long; take at most {_PAIRS} for γ ≠ 0"
        if problem.ensemble is None and self.placement == "mesh" and count < 2**equation.dimension:
            return f"{count} particles at cell centres are not two along each of {equation.dimension} axes"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """Finer and finer meshes with steps that are stable there; then the other form and steppers at one of them."""
        d = problem.equation.velocity_dimension
        maxwell = isinstance(problem.equation, HomogeneousLandau) and problem.equation.exponent == 0
        if problem.ensemble is not None:
            meshes = [replace(self, cells=n) for n in (self.cells, 2 * self.cells)] if self.cells else [self]
        else:
            sides = {2: (20, 40, 60, 80, 120), 3: (8, 12, 20, 30)}.get(d, ())
            meshes = [replace(self, particles=n**d, cells=0) for n in (sides if maxwell else sides[:4])]
            meshes = meshes or [replace(self, particles=n, cells=0, placement="quiet") for n in (512, 2048, 8192)]
        form = "mesh" if d <= 3 else "particle"
        base = [replace(mesh, form=form, stepper="euler", restore=True) for mesh in meshes]
        rungs = [replace(rung, dt=_stable_step(rung, problem)) for rung in base]
        chosen = rungs[min(1, len(rungs) - 1)]
        others = [replace(chosen, stepper="rk4", restore=False), replace(chosen, stepper="discrete-gradient")]
        if form == "mesh":
            others.insert(0, replace(chosen, form="particle"))
        return [*rungs, *others]

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
            raise Unsupported(f"blob cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, HomogeneousLandau)
        return _Particles(self, problem.equation, np.dtype(precision))


@dataclass(frozen=True)
class _Particles(Propagator):
    solver: Blob
    equation: HomogeneousLandau
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case through the query's times."""
        if ensemble is None:
            raise InvalidInput("blob needs particles.", "Draw them: density.sample(solver.start, solver.particles, 0).")
        start = ensemble.astype(self.dtype)
        runs = [self._case(start, case, query) for case in range(ensemble.cases)]
        points = query.points is not None
        return Solution(
            Trajectory(None, np.stack([run.velocities for run in runs], axis=1), start.weights),
            score=np.stack([run.score for run in runs], axis=1),
            point_score=np.stack([run.point_score for run in runs], axis=1) if points else None,
            density=np.stack([run.density for run in runs], axis=1) if points else None,
            series={name: np.stack([run.series[name] for run in runs]) for name in runs[0].series}
            if query.series.size
            else {},
            diagnostics={
                name: np.array([getattr(run, name) for run in runs], float)
                for name in ("off_mesh", "entropy_rises", "stability")
            },
        )

    def _case(self, start: Ensemble, case: int, query: Query) -> Run:
        v, w = start.velocities[case], np.ascontiguousarray(start.weights[case])
        return simulate(v, w, self.equation, query.times, query.series, query.points, self.solver.scheme)


def _stable_step(solver: Blob, problem: Problem) -> float:
    """The largest of 1, 2 and 5 times a power of ten that is stable at the start, and at most 1/50 of the run."""
    density, equation = problem.initial_density, problem.equation
    ensemble = problem.ensemble
    if ensemble is None and density is not None:
        ensemble = density.sample(solver.start, solver.particles, 0)
    if ensemble is None or not isinstance(equation, HomogeneousLandau):
        return solver.dt
    v, w = ensemble.velocities[0], np.ascontiguousarray(ensemble.weights[0])
    scheme = solver.scheme
    number = stability(v, w, equation, cube_of(v, w, scheme.cells, scheme.half_width, scheme.bandwidth), 1.0)
    most = min(_SAFE / max(number, 1e-300), problem.query.final_time / 50 or solver.dt)
    power = 10.0 ** math.floor(math.log10(most))
    return float(f"{max(factor * power for factor in (1, 2, 5) if factor * power <= most):.12g}")
