"""Every dataset that is found keeps every promise of the contract suite, which `kineticbench check` tries as well."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from promises import require_kept

from kineticbench import catalog
from kineticbench.conformance.outcome import Rule
from kineticbench.conformance.subject import Subject
from kineticbench.conformance.suite import DATASET_RULES, subject
from kineticbench.numerics import velocity_training

SMALL: dict[str, dict[str, Any]] = {"gaussian_ensemble": {"particles": 16}}  # where training data would take long


@pytest.fixture(scope="module", autouse=True)
def little_to_learn_from():
    """Training data of homogeneous plasmas are of fewer particles, on a coarser mesh."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(velocity_training, "PARTICLES", 64)
        for table in ("CELLS", "MAXWELL_CELLS"):
            patch.setattr(velocity_training, table, {2: 16, 3: 10})
        yield


@cache
def dataset(name: str) -> Subject:
    """Posed once for all rules."""
    return subject(name, **SMALL.get(name, {}))


@pytest.mark.parametrize("rule", DATASET_RULES, ids=lambda rule: rule.name)
@pytest.mark.parametrize("name", sorted(catalog.plug_ins("datasets")))
def test_a_dataset_keeps_its_promises(name: str, rule: Rule) -> None:
    require_kept(rule, dataset(name))
