"""An anisotropic Maxwellian that becomes isotropic in three dimensions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from kineticbench.contracts import Dataset, HomogeneousLandau, InvalidInput, Problem, Reference, TrainingSet
from kineticbench.numerics import references
from kineticbench.numerics.velocity_mixture import GaussianMixture
from kineticbench.numerics.velocity_problem import pose
from kineticbench.numerics.velocity_start import VelocityStart


@dataclass(frozen=True)
class Trubnikov(Dataset):
    """Trubnikov's relaxation of an anisotropic temperature, 3D.

        f₀ = N(0, diag(T₁, T₂, T₃)),    dΣ/dt = 2B E[|z|^γ (|z|² I − d z zᵀ)],  z = v − v*,    B = 1/4π

    For Coulomb collisions (γ = −3) the temperature along the axis begins with dT₃/dt = 0.8472 B for the default
    temperatures and 0.3997 B for (0.07, 0.07, 0.05). A nearly isotropic start loses its anisotropy at the rate
    ν = 4B / (5√π T^(3/2)) at first, ν⁻¹ = 0.52 for T = 0.07; later more slowly, since fast particles collide little.
    For Maxwell molecules (γ = 0) it decays exactly as e^(−12Bt). Mass and mean temperature are conserved.

    Parameters
    ----------
    temperatures
        T₁, T₂, T₃.
    exponent
        γ: −3, whose truth is a converged numerical solution, or 0, whose covariance and fourth moment are exact.
    strength
        B of the collision kernel.
    final_time
        T; the snapshots are at 0, T/5, T/2 and T.
    """

    temperatures: tuple[float, float, float] = (0.085, 0.085, 0.04)
    exponent: float = -3.0
    strength: float = 0.07957747154594767
    final_time: float = 2.0

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
    @incollection{Trubnikov1965,
      author = {Trubnikov, B. A.},
      title = {Particle interactions in a fully ionized plasma},
      booktitle = {Reviews of Plasma Physics}, volume = {1}, pages = {105--204},
      publisher = {Consultants Bureau}, address = {New York}, year = {1965}
    }
    """

    def __post_init__(self) -> None:
        temperatures = tuple(float(t) for t in self.temperatures)
        if len(temperatures) != 3:
            raise InvalidInput(f"temperatures must be three numbers, got {self.temperatures!r}.")
        object.__setattr__(self, "temperatures", temperatures)
        if self.exponent not in (-3, 0):
            raise InvalidInput(f"exponent must be −3 or 0, got {self.exponent!r}.", "Only these have a truth.")
        object.__setattr__(self, "exponent", float(self.exponent))

    @property
    def start(self) -> VelocityStart:
        """The start, on a mesh that reaches six standard deviations along the hottest axis."""
        return VelocityStart(GaussianMixture((1.0,), ((0.0,) * 3,), (self.temperatures,)), self._reach(6.0))

    @property
    def poses(self) -> HomogeneousLandau:
        """The equation."""
        return HomogeneousLandau(3, self.exponent, self.strength)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test", the same for every seed; f on 28³ cells over five standard deviations.

        For Maxwell molecules f is not asked for, as it is not known.
        """
        grid = (self._reach(5.0), 28) if self.exponent == -3 else None
        return pose(self.start, self.poses, split, cases, self.final_time, grid)

    def training(self, seed: int = 0) -> TrainingSet:
        """Trajectories of a classical particle method."""
        from kineticbench.numerics.velocity_training import trajectories

        return trajectories(self.problem(), seed)

    def reference(self, problem: Problem) -> Reference:
        """The converged solution kept for these parameters, or the exact moments for Maxwell molecules."""
        if self.exponent == 0:
            from kineticbench.numerics.velocity_moments import maxwell_reference

            return maxwell_reference(problem)
        from kineticbench.numerics.velocity_table import tabulated

        return tabulated("trubnikov", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at several resolutions and by a second method, and keep the result where `reference` finds it."""
        from kineticbench.numerics.landau_truth import keep  # type: ignore[import-not-found]

        return keep("trubnikov", self._parameters, self.problem(), folder, report)

    def _reach(self, deviations: float) -> float:
        return float(f"{deviations * max(*self.temperatures, 0.0) ** 0.5:.3g}")

    @property
    def _parameters(self) -> dict[str, Any]:
        return {**asdict(self), "temperatures": list(self.temperatures)}
