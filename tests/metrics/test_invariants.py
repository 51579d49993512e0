"""Drifts of mass, momentum and energy."""

from __future__ import annotations

import numpy as np
import pytest

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
from kineticbench.metrics import load, missing

PLASMA = VlasovPoisson(10.0, 5.0)
TIMES = np.array([0.0, 1.0])


def energy(q, p, w):
    """½Σwp² + ½∫E²dq/Q with E sampled finely from its definition ∂E/∂q = Q (Σ w δ − 1/L), ⟨E⟩ = 0."""
    grid = (np.arange(400_000) + 0.5) * PLASMA.length / 400_000
    field = PLASMA.charge * ((w[:, None] * (grid > q[:, None])).sum(0) - grid / PLASMA.length)
    field -= field.mean()
    return 0.5 * (w * p**2).sum() + 0.5 * (field**2).mean() * PLASMA.length / PLASMA.charge


@pytest.fixture
def start():
    draw = np.random.default_rng(0)
    weights = draw.dirichlet(np.ones(8), size=3)
    return Ensemble(draw.uniform(0, 10, size=(3, 8, 1)), draw.normal(size=(3, 8, 1)), weights)


def moved(start, change):
    positions = np.mod(np.stack([start.positions, start.positions + change]), PLASMA.length)
    return Trajectory(positions, np.stack([start.velocities, start.velocities + change]), start.weights)


def test_energy_is_kinetic_plus_the_exact_field_of_the_sheets(start):
    problem = Problem(PLASMA, None, start, Query(TIMES))
    found = moved(start, 0.1 * np.random.default_rng(1).normal(size=start.velocities.shape))
    score = load("drift_energy")(Solution(found), Reference(), problem)
    for case in range(3):
        w = start.weights[case]
        begin, end = (energy(found.positions[t, case, :, 0], found.velocities[t, case, :, 0], w) for t in (0, 1))
        assert score.value[1, case] == pytest.approx(abs(end - begin) / begin, abs=1e-5)
    assert (score.value[0] == 0).all()
    assert (score.floor == np.finfo(float).eps).all()


def test_momentum_is_relative_to_what_moves(start):
    problem = Problem(PLASMA, None, start, Query(TIMES))
    score = load("drift_momentum")(Solution(moved(start, 0.25)), Reference(), problem)
    scale = (start.weights * np.abs(start.velocities[..., 0])).sum(-1)
    np.testing.assert_allclose(score.value[1], 0.25 / scale, rtol=1e-12)
    still = Ensemble(start.positions, np.zeros_like(start.velocities), start.weights)
    with pytest.raises(InvalidInput, match="nothing moves"):
        load("drift_momentum")(Solution(moved(still, 0.1)), Reference(), Problem(PLASMA, None, still, Query(TIMES)))


def test_mass_compares_the_weights_with_those_given(start):
    problem = Problem(PLASMA, None, start, Query(TIMES))
    found = moved(start, 0.0)
    lighter = Trajectory(found.positions, found.velocities, 0.9 * start.weights)
    score = load("drift_mass")(Solution(lighter), Reference(), problem)
    np.testing.assert_allclose(score.value, 0.1, rtol=1e-12)


def test_a_solver_that_shifts_its_start_is_found_out(start):
    problem = Problem(PLASMA, None, start, Query(TIMES))
    found = moved(start, 0.0)
    kicked = Trajectory(found.positions, found.velocities + 0.2, found.weights)
    assert (load("drift_momentum")(Solution(kicked), Reference(), problem).value[0] > 0.1).all()


def test_without_particles_the_solvers_own_series_counts(start):
    problem = Problem(PLASMA, None, None, Query(np.empty(0), np.linspace(0, 2, 3)))
    series = {
        "mass": np.array([[1.0, 1.01, 1.0]]),
        "momentum": np.array([[0.0, 0.02, -0.04]]),
        "energy": np.array([[2.0, 2.1, 2.05]]),
    }
    names = ("drift_mass", "drift_momentum", "drift_energy")
    own = {name: load(name)(Solution(series=series), Reference(), problem) for name in names}
    assert {name: float(score.value[0, 0]) for name, score in own.items()} == pytest.approx(
        {"drift_mass": 0.01, "drift_momentum": 0.02, "drift_energy": 0.05}
    )
    assert own["drift_energy"].times.tolist() == [2.0]
    sentence = missing(load("drift_momentum"), Solution(series={"mass": series["mass"]}), Reference(), problem)
    assert sentence == "The solution has no trajectory or series.momentum."


def test_the_solvers_own_drift_stands_beside_the_common_one(start):
    problem = Problem(PLASMA, None, start, Query(TIMES, np.linspace(0, 1, 3)))
    series = {"energy": np.array([[1.0, 1.5, 1.0]] * 3)}
    score = load("drift_energy")(Solution(moved(start, 0.0), series=series), Reference(), problem)
    assert score.extra == {"own": pytest.approx(0.5)}
    assert (score.value == 0).all()


def test_homogeneous_equations_have_kinetic_energy_only():
    v = np.random.default_rng(3).normal(size=(1, 2, 5, 3))
    problem = Problem(HomogeneousLandau(3, 0.0, 1.0), None, Ensemble(None, v[0]), Query(TIMES))
    trajectory = Trajectory(None, np.concatenate([v, 1.1 * v]), np.full((2, 5), 0.2))
    np.testing.assert_allclose(load("drift_energy")(Solution(trajectory), Reference(), problem).value[1], 0.21)
    assert load("drift_momentum")(Solution(trajectory), Reference(), problem).value.shape == (2, 2)


def test_a_homogeneous_plasma_begins_with_its_first_snapshot_and_its_series_scale_with_its_mass():
    problem = Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, Query(TIMES, np.linspace(0, 1, 3)))
    v = np.random.default_rng(4).normal(size=(1, 50, 2))
    found = Solution(Trajectory(None, np.stack([v, v + 0.1]), np.full((1, 50), 0.02)))
    drift = load("drift_momentum")(found, Reference(), problem).value
    np.testing.assert_allclose(drift[:, 0], [0, 0.1 * np.sqrt(2) / np.linalg.norm(v, axis=-1).mean()])
    series = {"mass": np.full((1, 3), 0.25), "energy": np.full((1, 3), 2.0), "momentum": np.array([[0.0, 0.01, 0.02]])}
    own = load("drift_momentum")(Solution(series=series), Reference(), problem)
    np.testing.assert_allclose(own.value, 0.02)  # of √(2 H M) = 1


def test_drifts_relative_to_nothing_are_refused():
    problem = Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, Query(TIMES, np.linspace(0, 1, 3)))
    still = Solution(Trajectory(None, np.zeros((2, 1, 5, 2)), np.full((1, 5), 0.2)))
    for name, reason in (("drift_energy", "energy at the start"), ("drift_momentum", "nothing moves")):
        with pytest.raises(InvalidInput, match=reason):
            load(name)(still, Reference(), problem)
    with pytest.raises(InvalidInput, match="at the start, which is 0"):
        load("drift_energy")(Solution(series={"energy": np.zeros((1, 3))}), Reference(), problem)
