import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kineticbench.contracts import InvalidInput
from kineticbench.ranking.frontier import cost_to_reach, pareto, performance_profile, profile_jumps

points = st.lists(st.tuples(st.integers(1, 20), st.integers(1, 20)), min_size=1, max_size=30)


def test_frontier_known_answer():
    errors = [1.0, 0.5, 0.6, 0.1, 0.1, math.nan, 0.01]
    costs = [1.0, 2.0, 3.0, 4.0, 5.0, 0.1, math.inf]
    assert pareto(errors, costs) == [0, 1, 3]


def test_equal_settings_share_the_frontier():
    assert pareto([0.5, 0.5, 0.5], [1.0, 1.0, 2.0]) == [0, 1]


@given(points)
def test_frontier_is_exactly_the_settings_that_none_dominates(drawn):
    errors, costs = zip(*drawn, strict=True)

    def dominated(i):
        return any(
            errors[j] <= errors[i] and costs[j] <= costs[i] and (errors[j], costs[j]) != (errors[i], costs[i])
            for j in range(len(drawn))
        )

    assert sorted(pareto(errors, costs)) == [i for i in range(len(drawn)) if not dominated(i)]


@pytest.mark.parametrize("order", [1.0, 1.6, 2.0])
def test_interpolation_is_exact_for_a_convergent_method(order):
    costs = [1.0, 2.0, 8.0, 32.0]
    errors = [0.3 * cost**-order for cost in costs]
    for cost in (1.0, 1.5, 5.0, 31.0):
        assert cost_to_reach(errors, costs, 0.3 * cost**-order) == pytest.approx(cost, rel=1e-12)


def test_nothing_is_extrapolated():
    errors, costs = [0.1, 0.01], [1.0, 10.0]
    assert cost_to_reach(errors, costs, 0.5) == 1.0
    assert cost_to_reach(errors, costs, 0.009) is None
    assert cost_to_reach([], [], 0.1) is None
    assert cost_to_reach([0.1, 0.0], [1.0, 10.0], 0.05) == 10.0
    with pytest.raises(InvalidInput):
        cost_to_reach(errors, costs, 0.0)


def test_dominated_settings_do_not_raise_the_price():
    assert cost_to_reach([0.1, 0.2, 0.001], [1.0, 5.0, 100.0], 0.01) == pytest.approx(10.0)


def test_performance_profile_known_answer():
    costs = np.array([[1.0, 2.0], [4.0, 1.0], [3.0, math.nan], [math.inf, math.inf]])
    profile = performance_profile(costs, [1.0, 2.0, 4.0])
    np.testing.assert_allclose(profile, [[0.5, 0.5, 0.75], [0.25, 0.5, 0.5]])
    with pytest.raises(InvalidInput):
        performance_profile(np.array([[0.0]]), [1.0])


def test_a_profile_where_it_rises_is_the_profile():
    random = np.random.default_rng(0)
    costs = random.lognormal(0, 1, (40, 7))
    costs[random.random(costs.shape) < 0.2] = math.nan
    costs[:, 6] = math.inf
    jumps = profile_jumps(costs)
    assert jumps[6][0].size == 0
    for solver, (ratios, shares) in enumerate(jumps[:6]):
        assert performance_profile(costs, ratios.tolist())[solver].tolist() == pytest.approx(shares.tolist())
        assert performance_profile(costs, (ratios * (1 - 1e-9)).tolist())[solver][0] == 0


def test_the_profile_is_that_of_its_definition():
    costs = np.random.default_rng(1).lognormal(0, 1, (30, 5))
    ratios = [1.0, 1.5, 3.0, 10.0]
    expected = [[(costs[:, s] <= tau * costs.min(axis=1)).mean() for tau in ratios] for s in range(5)]
    np.testing.assert_allclose(performance_profile(costs, ratios), expected)


@pytest.mark.parametrize(("errors", "costs"), [([1e150, 1e-320], [1e-300, 1e300]), ([1e-2, -1.0], [1.0, 2.0])])
def test_figures_of_any_size_are_interpolated_or_taken_as_they_are(errors, costs):
    reached = cost_to_reach(errors, costs, 1e-3)
    assert reached is not None
    assert costs[0] <= reached <= costs[1]
