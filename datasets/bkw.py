"""The Bobylev–Krook–Wu solution, the exact one of the Landau equation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kineticbench.contracts import (
    Dataset,
    HomogeneousLandau,
    InitialDensity,
    InvalidInput,
    Law,
    Problem,
    Reference,
    TrainingSet,
    require_positive,
)

# Per dimension: B, the time of the start, the duration; as in the literature for 2 and 3.
USUAL = {2: (1 / 16, 0.0, 5.0), 3: (1 / 24, 5.5, 1.0)}
OTHERWISE = (1 / 24, 0.0, 4.0)
HALF_WIDTH = 4.0


@dataclass(frozen=True)
class BKW(Dataset):
    """Bobylev–Krook–Wu solution for Maxwell molecules, any dimension; exact in every respect.

        f = (2πK)^(−d/2) e^(−r²/2K) (P + Q r²),    K = 1 − C e^(−2(d−1)Bt),    P = ((d+2)K − d)/2K,  Q = (1−K)/2K²

    A ring in 2D, a flat top in 3D, which becomes the standard Maxwellian. f, the score, every particle's path, the
    entropy and all moments are known (`kineticbench.numerics.bkw`), so errors need no reference run. Particles move by
    3 to 11 % of their velocity only, and Maxwell coefficients depend on second moments alone: methods that do nothing
    look good, so compare with the displacement, and with Coulomb problems. Times of a problem count from its start.

    Parameters
    ----------
    dimension
        d.
    strength
        B; None: 1/16 in 2D, else 1/24.
    start_time
        Solution time t at which the problem begins; None: 5.5 in 3D, where f is positive from t = 5.498 on, else 0.
    final_time
        Duration of the problem; None: 5 in 2D, 1 in 3D, else 4. The snapshots are at 0, a fifth, a half and the whole.
    cells
        Cells along each axis of [−4, 4]ᵈ in whose centres f is asked for in two and three dimensions; None: 64 in
        2D, 24 in 3D. There is no such grid beyond.
    """

    dimension: int = 2
    strength: float | None = None
    start_time: float | None = None
    final_time: float | None = None
    cells: int | None = None

    equation: ClassVar[str] = "homogeneous_landau"
    metrics: ClassVar[tuple[str, ...]] = (
        "density_l2",
        "density_l1",
        "density_linf",
        "trajectory_error",
        "score_error",
        "covariance",
        "fourth_moment",
        "w1_marginals",
        "sliced_w2",
        "w2_velocity",
        "entropy_nn",
        "entropy_own",
        "dissipation",
        "entropy_violation",
        "density_particles",
        "drift_mass",
        "drift_momentum",
        "drift_energy",
    )
    cite: ClassVar[str] = """
    @article{KrookWu1977,
      author = {Krook, Max and Wu, Tai Tsun},
      title = {Exact solutions of the {Boltzmann} equation},
      journal = {Physics of Fluids},
      volume = {20}, number = {10}, pages = {1589--1595}, year = {1977},
      doi = {10.1063/1.861780}
    }
    @article{CarrilloHuWangWu2020,
      author = {Carrillo, Jos{\\'e} A. and Hu, Jingwei and Wang, Li and Wu, Jeremy},
      title = {A particle method for the homogeneous {Landau} equation},
      journal = {Journal of Computational Physics: X},
      volume = {7}, pages = {100066}, year = {2020},
      doi = {10.1016/j.jcpx.2020.100066}
    }
    """

    def __post_init__(self) -> None:
        from kineticbench.numerics.bkw import shape

        require_positive("dimension", self.dimension, whole=True)
        usual = USUAL.get(self.dimension, OTHERWISE)
        for name, value in zip(("strength", "start_time", "final_time"), usual, strict=True):
            given = getattr(self, name)
            object.__setattr__(self, name, value if given is None else float(given))
        object.__setattr__(self, "cells", {2: 64, 3: 24}.get(self.dimension, 1) if self.cells is None else self.cells)
        for name in ("strength", "final_time"):
            require_positive(name, getattr(self, name))
        require_positive("cells", self.cells, whole=True)  # type: ignore[arg-type]
        shape(self.dimension, self._strength, self._start_time)  # refuses what is not positive

    @property
    def start(self) -> InitialDensity:
        """The start, on a mesh of half width 4."""
        from kineticbench.numerics.bkw import start

        return start(self.dimension, self._strength, self._start_time, HALF_WIDTH)

    @property
    def law(self) -> Law:
        """The truth at all times."""
        from kineticbench.numerics.bkw import law

        return law(self.dimension, self._strength, self._start_time)

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(self.dimension, 0.0, self._strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed, which only moves particles."""
        from kineticbench.numerics.velocity_problem import pose

        assert self.final_time is not None
        assert self.cells is not None
        return pose(self.start, self.poses, split, cases, self.final_time, (HALF_WIDTH, self.cells))

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """The exact law, and f at the query's points."""
        import numpy as np

        if problem.equation != self.poses:
            raise InvalidInput("The truth is asked of a problem of another dataset.", "Take one from problem().")
        law, points = self.law, problem.query.points
        assert law.density is not None
        density = None if points is None else np.stack([law.density(t, points)[None] for t in problem.query.times])
        return Reference(density=density, law=law, provenance="Exact, in closed form.")

    @property
    def _strength(self) -> float:
        assert self.strength is not None
        return self.strength

    @property
    def _start_time(self) -> float:
        assert self.start_time is not None
        return self.start_time
