"""The Fourier field solve against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.numerics.poisson import electric_field, field_energy, field_mode, point_response


@pytest.mark.parametrize("cells", [16, 17])
def test_the_field_of_a_cosine_is_a_sine(cells):
    length, k = 5.0, 2 * np.pi * 3 / 5.0
    q = np.arange(cells) * length / cells
    density = np.stack([2 + np.cos(k * q), np.sin(k * q)])
    field = electric_field(density, length)
    np.testing.assert_allclose(field, np.stack([np.sin(k * q), -np.cos(k * q)]) / k, atol=1e-14)
    np.testing.assert_allclose(field_energy(field, length), length / (4 * k**2), rtol=1e-13)
    np.testing.assert_allclose(field_mode(field, 3), [-0.5j / k, -0.5 / k], atol=1e-15)


def test_the_nyquist_mode_and_the_mean_give_no_field():
    np.testing.assert_allclose(electric_field(7 + (-1.0) ** np.arange(8), 3.0), 0, atol=1e-15)


@pytest.mark.parametrize("cells", [1, 2, 9, 10])
def test_the_field_is_the_convolution_with_the_point_response(cells):
    density = np.random.default_rng(0).random(cells)
    response = point_response(cells, 4.0)
    i = np.arange(cells)
    expected = 4.0 / cells * (response[(i[:, None] - i) % cells] @ density)
    np.testing.assert_allclose(electric_field(density, 4.0), expected, atol=1e-13)


def test_single_precision_stays_single():
    assert electric_field(np.ones(8, np.float32), 1.0).dtype == np.float32
