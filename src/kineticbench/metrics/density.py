"""Error of the phase-space density."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from kineticbench.contracts import Metric, Problem, Reference, Score, Solution

from ..numerics.convergence import relative_l2
from ._bars import bar_and_floor


class DensityL2(Metric):
    """Relative L2 error ‖f − f_ref‖₂ / ‖f_ref‖₂ at `query.points`, a uniform grid that the dataset states.

    With the sum over the points it approximates the same ratio of the continuous norms, (∫ |f − f_ref|² / ∫ f_ref²)^½
    over the grid's range; the cell volume cancels.
    """

    name: ClassVar[str] = "density_l2"
    label: ClassVar[str] = "Density, relative L2 error"
    requires: ClassVar[tuple[str, ...]] = ("reference.density", "solution.density", "problem.query.points")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        value = relative_l2(np.asarray(solution.density, float), np.asarray(reference.density, float))
        bar, floor = bar_and_floor(reference, self.name, problem.query.times.size)
        return Score(problem.query.times, value, floor, bar)
