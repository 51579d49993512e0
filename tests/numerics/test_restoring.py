from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.numerics.restoring import restore


def cloud(number: int = 500, d: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(1)
    return rng.normal(0.7, 1.3, (number, d)), rng.uniform(0, 2 / number, number)


def energy(v, w) -> float:
    return float(w @ (v**2).sum(1)) / 2


@pytest.mark.parametrize("d", [2, 3, 5])
def test_momentum_and_energy_are_as_asked(d):
    v, w = cloud(d=d)
    p, e = np.linspace(-1, 1, d), 4.0
    moved = restore(v, w, p, e)
    np.testing.assert_allclose(w @ moved, p, atol=1e-14)
    assert energy(moved, w) == pytest.approx(e, rel=1e-14)


def test_what_has_them_already_stays():
    v, w = cloud()
    np.testing.assert_allclose(restore(v, w, w @ v, energy(v, w)), v, rtol=1e-13, atol=1e-13)


def test_single_precision_stays_single():
    v, w = cloud()
    moved = restore(v.astype(np.float32), w.astype(np.float32), w @ v, 2.0)
    assert moved.dtype == np.float32
    assert energy(moved.astype(float), w) == pytest.approx(2.0, rel=1e-5)


def test_particles_without_spread_get_the_momentum_alone():
    w = np.full(4, 0.25)
    moved = restore(np.ones((4, 2)), w, np.array([2.0, 0.0]), 9.0)
    np.testing.assert_allclose(moved, [[2.0, 0.0]] * 4)
    np.testing.assert_allclose(restore(np.ones((1, 2)), np.ones(1), np.zeros(2), 1.0), [[0.0, 0.0]])


def test_an_energy_below_that_of_the_bulk_is_refused():
    v, w = cloud(d=2)
    with pytest.raises(InvalidInput, match="bulk motion"):
        restore(v, w, np.array([2.0, 0.0]), 0.1)
    with pytest.raises(InvalidInput, match="positive number"):
        restore(v, 0 * w, np.zeros(2), 1.0)


def test_jax_agrees_with_numpy_and_has_a_gradient_without_spread():
    import jax
    import jax.numpy as jnp

    with jax.enable_x64(True):
        v, w = cloud(d=2)
        p = np.array([0.3, -0.2])
        ours = jax.jit(restore)(jnp.asarray(v), jnp.asarray(w), jnp.asarray(p), 3.0)
        np.testing.assert_allclose(ours, restore(v, w, p, 3.0), rtol=1e-12, atol=1e-13)
        equal = jnp.ones((3, 2))
        slope = jax.grad(lambda x: restore(x, jnp.full(3, 1 / 3), jnp.zeros(2), 1.0).sum())(equal)
        assert np.isfinite(np.asarray(slope)).all()
