"""The independent-particle stochastic equation of Maxwell molecules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Random,
    Solution,
    Solver,
    TrainingSet,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.collision_langevin import march
from kineticbench.numerics.stochastic_march import answer


@dataclass(frozen=True)
class Langevin(Solver):
    """Independent particles whose stochastic equation has the law f, for Maxwell molecules only.

        dc = −2(d−1)BW c dt + √(2D) dW_t,    D = BW [(|c|² + tr Σ(t)) I − c cᵀ − Σ(t)],    c = v − v̄

    Friction and diffusion of the Landau operator need only the first two moments of f where γ = 0, and those are known:
    Σ(t) relaxes exactly from the weighted covariance of the particles at the start, and the mass W and mean v̄ stay. So
    no particle needs another. A step splits the generator into Brownian motion of the direction of c, with variance
    2BW dt per tangential component, and an Ornstein–Uhlenbeck process with the noise 2BW(tr Σ I − Σ), each solved
    exactly in law (the first up to σ⁶ beyond 2D): half a step of the second, the first, half a step of the second,
    which is of second order in dt for all moments. Weights are free. Momentum and energy are kept in the mean, with
    fluctuations ∝ N^(−1/2), and trajectories are right in law only, not particle by particle. Good values: 10⁴ to 10⁶
    particles, dt of a tenth of the relaxation time 1/4dBW.

    Parameters
    ----------
    particles
        N, where the problem does not give them.
    dt
        Time step.
    """

    particles: int = 65536
    dt: float = 0.05

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{Guerin2002,
      author = {Gu{\\'e}rin, H{\\'e}l{\\`e}ne},
      title = {Existence and regularity of a weak function-solution for some {Landau} equations with a stochastic
        approach},
      journal = {Stochastic Processes and their Applications},
      volume = {101}, number = {2}, pages = {303--325}, year = {2002},
      doi = {10.1016/S0304-4149(02)00107-2}
    }
    """

    def __post_init__(self) -> None:
        require_positive("particles", self.particles, whole=True)
        require_positive("dt", self.dt)

    @property
    def start(self) -> Random:
        """Independent samples."""
        return Random()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs γ = 0, and particles, given or drawn from a density."""
        if not isinstance(problem.equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {problem.equation.name}"
        if problem.equation.exponent != 0:
            return f"its coefficients are known moments for γ = 0 only, and here γ = {problem.equation.exponent:g}"
        if problem.ensemble is None and problem.initial_density is None:
            return "it needs particles or an initial density to draw them from, and this problem has neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """More particles and shorter steps, so that noise and the error in time fall together."""
        end = problem.query.final_time or 1.0
        settings = ((4096, 10), (16384, 15), (65536, 20), (262144, 30))
        return [Langevin(particles, end / steps) for particles, steps in settings]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Nothing to fit; keeps the seed. `Unsupported` where `unsupported` says so or for a GPU."""
        reason = self.unsupported(problem) or ("it runs on the CPU only" if device != "cpu" else None)
        if reason:
            raise Unsupported(f"langevin cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, HomogeneousLandau)
        return _Diffusing(self, problem.equation, seed, np.dtype(precision))


@dataclass(frozen=True)
class _Diffusing(Propagator):
    solver: Langevin
    equation: HomogeneousLandau
    seed: int
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case, in double precision, and round the answers; all cases share their random numbers."""
        if ensemble is None:
            raise Unsupported("langevin cannot start: there are no particles.")
        runs = [
            march(v, w, self.equation, self.solver.dt, self.seed, query.times, query.series)
            for v, w in zip(ensemble.velocities, ensemble.weights, strict=True)
        ]
        return answer(runs, ensemble, query, self.dtype)
