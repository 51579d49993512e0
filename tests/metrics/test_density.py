"""Density errors: closed forms in each norm, the common kernel estimate and its floor."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cooling import TIMES, density, grid, reference, score, start, trajectory

from kineticbench.contracts import (
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Random,
    Reference,
    Solution,
    Trajectory,
    Unsupported,
    VlasovPoisson,
)
from kineticbench.metrics import load
from kineticbench.numerics import bkw

POINTS = grid(2)
NORMS = ("density_l1", "density_l2", "density_linf")


@pytest.mark.parametrize("name", NORMS)
def test_a_density_too_large_by_a_tenth_scores_a_tenth_in_every_norm(name):
    truth: Any = reference(2, POINTS).density
    found = score(name, Solution(density=1.1 * np.repeat(truth, 2, axis=1)), 2, POINTS)
    np.testing.assert_allclose(found.value, 0.1, rtol=1e-12)
    assert found.value.shape == (3, 2)
    assert found.extra == {"own": 1.0}
    assert (found.floor == 0).all()


def test_norms_are_those_of_the_continuum():
    """Two normal laws of deviations 1 and s: the squared L2 distance and total variation have closed forms."""
    s = 1.3
    wide = np.stack([density(-4 * np.log(s), POINTS)[None]] * 3)
    solution = Solution(density=wide)
    l2 = np.sqrt(1 + 1 / s**2 - 4 / (1 + s**2))
    assert score("density_l2", solution, 2, POINTS).value[0, 0] == pytest.approx(l2, rel=1e-3)
    assert score("density_linf", solution, 2, POINTS).value[0, 0] == pytest.approx(1 - 1 / s**2, rel=0.01)
    r2 = 2 * np.log(s**2) / (1 - 1 / s**2)  # where both are equal
    l1 = 2 * (np.exp(-r2 / (2 * s**2)) - np.exp(-r2 / 2))
    assert score("density_l1", solution, 2, POINTS).value[0, 0] == pytest.approx(l1, rel=5e-3)


@pytest.mark.parametrize("name", NORMS)
def test_exact_particles_score_their_floor_and_it_falls_with_their_number(name):
    few, many = (score(name, Solution(trajectory(start(n, 2))), 2, POINTS) for n in (500, 8000))
    np.testing.assert_allclose(few.value.mean(1), few.floor, rtol=1e-9)
    assert few.extra["exact_flow"] == pytest.approx(few.value[-1, 0])
    assert (many.floor < 0.7 * few.floor).all()
    assert many.extra["own"] == 0
    assert 0 < many.extra["kde_bias"] < many.extra["exact_flow"]


def test_without_the_flow_exact_samples_give_the_same_floor_within_their_noise():
    solution = Solution(trajectory(start(4000, 2)))
    flow = score("density_l2", solution, 2, POINTS).floor
    samples = score("density_l2", solution, 2, POINTS, flow=None).floor
    np.testing.assert_allclose(samples, flow, rtol=0.3)
    own = score("density_l2", solution, 2, POINTS, flow=None, sample=None)
    np.testing.assert_allclose(own.floor, own.value[0, 0])
    assert "exact_flow" not in own.extra


def test_wrong_particles_score_more_than_their_floor():
    found = score("density_l2", Solution(trajectory(start(4000, 2), stretch=1.3)), 2, POINTS)
    assert (found.value[1:, 0] > 3 * found.floor[1:]).all()


def test_a_kernel_estimate_can_err_less_where_particles_are_wrong_so_its_floor_is_a_tie():
    """Shrunken particles undo the smoothing: below the floor, not better."""
    found = score("density_l2", Solution(trajectory(start(8000, 2), stretch=0.985)), 2, POINTS)
    assert (found.value[1:, 0] < found.floor[1:]).all()


def test_on_the_ring_of_bobylev_krook_and_wu_leaving_the_start_alone_is_seen():
    ring: Any = bkw.law(2, 1 / 16, 0.0)
    v = bkw.start(2, 1 / 16, 0.0, 4.0).sample(Random(), 2000, 5).velocities
    f = np.stack([ring.density(t, POINTS)[None] for t in TIMES.tolist()])
    posed = Problem(HomogeneousLandau(2, 0.0, 1 / 16), None, None, Query(TIMES, points=POINTS))
    still = Solution(Trajectory(None, np.repeat(v[None], 3, axis=0), np.full((1, 2000), 1 / 2000)))
    found = load("density_l2")(still, Reference(density=f, law=ring), posed)
    assert found.value[0, 0] == pytest.approx(found.floor[0])
    assert found.value[2, 0] > 1.2 * found.floor[2]


def test_a_plasma_wave_without_density_has_none():
    problem = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(TIMES, points=POINTS))
    with pytest.raises(Unsupported, match=r"The solution has no density\."):
        load("density_l2")(Solution(trajectory(start(10, 2))), reference(2, POINTS), problem)


def test_particles_without_spread_are_refused():
    v = start(50, 2)
    v[..., 1] = 0.5
    with pytest.raises(InvalidInput, match="do not spread"):
        score("density_l2", Solution(trajectory(v)), 2, POINTS)
    with pytest.raises(InvalidInput, match="do not spread"):
        score("density_l2", Solution(trajectory(start(1, 2))), 2, POINTS)
    with pytest.raises(InvalidInput, match="sum to zero"):
        score("density_l2", Solution(trajectory(start(5, 2), np.zeros((1, 5)))), 2, POINTS)
