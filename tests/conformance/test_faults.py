"""Each planted fault is found, named by the right rule and by no other, and a correct plug-in passes."""

from __future__ import annotations

import re
from pathlib import Path

import faults
import pytest

from kineticbench.conformance.suite import DATASET_RULES, SOLVER_RULES, subject, tried

HERE = Path(__file__).parent
LEARNED = (HERE / "learned_solver.py").read_text(encoding="utf-8")
FAULTS = {
    "vlasov_poisson": faults.SOLVER,
    "landau": faults.LANDAU,
    "dataset": faults.DATASET,
    "learned": faults.LEARNED,
}
PLANTED = [(which, name) for which, planted in FAULTS.items() for name in planted]
# What no correct plug-in of the kind is asked.
NOT_ASKED = {
    "vlasov_poisson": {"progress", "kept fit"},
    "landau": {"progress", "kept fit"},
    "learned": {"truth"},
    "dataset": {"starts", "training", "same training"},
}


def source(bench, which: str) -> str:
    return LEARNED if which == "learned" else bench.template(which) + "\nSTATE = []\n"


@pytest.mark.parametrize("which", NOT_ASKED)
def test_a_correct_plug_in_passes(which, bench):
    found = list(tried(subject(bench.write(source(bench, which)))))
    assert [finding for finding in found if finding.state == "broken"] == []
    rules = DATASET_RULES if which == "dataset" else SOLVER_RULES
    assert {rule.name for rule in rules} == {finding.rule for finding in found}
    held = {finding.rule for finding in found if finding.state == "holds"}
    assert {rule.name for rule in rules} - held == NOT_ASKED[which]


@pytest.mark.parametrize(("which", "name"), PLANTED)
def test_a_planted_fault_is_named(which, name, bench):
    fault, text = FAULTS[which][name], source(bench, which)
    assert fault.old in text
    found = bench.broken(text.replace(fault.old, fault.new))
    assert {finding.rule for finding in found} == {fault.rule}
    assert all(fault.words in finding.found for finding in found), found
    assert all(finding.promise.endswith(".") and finding.remedy.endswith(".") for finding in found)


@pytest.mark.parametrize(
    ("file", "words"),
    [("pic.py", "There is a solver pic already"), ("My-Method.py", "called My-"), (f"{'a' * 61}.py", "called aaa")],
)
def test_a_name_that_cannot_be_is_named(file, words, bench):
    (found,) = bench.broken(bench.template("vlasov_poisson"), file)
    assert (found.rule, words in found.found) == ("name", True)


def test_a_rule_has_a_promise_a_remedy_and_a_name_of_its_own():
    for rules in (SOLVER_RULES, DATASET_RULES):
        assert len({rule.name for rule in rules}) == len(rules)
        assert all(rule.promise.endswith(".") and rule.remedy.endswith(".") for rule in rules)


def test_the_documentation_names_every_rule_of_solvers():
    document = (HERE.parents[1] / "docs" / "submitting.md").read_text(encoding="utf-8")
    told = set(re.findall(r"[a-z ]+", " , ".join(re.findall(r"^\| ([a-z, ]+) \|", document, flags=re.MULTILINE))))
    assert {rule.name for rule in SOLVER_RULES} <= {name.strip() for name in told}
