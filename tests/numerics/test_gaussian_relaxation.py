"""Relaxation rates against a published table, Monte Carlo and closed forms; the motion of directions."""

from __future__ import annotations

import math

import numba
import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau
from kineticbench.numerics.collision_langevin import noise_root
from kineticbench.numerics.gaussian_relaxation import anisotropy_rate, relaxed, weighted_moments
from kineticbench.numerics.kernels.collision_rotation import stream, turn


@pytest.mark.parametrize(("temperatures", "rate"), [((0.085, 0.085, 0.04), 0.8472), ((0.07, 0.07, 0.05), 0.3997)])
def test_coulomb_rates_of_trubnikov(temperatures, rate):
    slope = anisotropy_rate(np.array(temperatures), -3.0, 1.0)
    assert slope[2] == pytest.approx(rate, abs=5e-5)
    assert slope.sum() == pytest.approx(0, abs=1e-14)


def test_coulomb_rate_near_isotropy():
    T, e = 0.07, 1e-6
    slope = anisotropy_rate(np.array([T - e, T - e, T + 2 * e]), -3.0, 1.0)
    assert -slope[2] / (2 * e) == pytest.approx(4 / (5 * math.sqrt(math.pi) * T**1.5), rel=1e-4)


@pytest.mark.parametrize("exponent", [1.0, 0.5, -0.5, -1.0, -2.0])
def test_rates_of_every_exponent_are_expectations(exponent):
    variances = np.array([0.1, 0.3, 0.6])
    z = np.random.default_rng(0).standard_normal((400_000, 3)) * np.sqrt(2 * variances)
    square = (z * z).sum(1, keepdims=True)
    draws = 2 * square ** (exponent / 2) * (square - 3 * z * z)
    bar = draws.std(0) / math.sqrt(len(z))
    assert (np.abs(anisotropy_rate(variances, exponent, 1.0) - draws.mean(0)) < 4 * bar).all()


def test_the_quadrature_is_continuous_at_zero_and_exact_there():
    variances = np.array([0.1, 0.3, 0.6])
    for exponent in (-1e-9, 0.0, 1e-9):
        np.testing.assert_allclose(anisotropy_rate(variances, exponent, 1.0), 4 * (1 - 3 * variances), rtol=1e-7)


@pytest.mark.parametrize("exponent", [0.0, -3.0, 1.0])
def test_covariance_keeps_its_trace_and_axes_and_obeys_its_equation(exponent):
    turned, _ = np.linalg.qr(np.random.default_rng(0).standard_normal((3, 3)))
    start = turned @ np.diag([1.8, 0.2, 1.0]) @ turned.T
    equation, mass = HomogeneousLandau(3, exponent, 0.1), 2.0
    times = np.array([0.0, 0.999, 1.0, 1.001])
    covariance, slope = relaxed(start, mass, equation, times)
    np.testing.assert_allclose(np.trace(covariance, axis1=1, axis2=2), 3.0, rtol=1e-14)
    np.testing.assert_allclose(covariance[0], start, atol=1e-14)
    np.testing.assert_allclose((covariance[3] - covariance[1]) / 0.002, slope[2], rtol=1e-5, atol=1e-7)
    axes = turned.T @ covariance[2] @ turned
    np.testing.assert_allclose(axes - np.diag(np.diag(axes)), 0, atol=1e-12)
    if exponent == 0:
        np.testing.assert_allclose(covariance[2] - np.eye(3), (start - np.eye(3)) * math.exp(-12 * 0.1 * mass))


def test_no_spread_in_a_dimension_is_no_nan():
    for exponent in (0.0, -3.0, 0.5):
        equation = HomogeneousLandau(2, exponent, 0.1)
        flat, _ = relaxed(np.diag([1.0, 0.0]), 1.0, equation, np.array([0.0, 1.0]))
        assert flat[1, 1, 1] > 0
        nothing, _ = relaxed(np.zeros((2, 2)), 1.0, equation, np.array([0.0, 1.0]))
        assert (nothing == 0).all()


def test_moments_are_weighted():
    v = np.array([[0.0, 0.0], [2.0, 0.0], [5.0, 7.0]])
    mass, mean, covariance = weighted_moments(v, np.array([1.0, 3.0, 0.0]))
    assert mass == 4
    np.testing.assert_allclose(mean, [1.5, 0])
    np.testing.assert_allclose(covariance, [[0.75, 0], [0, 0]])


def test_langevin_noise_is_the_integral_it_stands_for():
    start, rate, h = np.diag([1.8, 0.2, 1.0]), 0.3, 0.4
    s = (np.arange(2000) + 0.5) * h / 2000
    covariance = np.eye(3) + (start - np.eye(3)) * np.exp(-12 * rate * s)[:, None, None]
    noise = 2 * rate * (3 * np.eye(3) - covariance) * np.exp(-4 * rate * (h - s))[:, None, None]
    root = noise_root(start, rate, h)
    np.testing.assert_allclose(root @ root, noise.mean(0) * h, rtol=1e-6, atol=1e-9)


@numba.njit
def turned_many(start, variance, number):
    z, work = np.empty((number, start.size)), np.empty(start.size)
    for i in range(number):
        z[i] = start
        turn(z[i], variance, stream(np.uint64(7), i), work)
    return z


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("variance", [0.2, 1.5, 20.0])
def test_directions_move_as_brownian_motion_does(d, variance):
    """Harmonics of degree 1 and 2 decay as the heat kernel's; the other components stay even; the length stays."""
    start = np.zeros(d)
    start[0] = 3.0
    z = turned_many(start, variance, 100_000) / 3.0
    np.testing.assert_allclose((z * z).sum(1), 1, rtol=1e-14)
    cosine = z[:, 0]
    second = (d * cosine**2 - 1) / (d - 1)
    bar = 4 / math.sqrt(len(z))
    assert abs(cosine.mean() - math.exp(-(d - 1) * variance / 2)) < bar * cosine.std()
    assert abs(second.mean() - math.exp(-d * variance)) < bar * second.std() + 1e-3
    assert (np.abs(z[:, 1:].mean(0)) < bar * z[:, 1:].std(0)).all()
