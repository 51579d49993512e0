"""All rules in order, and what they find of a plug-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import (
    rules_answer,
    rules_dataset,
    rules_file,
    rules_fit,
    rules_reference,
    rules_solver,
    rules_times,
    rules_truth,
)
from .dataset_subject import DatasetSubject
from .outcome import Finding, Rule, outcome
from .solver_subject import SolverSubject
from .subject import Subject, located

ALL_FILES = (
    Rule(rules_file.name, "Rename the file: small letters, digits and _, and a name that nothing has yet."),
    Rule(rules_file.imports, "Move what several plug-ins need into kineticbench.numerics."),
    Rule(rules_file.class_, "Write @dataclass(frozen=True) above the class, and give every parameter a default."),
)
CARD = (
    Rule(rules_file.citation, 'Set cite to the BibTeX of its paper: cite: ClassVar[str] = "@article{…}".'),
    Rule(rules_file.card, "Complete the docstring of the class; `kineticbench new` writes one to compare with."),
)
PLAIN = "Use numbers, strings, booleans and tuples as parameters, with the annotations that they have."

SOLVER_RULES = (
    *ALL_FILES,
    Rule(rules_solver.metadata, "Write solves, family and amortised as plain values in the class body."),
    *CARD,
    Rule(rules_solver.reasons, "Let unsupported() return None or say in a few words what is missing."),
    Rule(rules_solver.solves_something, "Let unsupported() return None for problems that it solves."),
    Rule(rules_solver.other_equation, "Refuse what solves does not name in unsupported() and in fit(); name it."),
    Rule(rules_solver.parameters, PLAIN),
    Rule(rules_solver.ladder, "Let ladder() return settings from the cheapest to the most exact.", each=True),
    Rule(rules_answer.shapes, "Compare with the shapes in kineticbench.contracts.Solution.", each=True),
    Rule(rules_answer.arguments, "Copy arrays before you write into them.", each=True),
    Rule(rules_answer.start, "Answer t = 0 with the particles as they are.", each=True),
    Rule(rules_answer.same_call, "Keep no state in the propagator; draw from a generator made in the call.", each=True),
    Rule(rules_answer.same_seed, "Draw from numpy.random.default_rng(seed) alone.", each=True),
    Rule(rules_answer.batch, "Let no case depend on the others.", each=True, kinds=("given", "thrown")),
    Rule(rules_times.fewer_times, "Let the steps not depend on which times are asked for.", each=True),
    Rule(
        rules_times.odd_times,
        "Step aside to such a time and go on from the grid, or refuse it.",
        each=True,
    ),
    Rule(rules_answer.precisions, "Compute in the precision that fit() is given, and return it.", each=True),
    Rule(rules_fit.device, 'Raise Unsupported("it runs on the CPU only") in fit() for device="gpu".', each=True),
    Rule(rules_fit.progress, "Call progress.report(step, steps, loss=…) while it trains.", each=True),
    Rule(rules_fit.kept_fit, "Save all that the answers depend on, and check a file before you use it.", each=True),
    Rule(rules_truth.truth, "Look for a wrong sign, factor or step; compare with an exact solution."),
)
DATASET_RULES = (
    *ALL_FILES,
    Rule(rules_dataset.metadata, "Write equation and metrics as plain values; `kineticbench list metrics` has names."),
    *CARD,
    Rule(rules_dataset.parameters, PLAIN),
    Rule(rules_dataset.seeds, "Draw from numpy.random.default_rng(seed) alone."),
    Rule(rules_dataset.fewer_cases, "Draw case by case, or draw all and give the first."),
    Rule(rules_dataset.refusals, "Check split and cases; see `pose` in kineticbench.numerics.velocity_problem."),
    Rule(rules_dataset.starts, "Compare what sample() draws with density()."),
    Rule(rules_dataset.training, "See kineticbench.contracts.TrainingSet; take cases that no test has."),
    Rule(rules_dataset.same_training, "Keep them and their cost with kineticbench.numerics.cache.cached."),
    Rule(rules_dataset.taken, "Give particles, or an initial density to draw them from."),
    Rule(rules_reference.reference, "See kineticbench.contracts.Reference."),
    Rule(rules_dataset.no_leak, "Give the problem copies of the start and nothing of what comes later."),
    Rule(rules_reference.begins, "Take the truth of the problem's own start."),
    Rule(rules_reference.bars, "Give errors of metrics that the dataset reports."),
    Rule(rules_reference.truth_scores, "Give the metric a floor, or mend the truth."),
)
RULES = {"solvers": SOLVER_RULES, "datasets": DATASET_RULES}

Listener = Callable[[Rule, str], Any]


def subject(name: str, **parameters: Any) -> Subject:
    """The plug-in of that name or in that file, to be tried with these parameters; nothing of it is executed."""
    kind, plug_in = located(name)
    return (SolverSubject if kind == "solvers" else DatasetSubject)(plug_in, name, parameters)


def problems(rule: Rule, of: Subject) -> list[str]:
    """Where a rule is tried: once (one empty name), or on the small problems that a solver takes."""
    if not rule.each:
        return [""]
    assert isinstance(of, SolverSubject)
    return [kind for kind in of.kinds() if rule.kinds is None or kind in rule.kinds]


def outcomes(rule: Rule, of: Subject, listener: Listener = lambda *_: None) -> Iterator[Finding]:
    """What one rule finds, on each problem where it is tried on several; `listener` hears what is tried next."""
    try:
        where = problems(rule, of)
    except (Exception, SystemExit) as error:
        yield outcome(rule, lambda error=error: _raise(error))
        return
    for problem in where:
        listener(rule, problem)
        yield outcome(rule, lambda problem=problem: rule.check(of, *([problem] if problem else [])), problem)


def tried(of: Subject, listener: Listener = lambda *_: None) -> Iterator[Finding]:
    """Every rule on everything that it is asked of; what cannot even be made is not asked any further."""
    for rule in RULES[of.plug_in.kind]:
        for found in outcomes(rule, of, listener):
            yield found
            if found.state == "broken" and rule.check is rules_file.class_:
                return


def _raise(error: BaseException) -> None:
    raise error
