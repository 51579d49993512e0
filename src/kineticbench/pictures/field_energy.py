"""The field energy against time: the solver's, the converged one, and the exact rate of growth or damping."""

from __future__ import annotations

import numpy as np

from ..contracts import Problem, Reference, Solution
from .figures import axis, double, rounded, thinned
from .model import Axis, Curve, Curves, Panel

MOST_STEPS = 240
_DECADES = 12.0


def field_energy(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """W(t) = ½ ∫ E² dq on a logarithmic scale, with the line e^(2γt) over the window in which a rate is fitted.

    The line touches an oscillating curve from above, whose envelope has the rate γ, and lies on one that only grows.
    """
    times = problem.query.series
    found = solution.series.get("field_energy")
    if found is None or times.size < 2:
        return []
    some = thinned(times.size, MOST_STEPS)
    found = double(found)[0]
    curves = [Curve(role="solver", label="solver", values=rounded(found[some], 4))]
    shown = [found]
    truth = reference.series.get("field_energy")
    if truth is not None and truth.shape[-1] == times.size:
        truth = double(truth)[0]
        shown.append(truth)
        curves.insert(0, Curve(role="truth", label="truth", values=rounded(truth[some], 4)))
    line = _rate_line(reference, times, found if truth is None else truth)
    if line is not None:
        curves.append(line)
    span = axis("field energy", *shown, log=True)
    y = Axis(label=span.label, low=max(span.low, span.high * 10**-_DECADES), high=span.high, log=True)
    panel = Curves(
        name="field_energy",
        title="Field energy",
        x=Axis(label="time", low=float(times[0]), high=float(times[-1])),
        y=y,
        at=rounded(times[some]),
        frames=[curves],
    )
    return [panel]


def _rate_line(reference: Reference, times: np.ndarray, energy: np.ndarray) -> Curve | None:
    rate, window = reference.values.get("growth_rate"), reference.windows.get("growth_rate")
    if rate is None or window is None:
        return None
    gamma = float(double(rate)[0])
    inside = (times >= window[0]) & (times <= window[1]) & (energy > 0)
    if not inside.any():
        return None
    heights = np.log(energy[inside]) - 2 * gamma * times[inside]
    height = float(heights.max() if "frequency" in reference.values else np.median(heights))
    ends = np.array(window, dtype=float)
    label = f"exact rate γ = {gamma:.4g}".replace("-", "−")
    return Curve(role="guide", label=label, values=rounded(np.exp(height + 2 * gamma * ends)), at=rounded(ends))
