"""The table of PINN–PM's error against particles: what is counted, and what is called equally accurate."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from benchmarks.pinn_pm_particles import Row, answer, counted, report

from kineticbench.ranking.intervals import ErrorSample


def row(solver: str, particles: dict[str, int], errors: list[float]) -> Any:
    sample = ErrorSample(np.array(errors)[:, None], tuple(range(len(errors))), np.ones(1))
    entry: Any = SimpleNamespace(solver=solver, setting="a setting", noisy=False)
    return Row(entry, particles, {"density_l2": sample}, 2.0)


def counts(batch: int, distinct: int, inference: int) -> dict[str, int]:
    return {"batch": batch, "distinct": distinct, "inference": inference}


@pytest.mark.parametrize(
    ("diagnostics", "expected"),
    [
        ({}, counts(100, 100, 100)),
        ({"particles_batch": [8.0], "particles_distinct": 800.0, "particles_inference": [50.0]}, counts(8, 800, 50)),
        ({"particles_batch": None}, counts(100, 100, 100)),
    ],
)
def test_particles_are_those_reported_else_those_given(diagnostics, expected):
    parameters = {"particles": 100}
    record: Any = SimpleNamespace(
        settings=SimpleNamespace(solver=SimpleNamespace(name="sbtm", parameters=parameters)), diagnostics=diagnostics
    )
    assert counted(record) == expected


def test_the_answer_names_the_least_that_is_as_accurate():
    own = row("pinn_pm", counts(8, 800, 200), [0.10, 0.11, 0.12])
    poor = row("blob", counts(50, 50, 50), [0.50, 0.51, 0.52])
    equal = row("blob", counts(100, 100, 100), [0.10, 0.12, 0.11])
    text = "\n".join(answer([own, poor, equal], "density_l2"))
    assert "blob is as accurate with 100 batch" in text
    assert "fewer in batch." in text
    assert "No setting of blob is as accurate" in "\n".join(answer([own, poor], "density_l2"))
    assert answer([poor], "density_l2") == []


def test_an_empty_folder_is_said_to_be_so():
    assert "No record" in report([], ["blob"])
