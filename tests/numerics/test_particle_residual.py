"""Losses at the equilibrium, where both are known, and a learner that goes on where it was."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kineticbench.contracts import Ensemble, HomogeneousLandau, InitialDensity, InvalidInput, Start
from kineticbench.numerics import flow_score_networks as networks
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.particle_residual import Batch, ParticleLearner, Sampling, Units, loss

UNITS = Units(np.array([1.0, -1.0]), 2.0, 3.0, 0.5)
SAMPLING = Sampling(16, 4, fresh=True, matching="implicit")


class Normal(InitialDensity):
    """Gaussian of mass ½, with the mean of the units and these variances."""

    def __init__(self, *variances: float):
        self.variances = np.array(variances or (4.0, 4.0))

    def density(self, v):
        exponent = ((v - UNITS.mean) ** 2 / self.variances).sum(1) / 2
        return 0.5 * np.exp(-exponent)[None] / (2 * np.pi * np.sqrt(self.variances.prod()))

    def score(self, v):
        return -(v - UNITS.mean)[None] / self.variances

    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        v = UNITS.mean + np.sqrt(self.variances) * np.random.default_rng(seed).normal(size=(1, particles, 2))
        return Ensemble(None, v, np.full((1, particles), 0.5 / particles))


@pytest.mark.parametrize("exponent", [0.0, -3.0])
def test_the_equilibrium_has_no_residual_and_the_least_matching_loss(exponent):
    """s = −x, T = x: U = 0, and the mean of |s|² + 2∇·s is that of |x|² − 2d."""
    zero = jax.tree.map(lambda leaf: 0 * leaf, networks.start(2, 4, 1, 0))
    x = np.random.default_rng(1).normal(size=(3, 50, 2))
    with scope("cpu", "float64"):
        batch = Batch(jnp.asarray(x), jnp.array([0.1, 0.5, 0.9]), None, None)
        value = loss(zero, batch, equation=HomogeneousLandau(2, exponent, 1.0), matching="implicit", exact_score=None)
    assert float(value) == pytest.approx((x**2).sum(2).mean() - 4, abs=1e-9)


def test_units_are_the_moments_of_the_start():
    found = Units.of(Normal(), 3.0)
    np.testing.assert_allclose(found.mean, UNITS.mean, atol=0.05)
    assert found.sigma == pytest.approx(2.0, rel=0.02)
    assert found.mass == pytest.approx(0.5)
    with pytest.raises(InvalidInput, match="nothing to learn"):
        Units.of(Normal(), 0.0)


def test_units_turn_the_equation_into_its_own():
    """dx/dτ in the new units is dv/dt in the old ones: the same particles, both ways."""
    from kineticbench.numerics.collision import collision_sum

    rng, equation = np.random.default_rng(2), HomogeneousLandau(2, -3.0, 0.3)
    v, s = rng.normal(size=(2, 20, 2))
    with scope("cpu", "float64"):
        x, v_, s_, w = (jnp.asarray(a) for a in (UNITS.scaled(v), v, s, np.full(20, 1 / 20)))
        old = collision_sum(v_, s_, UNITS.mass * w, equation)
        new = collision_sum(x, UNITS.sigma * s_, w, UNITS.equation(equation))
        old, new = np.asarray(old), np.asarray(new)
    np.testing.assert_allclose(new * UNITS.sigma / UNITS.horizon, old, rtol=1e-10, atol=1e-12)


def learner(sampling: Sampling = SAMPLING) -> ParticleLearner:
    return ParticleLearner(Normal(), HomogeneousLandau(2, 0.0, 0.1), UNITS, (4, 1), sampling, 0, "cpu")


def test_it_goes_on_from_its_state_as_if_nothing_had_happened():
    whole, first = learner(), learner()
    for step in range(4):
        whole.update(step, 1e-2)
    for step in range(2):
        first.update(step, 1e-2)
    second = learner()
    second.load(first.state())
    losses = [second.update(step, 1e-2) for step in (2, 3)]
    assert np.isfinite(losses).all()
    for a, b in zip(jax.tree.leaves(second.result()), jax.tree.leaves(whole.result()), strict=True):
        np.testing.assert_array_equal(a, b)


def test_fresh_particles_are_new_and_fixed_ones_stay():
    fresh, fixed = learner(), learner(Sampling(16, 4, fresh=False, matching="implicit"))
    assert len(np.unique(np.concatenate([fresh.batch(0).x, fresh.batch(1).x]).reshape(-1, 2), axis=0)) == 128
    assert len(np.unique(np.concatenate([fixed.batch(0).x, fixed.batch(1).x]).reshape(-1, 2), axis=0)) == 16
    assert SAMPLING.distinct(2) == 128
    assert Sampling(16, 4, fresh=False, matching="implicit").distinct(2) == 16
    tau = fresh.batch(5).tau
    assert (np.diff(tau) > 0).all()
    assert tau[0] >= 0
    assert tau[-1] <= 1


@pytest.mark.parametrize("matching", ["implicit", "transported"])
def test_both_ways_of_matching_find_the_score_of_a_gaussian(matching):
    """Variances 1.5 and ½ in its own units; collisions so weak that they stay."""
    x = np.random.default_rng(3).normal(size=(200, 2)).astype(np.float32)
    rows = [jnp.asarray(a) for a in (np.full((200, 1), 0.5, np.float32), x)]
    sampling, equation = Sampling(64, 4, fresh=True, matching=matching), HomogeneousLandau(2, 0.0, 1e-4)
    student = ParticleLearner(Normal(6.0, 2.0), equation, UNITS, (4, 1), sampling, 0, "cpu")

    def error() -> float:
        found = np.asarray(networks.score(student.result().score, *rows))
        return float(((found + x / [1.5, 0.5]) ** 2).mean())

    before = error()
    for step in range(100):
        student.update(step, 1e-2)
    assert error() < 0.2 * before
