"""W1 against sorting by hand, SciPy, POT and brute force on the circle."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.optimize import linprog
from scipy.stats import wasserstein_distance

from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Reference,
    Solution,
    Trajectory,
    VlasovPoisson,
)
from kineticbench.metrics import load
from kineticbench.metrics.wasserstein import wasserstein_1

LENGTH = 7.0


def transport(x, y, w_x, w_y, length):
    """Optimal transport on the circle as a linear program: every coupling is searched."""
    gap = np.abs(x[:, None] - y[None])
    cost = np.minimum(gap, length - gap)
    n, m = cost.shape
    rows = np.kron(np.eye(n), np.ones(m))
    columns = np.kron(np.ones(n), np.eye(m))
    found = linprog(cost.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([w_x, w_y]), method="highs")
    return found.fun


def test_equal_weights_are_the_mean_difference_of_sorted_samples():
    draw = np.random.default_rng(1)
    x, y = draw.normal(size=(3, 1200, 64)), draw.normal(1.0, 2.0, size=(3, 1200, 64))
    by_hand = np.abs(np.sort(x, -1) - np.sort(y, -1)).mean(-1)
    np.testing.assert_allclose(wasserstein_1(x, y), by_hand, rtol=0, atol=1e-14)


def test_equals_scipy_and_pot():
    import ot

    draw = np.random.default_rng(2)
    x, y = draw.normal(size=(50, 256)), draw.standard_cauchy(size=(50, 256))
    ours = wasserstein_1(x, y)
    scipy = np.array([wasserstein_distance(a, b) for a, b in zip(x, y, strict=True)])
    np.testing.assert_allclose(ours, scipy, rtol=1e-12)
    np.testing.assert_allclose(ours, ot.wasserstein_1d(x.T, y.T, p=1), rtol=1e-12)


def test_weights_and_sizes_may_differ():
    draw = np.random.default_rng(3)
    x, y = draw.normal(size=(20, 40)), draw.normal(size=(20, 33))
    w_x, w_y = draw.uniform(size=(20, 40)), draw.uniform(size=(20, 33))
    scipy = [wasserstein_distance(*row) for row in zip(x, y, w_x, w_y, strict=True)]
    np.testing.assert_allclose(wasserstein_1(x, y, w_x, 5 * w_y), scipy, rtol=1e-12)
    scipy = [wasserstein_distance(a, b) for a, b in zip(x, y, strict=True)]
    np.testing.assert_allclose(wasserstein_1(x, y), scipy, rtol=1e-12)


def test_a_weight_of_two_is_a_particle_twice():
    draw = np.random.default_rng(4)
    x, y = draw.uniform(0, LENGTH, size=(30, 12)), draw.uniform(0, LENGTH, size=(30, 17))
    w_x, w_y = draw.integers(1, 4, size=12), draw.integers(0, 4, size=17)
    many = wasserstein_1(np.repeat(x, w_x, axis=1), np.repeat(y, w_y, axis=1), length=LENGTH)
    weighted = wasserstein_1(x, y, w_x[None].astype(float), w_y[None].astype(float), length=LENGTH)
    np.testing.assert_allclose(weighted, many, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 2, 5, 8])
def test_circle_is_the_cheapest_coupling(n):
    draw = np.random.default_rng(n)
    for _ in range(20):
        x, y = draw.uniform(0, LENGTH, size=n), draw.uniform(0, LENGTH, size=n)
        equal = np.full(n, 1 / n)
        assert wasserstein_1(x, y, length=LENGTH) == pytest.approx(transport(x, y, equal, equal, LENGTH), abs=1e-9)
        z, w_x, w_z = draw.uniform(0, LENGTH, size=n + 2), draw.dirichlet(np.ones(n)), draw.dirichlet(np.ones(n + 2))
        expected = transport(x, z, w_x, w_z, LENGTH)
        assert wasserstein_1(x, z, w_x, w_z, length=LENGTH) == pytest.approx(expected, abs=1e-9)


def test_circle_equals_pot():
    import ot

    draw = np.random.default_rng(5)
    x, y = draw.uniform(0, LENGTH, size=(20, 200)), draw.uniform(0, LENGTH, size=(20, 200))
    pot = np.asarray(ot.wasserstein_circle(x.T / LENGTH, y.T / LENGTH, p=1))
    np.testing.assert_allclose(wasserstein_1(x, y, length=LENGTH), LENGTH * pot, rtol=1e-10)


def test_circle_is_exactly_the_line_within_half_the_box():
    draw = np.random.default_rng(6)
    x, y = draw.uniform(1, 1 + LENGTH / 2, size=(2, 300, 32))
    assert (wasserstein_1(x, y, length=LENGTH) == wasserstein_1(x, y)).all()


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(float, (3, 9), elements=st.floats(0, LENGTH, exclude_max=True)),
    st.floats(0, LENGTH),
)
def test_circle_does_not_see_where_the_box_begins(samples, shift):
    x, y, z = samples

    def distance(a, b):
        return float(wasserstein_1(a, b, length=LENGTH))

    assert distance(np.mod(x + shift, LENGTH), np.mod(y + shift, LENGTH)) == pytest.approx(distance(x, y), abs=1e-9)
    assert distance(x, y) == pytest.approx(distance(y, x), abs=1e-12)
    assert distance(x, x) == 0
    assert distance(x, z) <= distance(x, y) + distance(y, z) + 1e-9
    assert distance(x, y) <= float(wasserstein_1(x, y)) + 1e-12


def test_a_cloud_across_the_edge_of_the_box_is_near():
    x = np.array([[0.1, LENGTH - 0.1]])
    y = np.array([[LENGTH - 0.3, LENGTH - 0.1]])
    assert wasserstein_1(x, y, length=LENGTH)[0] == pytest.approx(0.2)  # 0.1 goes back by 0.4, over the edge


def test_outside_the_box_and_no_mass_are_refused():
    with pytest.raises(InvalidInput, match="must lie in"):
        wasserstein_1(np.array([0.0, 8.0]), np.array([0.0, 1.0]), length=LENGTH)
    with pytest.raises(InvalidInput, match="sum to zero"):
        wasserstein_1(np.ones((2, 2)), np.ones((2, 2)), np.array([[0.0, 0.0], [1.0, 2.0]]))


def scored(name, x, y, paired=True, **reference):
    """The metric's score of states x (time, case, particle, 2) against y, columns q and p."""
    weights = np.full(x.shape[1:3], 1.0)
    solution = Solution(trajectory=Trajectory(x[..., :1], x[..., 1:], weights))
    truth = Reference(trajectory=Trajectory(y[..., :1], y[..., 1:], weights), paired=paired, **reference)
    problem = Problem(VlasovPoisson(LENGTH, 1.0), None, None, Query(np.arange(float(len(x)))))
    return load(name)(solution, truth, problem)


def test_metrics_score_positions_on_the_circle_and_momenta_on_the_line():
    draw = np.random.default_rng(7)
    x, y = draw.uniform(0, LENGTH, size=(2, 4, 5, 16, 2))
    q = scored("w1_position", x, y)
    np.testing.assert_allclose(q.value, wasserstein_1(x[..., 0], y[..., 0], length=LENGTH))
    p = scored("w1_momentum", x, y)
    np.testing.assert_allclose(p.value, np.abs(np.sort(x[..., 1]) - np.sort(y[..., 1])).mean(-1), rtol=1e-12)
    np.testing.assert_array_equal(q.times, [0, 1, 2, 3])
    assert q.value.shape == (4, 5)


def test_floor_is_the_bar_where_paired_and_what_exact_samples_score_elsewhere():
    x = np.random.default_rng(8).uniform(0, LENGTH, size=(2, 3, 4, 2))
    bars = {"w1_momentum": np.array([0.1, 0.3])}
    floors = {"w1_momentum": np.array([0.2])}
    paired = scored("w1_momentum", x, x, bars=bars, floors=floors)
    np.testing.assert_array_equal(paired.bar, [0.1, 0.3])
    np.testing.assert_array_equal(paired.floor, [0.1, 0.3])
    unpaired = scored("w1_momentum", x, x, paired=False, bars=bars, floors=floors)
    np.testing.assert_array_equal(unpaired.floor, [0.2, 0.3])
    exact = scored("w1_position", x, x)
    assert not exact.bar.any()
    assert not exact.value.any()


def test_more_dimensions_are_refused():
    v = np.zeros((1, 2, 3, 2))
    trajectory = Trajectory(None, v, np.ones((2, 3)))
    problem = Problem(HomogeneousLandau(2, 0.0, 1.0), None, Ensemble(None, v[0]), Query(np.ones(1)))
    with pytest.raises(InvalidInput, match="one-dimensional"):
        load("w1_momentum")(Solution(trajectory), Reference(trajectory), problem)
