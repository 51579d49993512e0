"""Error of trajectories against the exact flow map of the characteristics."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ..contracts import Metric, Problem, Reference, Score, Solution, Unsupported
from ._bars import bar_and_floor
from ._exact import double, exact_flow, start_of


class TrajectoryError(Metric):
    """Root mean square error of the particles against the exact flow T of the same start, relative to how far it moves.

        (Σ_i w_i |v_i(t) − T(t, v_i(0))|² / Σ_i w_i |T(t, v_i(0)) − v_i(0)|²)^½

    for (E|T_φ − T|² / E|T − id|²)^½ under f₀. Leaving everything where it was scores 1; at t = 0, where nothing has
    moved, the value is 0. The floor is the rounding of what was returned. `Score.extra`, all at the final time: with
    |T|² in place of |T − v(0)|² "relative_to_position"; and for a solver with its own bound on (E|T_φ − T|²)^½,
    `diagnostics["certificate"]` (time,), "certificate", that bound relative to the displacement like the value,
    "effectivity", bound over error, and "effectivity_min", its least over the snapshots: below 1 it is no bound.

    A solver whose particles are right in law only, because they are driven by chance, says so by the diagnostic "paths"
    = 0, and is not scored.
    """

    name: ClassVar[str] = "trajectory_error"
    label: ClassVar[str] = "Trajectories, error relative to the displacement"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", "reference.law.flow")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case; `Unsupported` where the start is not known."""
        law, found, start = reference.law, solution.trajectory, start_of(solution, problem)
        assert law is not None
        assert found is not None
        flow = exact_flow(solution, law, problem)
        if start is None or flow is None:
            raise Unsupported("Where the particles started is not known: the query's first time is not 0.")
        if not np.asarray(solution.diagnostics.get("paths", 1)).all():
            raise Unsupported("Its particles follow f in law, and not along the paths of the exact flow.")
        times, weights = problem.query.times, start[1]
        error, moved, size = np.empty((3, times.size, len(weights)))
        for k, case in np.ndindex(times.size, len(weights)):
            begin = start[0][case]
            truth = flow[k, case]
            for figure, array in ((error, found.velocities[k, case] - truth), (moved, truth - begin), (size, truth)):
                figure[k, case] = np.sqrt(weights[case] @ (array * array).sum(-1) / weights[case].sum())
        rounding = float(np.finfo(found.velocities.dtype).eps) * size
        reach = np.maximum(moved, np.maximum(rounding, np.finfo(float).tiny))
        value = np.where((moved <= rounding) & (error <= rounding), 0.0, error / reach)
        bar, floor = bar_and_floor(reference, self.name, times.size)
        floor = np.maximum(floor, np.where(moved > rounding, rounding / reach, 0.0).mean(axis=1))
        extra = {"relative_to_position": float((error[-1] / np.maximum(size[-1], np.finfo(float).tiny)).mean())}
        return Score(times, value, floor, bar, extra | _certified(solution, error, reach))


def _certified(solution: Solution, error: np.ndarray, moved: np.ndarray) -> dict[str, float]:
    """The solver's bound beside the true error, both root mean squares over cases."""
    if "certificate" not in solution.diagnostics:
        return {}
    bound = np.broadcast_to(double(solution.diagnostics["certificate"]), (len(error),))
    error, moved = (np.sqrt((figure**2).mean(axis=1)) for figure in (error, moved))
    extra = {"certificate": float(bound[-1] / moved[-1])}
    some = error > 1e-12 * moved.max()
    if some[-1]:
        extra["effectivity"] = float(bound[-1] / error[-1])
    if some.any():
        extra["effectivity_min"] = float((bound[some] / error[some]).min())
    return extra
