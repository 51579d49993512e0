"""Landau damping of a plasma wave, linear and nonlinear."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import Dataset, Problem, Reference
from kineticbench.numerics import references
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.verification import LINEAR_AMPLITUDE, keep, pose, truth


@dataclass(frozen=True)
class LandauDamping(Dataset):
    """Landau damping of a plasma wave.

        f₀(q, p) = (1 + α cos kq) e^(−p²/2) / (√(2π) L),    L = 2π/k,    ω_p = v_th = 1

    For small α the field's first mode oscillates and decays with the least damped root of the dispersion relation: at
    k = 0.5 ω = 1.415662, γ = −0.153359; at k = 0.4 (1.285057, −0.066128); at k = 0.3 (1.159846, −0.012620). Particles
    get trapped once √α exceeds |γ|, so take α ≤ 10⁻³ at k = 0.3. For large α (0.5 is usual) the field decays, recovers
    by trapping, and f is wound into ever finer filaments: there is no closed form, and f is asked for, up to half the
    final time.

    Parameters
    ----------
    wavenumber
        k, in units of the inverse Debye length.
    amplitude
        α; linear below 0.1, nonlinear from there.
    final_time
        T, a multiple of 1.6 / ω_p; the snapshots are at 0, T/8, …, T/2.
    """

    wavenumber: float = 0.5
    amplitude: float = 0.01
    final_time: float = 40.0

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = (
        "growth_rate",
        "frequency",
        "field_energy",
        "density_l2",
        "drift_energy",
        "drift_momentum",
        "drift_mass",
    )
    cite: ClassVar[str] = """
    @article{Landau1946,
      author = {Landau, L. D.},
      title = {On the vibrations of the electronic plasma},
      journal = {Journal of Physics (USSR)},
      volume = {10}, pages = {25--34}, year = {1946}
    }
    @article{ChengKnorr1976,
      author = {Cheng, C. Z. and Knorr, Georg},
      title = {The integration of the {Vlasov} equation in configuration space},
      journal = {Journal of Computational Physics},
      volume = {22}, number = {3}, pages = {330--351}, year = {1976},
      doi = {10.1016/0021-9991(76)90053-X}
    }
    """

    @property
    def plasma(self) -> PerturbedPlasma:
        """The start."""
        return PerturbedPlasma(Maxwellians(), self.wavenumber, self.amplitude)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test"; the same for every seed, which only moves particles."""
        nonlinear = self.amplitude >= LINEAR_AMPLITUDE
        return pose(self.plasma, split, cases, self.final_time, self.final_time / 2, points=nonlinear)

    def training(self, seed: int = 0) -> None:
        """None: there is one case, and nothing to learn from but its equation."""
        return

    def reference(self, problem: Problem) -> Reference:
        """Exact rates, and series and density converged on the phase-space grid."""
        return truth("landau_damping", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at three resolutions and keep the result where `reference` finds it; `report` is told of each."""
        return keep("landau_damping", self._parameters, self.problem(), folder, report)

    @property
    def _parameters(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}
