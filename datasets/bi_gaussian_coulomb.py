"""Two Gaussians off axis that merge by Coulomb collisions in two dimensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import Dataset, HomogeneousLandau, Problem, Reference, TrainingSet
from kineticbench.numerics import references
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_start import VelocityStart


@dataclass(frozen=True)
class BiGaussianCoulomb(Dataset):
    """Two Gaussians that merge by Coulomb collisions, 2D.

        f₀(v) = (1/4π) [e^(−|v − u₁|²/2) + e^(−|v − u₂|²/2)],    u₁ = (−2, 1), u₂ = (0, −1),    γ = −3

    The mean (−1, 0) and the temperature 2 are conserved; the eigenvalues of the covariance, 1 and 3 at the start, have
    come to about 1.36 and 2.65 at t = 40: equilibrium is far. The truth is a converged numerical solution.

    Parameters
    ----------
    strength
        B of the collision kernel.
    final_time
        T; the snapshots are at 0, T/5, T/2 and T.
    """

    strength: float = 0.0625
    final_time: float = 40.0

    equation: ClassVar[str] = "homogeneous_landau"
    metrics: ClassVar[tuple[str, ...]] = (
        "density_l2",
        "density_l1",
        "density_linf",
        "covariance",
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
    @article{CarrilloHuWangWu2020,
      author = {Carrillo, Jos{\\'e} A. and Hu, Jingwei and Wang, Li and Wu, Jeremy},
      title = {A particle method for the homogeneous {Landau} equation},
      journal = {Journal of Computational Physics: X},
      volume = {7}, pages = {100066}, year = {2020},
      doi = {10.1016/j.jcpx.2020.100066}
    }
    """

    @property
    def start(self) -> VelocityStart:
        """The start, on a mesh of half width 10."""
        return VelocityStart(GaussianMixture((0.5, 0.5), ((-2.0, 1.0), (0.0, -1.0)), ((1.0, 1.0), (1.0, 1.0))), 10.0)

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(2, -3.0, self.strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed; f on 64² cells of [−8, 8]²."""
        return pose(self.start, self.poses, split, cases, self.final_time, (8.0, 64))

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """The converged solution kept for these parameters."""
        from kineticbench.numerics.velocity_table import tabulated

        return tabulated("bi_gaussian_coulomb", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at several resolutions and by a second method, and keep the result where `reference` finds it."""
        from kineticbench.numerics.landau_truth import keep  # type: ignore[import-not-found]

        return keep("bi_gaussian_coulomb", self._parameters, self.problem(), folder, report)

    @property
    def _parameters(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}
