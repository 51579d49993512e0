"""Boxes, steps, values at points, and answers at times between steps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import Diverged, HomogeneousLandau, InitialDensity, InvalidInput, Query
from kineticbench.numerics import bkw
from kineticbench.numerics.landau_box import edge, level, velocity_box
from kineticbench.numerics.landau_march import march, stable_step
from kineticbench.numerics.landau_operator import Collision, LandauOperator, VelocityGrid
from kineticbench.numerics.landau_stepping import stages, step
from kineticbench.numerics.landau_values import density_and_score, dissipation, entropy, floor

START = bkw.start(2, 1 / 16, 1.0, 4.0)
LAW: Any = bkw.law(2, 1 / 16, 1.0)
EQUATION = HomogeneousLandau(2, 0.0, 1 / 16)


class Flat(InitialDensity):
    def density(self, v):
        return np.ones((1, len(v)))

    def score(self, v):
        return np.zeros((1, *v.shape))

    def sample(self, start, particles, seed):
        raise AssertionError("A grid draws no particles.")


def decay(f: np.ndarray) -> Collision:
    """∂f/∂t = −3f."""
    return Collision(-3 * f, 3.0)


@pytest.mark.parametrize("order", [2, 4])
def test_steps_have_their_order_on_exponential_decay(order):
    def error(number: int) -> float:
        f = np.ones(3)
        for _ in range(number):
            f = step(decay, f, decay(f), 1 / number, order)
        return float(np.abs(f - np.exp(-3)).max())

    assert np.log2(error(8) / error(16)) == pytest.approx(order, abs=0.35)


def test_the_stabilised_step_is_stable_for_every_rate():
    rates = np.concatenate([[0.0], np.geomspace(0.1, 400, 300)])
    f = np.ones_like(rates)
    for _ in range(5):
        f = step(lambda f: Collision(-rates * f, 400.0), f, Collision(-rates * f, 400.0), 1.0, 2)
    assert np.abs(f).max() <= 1 + 1e-12
    assert f[0] == pytest.approx(1)
    assert stages(400.0, 1.0) < 30


def test_a_step_of_another_order_or_of_too_many_stages_is_refused():
    with pytest.raises(InvalidInput, match="order"):
        step(decay, np.ones(2), decay(np.ones(2)), 0.1, 3)
    with pytest.raises(InvalidInput, match="Take dt"):
        stages(1e9, 1.0)


@pytest.mark.parametrize("points", [np.random.default_rng(1).uniform(-3, 3, (40, 2)), None])
def test_values_and_scores_at_any_point(points):
    if points is None:  # a tensor grid
        points = np.stack(np.meshgrid(np.linspace(-3, 3, 7), np.linspace(-2, 2, 5)), axis=-1).reshape(-1, 2)
    grid, values = velocity_box(START, 2, 48)
    f, scores = density_and_score(grid, values[0].reshape(grid.shape), points)
    assert scores is not None
    np.testing.assert_allclose(f, LAW.density(0.0, points), atol=1e-13)
    np.testing.assert_allclose(scores, LAW.score(0.0, points), atol=1e-7)


def test_beyond_what_is_resolved_the_score_is_that_of_the_maxwellian_and_f_is_zero_outside():
    grid, values = velocity_box(START, 2, 32)
    far = np.array([[grid.half_width + 1, 0.0], [0.0, -2 * grid.half_width]])
    f, scores = density_and_score(grid, values[0].reshape(grid.shape), far)
    assert scores is not None
    np.testing.assert_array_equal(f, 0)
    np.testing.assert_allclose(scores, -far, atol=1e-5)


def test_entropy_and_dissipation_are_those_of_the_law():
    grid, values = velocity_box(START, 2, 64)
    f = values[0].reshape(grid.shape)
    assert entropy(grid, f) == pytest.approx(LAW.entropy(np.zeros(1))[0], abs=1e-9)
    rate = LandauOperator(grid, EQUATION).collide(f).rate
    assert dissipation(grid, f, rate) == pytest.approx(LAW.dissipation(np.zeros(1))[0], rel=1e-7)
    assert 0 < floor(f) < 1e-10


def test_the_box_holds_start_and_equilibrium_about_the_mean():
    from kineticbench.numerics.velocity_mixture import GaussianMixture
    from kineticbench.numerics.velocity_start import VelocityStart

    cold = VelocityStart(GaussianMixture((1.0,), ((3.0, -1.0),), ((1.0, 0.04),)), 8.0)
    grid, values = velocity_box(cold, 2, 96)
    np.testing.assert_allclose(grid.centre, [3.0, -1.0], atol=1e-9)
    assert 6.5 < grid.half_width < 7.5
    assert edge(values[0].reshape(grid.shape)) < 1e-9
    assert level(16) == pytest.approx(1e-7)
    assert level(64) == pytest.approx(1e-10)


def test_a_box_that_is_too_small_says_what_is_needed_and_a_flat_density_has_none():
    with pytest.raises(InvalidInput, match=r"Take half_width = 6\.79"):
        velocity_box(START, 2, 32, 2.0)
    with pytest.raises(InvalidInput, match="does not vanish"):
        velocity_box(Flat(), 2, 32)


def test_times_between_steps_change_nothing_else():
    grid, values = velocity_box(START, 2, 24)
    f, operator = values[0].reshape(grid.shape), LandauOperator(grid, EQUATION)
    points = np.array([[0.3, 0.1], [1.0, -1.0]])
    whole = march(operator, f, Query(np.array([0.0, 0.4]), np.array([0.4]), points), 0.1, 2)
    more = march(operator, f, Query(np.array([0.0, 0.17, 0.25, 0.4]), np.array([0.05, 0.33, 0.4]), points), 0.1, 2)
    assert whole.density is not None
    assert more.density is not None
    np.testing.assert_array_equal(more.density[[0, 3]], whole.density)
    np.testing.assert_allclose(more.density[1], LAW.density(0.17, points), rtol=2e-4)
    np.testing.assert_allclose(more.covariance[-1], np.eye(2), atol=2e-4)
    assert more.fourth_moment[0] == pytest.approx(LAW.fourth_moment(np.array([0.05]))[0], rel=1e-4)


def test_an_unstable_step_is_refused_with_a_stable_one():
    grid, values = velocity_box(START, 2, 24)
    f, operator = values[0].reshape(grid.shape), LandauOperator(grid, EQUATION)
    query = Query(np.array([1.0]), points=np.zeros((1, 2)))
    with pytest.raises(Diverged, match=r"unstable at order 4.*Take dt = 0\.01"):
        march(operator, f, query, 0.5, 4)
    assert stable_step(operator, f, 2) == pytest.approx(5 * stable_step(operator, f, 4))


def test_the_nodes_are_cell_centres():
    grid = VelocityGrid(8, 2.0, (1.0, 0.0))
    nodes = grid.nodes()
    np.testing.assert_allclose(nodes[0], [1 - 1.75, -1.75])
    np.testing.assert_allclose(nodes[-1], [1 + 1.75, 1.75])
    assert grid.volume == pytest.approx(0.25)
