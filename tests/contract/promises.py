"""A rule of the contract suite as a test."""

from __future__ import annotations

import pytest

from kineticbench.conformance.outcome import Rule
from kineticbench.conformance.subject import Subject
from kineticbench.conformance.suite import outcomes


def require_kept(rule: Rule, of: Subject) -> None:
    """Fail where the promise is broken on any problem; skip where it is asked on none."""
    found = list(outcomes(rule, of))
    broken = [f"{finding.problem}: {finding.found} {finding.remedy}" for finding in found if finding.state == "broken"]
    assert not broken, f"{rule.promise}\n" + "\n".join(broken)
    if all(finding.state == "not asked" for finding in found):
        pytest.skip(found[0].found if found else "no problem asks it")
