import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.leapfrog import stops


@given(
    st.lists(st.floats(0, 1e4), min_size=1, max_size=8),
    st.floats(1e-3, 10),
)
def test_parts_add_up_to_the_time(times, step):
    for time, (whole, rest) in zip(times, stops(np.array(times), step), strict=True):
        assert 0 <= rest < step
        assert whole * step + rest == pytest.approx(time, rel=1e-12, abs=1e-9 * step * max(whole, 1))


@given(st.integers(0, 10**6), st.integers(1, 10**4))
def test_grid_times_leave_exactly_nothing(n, denominator):
    step = 1 / denominator
    assert stops(np.array([n / denominator, n * step]), step) == [(n, 0.0), (n, 0.0)]


def test_a_time_just_below_a_grid_point_is_on_it():
    assert stops(np.array([0.1 * 3, 0.3]), 0.1) == [(3, 0.0), (3, 0.0)]
    assert stops(np.array([0.3 - 1e-6]), 0.1) == [(2, pytest.approx(0.1 - 1e-6))]


@pytest.mark.parametrize(
    ("times", "step"),
    [(np.array([-0.1]), 0.1), (np.array([np.nan]), 0.1), (np.array([1.0]), 0.0), (np.array([1.0]), float("nan"))],
)
def test_bad_input_is_refused(times, step):
    with pytest.raises(InvalidInput):
        stops(times, step)
