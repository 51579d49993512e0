"""Metrics by name."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from kineticbench.contracts import Problem, Query, Reference, Solution, Trajectory, UnknownName, VlasovPoisson
from kineticbench.metrics import load, missing, names

PROBLEM = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.ones(1)))


def test_unknown_names_are_met_with_the_nearest():
    with pytest.raises(UnknownName, match="'w1_momentum'"):
        load("w1_momenta")


def test_what_lacks_is_named():
    metric = load("w1_position")
    assert missing(metric, Solution(), Reference(), PROBLEM) == "The solution has no trajectory.positions."
    v = np.zeros((1, 1, 1, 1))
    homogeneous = Solution(Trajectory(None, v, v[0, ..., 0]))
    assert missing(metric, homogeneous, Reference(), PROBLEM) == "The solution has no trajectory.positions."
    full = Trajectory(v, v, v[0, ..., 0])
    assert missing(metric, Solution(full), Reference(), PROBLEM) == "The reference has no trajectory.positions."
    assert missing(metric, Solution(full), Reference(full), PROBLEM) is None


def test_listing_them_imports_none():
    code = (
        "import sys, kineticbench.metrics as m; m.names(); print([n for n in ('numba', 'scipy') if n in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
    assert len(set(names())) == len(names())
