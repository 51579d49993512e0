"""Kernel density estimates against SciPy's, and exact particles smoothed by the same kernel."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.kde import bandwidth, density, smoothed, tensor_axes


def cloud(n, d, seed=0):
    draw = np.random.default_rng(seed)
    return draw.normal(size=(n, d)) * np.array([1.0, 0.4, 2.0, 1.0, 1.0])[:d], draw.dirichlet(np.ones(n))


def grid(d, nodes):
    axes = [np.linspace(-3, 3, nodes + axis) for axis in range(d)]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, d)


@pytest.mark.parametrize("d", [1, 2, 3, 4])
def test_it_is_scipys_with_scotts_rule_for_uncorrelated_axes(d):
    """SciPy takes the unbiased covariance, whose off-diagonal elements and factor are put aside here."""
    v, w = cloud(200, d)
    points = grid(d, 5)
    kernel = gaussian_kde(v.T, weights=w)
    width = bandwidth(v, w)
    variance = np.diag(kernel.covariance) * (1 - (w**2).sum())
    np.testing.assert_allclose(width, np.sqrt(variance), rtol=1e-10)
    direct = np.exp(-0.5 * (((points[:, None] - v) / width) ** 2).sum(-1)) @ w
    direct /= np.prod(width) * (2 * np.pi) ** (d / 2)
    np.testing.assert_allclose(density(v, w, points), direct, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("d", [2, 3])
def test_a_tensor_grid_takes_the_fast_path_to_the_same_values(d):
    v, w = cloud(300, d)
    points = grid(d, 9)
    assert tensor_axes(points) is not None
    order = np.random.default_rng(0).permutation(len(points))
    assert tensor_axes(points[order]) is None
    np.testing.assert_allclose(density(v, w, points)[order], density(v, w, points[order]), rtol=1e-7, atol=1e-9)


def test_it_has_the_mass_of_the_particles():
    v, w = cloud(500, 2)
    axis = np.linspace(-9, 9, 181)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    assert density(v, 0.3 * w, points).sum() * 0.1**2 == pytest.approx(0.3, rel=1e-6)


def test_a_repeated_particle_is_one_of_double_weight_and_order_does_not_matter():
    v, _ = cloud(20, 2)
    width = np.array([0.3, 0.3])
    twice = np.concatenate([v, v[:5]])[::-1].copy()
    weights = np.ones(20)
    weights[:5] = 2
    np.testing.assert_allclose(
        density(twice, np.ones(25), grid(2, 7), width), density(v, weights, grid(2, 7), width), rtol=1e-12, atol=1e-12
    )


def test_infinitely_many_particles_of_a_normal_law_widen_it():
    width = np.array([0.3, 0.5])
    axis = np.linspace(-7, 7, 71)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    normal = np.exp(-0.5 * (points**2).sum(1)) / (2 * np.pi)
    s = 1 + width**2
    expected = np.exp(-0.5 * (points**2 / s).sum(1)) / (2 * np.pi * np.sqrt(s.prod()))
    found = smoothed(normal, points, width)
    assert found is not None
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert smoothed(normal, points, np.array([0.1, 0.5])) is None
    assert smoothed(normal[1:], points[1:], width) is None


def test_particles_that_do_not_spread_or_weigh_nothing_are_refused():
    with pytest.raises(InvalidInput, match="do not spread"):
        bandwidth(np.ones((5, 2)), np.full(5, 0.2))
    with pytest.raises(InvalidInput, match="sum to zero"):
        bandwidth(np.ones((5, 2)), np.zeros(5))
