"""The propagator of PINN–PM: trajectories, scores, densities and series of a learned flow at any time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import (
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Query,
    Solution,
    TrainedPropagator,
    Trajectory,
    Unsupported,
)
from .collision import collision_sum
from .pinn_answers import Answers
from .pinn_file import LearnedFlow, write
from .restoring import restore


@dataclass(frozen=True, eq=False)
class NeuralFlow(TrainedPropagator):
    """A learned flow and score, and everything that can be asked of them.

    Parameters
    ----------
    conserve
        Whether momentum and energy are put back exactly at every time.
    equation
        What it solves.
    learned
        What training gave.
    answers
        Its networks as functions of time and velocity.
    """

    conserve: bool
    equation: HomogeneousLandau
    learned: LearnedFlow
    answers: Answers

    def save(self, path: Path) -> None:
        """Write networks, units, loss curve and certificate as safetensors."""
        write(path, self.learned)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Everything at every time asked for, NumPy arrays; each time is answered directly.

        Raises
        ------
        Unsupported
            Without particles, and for times beyond those of the training.
        """
        if ensemble is None:
            raise Unsupported("pinn_pm moves the particles it is given, and was given none.")
        if ensemble.velocities.shape[2] != self.equation.dimension:
            raise InvalidInput(f"Velocities must have {self.equation.dimension} dimensions.")
        horizon = self.learned.units.horizon
        if query.final_time > horizon * (1 + 1e-9):
            raise Unsupported(f"pinn_pm was trained up to t = {horizon:g} and knows nothing of {query.final_time:g}.")
        begin = ensemble.astype(self.answers.precision)
        cases = [_Case(self, v, w) for v, w in zip(begin.velocities, begin.weights, strict=True)]
        shots = [[case.snapshot(float(t)) for case in cases] for t in query.times]
        lines = [[case.scalars(float(t)) for t in query.series] for case in cases]

        def gathered(name: str) -> Any:
            kept = [[shot.get(name) for shot in row] for row in shots]
            return None if not shots or kept[0][0] is None else np.array(kept, self.answers.precision)

        scalars = lines[0][0].keys() if query.series.size else ()
        series = {name: np.array([[step[name] for step in line] for line in lines]) for name in scalars}
        density, diagnostics = self._densities(query, ensemble.cases)
        return Solution(
            Trajectory(None, gathered("velocities"), begin.weights) if shots else None,
            score=gathered("score"),
            point_score=self._point_scores(query, ensemble.cases),
            density=density,
            particle_density=gathered("density"),
            series=series,
            diagnostics=diagnostics | self._diagnostics(query, shots, ensemble.particles),
        )

    def _point_scores(self, query: Query, cases: int) -> np.ndarray | None:
        if query.points is None or not query.times.size:
            return None
        found = [self.answers.score(float(t), query.points) for t in query.times]
        return _for_cases(np.array(found, self.answers.precision), cases)

    def _densities(self, query: Query, cases: int) -> tuple[np.ndarray | None, dict[str, np.ndarray]]:
        """The density at the points, and at how many of them no origin was found."""
        if query.points is None or self.answers.density is None or not query.times.size:
            return None, {}
        pairs = [self.answers.point_density(float(t), query.points) for t in query.times]
        density = np.array([pair[0] for pair in pairs], self.answers.precision)
        return _for_cases(density, cases), {"inversion_failures": np.array([pair[1] for pair in pairs])}

    def _diagnostics(self, query: Query, shots: list[list[dict]], particles: int) -> dict[str, np.ndarray]:
        batch, distinct = self.learned.counts
        counts = {"batch": batch, "distinct": distinct, "inference": particles}
        found = {f"particles_{name}": np.array([count]) for name, count in counts.items()}
        found["loss"] = self.learned.curve
        vouched = self.learned.certificate
        if vouched is not None and query.times.size:
            shifts = np.array([max(shot["shift"] for shot in row) for row in shots])
            found["certificate"] = vouched.at("bound", query.times) + shifts
            found["score_gap"] = vouched.at("score_gap", query.times)
            found["physics_residual"] = vouched.at("physics_residual", query.times)
        return found


class _Case:
    """The particles of one case."""

    def __init__(self, flow: NeuralFlow, v: np.ndarray, w: np.ndarray):
        self._flow, self._answers, self._v, self._w = flow, flow.answers, v, w.astype(float)
        start = v.astype(float)
        self._momentum, self._energy = self._w @ start, 0.5 * float(self._w @ (start**2).sum(1))
        self._log_start: np.ndarray | None = None
        if self._answers.density is not None:
            self._log_start = np.log(np.maximum(self._answers.start_density(start), np.finfo(float).tiny))

    def snapshot(self, t: float) -> dict[str, Any]:
        """Velocities, score, f at the particles, and the root mean square of what `conserve` changed."""
        raw = self._answers.moved(t, self._v)
        v = self._restored(raw)
        share = self._w / self._w.sum()
        found = {"velocities": v, "score": self._answers.score(t, v), "shift": np.sqrt(share @ ((v - raw) ** 2).sum(1))}
        return found | ({} if self._log_start is None else {"density": np.exp(self._log_carried(t, raw, v))})

    def scalars(self, t: float) -> dict[str, float]:
        """The series at one time."""
        raw = self._answers.moved(t, self._v)
        v = self._restored(raw)
        s = self._answers.score(t, v)
        moving = collision_sum(v, s, self._w, self._flow.equation)
        found = {
            "mass": float(self._w.sum()),
            "energy": 0.5 * float(self._w @ (v**2).sum(1)),
            "momentum": float(np.linalg.norm(self._w @ v - self._momentum)),
            "dissipation": float(self._w @ (s * moving).sum(1)),
        }
        return found if self._log_start is None else found | {"entropy": float(self._w @ self._log_carried(t, raw, v))}

    def _restored(self, v: np.ndarray) -> np.ndarray:
        return restore(v, self._w, self._momentum, self._energy) if self._flow.conserve else v

    def _log_carried(self, t: float, raw: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The logarithm of f at the particles; a scaling by λ divides f by λᵈ."""
        assert self._log_start is not None
        spread, before = (float(self._w @ ((x - self._w @ x / self._w.sum()) ** 2).sum(1)) for x in (v, raw))
        stretch = 0.5 * v.shape[1] * np.log(spread / before) if before > 0 and spread > 0 else 0.0
        return self._answers.log_carried(t, self._v, self._log_start) - stretch


def _for_cases(values: np.ndarray, cases: int) -> np.ndarray:
    """The same for every case: (time, …) to (time, case, …)."""
    return np.repeat(values[:, None], cases, axis=1)
