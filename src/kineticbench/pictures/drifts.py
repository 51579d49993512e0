"""How far energy and momentum drift from their values at the start."""

from __future__ import annotations

import numpy as np

from .. import metrics
from ..contracts import KineticbenchError, Problem, Reference, Solution
from .figures import axis, double, rounded, thinned
from .first_case import MOST_PARTICLES
from .model import Axis, Curve, Curves, Panel

MOST_STEPS = 120
_LEAST = 1e-17
_ROUNDING = 1e-13


def drifts(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """Relative drifts on a logarithmic scale: of the particles at the snapshots, else of the solver's own series.

    They are those of the metrics "drift_energy" and "drift_momentum"; the truth is zero. Where there are more particles
    than a picture is made of, their sample conserves nothing and is not asked.
    """
    drawn = [
        curve
        for role, quantity in (("solver", "energy"), ("second", "momentum"))
        if (curve := _curve(role, quantity, solution, reference, problem)) is not None
    ]
    if not drawn:
        return []
    values = [double([np.nan if v is None else v for v in curve.values]) for curve in drawn]
    times = [time for curve in drawn for time in curve.at or () if time is not None]
    largest = max((value for curve in drawn for value in curve.values if value is not None), default=0.0)
    rounding = [_ROUNDING] if largest < _ROUNDING else []  # so that it looks as small as it is
    cut = " What is below 10⁻¹⁷ is drawn there." if _LEAST in np.hstack(values) else ""
    panel = Curves(
        name="drifts",
        title="Drift of energy and momentum",
        x=Axis(label="time", low=min(times), high=max(times)),
        y=axis("relative drift", *values, rounding, log=True),
        at=[],
        frames=[drawn],
        note=f"The exact drift is zero.{cut}",
    )
    return [panel]


def _curve(role: str, quantity: str, solution: Solution, reference: Reference, problem: Problem) -> Curve | None:
    own = _own(quantity, solution)
    if own is not None:
        times, marks = problem.query.series, False
    elif solution.trajectory is not None and solution.trajectory.velocities.shape[2] < MOST_PARTICLES:
        try:
            score = metrics.load(f"drift_{quantity}")(solution, reference, problem)
        except KineticbenchError:  # relative to nothing, as the momentum of particles at rest
            return None
        times, own, marks = score.times, score.value[:, 0], True
    else:
        return None
    if times.size < 2:
        return None
    some = thinned(times.size, MOST_STEPS)
    values = rounded(np.maximum(own[some], _LEAST), 3)
    if times[some[0]] == 0:
        values[0] = None  # zero by definition
    return Curve(role=role, label=quantity, values=values, at=rounded(times[some]), marks=marks)  # pyright: ignore[reportArgumentType]


def _own(quantity: str, solution: Solution) -> np.ndarray | None:
    """The drift of the solver's own series, (step,), relative as the metrics have it."""
    series, energy = solution.series.get(quantity), solution.series.get("energy")
    if series is None or energy is None or series.shape[-1] < 2:
        return None
    series, unit = double(series)[0], abs(float(energy[0, 0]))
    if quantity == "momentum":
        mass = solution.series.get("mass")
        unit = (2 * unit * (1.0 if mass is None else abs(float(mass[0, 0])))) ** 0.5
    return np.abs(series - series[0]) / unit if unit > 0 else None
