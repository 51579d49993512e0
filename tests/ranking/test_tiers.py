import numpy as np
import pytest

from kineticbench.ranking.intervals import ErrorSample
from kineticbench.ranking.tiers import Comparison, tied, tiers


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


@pytest.mark.parametrize("blocks", [1, 5, 64])
def test_comparing_one_with_many_is_comparing_each_pair(blocks):
    random = np.random.default_rng(blocks)
    counts = 100.0 + np.arange(blocks)
    hard = random.lognormal(0, 0.1, blocks)
    samples = []
    for _ in range(30):
        seeds = int(random.integers(1, 13))
        luck = random.normal(1, random.choice([0.0, 0.01, 0.1]), (seeds, 1))
        values = hard * random.choice([1.0, 1.1, 2.0]) * luck * random.normal(1, 0.02, (seeds, blocks))
        drawn = tuple(int(seed) for seed in random.permutation(seeds)) if random.random() < 0.7 else tuple(range(seeds))
        floor, bar = random.choice([0.0, 0.01], 2)
        samples.append(ErrorSample(values, drawn, counts, float(floor), float(bar)))
    samples.append(samples[0])
    compared, everything = Comparison(samples), np.arange(len(samples))
    verdicts = np.array([compared.tied(one, everything) for one in everything.tolist()])
    assert verdicts.tolist() == [[tied(a, b) for b in samples] for a in samples]
    assert 0.1 < verdicts.mean() < 0.9


def test_tiers_follow_their_leaders_also_where_there_are_many():
    random = np.random.default_rng(0)
    errors = np.sort(random.uniform(0, 10, 1500))
    places = np.array(tiers([exact(error, floor=0.5) for error in errors]))
    leaders = [errors[places == tier][0] for tier in range(1, places.max() + 1)]
    assert (np.diff(leaders) > 0.5).all()
    for tier, leader in enumerate(leaders, 1):
        assert (errors[places == tier] <= leader + 0.5).all()


def test_one_setting_and_errors_of_any_size_and_sign():
    assert tiers([exact(0.0)]) == [1]
    assert tiers([exact(-1.0), exact(1e150), exact(0.0), exact(1e-300)]) == [1, 4, 2, 3]
