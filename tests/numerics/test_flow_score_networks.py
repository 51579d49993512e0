"""Flow and score networks against an affine flow of a Gaussian, where everything is known."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kineticbench.numerics import flow_score_networks as networks
from kineticbench.numerics.jax_scope import scope

A = np.array([[0.3, -0.2], [0.5, -0.4]])
SHIFT = np.array([0.7, -0.1])
TAU = 0.6


@pytest.fixture(autouse=True)
def double():
    with scope("cpu", "float64"):
        yield


def affine() -> list[tuple[np.ndarray, np.ndarray]]:
    """Layers with T(τ, x) = x + τ(Ax + shift), whatever the hidden layer does."""
    (matrix, vector), (last, _) = networks.start(2, 8, 1, 0).flow
    return [(matrix, vector), (0 * last, np.concatenate([SHIFT, A.ravel()]))]


def points(number: int = 50) -> tuple[jax.Array, jax.Array]:
    x = np.random.default_rng(0).normal(size=(number, 2))
    return jnp.full((number, 1), TAU), jnp.asarray(x)


def test_the_flow_begins_at_the_identity():
    _, x = points()
    np.testing.assert_array_equal(networks.flow(networks.start(2, 8, 2, 1).flow, jnp.zeros((50, 1)), x), x)


def test_the_carried_score_of_a_gaussian_is_that_of_its_affine_image():
    tau, x = points()
    stretch = np.eye(2) + TAU * A
    y = np.asarray(networks.flow(affine(), tau, x))
    np.testing.assert_allclose(y, x @ stretch.T + TAU * SHIFT, rtol=1e-12)
    expected = -np.linalg.solve(stretch @ stretch.T, (y - TAU * SHIFT).T).T
    np.testing.assert_allclose(networks.carried_score(affine(), tau, x, -x), expected, rtol=1e-9)


def test_the_carried_score_is_the_slope_of_the_carried_density():
    """Of a flow that is not affine: differences of ln f₀ − ln det along the flow."""
    layers, (tau, x), h = networks.start(2, 8, 2, 3).flow, points(20), 1e-5

    def logarithm(x: jax.Array) -> np.ndarray:
        det = np.linalg.det(np.asarray(networks.gradient(layers, tau, x)))
        return -np.asarray(x**2).sum(1) / 2 - np.log(det)

    y = networks.flow(layers, tau, x)
    slopes = []
    for axis in np.eye(2):
        ahead, behind = (networks.invert(layers, tau, y + sign * h * axis)[0] for sign in (1, -1))
        slopes.append((logarithm(ahead) - logarithm(behind)) / (2 * h))
    np.testing.assert_allclose(networks.carried_score(layers, tau, x, -x), np.stack(slopes, 1), rtol=1e-5, atol=1e-6)


def test_strain_is_that_of_the_velocity_field():
    tau, x = points()
    slope = A @ np.linalg.inv(np.eye(2) + TAU * A)
    expected = np.linalg.eigvalsh(slope + slope.T)[-1] / 2
    np.testing.assert_allclose(networks.strain(affine(), tau, x), expected, rtol=1e-9)


def test_the_divergence_is_exact():
    layers, (tau, x), h = networks.start(2, 8, 2, 4).score, points(), 1e-5
    parts = [
        (networks.score(layers, tau, x + h * e)[:, k] - networks.score(layers, tau, x - h * e)[:, k]) / (2 * h)
        for k, e in enumerate(np.eye(2))
    ]
    np.testing.assert_allclose(networks.with_divergence(layers, tau, x)[1], sum(parts), rtol=1e-7, atol=1e-8)


def test_rate_is_the_derivative_in_time():
    layers, (tau, x), h = networks.start(2, 8, 2, 5).flow, points(), 1e-5
    expected = (networks.flow(layers, tau + h, x) - networks.flow(layers, tau - h, x)) / (2 * h)
    np.testing.assert_allclose(networks.with_rate(layers, tau, x)[1], expected, rtol=1e-7, atol=1e-8)


def test_inversion_finds_the_origin_and_says_where_there_is_none():
    layers, (tau, x) = networks.start(2, 8, 2, 6).flow, points()
    origin, residual = networks.invert(layers, tau, networks.flow(layers, tau, x))
    np.testing.assert_allclose(origin, x, atol=1e-9)
    assert float(residual.max()) < 1e-12
    crushed = affine()
    crushed[1] = (crushed[1][0], np.concatenate([SHIFT, (-np.eye(2) / TAU).ravel()]))  # everything to one point
    assert float(networks.invert(crushed, tau, x)[1].min()) > 1e-3
