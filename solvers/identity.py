"""The state as it started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Solution,
    Solver,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
)


@dataclass(frozen=True)
class Identity(Solver):
    """Identity: nothing moves.

        q(t) = q(0),    p(t) = p(0)

    What a solver must beat to have solved anything. It has no parameters.
    """

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "classical"

    @property
    def start(self) -> None:
        """None: it takes what is given."""
        return

    def unsupported(self, problem: Problem) -> str | None:
        """It needs the particles that are to stay."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it leaves charged particles where they are, and this problem poses {problem.equation.name}"
        if problem.ensemble is None or problem.ensemble.positions is None:
            return "it needs given particles, which this problem does not have"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """One rung."""
        return [self]

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
        reason = self.unsupported(problem) or ("it runs on the CPU only" if device != "cpu" else None)
        if reason:
            raise Unsupported(f"identity cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, VlasovPoisson)
        return _Still(problem.equation, np.dtype(precision))


@dataclass(frozen=True)
class _Still(Propagator):
    equation: VlasovPoisson
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """The start at every time, as views of one array; series of the start's values."""
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("identity needs given particles.")
        start = ensemble.astype(self.dtype)
        assert start.positions is not None
        times = (query.times.size, *start.positions.shape)
        return Solution(
            Trajectory(
                np.broadcast_to(start.positions, times), np.broadcast_to(start.velocities, times), start.weights
            ),
            series=self._series(ensemble, query.series.size),
        )

    def _series(self, ensemble: Ensemble, steps: int) -> dict[str, np.ndarray]:
        from kineticbench.numerics import sheets

        if steps == 0:
            return {}
        assert ensemble.positions is not None
        begin = sheets.exact(
            *(ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights),
            length=self.equation.length,
            charge=self.equation.charge,
            times=np.empty(0),
            series=np.zeros(1),
        )
        return {name: np.repeat(values, steps, axis=1) for name, values in begin.series.items()}
