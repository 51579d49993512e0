"""Every dataset that is found, posed once, with its reference and what may be learned from it."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import Dataset, InvalidInput, Problem, Reference, TrainingSet
from kineticbench.numerics import velocity_training

SMALL: dict[str, dict[str, Any]] = {"gaussian_ensemble": {"particles": 16}}  # where training data would take long
NAMES = sorted(catalog.plug_ins("datasets"))
each = pytest.mark.parametrize("name", NAMES)
CASES = 5


@cache
def dataset(name: str) -> Dataset:
    return catalog.build("datasets", name, SMALL.get(name, {}))


@cache
def posed(name: str) -> Problem:
    """Its first cases, or its one case."""
    try:
        return dataset(name).problem(cases=CASES)
    except InvalidInput:
        return dataset(name).problem()


@cache
def reference(name: str) -> Reference:
    return dataset(name).reference(posed(name))


@cache
def training(name: str) -> TrainingSet | None:
    return taught(name)


def taught(name: str) -> TrainingSet | None:
    """What may be learned from, of fewer particles on a coarser mesh for homogeneous plasmas."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(velocity_training, "PARTICLES", 64)
        patch.setattr(velocity_training, "CELLS", {2: 16, 3: 10})
        return dataset(name).training()


def given(problem: Problem) -> list[np.ndarray]:
    """Positions (where there are any), momenta and weights of its particles; skips where it has none."""
    if problem.ensemble is None:
        pytest.skip("gives no particles")
    arrays = (problem.ensemble.positions, problem.ensemble.velocities, problem.ensemble.weights)
    return [array for array in arrays if array is not None]
