"""Errors of damping and growth rates, of frequencies, and of the field energy."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kineticbench.contracts import Metric, Problem, Reference, Score, Solution

from ..numerics.convergence import parts, relative_l2
from ..numerics.exponential_fit import fit_exponential
from ._bars import bar_and_floor


class GrowthRate(Metric):
    """Relative error |γ_fit − γ| / |γ| of the growth rate (negative: damping) of the first Fourier mode of the field.

    γ is the exact root of the dispersion relation. γ_fit is the least-squares fit of a complex exponential to
    "field_mode" (`numerics.exponential_fit`) within the reference's window. A reference without a "frequency" says that
    the wave grows in place; its "companions" are the exponents of other waves that last, whose amplitudes are fitted
    along. One figure of the run, at the end of the window. `extra` holds the window, the fitted rate, and the error of
    a second fit, to the first half of the window, averaged over cases; a large difference between the two errors says
    that the wave is not a pure exponential. The floor is what the converged solution scores under the same fit: what
    remains of other waves, and nonlinearity.
    """

    name: ClassVar[str] = "growth_rate"
    label: ClassVar[str] = "Growth or damping rate, relative error"
    requires: ClassVar[tuple[str, ...]] = ("reference.values.growth_rate", "solution.series.field_mode")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every case."""
        return _score(self.name, "rate", solution, reference, problem)


class Frequency(Metric):
    """Relative error |ω_fit − ω| / ω of the frequency, from the same fit as `GrowthRate`.

    Not applicable to waves that grow in place; their references state no frequency.
    """

    name: ClassVar[str] = "frequency"
    label: ClassVar[str] = "Frequency, relative error"
    requires: ClassVar[tuple[str, ...]] = ("reference.values.frequency", "solution.series.field_mode")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every case."""
        return _score(self.name, "frequency", solution, reference, problem)


class FieldEnergy(Metric):
    """Relative L2 error in time of the field energy W(t) = ½ ∫ E² dq, in each quarter of the run.

    ‖W − W_ref‖₂ / ‖W_ref‖₂ over the steps of each of four equal parts of `query.series`, at the end of that part: every
    stage is measured against its own size, so a damped tail counts as much as the start. It approximates the norm
    (∫ |W − W_ref|² dt / ∫ W_ref² dt)^½.
    """

    name: ClassVar[str] = "field_energy"
    label: ClassVar[str] = "Field energy, relative L2 error in each quarter"
    requires: ClassVar[tuple[str, ...]] = ("reference.series.field_energy", "solution.series.field_energy")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every quarter and case."""
        found, truth = (np.asarray(s.series["field_energy"], float) for s in (solution, reference))
        quarters = [part for part in parts(problem.query.series.size) if part.stop > part.start]
        value = np.stack([relative_l2(found[:, part], truth[:, part]) for part in quarters])
        bar, floor = bar_and_floor(reference, self.name, len(quarters))
        return Score(problem.query.series[[part.stop - 1 for part in quarters]], value, floor, bar)


def _score(name: str, quantity: str, solution: Solution, reference: Reference, problem: Problem) -> Score:
    start, end = reference.windows[name]
    truth = np.asarray(reference.values[name], float)
    modes, times = np.asarray(solution.series["field_mode"]), problem.query.series
    oscillating = "frequency" in reference.values
    companions = reference.values.get("companions", np.empty((len(modes), 0)))
    errors, fitted = [], []
    for window in ((start, end), (start, 0.5 * (start + end))):
        fits = [
            fit_exponential(times, m, window, oscillating, c.tolist()) for m, c in zip(modes, companions, strict=True)
        ]
        fitted.append(np.array([getattr(fit, quantity) for fit in fits]))
        errors.append(np.abs(fitted[-1] - truth) / np.abs(truth))
    bar, floor = bar_and_floor(reference, name, 1)
    extra = {
        "window_start": start,
        "window_end": end,
        "fitted": float(fitted[0].mean()),
        "error_first_half": float(errors[1].mean()),
    }
    return Score(np.array([end]), errors[0][None], floor, bar, extra)
