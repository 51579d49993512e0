"""What a solver's file says of it: card, citation, parameters, what it solves and refuses."""

from __future__ import annotations

import dataclasses
import inspect
import json
import re

import numpy as np

from .. import catalog
from ..contracts import HomogeneousLandau, InvalidInput, Problem, Query, Unsupported, VlasovPoisson
from .problems import KINDS, problem
from .subject import NotAsked, Subject, described, refused, required

EQUATIONS = {"vlasov_poisson": VlasovPoisson(1.0, 1.0), "homogeneous_landau": HomogeneousLandau(2, 0.0, 1.0)}


def metadata(subject: Subject) -> None:
    """solves, family and cite are literals in the class, so that its card is read without running it."""
    cls, told = subject.cls(), subject.plug_in.metadata
    solves = getattr(cls, "solves", ())
    required(isinstance(solves, tuple) and bool(solves), "solves is not a tuple that names an equation.")
    unknown = set(solves) - set(EQUATIONS)
    required(not unknown, f"solves names {', '.join(sorted(unknown))}, which is no equation here.")
    required(cls.family in ("classical", "learned"), f"family is {cls.family!r}, neither classical nor learned.")
    for name in ("solves", "family"):
        given = told.get(name, getattr(cls, name))
        required(given == getattr(cls, name), f"{name} is not a literal: the file says {given!r}.")
    fields = {field.name for field in dataclasses.fields(cls)}
    missing = set(cls.query_fields) - fields
    required(not missing, f"query_fields names {', '.join(sorted(missing))}, which is no parameter.")


def citation(subject: Subject) -> None:
    """A method with parameters has an author: cite is BibTeX."""
    cite = subject.plug_in.metadata.get("cite", "")
    if not dataclasses.fields(subject.cls()) and not cite:
        raise NotAsked("It has no parameters.")
    required(isinstance(cite, str) and cite.strip().startswith("@"), "cite is missing, or no BibTeX entry.")
    required(cite.count("{") == cite.count("}"), "The braces of cite do not match.")


def card(subject: Subject) -> None:
    """The docstring has a first sentence, an indented equation and a description of every parameter."""
    cls = subject.cls()
    doc = inspect.getdoc(cls) or ""
    lacks = []
    if not re.match(r"\S.{5,}[.:]$", doc.partition("\n")[0]):
        lacks.append("a first line that is a sentence")
    if not re.search(r"^    .*[=↦←~]", doc.partition("Parameters\n---")[0], flags=re.MULTILINE):
        lacks.append("an equation, indented")
    names = described(doc)
    lacks += [f"the parameter {field.name}" for field in dataclasses.fields(cls) if field.name not in names]
    required(not lacks, f"The docstring lacks {', '.join(lacks)}.")


def parameters(subject: Subject) -> None:
    """Parameters are plain data: they survive JSON, and equal settings are equal and hashable."""
    settings = [subject.default()]
    settings += [setting for kind in subject.kinds() for setting in settings[0].ladder(problem(kind))]
    for setting in settings:
        try:
            text = json.dumps(catalog.parameters(setting), allow_nan=False)
            again = subject.cls()(**json.loads(text))
        except (TypeError, ValueError) as error:
            required(False, f"{setting} does not survive JSON: {error}.")
            raise
        required(again == setting, f"{setting} came back from JSON as {again}.")
        try:
            hash(setting)
        except TypeError:
            required(False, f"{setting} cannot be hashed; make the class a frozen dataclass of plain values.")


def solves_something(subject: Subject) -> None:
    """It solves at least one of the small problems of its equation."""
    cls = subject.cls()
    kinds = [kind for kind in KINDS if problem(kind).equation.name in cls.solves]
    if subject.kinds():
        return
    reasons = {kind: subject.default().unsupported(problem(kind)) for kind in kinds}
    told = "; ".join(f"{kind}: {reason}" for kind, reason in reasons.items())
    required(False, f"It refuses every small problem ({told}).")


def reasons(subject: Subject) -> None:
    """What it does not support it refuses with a reason in words."""
    for kind in KINDS:
        reason = subject.default().unsupported(problem(kind))
        if reason is not None:
            good = isinstance(reason, str) and len(reason.split()) > 3
            required(good, f"unsupported() said {reason!r} of {kind}; say why in a few words.")


def other_equation(subject: Subject) -> None:
    """Another equation is refused, by unsupported() and by fit() with Unsupported."""
    solver = subject.default()
    other = next((equation for name, equation in EQUATIONS.items() if name not in subject.cls().solves), None)
    if other is None:
        raise NotAsked("It solves every equation.")
    posed = Problem(other, None, None, Query(np.ones(1)))
    reason = solver.unsupported(posed)
    required(isinstance(reason, str), f"unsupported() accepts {other.name}, which solves does not name.")
    refused(
        lambda: solver.fit(posed, None, 0, "cpu", "float64"),
        (Unsupported, InvalidInput),
        f"fit() must raise Unsupported for {other.name}",
    )
