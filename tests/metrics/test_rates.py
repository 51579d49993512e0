"""Rates, field energy and density against errors that are put in by hand."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Problem, Query, Reference, Solution, VlasovPoisson
from kineticbench.metrics import load, missing

TIMES = 0.2 * np.arange(201)
POINTS = np.random.default_rng(0).uniform(0, 1, (40, 2))
PROBLEM = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.array([0.0, 3.0, 9.0]), TIMES, POINTS))


def reference(rate: float, frequency: float | None, **more) -> Reference:
    values = {"growth_rate": np.full(2, rate)}
    if frequency is not None:
        values["frequency"] = np.full(2, frequency)
    return Reference(
        values={**values, **more}, windows=dict.fromkeys(values, (5.0, 25.0)), bars={"growth_rate": np.array([0.001])}
    )


def waves(*exponents: complex) -> Solution:
    return Solution(series={"field_mode": np.stack([1e-3j * np.real(np.exp(s * TIMES)) for s in exponents])})


def test_the_error_of_a_rate_and_frequency_is_relative_and_per_case():
    solution, truth = waves(-0.15 + 1.4j, -0.1485 + 1.414j), reference(-0.15, 1.4)
    rate, frequency = (load(n)(solution, truth, PROBLEM) for n in ("growth_rate", "frequency"))
    np.testing.assert_allclose(rate.value, [[0, 0.01]], atol=1e-9)
    np.testing.assert_allclose(frequency.value, [[0, 0.01]], atol=1e-9)
    np.testing.assert_array_equal(rate.times, [25.0])
    np.testing.assert_array_equal(rate.bar, [0.001])
    np.testing.assert_array_equal(rate.floor, [0.001])
    assert rate.extra["window_start"] == 5.0
    assert rate.extra["fitted"] == pytest.approx(-0.14925)
    assert rate.extra["error_first_half"] == pytest.approx(0.005, abs=1e-9)


def test_growth_in_place_has_no_frequency_to_score():
    solution, truth = waves(0.2, 0.21), reference(0.2, None)
    np.testing.assert_allclose(load("growth_rate")(solution, truth, PROBLEM).value, [[0, 0.05]], atol=1e-9)
    assert missing(load("frequency"), solution, truth, PROBLEM) == "The reference has no values.frequency."


def test_lasting_companions_do_not_count_as_error():
    other = np.array([-0.002 - 1.3j, -0.002 + 1.3j])
    signal = np.exp(0.2 * TIMES) + 4 * np.exp(other[0] * TIMES) + 3 * np.exp(other[1] * TIMES)
    solution = Solution(series={"field_mode": np.stack([signal, signal])})
    plain = load("growth_rate")(solution, reference(0.2, None), PROBLEM).value
    aware = load("growth_rate")(solution, reference(0.2, None, companions=np.stack([other, other])), PROBLEM).value
    assert plain.max() > 5e-3
    assert aware.max() < 1e-8


def test_field_energy_is_compared_quarter_by_quarter():
    truth = np.exp(-TIMES)[None]
    found = truth.copy()
    found[:, 150:] *= 1.02
    score = load("field_energy")(
        Solution(series={"field_energy": found}),
        Reference(series={"field_energy": truth}, bars={"field_energy": np.array([1e-9, 2e-9, 3e-9, 4e-9])}),
        PROBLEM,
    )
    assert score.value.shape == (4, 1)
    np.testing.assert_allclose(score.value[[0, 1, 3], 0], [0, 0, 0.02], atol=1e-3)
    assert score.times[-1] == 40.0
    np.testing.assert_array_equal(score.bar, [1e-9, 2e-9, 3e-9, 4e-9])


def test_density_error_is_the_ratio_of_norms_at_each_time_and_case():
    truth = np.random.default_rng(1).uniform(1, 2, (3, 2, 40))
    found = truth.copy()
    found[1, 0] *= 1.1
    found[2, 1] = 0
    score = load("density_l2")(
        Solution(density=found), Reference(density=truth, bars={"density_l2": np.full(3, 1e-6)}), PROBLEM
    )
    np.testing.assert_allclose(score.value, [[0, 0], [0.1, 0], [0, 1]], atol=1e-12)
    np.testing.assert_array_equal(score.times, PROBLEM.query.times)
    np.testing.assert_array_equal(score.floor, 1e-6)
