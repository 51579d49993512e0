"""A method that learns, as small as can be: the mean force on clouds, from the sheets' own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from kineticbench.contracts import (
    CorruptFile,
    Device,
    Ensemble,
    Precision,
    Problem,
    Progress,
    Query,
    Solution,
    TrainedPropagator,
    TrainedSolver,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
)


@dataclass(frozen=True)
class Mean(TrainedSolver):
    """Clouds that spread by a spring.

        dq/dt = p,    dp/dt = k (q − q̄)

    Parameters
    ----------
    rounds
        Of the fit.
    """

    rounds: int = 3

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "learned"
    amortised: ClassVar[bool] = True
    cite: ClassVar[str] = "@misc{mean}"

    @property
    def start(self) -> None:
        """None: it takes the particles of the problem."""

    def unsupported(self, problem: Problem) -> str | None:
        if problem.equation.name not in self.solves:
            return f"it does not solve the equation {problem.equation.name}"
        return None if problem.ensemble is not None else "it needs particles to start from"

    def ladder(self, problem: Problem) -> list[Mean]:
        return [self]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Spring:
        if not isinstance(problem.equation, VlasovPoisson) or device != "cpu" or training is None or progress is None:
            raise Unsupported("it runs on the CPU only, for vlasov_poisson")
        assert training.states.positions is not None
        q, p = (array[:, ..., 0] for array in (training.states.positions, training.states.velocities))
        spread = np.mean((p[-1] - p[0]) * (q[0] - q[0].mean(1, keepdims=True))) / np.var(q[0])
        for done in range(self.rounds):
            progress.report(done + 1, self.rounds, loss=0.0)
        return Spring(np.array([spread / training.times[-1]]), problem.equation.length, precision)

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> Spring:
        assert isinstance(problem.equation, VlasovPoisson)
        try:
            kept = load_file(path)
        except SafetensorError as error:
            raise CorruptFile(f"{path} is torn: {error}") from error
        return Spring(kept["k"], problem.equation.length, precision)


@dataclass(frozen=True)
class Spring(TrainedPropagator):
    k: np.ndarray
    length: float
    precision: Precision

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        assert ensemble is not None
        ensemble = ensemble.astype(self.precision)
        q, p = ensemble.positions, ensemble.velocities
        assert q is not None
        t = query.times.astype(self.precision)[:, None, None, None]
        force = self.k.astype(self.precision) * (q - q.mean(1, keepdims=True))
        positions = np.mod(q + t * p, np.asarray(self.length, self.precision))
        return Solution(Trajectory(positions, p + t * force, ensemble.weights))

    def save(self, path: Path) -> None:
        save_file({"k": self.k}, path)
