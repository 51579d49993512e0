"""Errors of the density and the score that a method carries."""

from __future__ import annotations

import numpy as np
import pytest
from cooling import TIMES, density, grid, problem, reference, score, spread, start, trajectory

from kineticbench.contracts import InvalidInput, Reference, Solution
from kineticbench.metrics import load, missing


def carried(found):
    return np.stack([[density(t, v) for v in row] for t, row in zip(TIMES, found.velocities, strict=True)])


def scores(found):
    return -found.velocities / spread(TIMES)[:, None, None, None] ** 2


def test_a_carried_density_is_compared_where_the_particles_are():
    found = trajectory(start(300, 3, cases=2), stretch=1.2)  # they went wrong, but know f where they are
    exact = score("density_particles", Solution(found, particle_density=carried(found)), 3)
    np.testing.assert_allclose(exact.value, 0, atol=1e-14)
    off = score("density_particles", Solution(found, particle_density=0.8 * carried(found)), 3)
    np.testing.assert_allclose(off.value, 0.2, rtol=1e-12)


def test_weights_count():
    """All the mass on the first particle: its error alone is seen."""
    found = trajectory(start(2, 2), np.array([[1.0, 0.0]]))
    f = carried(found)
    f[..., 0] *= 1.5
    f[..., 1] = 7.0
    np.testing.assert_allclose(score("density_particles", Solution(found, particle_density=f), 2).value, 0.5)


def test_a_score_too_large_by_a_tenth_scores_a_tenth_on_points_and_on_particles():
    points, found = grid(2), trajectory(start(200, 2, cases=2))
    true = np.stack([np.repeat((-points / spread(t) ** 2)[None], 2, axis=0) for t in TIMES])
    both = Solution(found, score=1.3 * scores(found), point_score=1.1 * true)
    on_points = score("score_error", both, 2, points)
    np.testing.assert_allclose(on_points.value, 0.1, rtol=1e-12)
    assert on_points.extra == pytest.approx({"on_points": 0.1, "on_particles": 0.3})
    on_particles = score("score_error", Solution(found, score=1.3 * scores(found)), 2, points)
    np.testing.assert_allclose(on_particles.value, 0.3, rtol=1e-12)
    assert on_particles.extra == pytest.approx({"on_particles": 0.3})


def test_on_points_it_is_the_quadrature_of_the_expectation():
    """s = s* + c: E|c|² / E|s*|² = |c|² s² / d."""
    points, c = grid(2), np.array([0.3, -0.4])
    shifted = np.stack([(c - points / spread(t) ** 2)[None] for t in TIMES])
    found = score("score_error", Solution(density=np.zeros(1), point_score=shifted), 2, points)
    np.testing.assert_allclose(found.value[:, 0], 0.5 * spread(TIMES) / np.sqrt(2), rtol=1e-3)
    tabulated = score("score_error", Solution(point_score=shifted), 2, points, density=None)
    np.testing.assert_allclose(tabulated.value, found.value)


def test_what_cannot_be_compared_is_said():
    found = trajectory(start(5, 2))
    metric = load("score_error")
    assert missing(metric, Solution(found), reference(2), problem(2)) == "The solution has no point_score or score."
    with pytest.raises(InvalidInput, match="true density there"):
        metric(Solution(score=scores(found)), reference(2), problem(2))
    origin = trajectory(np.zeros((1, 5, 2)))
    with pytest.raises(InvalidInput, match="score is zero"):
        metric(Solution(origin, score=np.ones((3, 1, 5, 2))), reference(2), problem(2))
    assert missing(metric, Solution(found, score=scores(found)), Reference(), problem(2)) is not None
