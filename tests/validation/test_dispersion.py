"""Roots of the dispersion relation against printed values, limits, symmetries and brute-force quadrature."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.dispersion import count_roots, dispersion, dominant_wave, roots, waves
from kineticbench.numerics.maxwellians import Maxwellians

MAXWELLIAN = Maxwellians()
BUMP = Maxwellians((0.9, 0.1), (0.0, 4.5), (1.0, 0.5))


def streams(drift: float) -> Maxwellians:
    return Maxwellians((0.5, 0.5), (drift, -drift), (1.0, 1.0))


@pytest.mark.parametrize(
    ("k", "plasma", "frequency", "rate"),
    [
        (0.5, MAXWELLIAN, 1.415662, -0.153359),
        (0.4, MAXWELLIAN, 1.285057, -0.066128),
        (0.3, MAXWELLIAN, 1.159846, -0.012620),
        (0.2, streams(2.4), 0.0, 0.225844),  # 0.2258442550347 by quadrature with 25 digits
        (0.4, streams(2.4), 0.0, 0.150),
        (0.2, streams(3.0), 0.0, 0.284510),
        (0.3, BUMP, 1.001218, 0.198098),
    ],
)
def test_the_printed_rates(k, plasma, frequency, rate):
    wave = dominant_wave(k, plasma)
    digits = 3 if rate == 0.150 else 6
    assert wave.frequency == pytest.approx(frequency, abs=0.6 * 10**-6)
    assert wave.growth_rate == pytest.approx(rate, abs=0.6 * 10**-digits)


def test_a_wave_that_grows_in_place_has_no_frequency_at_all():
    assert dominant_wave(0.2, streams(2.4)).frequency == 0.0


@pytest.mark.parametrize(("k", "error"), [(0.5, 0.013), (0.3, 0.59)])
def test_the_widespread_asymptotic_formula_is_wrong_by_as_much_as_is_known(k, error):
    asymptotic = -math.sqrt(math.pi / 8) * k**-3 * math.exp(-1 / (2 * k * k) - 1.5)
    exact = dominant_wave(k, MAXWELLIAN).growth_rate
    assert abs(asymptotic / exact - 1) == pytest.approx(error, rel=0.05)


@pytest.mark.parametrize("k", [1e-4, 1e-3, 0.01, 0.03])
def test_long_waves_follow_bohm_and_gross(k):
    wave = dominant_wave(k, MAXWELLIAN)
    assert wave.omega.real**2 == pytest.approx(1 + 3 * k**2 + 6 * k**4, abs=200 * k**6 + 1e-13)
    assert abs(wave.growth_rate) < 1e-15


def test_the_rate_is_continuous_in_k_and_crosses_from_damping_to_growth_once():
    k = np.linspace(0.05, 0.7, 34)
    rates = np.array([dominant_wave(x, streams(2.4)).growth_rate for x in k])
    assert np.abs(np.diff(rates)).max() < 0.065
    assert (np.diff(np.sign(rates)) != 0).sum() == 1


@given(
    k=st.floats(0.1, 1.0),
    drifts=st.tuples(st.floats(-4, 4), st.floats(-4, 4)),
    fraction=st.floats(0.02, 0.98),
    spread=st.floats(0.3, 1.5),
)
@settings(max_examples=12, deadline=None)
def test_roots_are_roots_are_all_there_and_move_with_the_frame(k, drifts, fraction, spread):
    plasma = Maxwellians((fraction, 1 - fraction), drifts, (1.0, spread))
    wave = dominant_wave(k, plasma)
    value, slope = dispersion(np.array(wave.omega), k, plasma)
    assert abs(value / slope) < 1e-11
    high = complex(k * 20 + 5, 1.01)
    assert count_roots(complex(-high.real, wave.growth_rate + 1e-4), high, k, plasma) == 0
    moved = Maxwellians(plasma.fractions, (drifts[0] + 1.7, drifts[1] + 1.7), plasma.spreads)
    again = dominant_wave(k, moved)
    assert again.growth_rate == pytest.approx(wave.growth_rate, abs=1e-9)
    candidates = [w.omega.real for w in waves(k, plasma, 2) if abs(w.growth_rate - wave.growth_rate) < 1e-9]
    assert min(abs(again.omega.real - 1.7 * k - c) for c in candidates) < 1e-9


def test_mirrored_waves_of_a_symmetric_plasma_and_the_count_of_all():
    found = roots(0.5, MAXWELLIAN, -2.2)
    assert len(found) == 8
    assert count_roots(complex(-9, -2.2), complex(9, 1), 0.5, MAXWELLIAN) == 8
    for omega in found:
        assert min(abs(omega + other.conjugate()) for other in found) < 1e-12


def test_growing_roots_satisfy_the_dispersion_integral_itself():
    k, omega = 0.3, dominant_wave(0.3, BUMP).omega

    def integrand(p: float) -> complex:
        return complex(BUMP.density(np.array([p]))[0] / (omega - k * p) ** 2)

    real = quad(lambda p: integrand(p).real, -12, 12, limit=400, points=[3.3])[0]
    imag = quad(lambda p: integrand(p).imag, -12, 12, limit=400, points=[3.3])[0]
    assert real == pytest.approx(1, abs=1e-9)
    assert imag == pytest.approx(0, abs=1e-9)


def test_the_asymptotic_branch_joins_the_faddeeva_function():
    k = 0.1
    for direction in (1, np.exp(0.4j), np.exp(-0.3j), -1, 1j):
        below, above = (r * direction * math.sqrt(2) * k for r in (20 * (1 - 1e-12), 20 * (1 + 1e-12)))
        inside, outside = (dispersion(np.array(omega), k, MAXWELLIAN) for omega in (below, above))
        for a, b in zip(inside, outside, strict=True):
            assert abs(a - b) <= 1e-9 * abs(a)


@pytest.mark.parametrize("k", [0, -0.5, math.nan, math.inf])
def test_a_wavenumber_must_be_positive(k):
    with pytest.raises(InvalidInput, match="wavenumber"):
        dominant_wave(k, MAXWELLIAN)


def test_a_root_on_the_contour_is_reported():
    omega = dominant_wave(0.2, streams(2.4)).omega
    with pytest.raises(Exception, match="lies on the rectangle"):
        count_roots(complex(-1, omega.imag), complex(1, 1), 0.2, streams(2.4))
