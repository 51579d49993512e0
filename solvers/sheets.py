"""The sheet model: exact forces between charged sheets."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Diverged,
    Ensemble,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Quiet,
    Solution,
    Solver,
    TrainingSet,
    Trajectory,
    UnknownName,
    Unsupported,
    VlasovPoisson,
    require_positive,
)

if TYPE_CHECKING:
    from kineticbench.numerics.sheets import March

SCHEMES = ("leapfrog", "corrected", "events")
LARGEST = 1 << 22  # steps, beyond which refining stops


@dataclass(frozen=True)
class Sheets(Solver):
    """Sheet model: the exact N-body forces of one-dimensional electrostatics, one sort a step.

        dq_i/dt = p_i,    dp_i/dt = E_i = Q (Σ_{q_j < q_i} w_j + w_i/2 − 1/2) − (Q/L)(q_i − q̄)

    The limit of particle-in-cell for cells of no width. The force jumps where sheets cross, so plain leapfrog is of
    first order in the step h = T / steps. Few steps already solve the Gaussian ensemble: expect W1 errors at its final
    time of 0.16 / 0.29 (positions / momenta) with 1 step, 0.040 / 0.063 with 5 and 0.006 / 0.010 with 25.

    Parameters
    ----------
    steps
        Leapfrog steps to the last time asked for; where a tolerance is given, those of the first trial.
    scheme
        "leapfrog": plain kick-drift-kick. "corrected": each crossing is given the impulse that the step left out,
        second order. "events": no steps at all; crossing after crossing in closed form, exact to rounding.
    tolerance
        0, or a bound on the error: the number of steps is doubled until the particles' mean change, in positions and
        in momenta, at every time asked for is below it. The change, which is an upper bound of the change of W1 and
        is itself above the error of the finer run, is reported as diagnostic "error_estimate", (2, time), beside
        "steps".
    particles
        How many particles of a quiet start it asks for where a problem gives a density and no particles.
    """

    steps: int = 25
    scheme: str = "leapfrog"
    tolerance: float = 0.0
    particles: int = 10_000

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{Dawson1962,
      author = {Dawson, John},
      title = {One-dimensional plasma model},
      journal = {Physics of Fluids},
      volume = {5}, number = {4}, pages = {445--459}, year = {1962},
      doi = {10.1063/1.1706638}
    }
    """

    def __post_init__(self) -> None:
        require_positive("steps", self.steps, whole=True)
        require_positive("particles", self.particles, whole=True)
        if self.scheme not in SCHEMES:
            raise UnknownName.among("scheme", self.scheme, SCHEMES)
        if not (math.isfinite(self.tolerance) and self.tolerance >= 0):
            raise InvalidInput(f"tolerance must be 0 or positive, got {self.tolerance!r}.")
        if self.tolerance and self.scheme == "events":
            raise InvalidInput("The scheme 'events' is exact and has no steps to refine.", "Leave the tolerance at 0.")

    @property
    def start(self) -> Quiet:
        """Quiet, where no particles are given."""
        return Quiet()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles, or a density to draw them from."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it solves the Vlasov–Poisson equation, not {problem.equation.name}"
        if problem.ensemble is None and problem.initial_density is None:
            return "it needs particles or a density to draw them from, and this problem has neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """1, 2, 5 and 25 plain steps for every half of 1/ω_p."""
        assert isinstance(problem.equation, VlasovPoisson)
        spans = max(1, math.ceil(2 * problem.equation.plasma_frequency * problem.query.final_time - 1e-9))
        return [replace(self, steps=n * spans, scheme="leapfrog", tolerance=0.0) for n in (1, 2, 5, 25)]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Nothing to fit; `Unsupported` where `unsupported` says so or for a GPU."""
        reason = None if isinstance(problem.equation, VlasovPoisson) else self.unsupported(problem)
        if device != "cpu":
            reason = "it runs on the CPU only"
        if reason:
            raise Unsupported(f"sheets cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, VlasovPoisson)
        return _Sheets(self, problem.equation, np.dtype(precision))


@dataclass(frozen=True)
class _Sheets(Propagator):
    solver: Sheets
    equation: VlasovPoisson
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """March every case; `Diverged` where a tolerance is out of reach."""
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("sheets needs particles; draw them from the problem's initial density.")
        ensemble = ensemble.astype(self.dtype)
        if self.solver.tolerance:
            march, diagnostics = self._refined(ensemble, query)
        else:
            march, diagnostics = self._march(ensemble, query, self.solver.steps), {}
        trajectory = None
        if query.times.size:
            trajectory = Trajectory(march.positions[..., None], march.momenta[..., None], ensemble.weights)
        return Solution(trajectory, series=march.series, diagnostics=diagnostics)

    def _march(self, ensemble: Ensemble, query: Query, steps: int) -> March:
        from kineticbench.numerics import sheets

        assert ensemble.positions is not None
        start = ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights
        length, charge = self.equation.length, self.equation.charge
        if self.solver.scheme == "events":
            return sheets.exact(*start, length=length, charge=charge, times=query.times, series=query.series)
        return sheets.leapfrog(
            *start,
            length=length,
            charge=charge,
            step=query.final_time / steps if query.final_time else 1.0,
            times=query.times,
            series=query.series,
            correct=self.solver.scheme == "corrected",
        )

    def _refined(self, ensemble: Ensemble, query: Query) -> tuple[March, dict[str, np.ndarray]]:
        """March with twice the steps until the particles no longer move by more than the tolerance."""
        from kineticbench.numerics.sheets import distances

        seen = query if query.times.size else replace(query, times=query.series[-1:])
        steps, coarse, change = self.solver.steps, self._march(ensemble, seen, self.solver.steps), np.array(np.inf)
        while steps < LARGEST:
            steps *= 2
            fine = self._march(ensemble, seen, steps)
            change = distances(fine, coarse, self.equation.length).mean(axis=-1)
            if change.max() <= self.solver.tolerance:
                return fine, {"error_estimate": change, "steps": np.array([steps])}
            coarse = fine
        raise Diverged(
            f"sheets still moved by {change.max():.2g} at {steps} steps, above the tolerance of "
            f"{self.solver.tolerance:g}.",
            "Loosen the tolerance, or take float64 or the scheme 'events'.",
        )
