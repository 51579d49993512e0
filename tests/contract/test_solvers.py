"""Every solver that is found keeps every promise of the contract suite, which `kineticbench check` tries as well."""

from __future__ import annotations

from functools import cache

import pytest
from promises import require_kept

from kineticbench import catalog
from kineticbench.conformance.outcome import Rule
from kineticbench.conformance.problems import KINDS
from kineticbench.conformance.solver_subject import SolverSubject
from kineticbench.conformance.suite import SOLVER_RULES, subject

NAMES = sorted(catalog.plug_ins("solvers"))


@cache
def solver(name: str) -> SolverSubject:
    """Fitted once for all rules."""
    found = subject(name)
    assert isinstance(found, SolverSubject)
    return found


@pytest.mark.parametrize("rule", SOLVER_RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("name", NAMES)
def test_a_solver_keeps_its_promises(name: str, rule: Rule) -> None:
    require_kept(rule, solver(name))


def test_every_small_problem_has_a_classical_and_a_learned_solver() -> None:
    families = {(kind, solver(name).cls().family) for name in NAMES for kind in solver(name).kinds()}
    assert families >= {(kind, "classical") for kind in KINDS}
    assert {kind for kind, family in families if family == "learned"} >= {"given", "relaxing"}
