"""The solver that is tried, fitted once for each problem and precision."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

from ..contracts import Ensemble, Precision, Problem, Query, Silent, Solution, Solver, Trajectory, check
from ..engine.solve import start
from ..engine.timing import home
from ..engine.verdict import require_solution
from .comparing import copied, copied_query, differ
from .outcome import Broken, NotAsked, required
from .problems import KINDS, problem, training
from .subject import Subject


class Heard(Silent):
    """A `Progress` that counts its reports."""

    def __init__(self) -> None:
        self.reports = 0

    def report(self, done: int, total: int, **figures: float) -> None:
        """One more."""
        self.reports += 1


@dataclass(frozen=True)
class SolverSubject(Subject):
    """A solver. Whatever it is given is a copy, so that one that writes into it spoils no other rule."""

    def refusals(self) -> dict[str, str | None]:
        """What it says of each problem: None, or why it cannot solve it."""
        return self.once("refusals", lambda: {kind: self.default().unsupported(problem(kind)) for kind in KINDS})

    def kinds(self) -> list[str]:
        """The problems of its equation that it says it solves."""
        solves = getattr(self.cls(), "solves", ())
        return [kind for kind, why in self.refusals().items() if why is None and problem(kind).equation.name in solves]

    def ladder(self, kind: str) -> list[Solver]:
        """The settings that its author proposes."""
        found = self.default().ladder(problem(kind))
        required(isinstance(found, list | tuple) and bool(found), "ladder() gave no setting.")
        strange = [type(one).__name__ for one in found if not isinstance(one, self.cls())]
        required(not strange, f"ladder() gave a {', '.join(strange)} instead of a {self.plug_in.class_name}.")
        return list(found)

    def cheapest(self, kind: str) -> Solver:
        """The first setting of its ladder."""
        return self.once(("cheapest", kind), lambda: self.ladder(kind)[0])

    def fit(
        self,
        kind: str,
        precision: Precision = "float64",
        device: Any = "cpu",
        heard: Heard | None = None,
        posed: Problem | None = None,
    ) -> Any:
        """A fresh propagator under seed 0, asked for as the engine does."""
        solver, posed = self.cheapest(kind), posed or self._fresh(kind)
        taught = training(posed.equation.name) if solver.amortised else None
        seen = posed.without_start() if solver.amortised else posed
        return solver.fit(seen, taught, 0, device, precision, progress=heard or Heard())

    def fitted(self, kind: str, precision: Precision = "float64") -> Any:
        """A propagator that is made once."""
        heard, posed = self.heard(kind), self.given(kind)
        return self.once(("fitted", kind, precision), lambda: self.fit(kind, precision, heard=heard, posed=posed))

    def given(self, kind: str) -> Problem:
        """The problem that `fitted` was given, to see whether it was changed."""
        return self.once(("given", kind), lambda: self._fresh(kind))

    def _fresh(self, kind: str) -> Problem:
        """A problem with the particles that it starts from, in arrays of its own."""
        posed = problem(kind)
        return dataclasses.replace(posed, ensemble=copied(self.particles(kind)), query=copied_query(posed.query))

    def heard(self, kind: str) -> Heard:
        """What it told of its progress in `fitted`."""
        return self.once(("heard", kind), Heard)

    def particles(self, kind: str) -> Ensemble | None:
        """What the engine would start it from."""
        return self.once(("particles", kind), lambda: self._particles(kind))

    def _particles(self, kind: str) -> Ensemble | None:
        solver, posed = self.cheapest(kind), problem(kind)
        if posed.ensemble is None and solver.start is not None and not hasattr(solver, "particles"):
            raise Broken(
                f"It wants {solver.start} particles and does not say how many.",
                "Give it a parameter `particles`, or set start = None.",
            )
        return start(solver, posed, seed=3)

    def answer(self, kind: str, precision: Precision = "float64") -> Solution:
        """What it says of a problem, as NumPy arrays of the right shapes; asked once."""
        return self.once(("answer", kind, precision), lambda: self._answer(kind, precision))

    def _answer(self, kind: str, precision: Precision) -> Solution:
        ensemble, posed = self.particles(kind), problem(kind)
        found = asked(self.fitted(kind, precision), ensemble, posed.query)
        check(found, dataclasses.replace(posed, ensemble=ensemble), ensemble)
        return found

    def steady(self, kind: str) -> Solution:
        """The same, where a second call says the same; where not, other rules need not ask for more."""
        return self.once(("steady", kind), lambda: self._repeated(kind))

    def _repeated(self, kind: str) -> Solution:
        first = self.answer(kind)
        again = asked(self.fitted(kind), self.particles(kind), problem(kind).query)
        name = differ(first, again)
        required(name is None, f"A second call of the same propagator gave another {name}.")
        return first

    def moving(self, kind: str, precision: Precision = "float64") -> Trajectory:
        """Its particles, where it returns any."""
        found = self.answer(kind, precision).trajectory
        if found is None:
            raise NotAsked("It returns no particles.")
        return found


def asked(propagator: Any, ensemble: Ensemble | None, query: Query) -> Solution:
    """A solution of NumPy arrays; the propagator is given copies."""
    required(callable(propagator), f"fit() returned a {type(propagator).__name__}, which cannot be called.")
    found = propagator(copied(ensemble), copied_query(query))
    required(isinstance(found, Solution), f"The propagator returned a {type(found).__name__} instead of a Solution.")
    return home(require_solution(found))
