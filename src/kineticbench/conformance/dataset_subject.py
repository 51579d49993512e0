"""The dataset that is tried, its problem posed once, with its reference and what may be learned from it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..contracts import InvalidInput, Problem, Reference, Solution, TrainingSet, check
from .outcome import NotAsked, required
from .subject import Subject

CASES = 5


@dataclass(frozen=True)
class DatasetSubject(Subject):
    """A dataset."""

    def posed(self) -> Problem:
        """Its first cases, or its one case."""
        return self.once("posed", self._posed)

    def _posed(self) -> Problem:
        try:
            found = self.default().problem(cases=CASES)
        except InvalidInput:
            found = self.default().problem()
        required(isinstance(found, Problem), f"problem() returned a {type(found).__name__} instead of a Problem.")
        return found

    def steady(self) -> Problem:
        """Its first case, where the same seed poses it twice; where not, other rules need not ask for more."""
        return self.once("steady", self._repeated)

    def _repeated(self) -> Problem:
        first, again = (self.default().problem(cases=1, seed=0) for _ in range(2))
        required(np.array_equal(first.query.times, again.query.times), "The same seed asks for other times.")
        if first.ensemble is not None:
            same = all(np.array_equal(a, b) for a, b in zip(given(first), given(again), strict=True))
            required(same, "The same seed gives other particles.")
        return first

    def reference(self) -> Reference:
        """The truth about it."""
        return self.once("reference", self._reference)

    def _reference(self) -> Reference:
        found = self.default().reference(self.posed())
        required(isinstance(found, Reference), f"reference() returned a {type(found).__name__}, not a Reference.")
        known = Solution(found.trajectory, density=found.density, series=found.series)
        if known.arrays():
            check(known, self.posed(), self.posed().ensemble)
        return found

    def training(self) -> TrainingSet:
        """What may be learned from, where there is anything."""
        found = self.once("training", lambda: self.default().training())
        if found is None:
            raise NotAsked("There is nothing to learn from.")
        required(isinstance(found, TrainingSet), f"training() returned a {type(found).__name__}, not a TrainingSet.")
        return found


def given(problem: Problem) -> list[np.ndarray]:
    """Positions (where there are any), momenta and weights of its particles; `NotAsked` where it has none."""
    if problem.ensemble is None:
        raise NotAsked("It gives no particles.")
    arrays = (problem.ensemble.positions, problem.ensemble.velocities, problem.ensemble.weights)
    return [array for array in arrays if array is not None]
