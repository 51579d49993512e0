"""Two counter-streaming beams, from exponential growth to a vortex in phase space."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import Dataset, Problem, Reference
from kineticbench.numerics import references
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.verification import keep, pose, truth


@dataclass(frozen=True)
class TwoStream(Dataset):
    """Two-stream instability.

        f₀(q, p) = (1 + α cos kq) ½ [N(p; v₀, 1) + N(p; −v₀, 1)] / L,    L = 2π/k,    ω_p = v_th = 1

    The first mode of the field grows in place, at k = 0.2 with γ = 0.225843 for v₀ = 2.4 (where mode 2 grows too, with
    γ = 0.150396) and with γ = 0.284510 for v₀ = 3, until it traps the beams in one vortex. The rate is fitted where
    growth is clean; later the field energy and f are compared. Timing of saturation depends on the logarithm of
    the start, so a quiet start is essential.

    Parameters
    ----------
    wavenumber
        k, in units of the inverse Debye length of one beam's thermal speed.
    drift
        v₀, in thermal speeds.
    amplitude
        α; small, so that growth lasts.
    final_time
        T, a multiple of 0.8 / ω_p; the snapshots are at 0, T/4, …, T.
    """

    wavenumber: float = 0.2
    drift: float = 2.4
    amplitude: float = 1e-5
    final_time: float = 60.0

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
    @book{BirdsallLangdon1985,
      author = {Birdsall, Charles K. and Langdon, A. Bruce},
      title = {Plasma Physics via Computer Simulation},
      publisher = {McGraw-Hill}, address = {New York}, year = {1985}
    }
    """

    @property
    def plasma(self) -> PerturbedPlasma:
        """The start."""
        beams = Maxwellians((0.5, 0.5), (self.drift, -self.drift), (1.0, 1.0))
        return PerturbedPlasma(beams, self.wavenumber, self.amplitude)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test"; the same for every seed, which only moves particles."""
        return pose(self.plasma, split, cases, self.final_time, self.final_time, points=True)

    def training(self, seed: int = 0) -> None:
        """None: there is one case, and nothing to learn from but its equation."""
        return

    def reference(self, problem: Problem) -> Reference:
        """Exact rates, and series and density converged on the phase-space grid."""
        return truth("two_stream", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at three resolutions and keep the result where `reference` finds it; `report` is told of each."""
        return keep("two_stream", self._parameters, self.problem(), folder, report)

    @property
    def _parameters(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}
