"""Entropy, its dissipation and its decay."""

from __future__ import annotations

import numpy as np
import pytest
from cooling import SERIES, law, problem, reference, score, start, trajectory

from kineticbench.contracts import InvalidInput, Law, Reference, Solution, Unsupported
from kineticbench.metrics import load


def own(**series):
    return Solution(series={name: np.asarray(values) for name, values in series.items()})


def test_exact_particles_score_the_bias_of_the_estimator_which_falls():
    few, many = (score("entropy_nn", Solution(trajectory(start(n, 2, 10))), 2) for n in (100, 3200))
    np.testing.assert_allclose(few.value.mean(1), few.floor, rtol=1e-9)
    assert (many.floor < 0.4 * few.floor).all()
    samples = score("entropy_nn", Solution(trajectory(start(3200, 2, 10))), 2, flow=None)
    assert (samples.floor < 5 * many.floor).all()


def test_a_stretch_lowers_the_entropy_by_its_logarithm():
    found = score("entropy_nn", Solution(trajectory(start(5000, 3), stretch=1.3)), 3)
    np.testing.assert_allclose(found.value[1:, 0], 3 * np.log(1.3), atol=0.06)
    assert found.extra["signed"] == pytest.approx(-3 * np.log(1.3), abs=0.06)


def test_a_mass_other_than_one_scales_the_entropy():
    """∫ f ln f of f = M g is M ln M + M ∫ g ln g."""
    truth, m = law(2), 0.02
    assert truth.entropy is not None
    entropy = truth.entropy
    scaled = Law(entropy=lambda t: m * np.log(m) + m * entropy(t))
    found = trajectory(start(3000, 2), np.full((1, 3000), m / 3000))
    value = load("entropy_nn")(Solution(found), Reference(law=scaled), problem(2)).value
    assert value.max() < 0.1 * m


def test_particles_of_different_weight_or_at_one_place_are_refused_with_a_reason():
    uneven = trajectory(start(10, 2), np.linspace(0.05, 0.15, 10)[None])
    with pytest.raises(Unsupported, match="differ in weight"):
        score("entropy_nn", Solution(uneven), 2)
    with pytest.raises(InvalidInput, match="coincide"):
        score("entropy_nn", Solution(trajectory(np.zeros((1, 10, 2)))), 2)
    with pytest.raises(InvalidInput, match="neighbours each"):
        score("entropy_nn", Solution(trajectory(start(1, 2))), 2)


def test_the_methods_own_entropy_is_judged_by_its_largest_error():
    truth = law(2)
    assert truth.entropy is not None
    exact = truth.entropy(SERIES)
    wrong = np.stack([exact, exact + 0.1 * np.sin(np.pi * SERIES / 2) - 0.01])
    found = score("entropy_own", own(entropy=wrong), 2)
    np.testing.assert_allclose(found.value, [[0, 0.09]], atol=1e-12)
    assert found.extra == pytest.approx({"at_start": -0.005, "at_end": -0.005})
    assert found.times.tolist() == [2.0]


def test_dissipation_is_relative_in_time():
    found = score("dissipation", own(dissipation=np.full((1, 21), 0.45)), 2)
    np.testing.assert_allclose(found.value, [[0.1]])
    assert found.extra == pytest.approx({"at_start": -0.1, "at_end": -0.1})
    still = Reference(law=Law(dissipation=lambda t: np.zeros(np.shape(t))))
    with pytest.raises(InvalidInput, match="true dissipation is zero"):
        load("dissipation")(own(dissipation=np.ones((1, 21))), still, problem(2))


def test_rises_of_the_entropy_add_up_and_rounding_does_not_count():
    fall = -np.linspace(1, 2, 21)
    rise = fall.copy()
    rise[5] += 0.2  # rises 0.2 − 0.05, then falls
    rise[10:] += 0.1
    noisy = fall[:1] + 1e-16 * np.random.default_rng(0).normal(size=21)
    found = score("entropy_violation", own(entropy=np.stack([fall, rise, noisy])), 2)
    np.testing.assert_allclose(found.value, [[0, 0.15 + 0.05, 0]], atol=1e-12)
    assert found.extra == pytest.approx({"rises": 2, "largest": 0.15})
    single = own(entropy=(np.float32(-2.8) * (1 + 1e-7 * np.arange(21) % 2)).astype(np.float32)[None])
    assert score("entropy_violation", single, 2).value.max() == 0


def test_without_a_series_there_is_nothing_to_judge():
    from kineticbench.contracts import HomogeneousLandau, Problem, Query

    silent = Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, Query(np.ones(1)))
    with pytest.raises(Unsupported, match="no series"):
        load("entropy_violation")(own(entropy=np.empty((1, 0))), reference(2), silent)
