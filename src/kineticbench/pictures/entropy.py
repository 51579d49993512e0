"""The entropy H = ∫ f ln f dv against time, as the method itself defines it, and the exact one."""

from __future__ import annotations

from ..contracts import Problem, Reference, Solution
from .figures import axis, double, rounded, thinned
from .model import Axis, Curve, Curves, Panel

MOST_STEPS = 300


def entropy(solution: Solution, reference: Reference, problem: Problem) -> list[Panel]:
    """The method's own entropy at the query's series, which must never rise, beside the exact one."""
    times, found = problem.query.series, solution.series.get("entropy")
    if found is None or times.size < 2:
        return []
    some = thinned(times.size, MOST_STEPS)
    shown = [double(found)[0][some]]
    curves = [Curve(role="solver", label="solver's own", values=rounded(shown[0]))]
    law = reference.law
    if law is not None and law.entropy is not None:
        shown.append(double(law.entropy(times[some])))
        curves.insert(0, Curve(role="truth", label="truth", values=rounded(shown[1])))
    panel = Curves(
        name="entropy",
        title="Entropy",
        x=Axis(label="time", low=float(times[0]), high=float(times[-1])),
        y=axis("∫ f ln f dv", *shown),
        at=rounded(times[some]),
        frames=[curves],
        note="Each method has its own definition, and its own error from it." if len(shown) > 1 else "",
    )
    return [panel]
