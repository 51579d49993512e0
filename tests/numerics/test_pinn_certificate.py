"""The certificate at the equilibrium, whose particles stay where they are."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from kineticbench.contracts import Ensemble, HomogeneousLandau, InitialDensity, Start
from kineticbench.numerics import flow_score_networks as networks
from kineticbench.numerics.particle_residual import Units
from kineticbench.numerics.pinn_certificate import certify, grown

UNITS = Units(np.zeros(2), 1.0, 2.0, 1.0)


class Normal(InitialDensity):
    """N(0, I)."""

    def density(self, v):
        return np.exp(-(v**2).sum(1) / 2)[None] / (2 * np.pi)

    def score(self, v):
        return -v[None]

    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        return Ensemble(None, np.random.default_rng(seed).normal(size=(1, particles, 2)))


def stretching(share: float) -> networks.Networks:
    """T = (1 + share·τ) x and s = −x, exactly."""
    zero = jax.tree.map(lambda leaf: 0 * leaf, networks.start(2, 4, 1, 0))
    matrix, vector = zero.flow[-1]
    zero.flow[-1] = (matrix, vector + np.concatenate([np.zeros(2), (share * np.eye(2)).ravel()]))
    return zero


@pytest.mark.parametrize("exponent", [0.0, -3.0])
def test_the_true_flow_is_certified_to_be_true(exponent):
    found = certify(stretching(0.0), Normal(), HomogeneousLandau(2, exponent, 0.1), UNITS, 256)
    assert found.bound.max() < (0.02 if exponent == 0 else 1e-9)  # γ = 0: the moments are those of other samples
    assert found.score_gap.max() < 1e-12
    assert found.physics_residual.max() < 1e-9


@pytest.mark.parametrize("share", [0.1, -0.2])
def test_a_wrong_flow_is_no_further_off_than_the_bound(share):
    """Its error is |share| τ √E|x|²; its law has the score −x/(1 + share τ)², which the gap must show."""
    found = certify(stretching(share), Normal(), HomogeneousLandau(2, 0.0, 0.1), UNITS, 1024)
    v = Normal().sample(None, 1024, 7_919).velocities[0]  # type: ignore[arg-type]
    size, tau = np.sqrt((v**2).sum(1).mean()), found.times / 2
    assert (found.bound >= abs(share) * tau * size).all()
    assert found.bound[-1] < 20 * abs(share) * size
    scale = 1 + share * tau
    np.testing.assert_allclose(found.score_gap, size * np.abs(1 / scale - scale), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.physics_residual, abs(share) * size / 2, rtol=1e-9)
    assert found.at("bound", np.array([0.0]))[0] == 0


def test_a_flow_that_folds_has_no_bound():
    found = certify(stretching(-2.0), Normal(), HomogeneousLandau(2, 0.0, 0.1), UNITS, 64)
    assert np.isfinite(found.bound[found.times < 0.9]).all()
    # det = (1 − 2τ)² vanishes at τ = ½ alone; a reflection of one axis does not come back
    one_axis = stretching(0.0)
    matrix, vector = one_axis.flow[-1]
    one_axis.flow[-1] = (matrix, vector + np.array([0.0, 0.0, -2.0, 0.0, 0.0, 0.0]))
    folded = certify(one_axis, Normal(), HomogeneousLandau(2, 0.0, 0.1), UNITS, 64)
    assert np.isnan(folded.bound[folded.times > 1.05]).all()


def test_growth_is_that_of_the_linear_equation():
    """y' = L y + e has y = e (e^{Lt} − 1)/L; the second term is √(α (e^{2Lt} − 1)/2L · q t)."""
    t = np.linspace(0, 1, 2001)
    flat = np.ones_like(t)
    for rate in (0.7, -0.7):
        expected = 2 * np.expm1(rate * t) / rate + np.sqrt(3 * np.expm1(2 * rate * t) / (2 * rate) * 5 * t)
        np.testing.assert_allclose(grown(t, 2 * flat, 5 * flat, 3 * flat, rate * flat), expected, rtol=1e-6, atol=1e-9)
