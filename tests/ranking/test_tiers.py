import numpy as np
import pytest

from kineticbench.ranking.intervals import ErrorSample
from kineticbench.ranking.tiers import tied, tiers

COUNTS = np.full(64, 100.0)


def exact(error, floor=0.0, bar=0.0):
    return ErrorSample(np.full((1, 1), error), (0,), np.ones(1), floor, bar)


def test_a_difference_within_floor_or_bar_is_a_tie():
    assert tied(exact(1.0, floor=0.2), exact(1.1))
    assert tied(exact(1.0), exact(1.1, bar=0.2))
    assert not tied(exact(1.0, floor=0.05), exact(1.1, bar=0.05))
    assert tied(exact(1.0), exact(1.0))


def test_ties_are_not_transitive_so_the_leader_decides():
    chain = [exact(error, floor=0.15) for error in (1.2, 1.0, 1.1, 1.3)]
    # 1.0 ties with 1.1 and 1.1 with 1.2, but 1.0 and 1.2 differ: 1.2 leads the second tier, which 1.3 joins
    assert tiers(chain) == [2, 1, 1, 2]


def test_no_settings_no_tiers():
    assert tiers([]) == []


@pytest.mark.parametrize("seeds", [2, 3, 5])
def test_shuffling_seeds_between_equal_solvers_keeps_them_in_one_tier(seeds):
    random = np.random.default_rng(seeds)
    hard = random.lognormal(-3, 0.5, 64)
    together, trials = 0, 400
    for _ in range(trials):
        luck = random.normal(1.0, 0.1, (2 * seeds, 1))
        runs = hard * luck * random.normal(1.0, 0.02, (2 * seeds, 64))
        shuffled = random.permutation(2 * seeds)
        a, b = (
            ErrorSample(runs[part], tuple(range(k * 100, k * 100 + seeds)), COUNTS)
            for k, part in enumerate((shuffled[:seeds], shuffled[seeds:]))
        )
        together += tiers([a, b]) == [1, 1]
    assert together / trials >= 0.95


@pytest.mark.parametrize("seeds", [1, 3, 5])
def test_a_real_difference_of_two_floors_separates(seeds):
    random = np.random.default_rng(11)
    floor, apart, trials = 0.01, 0, 200
    hard = random.lognormal(-2, 0.5, 64)
    for _ in range(trials):
        a, b = (
            ErrorSample(hard + shift + random.normal(0, 0.001, (seeds, 64)), tuple(range(seeds)), COUNTS, floor)
            for shift in (0.0, 2 * floor)
        )
        apart += tiers([a, b]) == [1, 2]
    assert apart / trials >= 0.95
