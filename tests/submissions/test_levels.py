"""Runs of one kind raise no false alarm more often than is said, and what is there is found."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineticbench.submissions.levels import Run, against, shift


def runs(random, count, blocks=0, size=0.0, scatter=0.0, common=None):
    """Runs whose level varies from run to run by `scatter`, and each block of each by `size` more."""
    found = []
    for _ in range(count):
        level = scatter * random.standard_normal()
        rows = np.exp(level + size * random.standard_normal(max(blocks, 1)))
        found.append(Run(float(rows.mean()), rows if blocks else np.zeros(0), 1e-12))
    return found


@pytest.mark.parametrize(
    ("public", "drawn", "blocks", "size", "scatter"),
    [(1, 3, 0, 0.0, 0.3), (3, 3, 0, 0.0, 0.3), (1, 3, 64, 0.5, 0.0), (1, 1, 64, 0.5, 0.0), (2, 2, 16, 0.5, 0.2)],
)
def test_honest_runs_raise_few_false_alarms(public, drawn, blocks, size, scatter):
    random, alarms, times = np.random.default_rng(7), 0, 2000
    for _ in range(times):
        before, after = (runs(random, count, blocks, size, scatter) for count in (public, drawn))
        alarms += shift(before, after, independent=blocks > 0).chance(1) < 0.01
    assert alarms <= 0.02 * times  # of 1 % that are allowed; a tenth more by skew and by chance


def test_trainings_raise_few_false_alarms():
    random, alarms, times = np.random.default_rng(8), 0, 2000
    for _ in range(times):
        alarms += against(runs(random, 1, scatter=0.3), runs(random, 4, scatter=0.3)).chance(1) < 0.01
    assert alarms <= 0.02 * times


def test_runs_that_differ_are_found():
    random = np.random.default_rng(9)
    before, after = (runs(random, 1, 64, 0.5) for _ in range(2))
    doubled = [Run(2 * run.mean, 2 * run.blocks, run.least) for run in after]
    assert shift(before, doubled, independent=True).chance(1) < 1e-4
    assert math.exp(shift(before, doubled, independent=True).value) == pytest.approx(2, rel=0.3)


def test_one_run_against_one_other_says_nothing():
    one, other = Run(1.0, np.zeros(0), 1e-12), Run(5.0, np.zeros(0), 1e-12)
    assert math.isinf(shift([one], [other], independent=True).error)
    assert shift([one], [one], independent=False).error == 0.0
    assert math.isinf(against([one], [other]).error)


def test_below_what_can_be_told_all_is_equal():
    small, smaller = Run(1e-15, np.zeros(0), 1e-11), Run(0.0, np.zeros(0), 1e-11)
    assert shift([small, smaller], [small], independent=False).value == 0.0


def test_runs_on_the_same_cases_tell_no_more_of_them_than_one():
    random = np.random.default_rng(1)
    (run,), after = runs(random, 1, 64, 0.5), runs(random, 1, 64, 0.5)
    once, thrice = (shift([run] * count, after, independent=True) for count in (1, 3))
    assert thrice.error == pytest.approx(once.error)
