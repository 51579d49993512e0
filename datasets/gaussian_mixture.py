"""Two anisotropic Gaussians that merge, in any dimension."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
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
from kineticbench.numerics import references
from kineticbench.numerics.velocity_mixture import GaussianMixture as Mixture
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_start import VelocityStart


@dataclass(frozen=True)
class GaussianMixture(Dataset):
    """Mixture of two anisotropic Gaussians, any dimension.

        f₀ = ½ [N(e₁, S) + N(−e₁, S)],    S = diag(0.8, 0.2, 1, …, 1)

    The covariance begins as diag(1.8, 0.2, 1, …) and ends as I, f as the standard Maxwellian. For Maxwell molecules
    (γ = 0) it approaches exactly as e^(−4dBt), and the fourth moment in closed form too; for Coulomb collisions
    (γ = −3) the truth is a converged numerical solution, in two dimensions.

    Parameters
    ----------
    dimension
        d.
    exponent
        γ: 0 or −3.
    strength
        B of the collision kernel.
    final_time
        T; the snapshots are at 0, T/5, T/2 and T. None: 4 for Maxwell molecules, 300 for Coulomb collisions.
    """

    dimension: int = 2
    exponent: float = 0.0
    strength: float = 0.041666666666666664
    final_time: float | None = None

    equation: ClassVar[str] = "homogeneous_landau"
    metrics: ClassVar[tuple[str, ...]] = (
        "covariance",
        "density_l2",
        "density_l1",
        "density_linf",
        "fourth_moment",
        "w1_marginals",
        "sliced_w2",
        "w2_velocity",
        "score_error",
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
    @misc{IlinHuWang2024,
      author = {Ilin, Vasily and Hu, Jingwei and Wang, Zhenfu},
      title = {Transport based particle methods for the {Fokker--Planck--Landau} equation},
      year = {2024}, eprint = {2405.10392}, archivePrefix = {arXiv}, primaryClass = {math.NA}
    }
    """

    def __post_init__(self) -> None:
        if self.exponent not in (-3, 0):
            raise InvalidInput(f"exponent must be −3 or 0, got {self.exponent!r}.", "Only these have a truth.")
        object.__setattr__(self, "exponent", float(self.exponent))
        if self.final_time is None:
            object.__setattr__(self, "final_time", 4.0 if self.exponent == 0 else 300.0)
        require_positive("final_time", self.final_time)  # type: ignore[arg-type]
        require_positive("dimension", self.dimension, whole=True)
        if self.dimension < 2:
            raise InvalidInput(f"dimension must be at least 2, got {self.dimension}.")

    @property
    def start(self) -> VelocityStart:
        """The start, on a mesh of half width 6."""
        rest = (0.0,) * (self.dimension - 1)
        variances = (0.8, 0.2, *(1.0,) * (self.dimension - 2))
        return VelocityStart(Mixture((0.5, 0.5), ((1.0, *rest), (-1.0, *rest)), (variances, variances)), 6.0)

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(self.dimension, self.exponent, self.strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed.

        For Coulomb collisions f is asked for on cells of [−6, 6]ᵈ, 64² or 32³; for Maxwell molecules it is not known.
        """
        assert self.final_time is not None
        grid = None if self.exponent == 0 else (6.0, 64 if self.dimension == 2 else 32)
        return pose(self.start, self.poses, split, cases, self.final_time, grid)

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """Exact moments for Maxwell molecules, else the converged solution kept for these parameters."""
        if self.exponent == 0:
            from kineticbench.numerics.velocity_moments import maxwell_reference

            return maxwell_reference(problem)
        from kineticbench.numerics.velocity_table import tabulated

        return tabulated("gaussian_mixture", asdict(self), problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at several resolutions and by a second method, and keep the result where `reference` finds it."""
        from kineticbench.numerics.landau_truth import keep  # type: ignore[import-not-found]

        return keep("gaussian_mixture", asdict(self), self.problem(), folder, report)
