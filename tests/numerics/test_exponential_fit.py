"""The fit recovers what was put in, with noise, with other waves, and says when it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.exponential_fit import fit_exponential

TIMES = 0.2 * np.arange(201)


@given(
    rate=st.floats(-0.3, 0.4),
    frequency=st.floats(0.6, 4.0),
    right=st.complex_numbers(min_magnitude=0.2, max_magnitude=2),
    left=st.complex_numbers(max_magnitude=0.15),
)
@settings(max_examples=30, deadline=None)
def test_a_pure_wave_is_recovered_to_rounding(rate, frequency, right, left):
    signal = right * np.exp((rate + 1j * frequency) * TIMES) + left * np.exp((rate - 1j * frequency) * TIMES)
    fit = fit_exponential(TIMES, 1e-7 * signal, (4.0, 24.0))
    assert fit.rate == pytest.approx(rate, abs=1e-8)
    assert fit.frequency == pytest.approx(frequency, abs=1e-8)
    assert fit.residual < 1e-7


@pytest.mark.parametrize("rate", [-0.2, 0.05, 0.3])
def test_growth_in_place_is_recovered(rate):
    fit = fit_exponential(TIMES, 1e-6j * np.exp(rate * TIMES), (2.0, 30.0), oscillating=False)
    assert fit.rate == pytest.approx(rate, abs=1e-10)
    assert fit.frequency == 0.0


def test_companions_are_fitted_along_and_spoil_the_rate_where_they_are_not():
    other = -0.002 - 1.34j
    signal = np.exp(0.22 * TIMES) + 3 * np.exp(other * TIMES) + 2 * np.exp(other.conjugate() * TIMES)
    alone = fit_exponential(TIMES, signal, (8.0, 30.0), oscillating=False)
    along = fit_exponential(TIMES, signal, (8.0, 30.0), False, (other, other.conjugate()))
    assert abs(alone.rate - 0.22) > 1e-3
    assert along.rate == pytest.approx(0.22, abs=1e-9)


def test_noise_moves_the_rate_by_no_more_than_least_squares_allows():
    rng = np.random.default_rng(5)
    clean = np.exp(-0.1 * TIMES) * np.cos(1.3 * TIMES)
    noise = 1e-3 * (rng.standard_normal((40, TIMES.size)) + 1j * rng.standard_normal((40, TIMES.size)))
    rates = np.array([fit_exponential(TIMES, clean + n, (2.0, 30.0)).rate for n in noise])
    assert abs(rates.mean() + 0.1) < 4 * rates.std() / np.sqrt(40)
    assert rates.std() < 5e-4


def test_what_cannot_be_fitted_is_refused():
    signal = np.exp(-0.1 * TIMES)
    with pytest.raises(InvalidInput, match="holds 6 samples"):
        fit_exponential(TIMES, signal, (1.0, 2.0))
    with pytest.raises(InvalidInput, match="uniform"):
        fit_exponential(TIMES**1.1, signal, (1.0, 20.0))
    with pytest.raises(InvalidInput, match="finite"):
        fit_exponential(TIMES, np.where(TIMES > 5, np.nan, signal), (1.0, 20.0))
    with pytest.raises(InvalidInput, match="vanish"):
        fit_exponential(TIMES, 0 * signal, (1.0, 20.0))
