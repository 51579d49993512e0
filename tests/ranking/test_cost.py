import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kineticbench.contracts import InvalidInput
from kineticbench.ranking.cost import Cost, break_even

seconds = st.floats(0, 1e4)


def test_total_is_the_formula_of_the_rules():
    learned = Cost(data=10.0, fit=100.0, cold=3.0, warm=1.0, batch=4, amortised=True)
    # first case: 2 s of start-up and a quarter of a warm batch; every further case another quarter
    assert learned.total(1) == pytest.approx(10 + 100 + 2.25)
    assert learned.total(9) == pytest.approx(10 + 100 + 2.25 + 8 * 0.25)
    each_anew = Cost(data=10.0, fit=100.0, cold=3.0, warm=1.0, batch=4)
    assert each_anew.total(9) == pytest.approx(10 + 9 * 25 + 2.25 + 8 * 0.25)


@given(data=seconds, fit=seconds, extra=seconds, warm=seconds, batch=st.integers(1, 10_000), amortised=st.booleans())
def test_total_of_one_batch_is_what_was_measured(data, fit, extra, warm, batch, amortised):
    cost = Cost(data, fit, warm + extra, warm, batch, amortised)
    assert cost.total(batch) == pytest.approx(data + fit + warm + extra, rel=1e-12, abs=1e-9)


def test_a_cold_call_faster_than_a_warm_one_adds_nothing():
    assert Cost(0, 0, cold=0.9, warm=1.0, batch=1).total(3) == pytest.approx(3.0)


def test_seconds_of_another_machine_are_never_summed():
    assert Cost(1, 1, 1, 1, 1, amortised=True, elsewhere="big machine").total(5) is None
    with pytest.raises(InvalidInput, match="different machines"):
        break_even(Cost(1, 1, 1, 1, 1, True, "big machine"), [Cost(0, 0, 1, 1, 1)])


def test_total_is_unknown_without_a_cold_call():
    assert Cost(0, 0, None, 1.0, 1).total(1) is None


def test_break_even_known_answer():
    trained = Cost(data=0, fit=100, cold=1, warm=1, batch=1, amortised=True)
    classical = Cost(data=0, fit=0, cold=2, warm=2, batch=1)
    # 100 + n < 2 n from n = 101 on
    assert break_even(trained, [classical]) == 101
    assert break_even(trained, [classical, Cost(0, 0, 1.5, 1.5, 1)]) == 201


def test_break_even_never_and_at_once():
    trained = Cost(0, 100, 2, 2, 1, amortised=True)
    assert break_even(trained, [Cost(0, 0, 1, 1, 1)]) is None
    assert break_even(trained, [Cost(0, 0, 2, 2, 1)]) is None
    assert break_even(Cost(0, 0, 1, 1, 1, amortised=True), [Cost(0, 0, 2, 2, 1)]) == 1
    assert break_even(trained, []) == 1
    # cheaper by so little in each case that no number of cases is enough
    assert break_even(Cost(0, 1e6, 1, 1e-300, 1, amortised=True), [Cost(0, 0, 2e-300, 2e-300, 1)]) is None


@given(
    fit=st.integers(0, 10**6),
    e_trained=st.integers(1, 50),
    rivals=st.lists(st.tuples(st.integers(0, 1000), st.integers(1, 100)), min_size=1, max_size=4),
)
def test_break_even_is_the_first_n_that_stays_cheaper(fit, e_trained, rivals):
    trained = Cost(0, fit, e_trained, e_trained, 1, amortised=True)
    others = [Cost(0, 0, fixed + each, each, 1) for fixed, each in rivals]
    n = break_even(trained, others)

    def cheaper(m):
        return all(trained.fixed + m * trained.each < other.fixed + m * other.each for other in others)

    if n is None:
        assert not cheaper(10**9)
    else:
        assert cheaper(n)
        assert cheaper(n + 1)
        assert n == 1 or not cheaper(n - 1)


@pytest.mark.parametrize("bad", [{"warm": -1.0}, {"warm": math.nan}, {"fit": math.inf}, {"batch": 0}])
def test_costs_that_cannot_be_are_refused(bad):
    with pytest.raises(InvalidInput, match="finite seconds"):
        Cost(**{"data": 0.0, "fit": 0.0, "cold": 1.0, "warm": 1.0, "batch": 1, **bad})
    with pytest.raises(InvalidInput, match="At least one"):
        Cost(0, 0, 1, 1, 1).total(0)
