"""Particle-in-cell solver of the Vlasov–Poisson equation."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, Literal

import numpy as np
import psutil

from kineticbench.contracts import (
    Device,
    Ensemble,
    InvalidInput,
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
    VlasovPoisson,
    require_inside,
    require_positive,
    whole_steps,
)
from kineticbench.numerics import pic

_STARTS: dict[str, Start] = {"quiet": Quiet(), "quiet-weighted": Quiet(weighted=True), "random": Random()}
_BACKENDS = ("auto", "numba", "jax")
# Settings of the ladders: cells and ω_p dt where particles are given, with particles where they are drawn.
_GIVEN = ((64, 0.1), (128, 0.1), (128, 0.02), (256, 0.02), (512, 0.02), (1024, 0.01), (4096, 0.005))
_DRAWN = ((32, 0.2, 10**4), (32, 0.1, 10**5), (64, 0.1, 10**6), (64, 0.05, 10**6), (128, 0.05, 10**7))


@dataclass(frozen=True)
class PIC(Solver):
    """Particle-in-cell: cloud-in-cell shapes, Fourier field solve, kick-drift-kick.

        ρ_j = Q Σ_i w_i S(q_j − q_i) / dx,    E_k = −i ρ_k / k,    dp_i/dt = Σ_j S(q_i − q_j) E_j,
        S(q) = max(0, 1 − |q|/dx)

    Second order in dt and, for a smooth density, in dx; for N particles the error against the exact force of point
    charges falls as dx once cells are finer than the particles' spacing. Momentum is kept to rounding, energy while
    dx is below about a Debye length and ω_p dt ≪ 2. Good values: dx ≤ 0.4 λ_D, ω_p dt ≤ 0.1, and enough particles a
    cell that their noise, ∝ N^(−1/2) at random and about 1/N for a quiet start, stays below the signal.

    Parameters
    ----------
    cells
        M, cells in the period; any positive number.
    dt
        Time step; every time asked for must be a multiple of it.
    particles
        How many particles to draw where the problem has a density and no particles.
    loading
        How to draw them: "quiet" (equal weights), "quiet-weighted" (uniform in velocity, for resonances in the tail)
        or "random". Few particles of a quiet start may show short spikes in the field energy (`two_stream`,
        quiet-weighted: near ω_p t = 37 with 20 000, none until 60 with 200 000).
    backend
        "numba" (CPU), "jax" (CPU and GPU), or "auto": numba on the CPU and JAX on the GPU. They agree to rounding.
    """

    cells: int = 128
    dt: float = 0.04
    particles: int = 10**6
    loading: Literal["quiet", "quiet-weighted", "random"] = "quiet"
    backend: Literal["auto", "numba", "jax"] = "auto"

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @book{BirdsallLangdon1985,
      author = {Birdsall, Charles K. and Langdon, A. Bruce},
      title = {Plasma Physics via Computer Simulation},
      publisher = {McGraw-Hill},
      year = {1985},
      isbn = {0-07-005371-5}
    }
    @book{HockneyEastwood1988,
      author = {Hockney, Roger W. and Eastwood, James W.},
      title = {Computer Simulation Using Particles},
      publisher = {Adam Hilger},
      year = {1988},
      isbn = {0-85274-392-0}
    }
    """

    def __post_init__(self) -> None:
        require_positive("cells", self.cells, whole=True)
        require_positive("dt", self.dt)
        require_positive("particles", self.particles, whole=True)
        for name, value, choices in (("loading", self.loading, _STARTS), ("backend", self.backend, _BACKENDS)):
            if value not in choices:
                raise InvalidInput(f"{name} must be one of {', '.join(choices)}; got {value!r}.")

    @property
    def start(self) -> Start:
        """What `loading` says."""
        return _STARTS[self.loading]

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles or a density to draw them from, and times that are multiples of dt."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it solves the Vlasov–Poisson equation, not {problem.equation.name}"
        if problem.ensemble is None and problem.initial_density is None:
            return "it needs particles, or an initial density to draw them from"
        try:
            _steps(problem.query.times, self.dt), _steps(problem.query.series, self.dt)
        except InvalidInput as error:
            return f"every time asked for must be a multiple of its step: {error}"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """Finer cells and steps where particles are given; more particles too where they are drawn."""
        equation = problem.equation
        frequency = equation.plasma_frequency if isinstance(equation, VlasovPoisson) else 1.0

        def dt(phase: float) -> float:
            return _largest_step(problem.query, phase / frequency)

        if problem.ensemble is not None:
            return [replace(self, cells=cells, dt=dt(phase)) for cells, phase in _GIVEN]
        return [
            replace(self, cells=cells, dt=dt(phase), particles=particles, loading="quiet-weighted")
            for cells, phase, particles in _DRAWN
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
        """Nothing to fit; `Unsupported` where `unsupported` says so, and for numba on a GPU."""
        reason = self.unsupported(problem)
        backend = self.backend
        if backend == "auto":
            backend = "numba" if device == "cpu" else "jax"
        if backend == "numba" and device != "cpu":
            reason = reason or "its numba loops run on the CPU; take backend = 'jax' or 'auto'"
        if reason:
            raise Unsupported(f"pic cannot solve this problem: {reason}.")
        return _Particles(self, problem, seed, _jax_device(device) if backend == "jax" else None, np.dtype(precision))


@dataclass(frozen=True)
class _Particles(Propagator):
    """`device` is the JAX device, or None for numba."""

    solver: PIC
    problem: Problem
    seed: int
    device: Any
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March all cases together; draws the particles where none are given. A trajectory only at `query.times`."""
        solver, equation, density = self.solver, self.problem.equation, self.problem.initial_density
        assert isinstance(equation, VlasovPoisson)
        stops, records = _steps(query.times, solver.dt), _steps(query.series, solver.dt)
        if ensemble is None:
            if density is None:
                raise InvalidInput("pic needs particles, and this problem has no density to draw them from.")
            ensemble = density.sample(solver.start, solver.particles, self.seed)
        if ensemble.positions is None:
            raise InvalidInput("pic needs positions, and this ensemble has none.")
        _require_memory(len(stops), ensemble, self.dtype)
        require_inside(ensemble.positions, equation.length)
        weights, ensemble = ensemble.weights, ensemble.astype(self.dtype)
        assert ensemble.positions is not None
        positions, velocities = ensemble.positions[..., 0], ensemble.velocities[..., 0]
        if self.dtype == np.float32:
            positions = np.where(positions < np.float32(equation.length), positions, np.float32(0))
        equal = ensemble.equal_weights and math.isclose(weights[0, 0] * ensemble.particles, 1, rel_tol=1e-6)
        shares = None if equal else ensemble.weights
        setting = pic.Setting(equation.length, solver.cells, equation.charge, solver.dt)
        run = (positions, velocities, shares, setting, stops, records)
        if self.device is None:
            q, p, series = pic.simulate(*run)
        else:
            from kineticbench.numerics import pic_jax

            q, p, series = pic_jax.simulate(*run, device=self.device)
        trajectory = Trajectory(q[..., None], p[..., None], ensemble.weights) if stops else None
        return Solution(trajectory=trajectory, series=series if records else {})


def _steps(times: np.ndarray, dt: float) -> list[int]:
    return [whole_steps(float(time), dt) for time in times]


def _largest_step(query: Query, target: float) -> float:
    """The largest step up to `target` of which every time asked for is a multiple, or `target` where there is none."""
    end = query.final_time
    if end == 0:
        return target
    parts = [Fraction(float(time) / end).limit_denominator(10**5) for time in (*query.times, *query.series)]
    spacing = end / math.lcm(*(part.denominator for part in parts))
    return spacing / math.ceil(spacing / target * (1 - 1e-9))


def _require_memory(stops: int, ensemble: Ensemble, dtype: np.dtype) -> None:
    """Raise `InvalidInput` where the trajectory would not fit into what memory is available."""
    wanted = 2 * stops * ensemble.cases * ensemble.particles * dtype.itemsize
    available = psutil.virtual_memory().available
    if wanted > available:
        raise InvalidInput(
            f"{stops} snapshots of {ensemble.cases} × {ensemble.particles} particles take {wanted / 2**30:.1f} GiB, "
            f"{available / 2**30:.1f} GiB are available.",
            "Ask for fewer snapshots, or for series alone (query.times empty).",
        )


def _jax_device(device: Device) -> Any:
    import jax

    try:
        return jax.devices(device)[0]
    except RuntimeError as error:
        raise Unsupported(f"JAX finds no {device}: {error}") from None
