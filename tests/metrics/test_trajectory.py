"""Errors against the exact flow, relative to the displacement, and a solver's own certificate beside them."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from cooling import TIMES, problem, reference, score, spread, start, trajectory

from kineticbench.contracts import Ensemble, Query, Solution, Trajectory, Unsupported
from kineticbench.metrics import load


def test_exact_trajectories_score_nothing_and_still_ones_score_one():
    v = start(100, 3, cases=2)
    exact = score("trajectory_error", Solution(trajectory(v)), 3)
    assert exact.value.max() < 1e-14
    still = Solution(Trajectory(None, np.repeat(v[None], 3, axis=0), np.full((2, 100), 0.01)))
    found = score("trajectory_error", still, 3)
    np.testing.assert_allclose(found.value, [[0, 0], [1, 1], [1, 1]], rtol=1e-12)
    assert found.extra["relative_to_position"] == pytest.approx(1 / spread(2.0) - 1)
    assert (found.floor[1:] > 0).all()
    assert found.floor[0] == 0


def test_a_stretch_scores_its_ratio_to_the_displacement_whatever_the_sample():
    found = score("trajectory_error", Solution(trajectory(start(50, 2), stretch=1.01)), 2)
    np.testing.assert_allclose(found.value[1:, 0], 0.01 * spread(TIMES[1:]) / (1 - spread(TIMES[1:])), rtol=1e-10)


def test_a_repeated_particle_is_one_of_double_weight_and_order_does_not_matter():
    v = start(4, 2)
    error = 0.1 * np.random.default_rng(3).normal(size=(2, 1, 4, 2))
    exact = trajectory(v).velocities
    wrong = exact + np.concatenate([np.zeros((1, 1, 4, 2)), error])
    weighted = Solution(Trajectory(None, wrong, np.array([[0.4, 0.2, 0.2, 0.2]])))
    order = [3, 0, 1, 0, 2]
    repeated = Solution(Trajectory(None, wrong[:, :, order], np.full((1, 5), 0.2)))
    a, b = (score("trajectory_error", s, 2).value for s in (weighted, repeated))
    np.testing.assert_allclose(a, b, rtol=1e-12)


def test_a_solver_that_does_not_begin_at_the_given_start_is_found_out():
    v = start(20, 2)
    given = dataclasses.replace(problem(2), ensemble=Ensemble(None, v))
    moved = trajectory(v + 0.1)
    found = load("trajectory_error")(Solution(moved), reference(2), given)
    assert found.value[0, 0] > 1e10


def test_without_a_snapshot_at_the_start_it_is_unsupported():
    late = dataclasses.replace(problem(2), query=Query(np.array([1.0])))
    solution = Solution(Trajectory(None, start(5, 2)[None], np.full((1, 5), 0.2)))
    with pytest.raises(Unsupported, match="first time is not 0"):
        load("trajectory_error")(solution, reference(2), late)


def test_a_certificate_is_compared_with_the_root_mean_square_error():
    v = start(400, 2, cases=2)
    found = trajectory(v, stretch=1.1)
    error = np.sqrt(((0.1 * spread(TIMES)[:, None, None, None] * v) ** 2).sum(-1).mean(-1))  # (time, case)
    rms = np.sqrt((error[1:] ** 2).mean(1))
    bound = np.array([0.0, 0.5 * rms[0], 3 * rms[1]])
    extra = score("trajectory_error", Solution(found, diagnostics={"certificate": bound}), 2).extra
    assert extra["effectivity"] == pytest.approx(3)
    assert extra["effectivity_min"] == pytest.approx(0.5)
    displacement = np.sqrt((((1 - spread(2.0)) * v) ** 2).sum(-1).mean())
    assert extra["certificate"] == pytest.approx(3 * rms[1] / displacement)


def test_single_precision_has_a_floor_of_its_rounding():
    exact = trajectory(start(30, 2))
    single = Trajectory(None, exact.velocities.astype(np.float32), exact.weights.astype(np.float32))
    found = score("trajectory_error", Solution(single), 2)
    assert (found.value.mean(1) <= found.floor).all()
    assert found.floor[-1] > 1e-8
