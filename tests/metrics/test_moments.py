"""Covariance and fourth moment: closed forms, weights, grids, and floors of the start."""

from __future__ import annotations

import numpy as np
import pytest
from cooling import TIMES, density, grid, score, start, trajectory

from kineticbench.contracts import InvalidInput, Solution, Unsupported


@pytest.mark.parametrize(("name", "power"), [("covariance", 2), ("fourth_moment", 4)])
def test_exact_particles_score_their_floor_as_their_number_says(name, power):
    """Relative sampling errors over many starts: √(d(d+1)/n)/√d of the covariance, √(Var|v|⁴/n)/⟨|v|⁴⟩ of the other."""
    d, n, cases = 3, 400, 60
    found = score(name, Solution(trajectory(start(n, d, cases))), d)
    np.testing.assert_allclose(found.value.mean(1), found.floor, rtol=1e-9)
    mean = d * (d + 2)
    deviation = np.sqrt(mean * (d + 4) * (d + 6) / n - mean**2 / n) / mean if power == 4 else np.sqrt((d + 1) / n)
    assert np.sqrt((found.value[0] ** 2).mean()) == pytest.approx(deviation, rel=0.25)
    samples = score(name, Solution(trajectory(start(n, d, cases))), d, flow=None)
    np.testing.assert_allclose(samples.floor, found.floor, rtol=1.0)
    own = score(name, Solution(trajectory(start(n, d, cases))), d, flow=None, sample=None)
    np.testing.assert_allclose(own.floor, own.value[0].mean())


@pytest.mark.parametrize(("name", "power"), [("covariance", 2), ("fourth_moment", 4)])
def test_a_stretch_shows_by_its_power(name, power):
    v = start(100_000, 2)
    found = score(name, Solution(trajectory(v, stretch=1.05)), 2)
    np.testing.assert_allclose(found.value[1:, 0], 1.05**power - 1, atol=0.03)
    assert (found.value[1:, 0] > 2 * found.floor[1:]).all()
    assert found.extra["from_particles"] == 1


@pytest.mark.parametrize("name", ["covariance", "fourth_moment"])
def test_weights_are_repeated_particles_of_any_total(name):
    v = start(5, 2)
    weighted = Solution(trajectory(v, 3 * np.array([[0.25, 0.25, 0.5, 0.75, 1.25]])))
    repeated = Solution(trajectory(v[:, [0, 1, 2, 2, 3, 3, 3, 4, 4, 4, 4, 4]]))
    np.testing.assert_allclose(score(name, weighted, 2).value, score(name, repeated, 2).value, rtol=1e-12)


@pytest.mark.parametrize("name", ["covariance", "fourth_moment"])
def test_what_a_small_grid_cuts_off_of_the_truth_is_in_the_floor(name):
    points = grid(2, half=2.0)
    found = score(name, Solution(density=np.stack([density(t, points)[None] for t in TIMES])), 2, points)
    assert found.value.max() > 0.01
    np.testing.assert_allclose(found.floor, found.value[:, 0])


@pytest.mark.parametrize("name", ["covariance", "fourth_moment"])
def test_a_grid_without_particles_is_judged_by_its_density(name):
    points = grid(2, half=6.0)
    exact = np.stack([density(t, points)[None] for t in TIMES])
    found = score(name, Solution(density=exact), 2, points)
    assert found.value.max() < 1e-6
    assert found.floor.max() < 1e-6
    assert found.extra == {"from_particles": 0.0}
    with pytest.raises(Unsupported, match="uniform tensor grid"):
        score(name, Solution(density=exact[..., 1:]), 2, points[1:])
    with pytest.raises(InvalidInput, match="no mean"):
        score(name, Solution(density=0 * exact), 2, points)


def test_one_particle_has_no_spread():
    found = score("covariance", Solution(trajectory(start(1, 2))), 2)
    np.testing.assert_allclose(found.value, 1)
    with pytest.raises(InvalidInput, match="sum to zero"):
        score("covariance", Solution(trajectory(start(2, 2), np.zeros((1, 2)))), 2)
