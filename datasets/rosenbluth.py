"""A hollow sphere of velocities that relaxes by Coulomb collisions in three dimensions."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import Dataset, HomogeneousLandau, Problem, Reference, TrainingSet, require_positive
from kineticbench.numerics import references
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_shell import GaussianShell
from kineticbench.numerics.velocity_start import VelocityStart


@dataclass(frozen=True)
class Rosenbluth(Dataset):
    """Rosenbluth's shell, which fills by Coulomb collisions, 3D.

        f₀(v) = S⁻² exp(−S (|v| − σ)² / σ²),    γ = −3,    B = 1/4π

    f stays isotropic. It is NOT normalised: with S = 10 and σ = 0.3 its mass is 1.996815 × 10⁻³ and ⟨v²⟩ = 0.112071, so
    weights sum to that mass, and a code of unit mass must multiply its rate by it. The truth is a converged
    numerical solution of the radial equation.

    Parameters
    ----------
    steepness
        S.
    radius
        σ.
    strength
        B of the collision kernel.
    final_time
        T; the snapshots are at 0, T/5, T/2 and T.
    """

    steepness: float = 10.0
    radius: float = 0.3
    strength: float = 0.07957747154594767
    final_time: float = 20.0

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
    @article{RosenbluthMacDonaldJudd1957,
      author = {Rosenbluth, Marshall N. and MacDonald, William M. and Judd, David L.},
      title = {{Fokker--Planck} equation for an inverse-square force},
      journal = {Physical Review},
      volume = {107}, number = {1}, pages = {1--6}, year = {1957},
      doi = {10.1103/PhysRev.107.1}
    }
    """

    def __post_init__(self) -> None:
        require_positive("steepness", self.steepness)
        require_positive("radius", self.radius)

    @property
    def start(self) -> VelocityStart:
        """The start, on a mesh of half width 10σ/3, 1 for σ = 0.3."""
        width = self.radius / math.sqrt(2 * self.steepness)
        return VelocityStart(GaussianShell(self.radius, width, self.steepness**-2), self._half_width)

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(3, -3.0, self.strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed; f on 32³ cells of the mesh's box."""
        return pose(self.start, self.poses, split, cases, self.final_time, (self._half_width, 32))

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """The converged solution kept for these parameters."""
        from kineticbench.numerics.velocity_table import tabulated

        return tabulated("rosenbluth", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at several resolutions and by a second method, and keep the result where `reference` finds it."""
        from kineticbench.numerics.landau_truth import keep  # type: ignore[import-not-found]

        return keep("rosenbluth", self._parameters, self.problem(), folder, report)

    @property
    def _half_width(self) -> float:
        return round(self.radius / 0.3, 12)

    @property
    def _parameters(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}
