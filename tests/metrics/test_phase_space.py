"""W2 in phase space against closed forms, POT and its own sliced bound."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Problem, Query, Reference, Solution, Trajectory, VlasovPoisson
from kineticbench.metrics.phase_space import PhaseSpaceW2, exact_w2, sliced_w2

LENGTH = 10.0


def score(x, y, w_x=None, w_y=None, metric=None):
    def trajectory(z, weights):
        return Trajectory(z[..., :1], z[..., 1:], np.ones(z.shape[1:3]) if weights is None else weights)

    problem = Problem(VlasovPoisson(LENGTH, 1.0), None, None, Query(np.arange(float(len(x)))))
    solution, reference = Solution(trajectory(x, w_x)), Reference(trajectory(y, w_y), paired=True)
    return (metric or PhaseSpaceW2())(solution, reference, problem)


def equal(n):
    return np.full(n, 1 / n)


def test_a_common_shift_scores_its_length_in_any_order_and_across_the_edge():
    draw = np.random.default_rng(0)
    x = draw.uniform(0, LENGTH, size=(2, 3, 40, 2))
    y = x + np.array([0.3, 0.4])
    y[..., 0] = np.mod(y[..., 0], LENGTH)
    y = y[:, :, draw.permutation(40)]
    # Neighbours may be nearer than the shifted particle itself, so the shift of a random cloud is an upper bound …
    assert (score(x, y).value <= 0.5 + 1e-12).all()
    # … which is attained where particles are further apart than they move.
    lattice = np.stack([np.arange(0.0, 10.0, 1.0), np.zeros(10)], -1)[None, None]
    moved = lattice + np.array([0.3, 0.4])
    assert score(lattice, np.roll(moved, 3, axis=2)).value[0, 0] == pytest.approx(0.5, rel=1e-12)
    edge = np.array([[[[LENGTH - 0.3, 0.0]]]]), np.array([[[[0.1, 0.3]]]])
    assert score(*edge).value[0, 0] == pytest.approx(0.5)


def test_it_sees_the_joint_law_where_both_marginals_are_right():
    correlated = np.array([[1.0, -1.0], [2.0, 1.0]])[None, None]
    swapped = np.array([[1.0, 1.0], [2.0, -1.0]])[None, None]
    # Either momentum flips (cost 2² each) or positions exchange (cost 1² each): the cheaper is 1.
    assert score(correlated, swapped).value[0, 0] == pytest.approx(1.0)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_network_simplex_of_pot(weighted):
    import ot

    draw = np.random.default_rng(1)
    x, y = draw.uniform(0, LENGTH, size=(2, 60, 2))
    w_x, w_y = (draw.dirichlet(np.ones(60), size=2)) if weighted else (equal(60), equal(60))
    gap = np.abs(x[:, None, 0] - y[None, :, 0])
    cost = np.minimum(gap, LENGTH - gap) ** 2 + (x[:, None, 1] - y[None, :, 1]) ** 2
    expected = np.sqrt(ot.emd2(w_x, w_y, cost))
    assert exact_w2(x, y, w_x, w_y, LENGTH) == pytest.approx(expected, rel=1e-10)
    found = score(x[None, None], y[None, None], 3 * w_x[None], w_y[None])
    assert found.value[0, 0] == pytest.approx(expected, rel=1e-10)


def test_gaussians_have_their_closed_form():
    draw = np.random.default_rng(2)
    n = 800
    x, y = draw.normal(size=(2, n, 2))
    y = y * [1.5, 0.5] + [0.4, -0.3]
    truth = np.sqrt(0.4**2 + 0.3**2 + 0.5**2 + 0.5**2)
    assert exact_w2(x, y, equal(n), equal(n)) == pytest.approx(truth, rel=0.1)


def test_sliced_is_a_lower_bound_that_a_small_shift_attains():
    draw = np.random.default_rng(3)
    x, y = draw.normal(size=(2, 200, 2))
    many = equal(200)
    assert sliced_w2(x, y, many, many) <= exact_w2(x, y, many, many)
    shift = np.array([0.03, 0.04])
    assert sliced_w2(x, x + shift, many, many, projections=1000) == pytest.approx(0.05, rel=0.06)
    # In a box much longer than the cloud the cylinder is flat.
    inside = x / 10 + 50
    assert sliced_w2(inside, inside + shift, many, many, 1000.0, 1000) == pytest.approx(0.05, rel=0.06)
    wrapped, further = (np.mod(cloud + np.array([950.0, 0]), 1000.0) for cloud in (inside, inside + shift))
    assert sliced_w2(wrapped, further, many, many, 1000.0, 1000) == pytest.approx(0.05, rel=0.06)


def test_sliced_weights_are_repeated_particles():
    draw = np.random.default_rng(4)
    x, y, count = draw.normal(size=(30, 2)), draw.normal(size=(50, 2)), draw.integers(1, 4, size=30)
    weighted = sliced_w2(x, y, count / count.sum(), equal(50))
    repeated = sliced_w2(np.repeat(x, count, axis=0), y, equal(count.sum()), equal(50))
    assert weighted == pytest.approx(repeated, rel=1e-9)


def test_the_first_cases_are_scored_by_one_rule_and_the_kind_is_told():
    x, y = np.random.default_rng(5).uniform(0, LENGTH, size=(2, 1, 9, 20, 2))
    full = score(x, y)
    assert full.value.shape == (1, 9)
    assert full.extra == {"sliced": 0.0, "cases": 9.0}
    few = score(x, y, metric=PhaseSpaceW2(cases=4))
    np.testing.assert_array_equal(few.value, full.value[:, :4])
    sliced = score(x, y, metric=PhaseSpaceW2(exact_points=19))
    assert sliced.extra["sliced"] == 1
    assert (sliced.value < full.value).all()
    big = np.random.default_rng(6).uniform(0, LENGTH, size=(1, 20, 512, 2))
    assert score(big, big).value.shape == (1, 16)
