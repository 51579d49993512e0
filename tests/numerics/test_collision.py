"""Collision sums: equal to the definition, conserving, gauge-invariant, in every dimension, precision and library."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, InvalidInput
from kineticbench.numerics import collision_rows
from kineticbench.numerics.collision import (
    collision_sum,
    coulomb_sum,
    maxwell_sum,
    pair_sum,
    random_batch_sum,
)

TILE = 768


def plasma(particles: int, d: int, seed: int = 0, mean: float = 0.0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocities, scores that no linear function is, and weights that differ."""
    random = np.random.default_rng(seed)
    v = mean + random.standard_normal((particles, d)) * np.linspace(0.5, 1.5, d)
    return v, -v + 0.5 * np.sin(3 * v), random.random(particles) / particles


def direct(v: np.ndarray, s: np.ndarray, w: np.ndarray, strength: float, exponent: float) -> np.ndarray:
    """The definition, in the order of its symbols."""
    z, difference = v[:, None] - v[None], s[:, None] - s[None]
    square = (z * z).sum(-1)
    power = np.where(square > 0, np.where(square > 0, square, 1) ** (exponent / 2), 0)
    along = (z * difference).sum(-1)
    A = power[..., None] * (square[..., None] * difference - along[..., None] * z)
    return -strength * (w[None, :, None] * A).sum(1)


def error(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.abs(found - true).max() / np.abs(true).max())


@pytest.mark.parametrize("d", [2, 3, 5, 10])
def test_moments_equal_the_direct_sum(d):
    v, s, w = plasma(500, d, mean=1.0)
    assert error(maxwell_sum(v, s, w, 0.7), direct(v, s, w, 0.7, 0)) < 1e-13
    single = maxwell_sum(v.astype(np.float32), s.astype(np.float32), w.astype(np.float32), 0.7)
    assert single.dtype == np.float32
    assert error(single, direct(v, s, w, 0.7, 0)) < 3e-6


@pytest.mark.parametrize(
    ("d", "exponent"), [(2, -3.0), (3, -3.0), (3, -2.0), (3, -1.0), (3, 1.0), (3, -2.5), (5, -3.0)]
)
def test_tiles_equal_the_direct_sum(d, exponent):
    v, s, w = plasma(2 * TILE + 33, d, mean=2.0)
    w[:5] = 0
    v[7], s[7] = v[9], s[9] + 1  # coincident, with scores that differ
    true = direct(v, s, w, 0.3, exponent)
    # z of a pair has the rounding of v, and nearby pairs weigh most.
    assert error(pair_sum(v, s, w, 0.3, exponent), true) < 3e-13
    single = pair_sum(v.astype(np.float32), s.astype(np.float32), w.astype(np.float32), 0.3, exponent)
    assert single.dtype == np.float32
    assert error(single, true) < 3e-4


@pytest.mark.parametrize("particles", [2, 3, TILE - 1, TILE, TILE + 1, 4 * TILE])
def test_every_number_of_particles_and_tiles(particles):
    v, s, w = plasma(particles, 3)
    assert error(coulomb_sum(v, s, w, 1.0), direct(v, s, w, 1.0, -3)) < 1e-12


@pytest.mark.parametrize("exponent", [0.0, -3.0])
@pytest.mark.parametrize(("dtype", "rounding"), [("float64", 1e-14), ("float32", 1e-6)])
def test_momentum_and_energy_are_kept_to_rounding(exponent, dtype, rounding):
    v, s, w = (a.astype(dtype) for a in plasma(3000, 3))
    U = collision_sum(v, s, w, HomogeneousLandau(3, exponent, 1.0)).astype(np.float64)
    push = w[:, None].astype(np.float64) * U
    assert np.abs(push.sum(0)).max() < rounding * np.abs(push).sum(0).max()
    assert abs((push * v).sum()) < rounding * np.abs(push * v).sum()
    assert (push * s).sum() < 0  # the entropy ∫ f ln f falls


def test_linear_scores_push_nothing_and_add_nothing():
    v, s, w = plasma(400, 3)
    gauge = s - 3 * v + 2
    scale = np.abs(coulomb_sum(v, s, w, 1.0)).max()
    assert np.abs(coulomb_sum(v, 1 - 2 * v, w, 1.0)).max() < 1e-14 * scale
    np.testing.assert_allclose(coulomb_sum(v, gauge, w, 1.0), coulomb_sum(v, s, w, 1.0), atol=1e-13 * scale)
    np.testing.assert_allclose(maxwell_sum(v, gauge, w, 1.0), maxwell_sum(v, s, w, 1.0), atol=1e-13)


def test_units_of_speed_do_not_matter():
    v, s, w = plasma(200, 3)
    for unit in (1e-25, 1e25):
        scaled = coulomb_sum(unit * v, s / unit, w, 1.0)
        np.testing.assert_allclose(scaled * unit**2, coulomb_sum(v, s, w, 1.0), rtol=1e-11)


def test_degenerate_plasmas_rest():
    one, equal = np.ones((1, 3)), np.ones((5, 3))
    s = np.random.default_rng(0).standard_normal((5, 3))
    for total in (maxwell_sum, coulomb_sum):
        assert (total(one, one, np.ones(1), 1.0) == 0).all()
        np.testing.assert_allclose(total(equal, s, np.ones(5), 1.0), 0, atol=1e-15)
        assert (total(s, s**2, np.zeros(5), 1.0) == 0).all()


@pytest.mark.parametrize("exponent", [0.0, -3.0])
@pytest.mark.parametrize(("batch", "particles"), [(2, 7), (5, 23), (7, 14), (40, 20)])
def test_random_batches_conserve_and_are_unbiased(exponent, batch, particles):
    v, s, w = plasma(particles, 2)
    equation, random = HomogeneousLandau(2, exponent, 1.0), np.random.default_rng(1)
    draws = []
    for _ in range(600):
        U = random_batch_sum(v, s, w, equation, batch, random)
        push = w[:, None] * U
        assert np.abs(push.sum(0)).max() < 1e-13 * np.abs(push).sum()
        assert abs((push * v).sum()) < 1e-13 * np.abs(push * v).sum()
        draws.append(U)
    mean, spread = np.mean(draws, 0), np.std(draws, 0) / np.sqrt(600)
    assert (np.abs(mean - direct(v, s, w, 1.0, exponent)) < 5 * spread + 1e-12).all()


def test_jax_agrees_traces_and_differentiates():
    import jax
    import jax.numpy as jnp

    v, s, w = plasma(1100, 3)
    v[4] = v[5]
    with jax.enable_x64(True):
        for exponent, total in ((0.0, maxwell_sum), (-3.0, coulomb_sum)):
            compiled = jax.jit(total, static_argnums=3)
            assert (
                error(np.asarray(compiled(*map(jnp.asarray, (v, s, w)), 0.3)), direct(v, s, w, 0.3, exponent)) < 1e-12
            )

        few = [jnp.asarray(a[:8]) for a in (v, s, w)]

        def dissipation(v: jax.Array) -> jax.Array:
            return (few[2][:, None] * few[1] * coulomb_sum(v, few[1], few[2], 1.0)).sum()

        slope = jax.grad(dissipation)(few[0])
        direction = jnp.zeros_like(slope).at[0, 1].set(1e-6)
        difference = (dissipation(few[0] + direction) - dissipation(few[0] - direction)) / 2e-6
        np.testing.assert_allclose(slope[0, 1], difference, rtol=1e-6)
        assert np.isfinite(slope).all()
        key, equation = jax.random.key(0), HomogeneousLandau(3, -3.0, 1.0)
        U = jax.jit(lambda v, key: random_batch_sum(v, s, w, equation, 100, key))(jnp.asarray(v), key)
        assert np.abs(w @ np.asarray(U)).max() < 1e-13 * np.abs(U).max()


@pytest.mark.parametrize("exponent", [-3.0, -2.0, -1.0, 0.0, 1.0, -2.5])
@pytest.mark.parametrize(("d", "pairs"), [(2, 1 << 31), (3, 1 << 31), (3, 20_000), (5, 1)])
def test_the_rows_of_a_gpu_are_the_same_sum(exponent, d, pairs, monkeypatch):
    import jax

    monkeypatch.setattr(collision_rows, "PAIRS", pairs)
    v, s, w = plasma(541, d)  # leaves one particle over after groups of four
    v[4] = v[5]
    with jax.enable_x64(True):
        U = -0.3 * np.asarray(jax.jit(collision_rows.rows, static_argnums=3)(v, s, w, exponent))
    assert error(U, direct(v, s, w, 0.3, exponent)) < 1e-12


def test_a_batch_of_all_is_the_whole_sum():
    v, s, w = plasma(50, 3)
    equation = HomogeneousLandau(3, -3.0, 1.0)
    whole = random_batch_sum(v, s, w, equation, 50, np.random.default_rng(0))
    np.testing.assert_array_equal(whole, collision_sum(v, s, w, equation))


def test_bad_input_is_refused():
    v, s, w = plasma(4, 2)
    for bad in (
        lambda: maxwell_sum(v, s[:3], w, 1.0),
        lambda: maxwell_sum(v, s, w[:3], 1.0),
        lambda: maxwell_sum(v[:0], s[:0], w[:0], 1.0),
        lambda: maxwell_sum(v.astype(int), s, w, 1.0),
        lambda: maxwell_sum(v, s, w, 0.0),
        lambda: pair_sum(v, s, w, 1.0, -3.1),
        lambda: pair_sum(v, s, w, 1.0, 1.1),
        lambda: random_batch_sum(v, s, w, HomogeneousLandau(2, 0.0, 1.0), 1, np.random.default_rng(0)),
    ):
        with pytest.raises(InvalidInput):
            bad()
