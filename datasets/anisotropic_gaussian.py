"""An anisotropic Gaussian that becomes isotropic, in any dimension."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from kineticbench.contracts import (
    Dataset,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Reference,
    TrainingSet,
    require_positive,
)
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_start import VelocityStart


@dataclass(frozen=True)
class AnisotropicGaussian(Dataset):
    """Anisotropic Gaussian under Maxwell molecules, any dimension.

        f₀ = N(0, diag(1.8, 0.2, 1, …, 1)),    Σ(t) = I + (Σ(0) − I) e^(−4dBt),    γ = 0

    f does not stay Gaussian on the way to the standard Maxwellian: the fourth moment, which is exact too, differs from
    that of a Gaussian of the same covariance. Good dimensions are 2, 3, 5 and 10, where grids end. f itself is known
    at the start only, and not asked for.

    Parameters
    ----------
    dimension
        d.
    strength
        B of the collision kernel.
    final_time
        T; the snapshots are at 0, T/5, T/2 and T.
    """

    dimension: int = 2
    strength: float = 0.041666666666666664
    final_time: float = 4.0

    equation: ClassVar[str] = "homogeneous_landau"
    metrics: ClassVar[tuple[str, ...]] = (
        "covariance",
        "fourth_moment",
        "entropy_violation",
        "drift_mass",
        "drift_momentum",
        "drift_energy",
    )
    cite: ClassVar[str] = """
    @misc{IlinHuWang2024,
      author = {Ilin, Vasily and Hu, Jingwei and Wang, Zhenfu},
      title = {Transport based particle methods for the {Fokker--Planck--Landau} equation},
      year = {2024}, eprint = {2405.10392}, archivePrefix = {arXiv}, primaryClass = {math.NA}
    }
    """

    def __post_init__(self) -> None:
        require_positive("dimension", self.dimension, whole=True)
        if self.dimension < 2:
            raise InvalidInput(f"dimension must be at least 2, got {self.dimension}.")

    @property
    def start(self) -> VelocityStart:
        """The start, on a mesh of half width 7."""
        variances = (1.8, 0.2, *(1.0,) * (self.dimension - 2))
        return VelocityStart(GaussianMixture((1.0,), ((0.0,) * self.dimension,), (variances,)), 7.0)

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(self.dimension, 0.0, self.strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed, which only moves particles."""
        return pose(self.start, self.poses, split, cases, self.final_time, None)

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """Exact covariance and fourth moment."""
        from kineticbench.numerics.velocity_moments import maxwell_reference

        return maxwell_reference(problem)
