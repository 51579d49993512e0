"""Seeds come from chance, from what was sent in, and from nothing else."""

from __future__ import annotations

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.submissions.drawing import draw


def test_the_same_base_draws_the_same_seeds_for_the_same_submission():
    one = draw("a" * 64, 3, given="base")
    assert one.seeds == draw("a" * 64, 3, beacon="base").seeds
    assert one.seeds == draw("a" * 64, 5, given="base").seeds[:3]
    assert one.seeds != draw("b" * 64, 3, given="base").seeds
    assert one.seeds != draw("a" * 64, 3, given="another").seeds
    assert one.seeds == ((233297795, 1501788113), *one.seeds[1:])  # what others must draw as well


def test_chance_draws_other_seeds_each_time():
    one, other = draw("a" * 64, 3), draw("a" * 64, 3)
    assert one.source == other.source == "chance"
    assert set(one.seeds).isdisjoint(other.seeds)
    assert draw("a" * 64, 3, given=one.base).seeds == one.seeds


def test_seeds_are_new_differ_and_fit_everywhere():
    first = draw("a" * 64, 1, given="base").seeds[0]
    seeds = [seed for pair in draw("a" * 64, 50, given="base", taken=set(first)).seeds for seed in pair]
    assert len(set(seeds)) == 100
    assert set(first).isdisjoint(seeds)
    assert all(1 << 16 <= seed < 1 << 31 for seed in seeds)


@pytest.mark.parametrize("given", [{"given": "a", "beacon": "b"}, {"given": " "}, {"beacon": "x" * 2000}])
def test_what_is_no_base(given):
    with pytest.raises(InvalidInput):
        draw("a" * 64, 1, **given)
