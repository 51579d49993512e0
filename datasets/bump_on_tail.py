"""A weak beam on the tail of a Maxwellian, which drives a wave by inverse Landau damping."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import Dataset, InvalidInput, Problem, Reference
from kineticbench.numerics import references
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.verification import keep, pose, truth


@dataclass(frozen=True)
class BumpOnTail(Dataset):
    """Bump-on-tail instability.

        f₀(q, p) = (1 + α cos kq) [(1 − n_b) N(p; 0, 1) + n_b N(p; v_b, σ_b²)] / L,    L = 2π/k,    ω_p = v_th = 1

    The wave that travels along the beam's rising flank grows; at the default parameters ω = 1.001218, γ = 0.198098.
    It saturates by trapping the beam, which then leaves a rotating vortex. The thin beam starves equal-weight
    particles: a weighted start resolves it.

    Parameters
    ----------
    wavenumber
        k, in units of the inverse Debye length of the bulk.
    fraction
        n_b, share of the beam in the density, between 0 and 1.
    drift, spread
        v_b and σ_b, in thermal speeds of the bulk.
    amplitude
        α; small, so that growth lasts.
    final_time
        T, a multiple of 0.8 / ω_p; the snapshots are at 0, T/4, …, T.
    """

    wavenumber: float = 0.3
    fraction: float = 0.1
    drift: float = 4.5
    spread: float = 0.5
    amplitude: float = 1e-4
    final_time: float = 56.0

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

    def __post_init__(self) -> None:
        if not 0 < self.fraction < 1:
            raise InvalidInput(f"fraction must lie between 0 and 1, got {self.fraction!r}.")

    @property
    def plasma(self) -> PerturbedPlasma:
        """The start."""
        parts = Maxwellians((1 - self.fraction, self.fraction), (0.0, self.drift), (1.0, self.spread))
        return PerturbedPlasma(parts, self.wavenumber, self.amplitude)

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The one case of the split "test"; the same for every seed, which only moves particles."""
        return pose(self.plasma, split, cases, self.final_time, self.final_time, points=True)

    def training(self, seed: int = 0) -> None:
        """None: there is one case, and nothing to learn from but its equation."""
        return

    def reference(self, problem: Problem) -> Reference:
        """Exact rates, and series and density converged on the phase-space grid."""
        return truth("bump_on_tail", self._parameters, problem)

    def make_reference(
        self, folder: Path = references.FOLDER, report: Callable[[object], None] = lambda _: None
    ) -> Path:
        """Solve at three resolutions and keep the result where `reference` finds it; `report` is told of each."""
        return keep("bump_on_tail", self._parameters, self.problem(), folder, report)

    @property
    def _parameters(self) -> dict[str, float]:
        return {name: float(value) for name, value in asdict(self).items()}
