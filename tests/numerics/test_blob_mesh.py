from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.blob_mesh import BlobMesh
from kineticbench.numerics.blob_start import Cube


def cloud(d: int, number: int = 200) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(d)
    return rng.normal(0.2, 0.8, (number, d)), rng.uniform(0.5, 1.5, number) / number


def centres(cube: Cube) -> np.ndarray:
    axes = [c - cube.half_width + (np.arange(cube.cells) + 0.5) * cube.width for c in cube.centre]
    return np.stack(np.meshgrid(*axes, indexing="ij"), -1).reshape(-1, cube.dimension)


def direct(v, w, cube: Cube, variance: float) -> tuple[np.ndarray, np.ndarray, float]:
    """f̃ on the cells, F and H by their definitions."""
    c = centres(cube)
    z = v[:, None] - c[None]
    psi = np.exp(-(z**2).sum(-1) / (2 * variance)) / (2 * np.pi * variance) ** (cube.dimension / 2)
    density = w @ psi
    cell = cube.width**cube.dimension
    score = -(z / variance * (psi * np.log(density))[..., None]).sum(1) * cell
    return density, score, float((density * np.log(density)).sum() * cell)


@pytest.mark.parametrize("d", [2, 3])
def test_sums_are_those_of_the_definition(d):
    v, w = cloud(d)
    cube = Cube((0.1,) * d, 3.0, 14)
    variance = 0.64 * cube.width**1.98
    density, score, entropy = direct(v, w, cube, variance)
    mesh = BlobMesh(cube, variance)
    state = mesh.state(v, w)
    # beyond 7.5 standard deviations a blob is below 6e-13 of its peak, and so is what the sums leave out
    np.testing.assert_allclose(state.density, density, atol=1e-12 * density.max())
    near = density > 1e-8
    np.testing.assert_allclose(state.density[near], density[near], rtol=1e-5)
    inside = np.abs(v - 0.1).max(1) < 1.5
    np.testing.assert_allclose(mesh.score(state, v)[inside], score[inside], atol=2e-8)
    assert state.entropy == pytest.approx(entropy, rel=1e-10)


@pytest.mark.parametrize("d", [2, 3])
def test_gradient_is_that_of_the_entropy(d):
    v, w = cloud(d, 30)
    mesh = BlobMesh(Cube((0.0,) * d, 3.5, 9), 0.5)
    gradient = mesh.gradient(mesh.state(v, w), v)
    step = 1e-5
    for i, a in ((0, 0), (7, d - 1), (29, 1)):
        ends = []
        for sign in (1, -1):
            moved = v.copy()
            moved[i, a] += sign * step
            ends.append(mesh.state(moved, w).entropy)
        assert (ends[0] - ends[1]) / (2 * step) / w[i] == pytest.approx(gradient[i, a], rel=1e-6, abs=1e-7)


def test_order_of_the_particles_matters_by_rounding_only():
    v, w = cloud(2, 1000)
    mesh = BlobMesh(Cube((0.0, 0.0), 4.0, 30), 0.05)
    order = np.random.default_rng(0).permutation(1000)
    first, second = mesh.state(v, w), mesh.state(v[order], w[order])
    np.testing.assert_allclose(first.density, second.density, rtol=1e-12)
    assert first.entropy == pytest.approx(second.entropy, rel=1e-12)


def test_any_number_of_threads_gives_the_same_bits():
    import numba

    v, w = cloud(2, 1000)
    mesh = BlobMesh(Cube((0.0, 0.0), 4.0, 30), 0.05)
    found, before = [], numba.get_num_threads()
    try:
        for threads in {1, numba.config.NUMBA_NUM_THREADS}:  # type: ignore[attr-defined]
            numba.set_num_threads(threads)
            state = mesh.state(v, w)
            found.append((state.density, mesh.score(state, v), state.entropy))
    finally:
        numba.set_num_threads(before)
    for density, score, entropy in found[1:]:
        np.testing.assert_array_equal(density, found[0][0])
        np.testing.assert_array_equal(score, found[0][1])
        assert entropy == found[0][2]


def test_empty_cells_and_particles_far_outside_do_no_harm():
    v = np.array([[0.0, 0.0], [0.1, 0.1], [4.2, 0.0], [1e6, -1e6]])
    w = np.full(4, 0.25)
    mesh = BlobMesh(Cube((0.0, 0.0), 4.0, 80), 0.64 * 0.1**1.98)
    state = mesh.state(v, w)
    assert state.outside == 2
    assert (state.density == 0).any()
    score = mesh.score(state, v)
    assert np.isfinite(score).all()
    assert np.isfinite(state.entropy)
    np.testing.assert_array_equal(score[3], 0)
    # the one just outside still counts in the cells that its blob reaches
    assert state.density.reshape(80, 80)[-1, 40] > 0.01
    # and particles of weight zero leave nothing behind
    alone = mesh.state(v, np.zeros(4))
    assert alone.entropy == 0
    assert np.isfinite(mesh.score(alone, v)).all()


def test_velocities_that_are_not_finite_are_refused():
    mesh = BlobMesh(Cube((0.0, 0.0), 4.0, 8), 0.5)
    with pytest.raises(InvalidInput, match="not finite"):
        mesh.state(np.array([[np.nan, 0.0]]), np.ones(1))


def test_single_precision_is_single_and_close_to_double():
    v, w = cloud(2)
    cube = Cube((0.0, 0.0), 4.0, 40)
    double, single = BlobMesh(cube, 0.03), BlobMesh(cube, 0.03, np.float32)
    a, b = double.state(v, w), single.state(v.astype(np.float32), w.astype(np.float32))
    assert b.density.dtype == np.float32
    np.testing.assert_allclose(b.density, a.density, atol=1e-5 * a.density.max())
    found = single.score(b, v.astype(np.float32))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, double.score(a, v), atol=2e-3)


def test_meshes_that_cannot_be_are_refused():
    with pytest.raises(InvalidInput, match="d = 2 or 3"):
        BlobMesh(Cube((0.0,) * 4, 1.0, 4), 0.1)
    with pytest.raises(InvalidInput, match="too large"):
        BlobMesh(Cube((0.0, 0.0), 1.0, 10**5), 1e-9)
    with pytest.raises(InvalidInput, match="half_width"):
        Cube((0.0, 0.0), 0.0, 4)
