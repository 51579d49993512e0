from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kineticbench.numerics.blob_pairs import BlobPairs, density_at
from kineticbench.numerics.blob_start import Cube


def cloud(d: int, number: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(d)
    return rng.normal(0.2, 0.8, (number, d)), rng.uniform(0.5, 1.5, number) / number


def kernel(y, v, variance: float) -> np.ndarray:
    z = y[:, None] - v[None]
    return np.exp(-(z**2).sum(-1) / (2 * variance)) / (2 * np.pi * variance) ** (v.shape[1] / 2)


@pytest.mark.parametrize("d", [2, 3, 5])
@pytest.mark.parametrize("variance", [0.01, 0.2])
def test_sums_are_those_of_the_definition(d, variance):
    v, w = cloud(d)
    psi = kernel(v, v, variance)
    density = psi @ w
    share = (1 / density)[:, None] + (1 / density)[None]
    score = -((v[:, None] - v[None]) / variance * (psi * w * share)[..., None]).sum(1)
    blobs = BlobPairs(Cube((0.0,) * d, 4.0, 10), variance)
    state = blobs.state(v, w)
    np.testing.assert_allclose(state.density, density, rtol=1e-8)
    assert state.entropy == pytest.approx(w @ np.log(density), rel=1e-10)
    np.testing.assert_allclose(blobs.score(state, v), score, atol=1e-6)


@pytest.mark.parametrize("d", [2, 4])
def test_score_is_the_gradient_of_the_entropy(d):
    v, w = cloud(d, 40)
    blobs = BlobPairs(Cube((0.0,) * d, 4.0, 10), 0.3)
    gradient = blobs.gradient(blobs.state(v, w), v)
    step = 1e-5
    for i, a in ((0, 0), (39, d - 1)):
        ends = []
        for sign in (1, -1):
            moved = v.copy()
            moved[i, a] += sign * step
            ends.append(blobs.state(moved, w).entropy)
        assert (ends[0] - ends[1]) / (2 * step) / w[i] == pytest.approx(gradient[i, a], rel=1e-5, abs=1e-7)


def test_density_at_points_and_beyond_every_blob():
    v, w = cloud(2)
    points = np.random.default_rng(9).uniform(-3, 3, (50, 2))
    np.testing.assert_allclose(density_at(points, v, w, 0.05), kernel(points, v, 0.05) @ w, atol=1e-11)
    assert density_at(np.array([[90.0, 0.0]]), v, w, 0.05)[0] == 0
    blobs = BlobPairs(Cube((0.0, 0.0), 4.0, 10), 0.05)
    np.testing.assert_array_equal(blobs.score(blobs.state(v, w), np.array([[90.0, 0.0]])), 0)


def test_an_axis_without_spread_and_an_outlier_are_no_trouble():
    v, w = cloud(2)
    v[:, 1] = 0.5
    v[0] = [1e5, 0.5]
    blobs = BlobPairs(Cube((0.0, 0.0), 4.0, 10), 0.02)
    state = blobs.state(v, w)
    np.testing.assert_allclose(state.density, kernel(v, v, 0.02) @ w, rtol=1e-8)
    score = blobs.score(state, v)
    np.testing.assert_allclose(score[:, 1], 0, atol=1e-12)
    np.testing.assert_allclose(score[0], 0, atol=1e-12)


def test_both_forms_find_the_score_of_a_gaussian():
    from kineticbench.numerics.blob_mesh import BlobMesh

    cube = Cube((0.0, 0.0), 5.0, 50)
    axis = (np.arange(50) + 0.5) * cube.width - 5
    v = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    w = np.exp(-(v**2).sum(1) / 2) / (2 * np.pi) * cube.width**2
    variance = 0.64 * cube.width**1.98
    forms: tuple[Any, ...] = BlobMesh(cube, variance), BlobPairs(cube, variance)
    for blobs in forms:
        score = blobs.score(blobs.state(v, w), v)
        assert np.sqrt(w @ ((score + v) ** 2).sum(1) / 2) < 0.05
