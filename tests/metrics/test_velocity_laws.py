"""Distances between particles and the true law: closed forms, floors, weights, and what stands for the law."""

from __future__ import annotations

import numpy as np
import pytest
from cooling import TIMES, grid, problem, reference, score, spread, start, trajectory
from scipy.special import ndtri

from kineticbench.contracts import InvalidInput, Law, Reference, Solution, Trajectory, Unsupported
from kineticbench.metrics import load
from kineticbench.metrics._exact_law import exact_law
from kineticbench.metrics.phase_space import exact_w2
from kineticbench.metrics.velocity_laws import VelocityW2, drawn

NAMES = ("w1_marginals", "sliced_w2", "w2_velocity")


def shifted(v, shift):
    found = trajectory(v)
    return Solution(Trajectory(None, found.velocities + np.array(shift), found.weights))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("d", [2, 3])
def test_exact_particles_score_their_floor_which_falls_with_their_number(name, d):
    points = grid(d, 20)
    few, many = (score(name, Solution(trajectory(start(n, d))), d, points) for n in (40, 640))
    np.testing.assert_allclose(few.value.mean(1), few.floor, rtol=1e-9)
    assert (many.floor < 0.75 * few.floor).all()
    assert few.extra["exact_flow"] == pytest.approx(few.floor[-1])
    samples = score(name, Solution(trajectory(start(40, d))), d, points, flow=None)
    np.testing.assert_allclose(samples.floor, few.floor, rtol=0.6)


def test_a_common_shift_scores_its_length():
    """Each axis's W1 by its own component; sliced and full W2 by the length, beside the floor."""
    v = start(4000, 2)
    points = grid(2, 24)
    w1 = score("w1_marginals", shifted(v, [0.6, -0.8]), 2, points)
    np.testing.assert_allclose(w1.value[:, 0], 0.7, atol=0.05)
    sliced = score("sliced_w2", shifted(v, [0.6, -0.8]), 2, points)
    np.testing.assert_allclose(sliced.value[:, 0], 1.0, atol=0.12)  # of 32 random directions
    full = VelocityW2(samples=400)(shifted(v, [0.6, -0.8]), reference(2, points), problem(2, points))
    np.testing.assert_allclose(full.value[:, 0], 1.0, atol=0.1)


def test_a_spread_of_normal_laws_has_the_distance_of_their_deviations():
    """W2 of N(0, a²I) and N(0, b²I) along each axis is |a − b|, W1 √(2/π)|a − b|; quantiles leave no noise."""
    levels = (np.arange(150) + 0.5) / 150
    v = ndtri(np.stack(np.meshgrid(levels, levels, indexing="ij"), -1).reshape(1, -1, 2))
    found = Solution(trajectory(v, stretch=1.2))
    gap = 0.2 * spread(TIMES[1:])
    w1, w2 = (score(name, found, 2, grid(2, 24)).value for name in ("w1_marginals", "sliced_w2"))
    np.testing.assert_allclose(w1[1:, 0], np.sqrt(2 / np.pi) * gap, rtol=0.03)
    np.testing.assert_allclose(w2[1:, 0], np.sqrt(2) * gap, rtol=0.05)


@pytest.mark.parametrize("name", ["w1_marginals", "sliced_w2"])
def test_weights_are_repeated_particles_of_any_total(name):
    v = start(6, 2)
    weighted = Solution(trajectory(v, 2 * np.array([[0.1, 0.2, 0.3, 0.4, 0.5, 0.0]])))
    repeated = Solution(trajectory(v[:, [4, 0, 4, 1, 2, 1, 4, 2, 2, 3, 3, 4, 3, 3, 4]]))
    a, b = (score(name, solution, 2, grid(2, 20)).value for solution in (weighted, repeated))
    np.testing.assert_allclose(a, b, rtol=1e-9)


def test_slices_agree_with_sorted_assignment():
    """Equal numbers of equal weight: the slice's distance is that of sorted projections."""
    from kineticbench.numerics.kernels.wasserstein import line_squares

    draw = np.random.default_rng(0)
    x, y = np.sort(draw.normal(size=(2, 3, 40)))
    out, w = np.empty(3), np.full((3, 40), 1 / 40)
    line_squares(x, w, y, w, out)
    np.testing.assert_allclose(out, ((x - y) ** 2).mean(1), rtol=1e-12)
    weights = draw.dirichlet(np.ones(40), size=3)
    line_squares(x, weights, y, w, out)
    exact = [exact_w2(a[:, None], b[:, None], p, q) ** 2 for a, b, p, q in zip(x, y, weights, w, strict=True)]
    np.testing.assert_allclose(out, exact, rtol=1e-9)


def test_few_are_drawn_by_weight():
    weights = np.array([0.0, 1.0, 2.0, 5.0, 0.0, 2.0])
    chosen = drawn(weights, 1000)
    np.testing.assert_allclose(np.bincount(chosen, minlength=6) / 1000, weights / 10, atol=1.1e-3)
    np.testing.assert_array_equal(drawn(np.full(7, 0.1), 7), np.arange(7))


def test_the_law_is_integrated_where_its_density_is_known_and_sampled_elsewhere():
    posed = problem(2, grid(2, 20))
    exact = exact_law(reference(2, grid(2, 20)), posed, 1)
    levels = (np.arange(999) + 0.5) / 999
    np.testing.assert_allclose(exact.quantiles(0, 999), spread(1.0) * ndtri(levels), atol=2e-5)
    points, weights = exact.compact()
    np.testing.assert_allclose(weights @ points**2, spread(1.0) ** 2, rtol=1e-4)
    sampled = exact_law(reference(5), problem(5), 1)
    assert sampled.axes is None
    np.testing.assert_allclose(sampled.quantiles(3, 99), spread(1.0) * ndtri((np.arange(99) + 0.5) / 99), atol=0.03)
    f = reference(2, grid(2, 60)).density
    tabulated = exact_law(Reference(density=f, law=Law()), problem(2, grid(2, 60)), 1)
    np.testing.assert_allclose(tabulated.quantiles(1, 99), exact.quantiles(1, 99), atol=2e-3)
    np.testing.assert_allclose(np.cov(tabulated.draw(20_000, 0).T), spread(1.0) ** 2 * np.eye(2), atol=0.03)
    with pytest.raises(Unsupported, match="no samples"):
        exact_law(Reference(law=Law()), problem(2), 1)


def test_without_flow_and_samples_the_start_itself_is_the_floor():
    points = grid(2, 60)
    solution = Solution(trajectory(start(500, 2), stretch=1.5))
    found = score("w1_marginals", solution, 2, points, flow=None, sample=None)
    np.testing.assert_allclose(found.floor, found.value[0, 0])
    assert found.value[2, 0] > 3 * found.floor[2]


def test_one_particle_and_particles_at_one_place_have_distances():
    alone = score("w2_velocity", Solution(trajectory(start(1, 2))), 2)
    assert np.isfinite(alone.value).all()
    together = Solution(trajectory(np.zeros((1, 50, 2))))
    np.testing.assert_allclose(
        score("w1_marginals", together, 2).value[:, 0], np.sqrt(2 / np.pi) * spread(TIMES), rtol=1e-3
    )
    np.testing.assert_allclose(load("sliced_w2")(together, reference(2), problem(2)).value[0, 0], np.sqrt(2), rtol=0.1)
    np.testing.assert_allclose(
        VelocityW2(samples=50)(together, reference(2), problem(2)).value[0, 0], np.sqrt(2), rtol=0.3
    )
    with pytest.raises(InvalidInput, match="sum to zero"):
        score("sliced_w2", Solution(trajectory(start(3, 2), np.zeros((1, 3)))), 2)
