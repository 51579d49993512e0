"""The solver that is tried, fitted once for each problem and precision."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..catalog import PlugIn
from ..contracts import Ensemble, InvalidInput, Precision, Problem, Query, Solution, Solver, Trajectory
from ..engine.solve import start
from ..engine.timing import home
from .problems import KINDS, problem, training


class Broken(Exception):
    """A promise that does not hold; the message says what was found."""


class NotAsked(Exception):
    """A promise that says nothing of this solver or problem."""


@dataclass(frozen=True)
class Subject:
    """A plug-in, its class, and what it was asked already."""

    plug_in: PlugIn
    _made: dict[Any, Any] = field(default_factory=dict)

    def cls(self) -> Any:
        """Its class."""
        return self._once("class", self.plug_in.load)

    def default(self) -> Solver:
        """With the parameters that it has by itself."""

        def built() -> Solver:
            try:
                return self.cls()()
            except TypeError as error:
                raise Broken(f"{self.plug_in.class_name}() cannot be made without arguments: {error}.") from None

        return self._once("default", built)

    def kinds(self) -> list[str]:
        """The problems that it says it solves."""
        solves = getattr(self.cls(), "solves", ())
        return [
            k for k in KINDS if problem(k).equation.name in solves and self.default().unsupported(problem(k)) is None
        ]

    def cheapest(self, kind: str) -> Solver:
        """The first setting of its ladder."""
        ladder = self.default().ladder(problem(kind))
        if not ladder:
            raise Broken("ladder() gave no setting.")
        return ladder[0]

    def fit(self, kind: str, precision: Precision = "float64", seed: int = 0, **changes: Any) -> Any:
        """A fresh propagator, as the engine asks for it; `changes` replace arguments of `fit`."""
        solver, posed = self.cheapest(kind), changes.pop("posed", problem(kind))
        taught = training(posed.equation.name) if solver.amortised else None
        seen = posed.without_start() if solver.amortised else posed
        return solver.fit(seen, taught, seed, changes.get("device", "cpu"), precision)

    def fitted(self, kind: str, precision: Precision = "float64") -> Any:
        """A propagator that is made once."""
        return self._once(("fitted", kind, precision), lambda: self.fit(kind, precision))

    def particles(self, kind: str) -> Ensemble | None:
        """What the engine would start it from."""
        return self._once(("particles", kind), lambda: start(self.cheapest(kind), problem(kind), seed=3))

    def answer(self, kind: str, precision: Precision = "float64") -> Solution:
        """What it says of a problem, as NumPy arrays; asked once."""
        return self._once(
            ("answer", kind, precision),
            lambda: asked(self.fitted(kind, precision), self.particles(kind), problem(kind).query),
        )

    def moving(self, kind: str, precision: Precision = "float64") -> Trajectory:
        """Its particles, where it returns any."""
        found = self.answer(kind, precision).trajectory
        if found is None:
            raise NotAsked("It returns no particles.")
        return found

    def _once(self, key: Any, make: Any) -> Any:
        if key not in self._made:
            self._made[key] = make()
        return self._made[key]


def asked(propagator: Any, ensemble: Ensemble | None, query: Query) -> Solution:
    """A solution of NumPy arrays."""
    found = propagator(ensemble, query)
    if not isinstance(found, Solution):
        raise Broken(f"The propagator returned a {type(found).__name__} instead of a Solution.")
    return home(found)


def differ(first: Solution, second: Solution) -> str | None:
    """The first array in which two solutions differ in any bit."""
    a, b = first.arrays(), second.arrays()
    if a.keys() != b.keys():
        return min(a.keys() ^ b.keys())
    return next((name for name in a if not np.array_equal(a[name], b[name])), None)


def farthest(found: Any, expected: Any) -> float:
    """The largest difference of two arrays over the largest of the second; infinite for other shapes."""
    found, expected = (np.asarray(array, complex if np.iscomplexobj(array) else float) for array in (found, expected))
    if found.shape != expected.shape:
        return float("inf")
    if not found.size:
        return 0.0
    scale = float(np.abs(expected).max()) or 1.0
    gap = float(np.abs(found - expected).max())
    return gap / scale if np.isfinite(gap) else float("inf")


def near(found: Any, expected: Any, relative: float, absolute: float) -> bool:
    """Whether every value is within `absolute`, or within `relative` of the largest, of what is expected."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape == expected.shape and float(np.abs(found - expected).max(initial=0.0)) <= absolute:
        return True
    return farthest(found, expected) <= relative


def described(doc: str) -> set[str]:
    """The parameters that a docstring describes under `Parameters`."""
    _, _, parameters = doc.partition("Parameters\n----------\n")
    lines = re.findall(r"^(\w[\w, ]*)$", parameters, flags=re.MULTILINE)
    return {name for line in lines for name in line.split(", ")}


def required(value: bool, found: str) -> None:
    """Raise `Broken` where `value` is false."""
    if not value:
        raise Broken(found)


def refused(call: Any, errors: tuple[type[BaseException], ...], found: str) -> None:
    """Raise `Broken` unless `call` raises one of `errors`."""
    try:
        call()
    except errors:
        return
    except Exception as error:
        raise Broken(f"{found}: it raised {type(error).__name__} ({error}) instead.") from error
    raise Broken(f"{found}: it did not.")


__all__ = [
    "Broken",
    "InvalidInput",
    "NotAsked",
    "Problem",
    "Subject",
    "asked",
    "described",
    "differ",
    "farthest",
    "near",
    "refused",
    "required",
]
