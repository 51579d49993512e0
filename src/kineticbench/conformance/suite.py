"""All rules in order, and what they find of a solver."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from ..contracts import KineticbenchError
from . import rules_answer, rules_card, rules_truth
from .subject import Broken, NotAsked, Subject

State = Literal["holds", "broken", "not asked"]


@dataclass(frozen=True)
class Rule:
    """A promise: what tries it, once or on each problem, and what to do where it does not hold."""

    check: Callable[..., None]
    remedy: str
    each: bool = True
    kinds: tuple[str, ...] | None = None

    @property
    def name(self) -> str:
        """Its name."""
        return self.check.__name__.replace("_", " ")

    @property
    def promise(self) -> str:
        """The promise in a sentence."""
        return (self.check.__doc__ or "").partition("\n")[0]


RULES = (
    Rule(rules_card.metadata, "Write solves, family and cite as plain values in the class body.", each=False),
    Rule(
        rules_card.citation,
        'Set cite to the BibTeX entry of the paper, cite: ClassVar[str] = "@article{…}".',
        each=False,
    ),
    Rule(rules_card.card, "Complete the docstring of the class; see solvers/pic.py.", each=False),
    Rule(rules_card.solves_something, "Let unsupported() return None for problems that it solves.", each=False),
    Rule(
        rules_card.parameters,
        "Use numbers, strings, booleans and tuples as parameters of a frozen dataclass.",
        each=False,
    ),
    Rule(rules_card.reasons, "Let unsupported() say what is missing.", each=False),
    Rule(rules_card.other_equation, "Refuse what solves does not name, in unsupported() and in fit().", each=False),
    Rule(rules_answer.ladder, "Let ladder() return settings from the cheapest to the most exact."),
    Rule(rules_answer.shapes, "Compare the shapes with kineticbench.contracts.Solution."),
    Rule(rules_answer.start, "Answer t = 0 with the particles as they are; take positions modulo the box."),
    Rule(rules_answer.same_call, "Keep no state in the propagator, and draw from the seed of the fit alone."),
    Rule(rules_answer.same_seed, "Draw from numpy.random.default_rng(seed) alone."),
    Rule(rules_answer.batch, "Let no case depend on the others.", kinds=("given", "thrown")),
    Rule(rules_answer.fewer_times, "Answer at query.times and query.series, whatever else is asked for."),
    Rule(rules_answer.arguments, "Copy arrays before you write into them."),
    Rule(rules_answer.precisions, "Compute in the precision that fit() is given, and return it."),
    Rule(rules_answer.kept_fit, "Save everything that the answers depend on, and check a file before you use it."),
    Rule(rules_answer.device, "Raise Unsupported where a device is asked for that is not there or not supported."),
    Rule(rules_truth.truth, "Look for a wrong sign, factor or step; compare with an exact solution.", each=False),
)


@dataclass(frozen=True)
class Finding:
    """What became of a rule, on a problem where it is tried on each.

    Parameters
    ----------
    rule, promise, remedy
        As the rule has them.
    kind
        The small problem, or empty.
    state
        "holds", "broken" or "not asked".
    found
        What was found, or why it was not asked.
    """

    rule: str
    promise: str
    remedy: str
    kind: str
    state: State
    found: str = ""


def tried(subject: Subject) -> Iterator[Finding]:
    """Every rule on everything it is asked of; what the solver raises is a finding too."""
    kinds: list[str] = []
    for rule in RULES:
        if rule.each and not kinds:
            found = _outcome(rule, lambda: kinds.extend(subject.kinds()), "")
            if found.state == "broken":
                yield found
                return
        for kind in kinds if rule.each else [""]:
            if rule.kinds is None or kind in rule.kinds:
                yield _outcome(rule, lambda rule=rule, kind=kind: rule.check(subject, *([kind] if kind else [])), kind)


def _outcome(rule: Rule, call: Callable[[], object], kind: str) -> Finding:
    state: State = "holds"
    found = ""
    try:
        call()
    except NotAsked as reason:
        state, found = "not asked", str(reason)
    except Broken as reason:
        state, found = "broken", str(reason)
    except KineticbenchError as error:
        state, found = "broken", f"It raised {type(error).__name__}: {error}"
    except Exception as error:
        state, found = "broken", f"It raised {type(error).__name__}: {error} ({_place(error)})"
    return Finding(rule.name, rule.promise, rule.remedy, kind, state, found)


def _place(error: BaseException) -> str:
    """Where in the solver's file it was raised, or where at all."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if "kineticbench/conformance" not in frame.filename.replace("\\", "/")]
    frame = (ours or frames)[0] if frames else None
    return f"line {frame.lineno} of {frame.filename.rpartition('/')[2]}" if frame else "no place known"
