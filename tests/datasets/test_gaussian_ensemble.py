import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    Ensemble,
    InvalidInput,
    Problem,
    Query,
    UnknownName,
    VlasovPoisson,
)
from kineticbench.datasets import gaussian_ensemble
from kineticbench.datasets.gaussian_ensemble import SPLITS, TOTAL
from kineticbench.numerics import cache

GaussianEnsemble: Any = gaussian_ensemble.GaussianEnsemble  # its problems are known to have particles
SMALL: dict[str, Any] = {"particles": 32, "length": 64.0, "charge_per_particle": 0.2}


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv(cache.VARIABLE, str(tmp_path))


def state(trajectory, snapshot, case):
    return trajectory.positions[snapshot, case, :, 0], trajectory.velocities[snapshot, case, :, 0]


def test_the_published_stream_to_every_digit_given():
    """Check values of the authors' generator: example 0 of the training split and example 0 of the test split."""
    dataset = GaussianEnsemble(generator="published")
    first = dataset.problem("train", cases=1).initial_density
    np.testing.assert_allclose([first.law.std[0], first.std_momentum[0]], [1.31769985, 1.44446424], atol=1e-8)
    problem = dataset.problem("test", cases=1)
    truth = dataset.reference(problem).trajectory
    start, end = state(truth, 0, 0), state(truth, -1, 0)
    np.testing.assert_allclose(start[0][:3], [63.55030889, 64.73367926, 63.71528371], atol=1e-8)
    np.testing.assert_allclose(end[0][:3], [61.51782524, 67.28205633, 64.47133086], atol=1e-8)
    np.testing.assert_allclose(end[1][:3], [-3.8593258, 4.84198898, 0.92879749], atol=1e-8)


def plain_stream(seed, last, particles, length):
    """The public generator's draws, one example after another."""
    random = np.random.RandomState(seed)
    mean_q, mean_p = random.uniform(length / 2, length / 2, (TOTAL, 1)), random.uniform(0, 0, (TOTAL, 1))
    std_q, std_p = random.uniform(0.5, 1.5, (TOTAL, 1)), random.uniform(0.5, 1.5, (TOTAL, 1))
    for n in range(last + 1):
        q = mean_q[n] + std_q[n] * random.randn(particles)
        p = mean_p[n] + std_p[n] * random.randn(particles)
    return q, p


def plain_pic(q, p, scheme, length, cells, charge, dt, steps):
    """Particle-in-cell as the paper and its code have it, one particle and one step after another."""
    dx, k = length / cells, 2 * np.pi * np.fft.fftfreq(cells, length / cells)

    def force(q):
        left = np.floor(q / dx).astype(int)
        share = q / dx - left
        density = np.zeros(cells)
        for i, s in zip(left, share, strict=True):
            density[i % cells] += charge / len(q) * (1 - s) / dx
            density[(i + 1) % cells] += charge / len(q) * s / dx
        rho = np.fft.fft(density - density.mean())
        rho[1:] = -1j * k[1:] * rho[1:] / k[1:] ** 2
        field = np.real(np.fft.ifft(rho))
        return (1 - share) * field[left % cells] + share * field[(left + 1) % cells]

    if scheme == "published":
        p = p + dt / 2 * force(q)
    for _ in range(steps):
        if scheme == "leapfrog":
            p = p + dt / 2 * force(q)
        q = np.mod(q + dt * p, length)
        p = p + dt / 2 * force(q)
    return q, p


@pytest.mark.parametrize("scheme", ["leapfrog", "published"])
@pytest.mark.parametrize("seed", [0, 5])
def test_schemes_are_plain_loops_from_the_plain_stream(scheme, seed):
    dataset = GaussianEnsemble(generator=scheme, cells=64, **SMALL)
    truth = dataset.reference(dataset.problem("train", cases=41, seed=seed)).trajectory
    for case in (0, 17, 40):
        q, p = plain_stream(seed + 1, case, 32, 64.0)
        np.testing.assert_array_equal(state(truth, 0, case)[0], q)
        for snapshot, steps in ((0, 0), (2, 10), (5, 25)):
            expected = plain_pic(q, p, scheme, 64.0, 64, 6.4, 0.04, steps)
            if steps:
                np.testing.assert_allclose(state(truth, snapshot, case), expected, atol=1e-10)


def test_every_generator_starts_from_the_same_states():
    problems = [GaussianEnsemble(generator=g, **SMALL).problem(cases=5) for g in ("sheets", "leapfrog", "published")]
    for problem in problems[1:]:
        np.testing.assert_array_equal(problem.ensemble.positions, problems[0].ensemble.positions)
        np.testing.assert_array_equal(problem.ensemble.velocities, problems[0].ensemble.velocities)


@pytest.mark.parametrize("start", ["gaussian", "multimode"])
def test_a_subset_is_the_beginning_of_a_larger_one_and_splits_follow_each_other(start):
    dataset = GaussianEnsemble(start=start, **SMALL)
    few, many = (dataset.problem("validation", cases=n) for n in (3, 7))
    np.testing.assert_array_equal(few.ensemble.positions, many.ensemble.positions[:3])
    np.testing.assert_array_equal(few.ensemble.velocities, many.ensemble.velocities[:3])
    train = dataset.problem("train", cases=2_000)
    assert dataset.problem().ensemble.cases == 6_384
    assert [SPLITS[name] for name in ("train", "validation", "test")] == [(0, 20_000), (20_000, 6_384), (26_384, 6_384)]
    seeds = [dataset.problem(cases=2, seed=seed).ensemble.positions for seed in (0, 1)]
    assert not np.array_equal(*seeds)
    assert not np.isin(few.ensemble.positions, train.ensemble.positions).any()


def test_problem_asks_for_fifths_of_the_final_time():
    problem = GaussianEnsemble().problem(cases=2)
    np.testing.assert_allclose(problem.query.times, [0, 0.2, 0.4, 0.6, 0.8, 1], atol=1e-15)
    assert problem.equation == VlasovPoisson(128.0, 25.6)
    assert problem.ensemble.equal_weights


def test_truth_is_exact_has_its_bars_and_is_kept():
    dataset = GaussianEnsemble(**SMALL)
    problem = dataset.problem(cases=6)
    truth = dataset.reference(problem)
    assert truth.paired
    np.testing.assert_array_equal(truth.trajectory.positions[0], problem.ensemble.positions)
    for name in ("w1_position", "w1_momentum", "w2_phase_space"):
        assert truth.bars[name].shape == problem.query.times.shape
        assert 0 < truth.bars[name][-1] < 1e-12
    assert "crossing by crossing" in truth.provenance
    again = dataset.reference(problem)
    np.testing.assert_array_equal(again.trajectory.velocities, truth.trajectory.velocities)
    np.testing.assert_array_equal(again.bars["w1_momentum"], truth.bars["w1_momentum"])
    assert again.provenance == truth.provenance


def test_truth_is_made_once_for_a_problem_and_anew_for_another(monkeypatch):
    dataset = GaussianEnsemble(**SMALL)
    made = []
    truth_of = GaussianEnsemble._truth
    monkeypatch.setattr(GaussianEnsemble, "_truth", lambda *a: made.append(1) or truth_of(*a))
    dataset.reference(dataset.problem(cases=3))
    dataset.reference(GaussianEnsemble(**SMALL).problem(cases=3))
    assert len(made) == 1
    for other in (dataset.problem(cases=4), dataset.problem(cases=3, seed=1), dataset.problem("validation", cases=3)):
        dataset.reference(other)
    GaussianEnsemble(generator="leapfrog", **SMALL).reference(dataset.problem(cases=3))
    GaussianEnsemble(generator="leapfrog", cells=64, **SMALL).reference(dataset.problem(cases=3))
    assert len(made) == 6


def test_truth_at_any_times_asked_for():
    problem = GaussianEnsemble(**SMALL).problem(cases=2)
    asked = dataclasses.replace(problem, query=Query(np.array([0.123, 1.0])))
    exact = GaussianEnsemble(**SMALL).reference(asked).trajectory
    assert exact.positions.shape == (2, 2, 32, 1)
    with pytest.raises(InvalidInput, match="whole number of steps"):
        GaussianEnsemble(generator="leapfrog", **SMALL).reference(asked)


def test_a_scheme_says_what_it_is_and_how_far_from_the_equation():
    dataset = GaussianEnsemble(generator="published", **SMALL)
    truth = dataset.reference(dataset.problem(cases=5))
    assert "A scheme, not the equation" in truth.provenance
    assert "measured on 5 cases" in truth.provenance
    assert not truth.bars


def test_training_set_pairs_the_start_with_the_generator_and_says_what_it_cost(monkeypatch):
    monkeypatch.setitem(SPLITS, "train", (0, 50))
    dataset = GaussianEnsemble(generator="leapfrog", **SMALL)
    training = dataset.training()
    problem = dataset.problem("train")
    truth = dataset.reference(problem).trajectory
    np.testing.assert_allclose(training.times, [0, 1])
    for snapshot, index in ((0, 0), (1, -1)):
        np.testing.assert_array_equal(training.states.positions[snapshot], truth.positions[index])
        np.testing.assert_array_equal(training.states.velocities[snapshot], truth.velocities[index])
    assert set(training.conditions) == {"mean_position", "std_position", "mean_momentum", "std_momentum"}
    np.testing.assert_array_equal(training.conditions["std_position"], problem.initial_density.law.std)
    assert training.seconds > 0
    assert training.hardware
    again = dataset.training()
    assert again.seconds == training.seconds
    np.testing.assert_array_equal(again.states.positions, training.states.positions)
    assert not np.array_equal(dataset.training(seed=1).states.positions, training.states.positions)


@pytest.mark.parametrize("change", [{"steps": 280}, {"charge_per_particle": 20.0}, {"particles": 65, "steps": 30}])
@pytest.mark.parametrize("start", ["gaussian", "multimode"])
def test_harder_members_keep_a_bar_far_below_any_solver(start, change):
    dataset = GaussianEnsemble(start=start, **{**SMALL, **change})
    problem = dataset.problem(cases=3)
    truth = dataset.reference(problem)
    assert truth.trajectory.positions.shape == (6, 3, dataset.particles, 1)
    assert max(bar.max() for bar in truth.bars.values()) < 1e-10
    span = dataset.poses.plasma_frequency * problem.query.final_time
    assert span == pytest.approx(math.sqrt(dataset.charge_per_particle * dataset.particles / 64) * dataset.steps * 0.04)


def test_the_test_split_may_lie_outside_the_training_range():
    near, far = GaussianEnsemble(**SMALL), GaussianEnsemble(test_sigma=[2.0, 3.0], **SMALL)
    assert far.problem("test", cases=200).initial_density.std_momentum.min() >= 2
    np.testing.assert_array_equal(
        near.problem("train", cases=5).ensemble.positions, far.problem("train", cases=5).ensemble.positions
    )
    stretched = near.problem("test", cases=5).initial_density.law.std
    np.testing.assert_allclose(far.problem("test", cases=5).initial_density.law.std, stretched + 1.5)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"generator": "sheet"}, "Did you mean 'sheets'"),
        ({"start": "uniform"}, "Unknown start"),
        ({"particles": 0}, "particles must be a positive integer"),
        ({"particles": 1.5}, "particles must be a positive integer"),
        ({"length": -1.0}, "length must be a positive number"),
        ({"length": math.nan}, "length must be a positive number"),
        ({"charge_per_particle": 0.0}, "charge_per_particle"),
        ({"dt": math.inf}, "dt must be"),
        ({"steps": 24}, "cannot be divided into 5"),
        ({"final_time": 2.0}, "final_time = 2 is not steps × dt = 25 × 0.04"),
        ({"sigma": (1.5, 0.5)}, "low ≤ high"),
        ({"sigma": (0.5,)}, "must be a pair"),
        ({"test_sigma": (0.0, 1.0)}, "test_sigma must be a positive"),
        ({"amplitude": 1.0}, "amplitude"),
        ({"amplitude": "much"}, "amplitude"),
        ({"modes": 0}, "modes"),
    ],
)
def test_parameters_that_cannot_be_meant(parameters, message):
    with pytest.raises(InvalidInput, match=message):
        GaussianEnsemble(**parameters)


def test_a_final_time_that_agrees_is_accepted():
    assert GaussianEnsemble(final_time=1.0) != GaussianEnsemble()
    assert GaussianEnsemble(final_time=1.2, steps=30).problem(cases=1).query.final_time == pytest.approx(1.2)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"split": "tests"}, UnknownName),
        ({"cases": 0}, InvalidInput),
        ({"cases": 6_385}, InvalidInput),
        ({"cases": 1, "seed": -1}, InvalidInput),
    ],
)
def test_requests_that_cannot_be_met(arguments, error):
    with pytest.raises(error):
        GaussianEnsemble(**SMALL).problem(**arguments)


def test_the_truth_of_another_datasets_problem_is_refused():
    problem = GaussianEnsemble(**SMALL).problem(cases=1)
    with pytest.raises(InvalidInput, match="another dataset"):
        GaussianEnsemble().reference(problem)
    other = Ensemble(np.full((1, 2, 1), 3.0), np.zeros((1, 2, 1)))
    posed = Problem(GaussianEnsemble(**SMALL).poses, None, other, Query(np.ones(1)))
    assert GaussianEnsemble(**SMALL).reference(posed).trajectory.positions.shape == (1, 1, 2, 1)
