"""What a tier and an interval promise: equal solvers stand together, different ones apart, 95 % means 95 %."""

import math

import numpy as np
import pytest

from kineticbench.ranking.intervals import ErrorSample, prepare
from kineticbench.ranking.tiers import tiers

FLOOR = 0.01


def sample(values, floor=0.0, first_seed=0):
    seeds = tuple(range(first_seed, first_seed + len(values)))
    return ErrorSample(values, seeds, np.full(values.shape[1], 100.0), floor)


def runs(random, seeds, blocks):
    """Errors of one method: hard and easy cases, luck of each seed, noise of each block under each seed."""
    hard = random.lognormal(-3, 0.5, blocks)
    return hard * random.normal(1, 0.1, (seeds, 1)) * random.normal(1, 0.02, (seeds, blocks))


def swapped(random, a, b):
    """Two solvers' results with each case (or their only one) exchanged by chance."""
    change = random.random(a.shape[1]) < 0.5
    return np.where(change, b, a), np.where(change, a, b)


@pytest.mark.parametrize("own_seeds", [False, True])
@pytest.mark.parametrize("blocks", [1, 64])
@pytest.mark.parametrize("seeds", [3, 5])
def test_shuffling_the_seeds_of_equal_solvers_leaves_one_tier(seeds, blocks, own_seeds):
    random = np.random.default_rng([seeds, blocks])
    together, trials = 0, 500
    for _ in range(trials):
        both = random.permutation(runs(random, 2 * seeds, blocks))
        pair = [sample(both[:seeds]), sample(both[seeds:], first_seed=100 * own_seeds)]
        together += tiers(pair) == [1, 1]
    assert together / trials >= 0.95


@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_shuffling_the_cases_of_equal_solvers_leaves_one_tier(seeds):
    random = np.random.default_rng(seeds)
    together, trials = 0, 500
    for _ in range(trials):
        hard = random.lognormal(-3, 0.5, 64)
        pair = swapped(random, *(hard * random.normal(1, 0.1, (seeds, 64)) for _ in range(2)))
        together += tiers([sample(values) for values in pair]) == [1, 1]
    assert together / trials >= 0.95


def test_one_seed_of_one_case_ties_within_the_floor():
    random = np.random.default_rng(1)
    together, trials = 0, 500
    for _ in range(trials):
        # distances of two exact samples of 30 particles: the floor is their root mean square
        pair = FLOOR * np.sqrt(random.chisquare(30, 2) / 30)
        together += tiers([sample(np.full((1, 1), error), FLOOR) for error in pair]) == [1, 1]
    assert together / trials >= 0.95


@pytest.mark.parametrize("blocks", [1, 64])
@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_a_difference_of_two_floors_separates_every_time(seeds, blocks):
    random = np.random.default_rng([seeds, blocks, 2])
    for _ in range(100):
        hard = random.lognormal(-2, 0.5, blocks)
        worse, better = (
            sample(hard + shift + random.normal(0, 0.05 * FLOOR, (seeds, blocks)), FLOOR) for shift in (2 * FLOOR, 0.0)
        )
        assert tiers([worse, better]) == [2, 1]


@pytest.mark.parametrize("blocks", [1, 64])
@pytest.mark.parametrize(("seeds", "most"), [(2, 0.965), (3, 0.965), (5, 0.965), (12, 0.97)])
def test_the_interval_over_few_seeds_covers_as_often_as_it_says(seeds, most, blocks):
    random = np.random.default_rng([seeds, blocks, 3])
    made = [sample(2 + random.normal(0, 0.2, (seeds, 1)) + np.zeros((seeds, blocks))) for _ in range(2000)]
    prepare(made)
    covered = np.mean([one.interval.contains(2.0) for one in made])
    assert 0.935 <= covered <= most


@pytest.mark.parametrize("seeds", [3, 5])
def test_the_interval_over_few_seeds_of_a_skewed_error_is_little_too_narrow(seeds):
    random = np.random.default_rng([seeds, 4])
    made = [sample(random.lognormal(0, 0.3, (seeds, 1))) for _ in range(2000)]
    prepare(made)
    assert np.mean([one.interval.contains(math.exp(0.045)) for one in made]) >= 0.93
