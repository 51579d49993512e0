"""A method that learns, as small as can be: the mean force on clouds, from the sheets' own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from kineticbench.contracts import (
    CorruptFile,
    Solution,
    TrainedPropagator,
    TrainedSolver,
    Trajectory,
    Unsupported,
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
    start = None

    def unsupported(self, problem):
        if problem.equation.name not in self.solves:
            return f"it does not solve the equation {problem.equation.name}"
        return None if problem.ensemble is not None else "it needs particles to start from"

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        if problem.equation.name not in self.solves or device != "cpu":
            raise Unsupported("it runs on the CPU only, for vlasov_poisson")
        q, p = (array[:, ..., 0] for array in (training.states.positions, training.states.velocities))
        spread = np.mean((p[-1] - p[0]) * (q[0] - q[0].mean(1, keepdims=True))) / np.var(q[0])
        for done in range(self.rounds):
            progress.report(done + 1, self.rounds, loss=0.0)
        return Spring(np.array([spread / training.times[-1]]), problem.equation.length, precision)

    def restore(self, path, problem, device, precision):
        try:
            kept = load_file(path)
        except SafetensorError as error:
            raise CorruptFile(f"{path} is torn: {error}") from error
        return Spring(kept["k"], problem.equation.length, precision)


@dataclass(frozen=True)
class Spring(TrainedPropagator):
    k: np.ndarray
    length: float
    precision: str

    def __call__(self, ensemble, query):
        ensemble = ensemble.astype(self.precision)
        q, p = ensemble.positions, ensemble.velocities
        t = query.times.astype(self.precision)[:, None, None, None]
        force = self.k.astype(self.precision) * (q - q.mean(1, keepdims=True))
        positions = np.mod(q + t * p, np.asarray(self.length, self.precision))
        return Solution(Trajectory(positions, p + t * force, ensemble.weights))

    def save(self, path):
        save_file({"k": self.k}, path)
