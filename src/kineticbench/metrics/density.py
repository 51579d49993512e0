"""Errors of the density on the grid that a dataset states.

The solver's own density where it returns one. Otherwise, for a homogeneous equation, the density that one fixed rule
makes of its particles (`numerics.kde`: Gaussian product kernels with Scott's bandwidth), the same for every solver.
Such an estimate errs by itself, through its bias and its sampling noise, and can even err less where particles are
wrong; so its floor is what *exact* particles score under the same rule (`metrics._exact`: the exact flow of the same
start where it is known), and differences below the floor are ties. `Score.extra`: "own" 1 or 0; "exact_flow", the final
score of the exact flow of the same start; "kde_bias", the final score of infinitely many exact particles under the last
bandwidth.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau, Metric, Problem, Reference, Score, Solution, Unsupported
from ._bars import bar_and_floor
from ._exact import double, particle_score


class DensityError(Metric):
    """A relative error of the density at `query.points` in some norm."""

    requires: ClassVar[tuple[str, ...]] = (
        "reference.density",
        "solution.density | solution.trajectory",
        "problem.query.points",
    )

    @abstractmethod
    def error(self, found: Float[np.ndarray, "*batch m"], truth: Float[np.ndarray, "*batch m"]) -> np.ndarray:
        """The error over the last axis."""

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case; `Unsupported` where neither a density nor a rule for one is there."""
        truth = double(reference.density)
        if solution.density is not None:
            bar, floor = bar_and_floor(reference, self.name, problem.query.times.size)
            value = self.error(double(solution.density), np.broadcast_to(truth, solution.density.shape))
            extra = {"own": 1.0} if isinstance(problem.equation, HomogeneousLandau) else {}
            return Score(problem.query.times, value, floor, bar, extra)
        if not isinstance(problem.equation, HomogeneousLandau):
            raise Unsupported("The solution has no density.")
        return self._of_particles(truth[:, 0], solution, reference, problem)

    def _of_particles(self, truth: np.ndarray, solution: Solution, reference: Reference, problem: Problem) -> Score:
        from ..numerics import kde

        points, trajectory = problem.query.points, solution.trajectory
        assert points is not None
        assert trajectory is not None

        def measure(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            return float(self.error(kde.density(v, weights, points), truth[k]))

        extra = {"own": 0.0}
        width = kde.bandwidth(double(trajectory.velocities[-1, 0]), double(trajectory.weights[0]))
        smooth = kde.smoothed(truth[-1], double(points), width)
        if smooth is not None:
            extra["kde_bias"] = float(self.error(smooth, truth[-1]))
        return particle_score(self.name, measure, solution, reference, problem, extra)


class DensityL2(DensityError):
    """Relative L2 error ‖f − f_ref‖₂ / ‖f_ref‖₂ at `query.points`, a uniform grid that the dataset states.

    With the sum over the points it approximates the same ratio of the continuous norms, (∫ |f − f_ref|² / ∫ f_ref²)^½
    over the grid's range; the cell volume cancels.
    """

    name: ClassVar[str] = "density_l2"
    label: ClassVar[str] = "Density, relative L2 error"

    def error(self, found: Float[np.ndarray, "*batch m"], truth: Float[np.ndarray, "*batch m"]) -> np.ndarray:
        """(Σ |f − f_ref|² / Σ f_ref²)^½."""
        return np.asarray(np.linalg.norm(found - truth, axis=-1) / np.linalg.norm(truth, axis=-1))


class DensityL1(DensityError):
    """Relative L1 error Σ |f − f_ref| / Σ |f_ref| at `query.points`, a uniform grid that the dataset states.

    It approximates ∫ |f − f_ref| / ∫ |f_ref| over the grid's range: twice the total variation distance where both are
    densities of unit mass.
    """

    name: ClassVar[str] = "density_l1"
    label: ClassVar[str] = "Density, relative L1 error"

    def error(self, found: Float[np.ndarray, "*batch m"], truth: Float[np.ndarray, "*batch m"]) -> np.ndarray:
        """Σ |f − f_ref| / Σ |f_ref|."""
        return np.asarray(np.abs(found - truth).sum(-1) / np.abs(truth).sum(-1))


class DensityLinf(DensityError):
    """Relative L∞ error max |f − f_ref| / max |f_ref| at `query.points`, a uniform grid that the dataset states.

    It approximates sup |f − f_ref| / sup |f_ref|, from below as far as the grid misses either peak.
    """

    name: ClassVar[str] = "density_linf"
    label: ClassVar[str] = "Density, relative L∞ error"

    def error(self, found: Float[np.ndarray, "*batch m"], truth: Float[np.ndarray, "*batch m"]) -> np.ndarray:
        """Largest |f − f_ref| over largest |f_ref|."""
        return np.asarray(np.abs(found - truth).max(-1) / np.abs(truth).max(-1))
