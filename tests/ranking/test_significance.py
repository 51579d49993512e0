"""Chance is told from change: known answers, no false alarms, and what is there is found."""

import math

import numpy as np
import pytest

from kineticbench.ranking.significance import Estimate, holm, relative, shifts


def test_holm_known_answer():
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_an_estimate_is_students():
    estimate = Estimate(2.0, 1.0, 5)
    assert estimate.chance(1) == pytest.approx(0.0509697, rel=1e-5)
    assert estimate.chance(-1) == pytest.approx(1 - 0.0509697, rel=1e-5)
    assert estimate.interval(0.95) == pytest.approx((2 - 2.570582, 2 + 2.570582), rel=1e-6)
    exact, unknown = Estimate(1e-9, 0.0, 1), Estimate(5.0, math.inf, 1)
    assert (exact.chance(1), exact.chance(-1), exact.interval(0.9)) == (0.0, 1.0, (1e-9, 1e-9))
    assert (unknown.chance(1), unknown.chance(-1)) == (1.0, 1.0)
    assert unknown.interval(0.95) == (-math.inf, math.inf)


def test_noise_is_that_of_all_together():
    found = shifts({"a": [0.0, 0.2], "b": [1.0, 1.2], "c": [5.1]})
    assert found["a"].value == pytest.approx(0.1)
    assert found["c"].value == 5.1
    assert found["c"].error == pytest.approx(math.sqrt(0.02))  # four residuals of ±0.1 around means of two
    assert found["a"].error == pytest.approx(found["c"].error / math.sqrt(2), rel=1e-4)
    assert found["a"].freedom == 2


def test_of_few_single_runs_nobody_knows_the_noise():
    assert all(math.isinf(estimate.error) for estimate in shifts({k: [0.1 * k] for k in range(5)}).values())
    known = shifts({k: [0.1 * k] for k in range(6)})
    assert (known[5].error, known[5].freedom) == (pytest.approx(1.4826 * 0.25), 3)
    assert shifts({}) == {}


def noise(random, shape):
    """Logarithms of seconds as on a machine that is shared: normal, and now and then much slower."""
    return 0.1 * random.standard_normal(shape) + np.where(random.random(shape) < 0.1, random.exponential(0.3, shape), 0)


@pytest.mark.parametrize("runs", [1, 3, 5])
def test_unchanged_code_gives_no_false_alarm(runs):
    random, alarms = np.random.default_rng(runs), 0
    for _ in range(400):
        differences = noise(random, (13, runs)) - noise(random, (13, runs))
        estimates = shifts(dict(enumerate(differences.tolist()))).values()
        alarms += min(holm([estimate.chance(1) for estimate in estimates])) < 0.025
    assert alarms <= 0.05 * 400


def test_half_as_slow_again_is_mostly_found_in_five_pairs():
    random, found = np.random.default_rng(0), 0
    for _ in range(200):
        differences = noise(random, (13, 5)) - noise(random, (13, 5))
        differences[3] += math.log(1.5)
        estimates = shifts(dict(enumerate(differences.tolist())))
        found += holm([estimates[cell].chance(1) for cell in range(13)])[3] < 0.025
    assert found > 0.6 * 200


def test_relative_change_of_errors():
    old = np.array([[1.0, 2.0, 3.0]])
    weights = np.array([10.0, 10.0, 20.0])
    same = relative(old, 1.1 * old, weights)
    assert (same.value, same.error) == (pytest.approx(0.1), 0.0)  # the same factor in every block
    apart = relative(old, old * np.array([1.1, 1.1, 1.1 + 1e-4]), weights)
    assert apart.error > 0.02  # blocks differ in what they gained
    one = relative(old[:, :1], 1.1 * old[:, :1], weights[:1])
    assert (one.value, one.error) == (pytest.approx(0.1), 0.0)
    seeds = np.array([[1.0], [2.0], [7.0]])
    assert relative(seeds, 1.1 * seeds, weights[:1]).error == 0.0  # the same factor under every seed
    of_seeds = relative(seeds, seeds + np.array([[0.3], [-0.4], [0.2]]), weights[:1])
    assert of_seeds.chance(1) > 0.1
    assert of_seeds.freedom == 2
