"""The march of score-based transport, and the volumes it carries."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, InvalidInput
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.score_transport import Scale
from kineticbench.numerics.score_transport_volume import _by_moments, _by_pairs, divergence


def cloud(d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """60 particles, their weights, the scores sin(M v), and those scores' derivatives."""
    random = np.random.default_rng(0)
    v, w = random.standard_normal((60, d)) + 0.3, random.random(60)
    phase = v @ mixing(d).T
    return v, np.sin(phase), w, np.cos(phase)[:, :, None] * mixing(d)


def mixing(d: int) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((d, d))


@pytest.mark.parametrize(("d", "exponent"), [(2, 0.0), (2, -3.0), (3, -3.0), (3, 0.0), (3, -1.5), (5, 1.0)])
def test_divergence_is_that_of_the_velocity_field(d, exponent):
    v, s, w, jacobian = cloud(d)
    equation = HomogeneousLandau(d, exponent, 0.3)
    found = divergence(v, s, w, jacobian, equation)

    def field(x, i):
        """U at x from all particles but i, which is at x."""
        z, ds = np.delete(x - v, i, 0), np.delete(np.sin(mixing(d) @ x) - s, i, 0)
        square = (z * z).sum(1)
        parts = square[:, None] * ds - z * (z * ds).sum(1)[:, None]
        return -0.3 * (np.delete(w, i) * square ** (exponent / 2)) @ parts

    h = 1e-5
    for i in range(0, 60, 20):
        slope = sum((field(v[i] + h * e, i) - field(v[i] - h * e, i))[m] / (2 * h) for m, e in enumerate(np.eye(d)))
        assert found[i] == pytest.approx(slope, rel=1e-6, abs=1e-6)


def test_moments_and_pairs_agree_in_numpy_and_jax():
    v, s, w, jacobian = cloud(3)
    pairs = _by_pairs(v, s, w, jacobian, 0.3, 0.0)
    np.testing.assert_allclose(_by_moments(v, s, w, jacobian, 0.3), pairs, atol=1e-12 * np.abs(pairs).max())
    with scope("cpu", "float64"):
        import jax.numpy as jnp

        v_, s_, w_, jacobian_ = (jnp.asarray(a) for a in (v, s, w, jacobian))
        np.testing.assert_allclose(_by_moments(v_, s_, w_, jacobian_, 0.3), pairs, atol=1e-12 * np.abs(pairs).max())
        for exponent in (0.0, -3.0):
            direct = _by_pairs(v, s, w, jacobian, 0.3, exponent)
            tiled = _by_pairs(v_, s_, w_, jacobian_, 0.3, exponent)
            np.testing.assert_allclose(tiled, direct, atol=1e-12 * np.abs(direct).max())


def test_coincident_particles_leave_the_divergence_finite():
    v, s, w, jacobian = cloud(2)
    v[1], s[1], jacobian[1] = v[0], s[0], jacobian[0]
    for exponent in (-3.0, -1.0, 0.0):
        assert np.isfinite(divergence(v, s, w, jacobian, HomogeneousLandau(2, exponent, 1.0))).all()


def test_scale_is_mean_and_speed_and_refuses_what_has_no_score():
    v, _, w, _ = cloud(2)
    x = Scale.of(v, w).reduced(v)
    np.testing.assert_allclose(w @ x, 0, atol=1e-12)
    assert (w @ (x * x)).sum() / w.sum() == pytest.approx(2)
    flat = v * [1, 0]
    for bad in (v[:1], v[:2], np.ones((9, 2)), flat, flat + 1e3):
        with pytest.raises(InvalidInput, match="spread"):
            Scale.of(bad, np.ones(len(bad)))
    with pytest.raises(InvalidInput, match="positive"):
        Scale.of(v, 0 * w)
