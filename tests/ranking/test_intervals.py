import math

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.ranking.bootstrap import at_most, deviations
from kineticbench.ranking.intervals import ErrorSample, difference, prepare


def sample(values, seeds=None, **kwargs):
    values = np.atleast_2d(np.asarray(values, float))
    counts = kwargs.pop("counts", np.ones(values.shape[1]))
    return ErrorSample(values, tuple(seeds if seeds is not None else range(len(values))), counts, **kwargs)


def width(between):
    assert between.half_width is not None
    return between.half_width


def test_mean_weighs_blocks_by_their_cases():
    assert sample([[1.0, 4.0]], counts=np.array([2.0, 1.0])).mean == pytest.approx(2.0)


def test_one_case_and_a_deterministic_method_have_a_bias_and_no_interval():
    alone = sample([[0.25], [0.25], [0.25]])
    assert alone.deterministic
    assert alone.interval.half_width is None
    assert alone.interval.estimate == 0.25
    between = difference(alone, sample([[0.5]]))
    assert between.half_width is None
    assert not between.contains(0.0)


@pytest.mark.parametrize(("seeds", "blocks", "axis"), [(1, 64, "blocks"), (3, 1, "seeds"), (5, 64, "both")])
def test_the_interval_covers_the_truth_as_often_as_it_says(seeds, blocks, axis):
    random = np.random.default_rng(7)
    hits, trials = 0, 1000
    for _ in range(trials):
        by_seed = random.normal(0, 0.1, (seeds, 1)) if axis != "blocks" else 0.0
        by_block = random.normal(0, 0.3, (1, blocks)) if axis != "seeds" else 0.0
        between = sample(2.0 + by_seed + by_block + np.zeros((seeds, blocks))).interval
        hits += between.contains(2.0)
    assert 0.93 <= hits / trials <= 0.995


def test_half_width_matches_the_student_interval_of_many_blocks():
    values = np.random.default_rng(3).normal(1.0, 0.2, 64)
    student = 1.998 * values.std(ddof=1) / 8
    assert sample(values).interval.half_width == pytest.approx(student, rel=0.05)


def test_few_seeds_have_student_s_interval():
    assert sample([[1.0], [2.0], [3.0]]).interval.half_width == pytest.approx(4.302653 / math.sqrt(3), rel=1e-6)
    assert sample([[1.0], [2.0]]).interval.half_width == pytest.approx(12.706205 / 2, rel=1e-6)


@pytest.mark.parametrize("n", [2, 3, 9, 10, 64])
def test_no_interval_is_wider_than_its_bound(n):
    random = np.random.default_rng(n)
    for items in (
        random.normal(size=(200, n)),
        random.lognormal(0, 2, (200, n)),
        (random.random((200, n)) < 0.1) + 0.0,
    ):
        down, up = deviations(items, np.ones(n))
        assert (np.maximum(down, up) <= at_most(items) * (1 + 1e-12)).all()


def test_intervals_worked_out_together_are_those_worked_out_alone():
    random = np.random.default_rng(4)
    values = [random.lognormal(0, 1, (seeds, blocks)) for seeds in (1, 3, 12) for blocks in (1, 64) for _ in range(5)]
    together = [sample(one) for one in values]
    prepare(together)
    for one, other in zip(values, together, strict=True):
        alone = sample(one).interval
        assert other.__dict__["interval"].estimate == alone.estimate
        assert (other.interval.low is None) == (alone.low is None)
        if alone.low is not None:
            assert (other.interval.low, other.interval.high) == pytest.approx((alone.low, alone.high), rel=1e-12)


def test_pairing_removes_what_both_share():
    random = np.random.default_rng(1)
    hard = random.lognormal(0, 1, 64)
    a, b = sample(hard), sample(hard + 0.01 + 0.001 * random.normal(size=64))
    assert width(a.interval) > 0.1
    assert width(difference(b, a)) < 0.001
    assert not difference(b, a).contains(0.0)


def test_seeds_pair_where_both_ran_the_same_ones_in_any_order():
    shared = np.random.default_rng(5).normal(1.0, 0.5, (4, 1)) + np.zeros((4, 64))
    a = sample(shared, seeds=[0, 1, 2, 3])
    b = sample(shared[::-1] + 0.01, seeds=[3, 2, 1, 0])
    assert difference(b, a).half_width is None
    unpaired = sample(shared + 0.01, seeds=[4, 5, 6, 7])
    assert width(difference(unpaired, a)) > 0.5


def test_the_difference_is_antisymmetric():
    random = np.random.default_rng(9)
    a, b = sample(random.gamma(2, size=(3, 64))), sample(random.gamma(2, size=(2, 64)), seeds=[7, 8])
    there, back = difference(a, b), difference(b, a)
    assert there.estimate == pytest.approx(-back.estimate)
    assert back.high is not None
    assert there.low == pytest.approx(-back.high, rel=1e-6)


def test_the_same_sample_gives_the_same_interval():
    values = np.random.default_rng(2).normal(size=(3, 64))
    assert sample(values).interval == sample(values.copy()).interval


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(InvalidInput, match="same cases"):
        difference(sample(np.ones(64)), sample(np.ones(32)))
    with pytest.raises(InvalidInput, match="shape"):
        ErrorSample(np.ones((2, 3)), (0,), np.ones(3))
