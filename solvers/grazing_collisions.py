"""Random-pair grazing collisions."""

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
from kineticbench.numerics.grazing import march
from kineticbench.numerics.stochastic_march import answer


@dataclass(frozen=True)
class GrazingCollisions(Solver):
    """Random pairs of particles whose relative velocity diffuses on its sphere.

        z = v_i − v_j:    ẑ ← Brownian motion on the unit sphere of variance σ² = 8B|z|^γ W dt per tangential component

    In every step the particles, of one weight w = W/N, are dealt at random into disjoint pairs, and each pair scatters
    about its centre of mass, (v_i + v_j)/2 ± z/2. (σ² carries a factor (N − 1)/N for even N, with which the covariance
    of a finite sample relaxes at the exact rate.) Momentum and energy are kept to rounding in every collision, a step
    costs O(N) for every γ, and there is no score to estimate: what is left is the sampling noise ∝ N^(−1/2) and an
    error of first order in dt, for γ = 0 a relaxation too slow by the relative amount 2dBW dt. Trajectories are right
    in law only, not particle by particle. Brownian motion is exact in 2D, and otherwise a geodesic random walk of
    second order in steps of σ² ≤ ¼. Where a slow pair makes σ² > 8 the direction is drawn uniformly, so no step is too
    long for Coulomb collisions, but such pairs lower the order in dt to (d − 1)/3. Good values: 10⁴ to 10⁶ particles,
    dt of a fiftieth of the relaxation time or less.

    Parameters
    ----------
    particles
        N, where the problem does not give them; one particle alone rests.
    dt
        Time step.
    """

    particles: int = 65536
    dt: float = 0.02

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{DuLiXieYu2025,
      author = {Du, Kai and Li, Lei and Xie, Yongle and Yu, Yang},
      title = {A structure-preserving collisional particle method for the {Landau} kinetic equation},
      journal = {Journal of Computational Physics},
      volume = {543}, pages = {114387}, year = {2025},
      doi = {10.1016/j.jcp.2025.114387},
      eprint = {2501.00263}, archivePrefix = {arXiv}
    }
    """

    def __post_init__(self) -> None:
        require_positive("particles", self.particles, whole=True)
        require_positive("dt", self.dt)

    @property
    def start(self) -> Random:
        """Independent samples of equal weight."""
        return Random()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles of equal weight, given or drawn from a density."""
        if not isinstance(problem.equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {problem.equation.name}"
        if problem.ensemble is not None:
            return _unequal(problem.ensemble)
        if problem.initial_density is None:
            return "it needs particles or an initial density to draw them from, and this problem has neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """More particles and shorter steps, so that noise and the error in time fall together."""
        end = problem.query.final_time or 1.0
        settings = ((4096, 50), (16384, 100), (65536, 200), (262144, 400))
        return [GrazingCollisions(particles, end / steps) for particles, steps in settings]

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
            raise Unsupported(f"grazing_collisions cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, HomogeneousLandau)
        return _Colliding(self, problem.equation, seed, np.dtype(precision))


@dataclass(frozen=True)
class _Colliding(Propagator):
    solver: GrazingCollisions
    equation: HomogeneousLandau
    seed: int
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case, in double precision, and round the answers; all cases share their random numbers.

        Raises
        ------
        Unsupported
            For weights that differ.
        """
        if ensemble is None or (reason := _unequal(ensemble)):
            raise Unsupported(f"grazing_collisions cannot start: {reason if ensemble else 'there are no particles'}.")
        runs = [
            march(v, float(w[0]), self.equation, self.solver.dt, self.seed, query.times, query.series)
            for v, w in zip(ensemble.velocities, ensemble.weights, strict=True)
        ]
        return answer(runs, ensemble, query, self.dtype)


def _unequal(ensemble: Ensemble) -> str | None:
    w = ensemble.weights
    if not w.sum(axis=1).min() > 0:
        return "the weights of a case sum to zero, so nothing is there to collide"
    if ensemble.equal_weights or (np.ptp(w, axis=1) <= 1e-6 * w.max(1)).all():
        return None
    return "a collision conserves momentum and energy only between equal weights, and these weights differ"
