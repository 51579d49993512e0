"""What a solver says of itself: what it solves, what it refuses, its settings."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..contracts import HomogeneousLandau, Problem, Query, Unsupported, VlasovPoisson
from .outcome import Broken, NotAsked, refused, required
from .problems import KINDS, problem
from .rules_file import one_parameter_set
from .solver_subject import SolverSubject

EQUATIONS = {"vlasov_poisson": VlasovPoisson(1.0, 1.0), "homogeneous_landau": HomogeneousLandau(2, 0.0, 1.0)}
FAMILIES = ("classical", "learned")


def metadata(subject: SolverSubject) -> None:
    """What it says of itself, solves, family and amortised, are literals in the class, read without running it."""
    cls, told = subject.cls(), subject.plug_in.metadata
    solves = getattr(cls, "solves", None)
    required(isinstance(solves, tuple) and bool(solves), f"solves is {solves!r}, not a tuple that names an equation.")
    assert solves is not None
    unknown = sorted(set(map(str, solves)) - set(EQUATIONS))
    required(not unknown, f"solves names {', '.join(unknown)}; there are {' and '.join(EQUATIONS)}.")
    required(cls.family in FAMILIES, f"family is {cls.family!r}, neither {' nor '.join(FAMILIES)}.")
    for name, otherwise in (("solves", None), ("family", "classical"), ("amortised", False)):
        value, written = getattr(cls, name), told.get(name, otherwise)
        required(value == written, f"{name} is {value!r}, and the class body says {written!r}.")
    missing = sorted(set(cls.query_fields) - {field.name for field in dataclasses.fields(cls)})
    required(not missing, f"query_fields names {', '.join(missing)}, which is no parameter.")


def reasons(subject: SolverSubject) -> None:
    """What it does not support it refuses with a reason in words."""
    for kind, reason in subject.refusals().items():
        in_words(reason, f"the problem {kind!r}")


def in_words(reason: object, what: str) -> None:
    """`Broken` unless what a solver said of something is None or a reason."""
    good = reason is None or (isinstance(reason, str) and len(reason.split()) > 3)
    required(good, f"It said {reason!r} of {what}.")


def solves_something(subject: SolverSubject) -> None:
    """It solves at least one of the small problems of its equation."""
    if subject.kinds():
        return
    own = [kind for kind in KINDS if problem(kind).equation.name in subject.cls().solves]
    reasons = "; ".join(f"{kind}: {subject.refusals()[kind]}" for kind in own)
    raise Broken(f"It refuses every small problem of its equation ({reasons}).")


def other_equation(subject: SolverSubject) -> None:
    """Another equation is refused by its name, by unsupported() and by fit()."""
    solver = subject.default()
    other = next((equation for name, equation in EQUATIONS.items() if name not in subject.cls().solves), None)
    if other is None:
        raise NotAsked("It solves every equation.")
    posed = Problem(other, None, None, Query(np.ones(1)))
    reason = solver.unsupported(posed)
    required(reason is not None, f"unsupported() accepts {other.name}, which solves does not name.")
    required(other.name in str(reason), f"unsupported() said {reason!r} of {other.name}, without its name.")
    refused(
        lambda: solver.fit(posed, None, 0, "cpu", "float64"),
        (Unsupported,),
        f"fit() must raise Unsupported for {other.name}",
    )


def parameters(subject: SolverSubject) -> None:
    """Parameters are plain data: they survive JSON, and equal settings are equal and hashable."""
    settings = [subject.default()]
    for kind in subject.kinds():
        settings += settings[0].ladder(problem(kind))
    for setting in settings:
        one_parameter_set(subject, setting)


def ladder(subject: SolverSubject, kind: str) -> None:
    """The ladder has settings that differ and that solve the problem."""
    subject.cheapest(kind)
    settings = subject.ladder(kind)
    twice = {setting for setting in settings if settings.count(setting) > 1}
    required(not twice, f"ladder() gave {', '.join(map(str, twice))} twice.")
    for setting in settings:
        reason = setting.unsupported(problem(kind))
        required(reason is None, f"{setting} of the ladder does not support the problem: {reason}.")
