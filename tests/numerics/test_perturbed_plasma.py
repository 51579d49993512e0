"""Distributions and starts: exact inverses, moments, silence."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kineticbench.contracts import Ensemble, InvalidInput, Mesh, Quiet, Random
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma

BUMP = Maxwellians((0.9, 0.1), (0.0, 4.5), (1.0, 0.5))
STREAMS = Maxwellians((0.5, 0.5), (2.4, -2.4), (1.0, 1.0))
STARTS = [Random(), Quiet(), Quiet(weighted=True), Mesh()]


def positions(ensemble: Ensemble) -> np.ndarray:
    assert ensemble.positions is not None
    return ensemble.positions[0, :, 0]


def modes(plasma: PerturbedPlasma, ensemble: Ensemble, numbers, time: float = 0.0) -> np.ndarray:
    """Fourier modes of the density after free streaming."""
    q = positions(ensemble) + time * ensemble.velocities[0, :, 0]
    return np.array([(ensemble.weights[0] * np.exp(-1j * m * plasma.wavenumber * q)).sum() for m in numbers])


@given(
    st.floats(1e-12, 1 - 1e-9),
    st.floats(0.01, 0.99),
    st.floats(-5, 5),
    st.floats(0.1, 2),
)
@settings(max_examples=60, deadline=None)
def test_the_quantile_inverts_the_distribution(probability, fraction, drift, spread):
    mixture = Maxwellians((fraction, 1 - fraction), (0.0, drift), (1.0, spread))
    p = mixture.quantile(np.array([probability]))
    slack = 1e-15 / mixture.density(p)[0] + 1e-12
    assert abs(mixture.cumulative(p)[0] - probability) <= mixture.density(p)[0] * slack + 1e-14


def test_the_score_is_the_slope_of_the_log_density_also_where_it_underflows():
    plasma = PerturbedPlasma(BUMP, 0.3, 0.2)
    v = np.array([[1.0, 0.3], [7.0, 4.4], [20.0, -3.0]])
    step = 1e-6
    for axis in (0, 1):
        shift = step * np.eye(2)[axis]
        slope = (np.log(plasma.density(v + shift)) - np.log(plasma.density(v - shift))) / (2 * step)
        np.testing.assert_allclose(plasma.score(v)[..., axis], slope, atol=1e-8)
    assert BUMP.score(np.array([-60.0]))[0] == pytest.approx(60.0)


def test_the_density_has_unit_mass_and_the_mixtures_moments():
    plasma = PerturbedPlasma(BUMP, 0.3, 0.5)
    q = (np.arange(32) + 0.5) * plasma.length / 32
    p = np.linspace(-10, 10, 801)
    f = plasma.density(np.stack(np.meshgrid(q, p, indexing="ij"), -1).reshape(-1, 2)).reshape(32, 801)
    cell = plasma.length / 32 * (p[1] - p[0])
    assert f.sum() * cell == pytest.approx(1, abs=1e-12)
    assert (f @ p).sum() * cell == pytest.approx(BUMP.mean, abs=1e-12)
    assert (f @ p**2).sum() * cell == pytest.approx(BUMP.second_moment, abs=1e-11)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("mixture", [Maxwellians(), STREAMS, BUMP])
def test_every_start_has_the_moments_and_the_perturbation(start, mixture):
    plasma, number = PerturbedPlasma(mixture, 0.4, 0.3), 40_000
    ensemble = plasma.sample(start, number, seed=3)
    assert number * 0.98 < ensemble.particles <= number
    weights, p = ensemble.weights[0], ensemble.velocities[0, :, 0]
    tolerance = 5 / math.sqrt(number) if start == Random() else 2e-4
    assert weights.sum() == pytest.approx(1, abs=1e-12)
    assert weights @ p == pytest.approx(mixture.mean, abs=3 * tolerance)
    assert weights @ p**2 == pytest.approx(mixture.second_moment, abs=30 * tolerance)
    np.testing.assert_allclose(modes(plasma, ensemble, (1, 2, 3)), [0.15, 0, 0], atol=tolerance)
    assert positions(ensemble).min() >= 0
    assert positions(ensemble).max() < plasma.length
    assert ensemble.equal_weights == (start in (Random(), Quiet()))


def test_quiet_positions_follow_the_exact_distribution():
    plasma = PerturbedPlasma(Maxwellians(), 0.5, 0.9)
    q = np.sort(positions(plasma.sample(Quiet(), 5000, seed=1)))
    cumulative = (q + 0.9 / 0.5 * np.sin(0.5 * q)) / plasma.length
    gaps = np.diff(cumulative)
    np.testing.assert_allclose(gaps, 1 / 5000, rtol=1e-8)


@pytest.mark.parametrize(("start", "ceiling"), [(Quiet(), 6e-4), (Quiet(weighted=True), 1e-9)])
def test_quiet_starts_stay_quiet_while_they_stream_and_random_ones_are_not(start, ceiling):
    plasma = PerturbedPlasma(Maxwellians(), 0.3, 1e-12)
    ensemble = plasma.sample(start, 100_000, seed=0)
    noise = max(np.abs(modes(plasma, ensemble, range(1, 9), t)).max() for t in (0, 3, 11, 40))
    assert noise < ceiling
    loud = plasma.sample(Random(), 100_000, seed=0)
    assert np.abs(modes(plasma, loud, range(1, 9))).max() > 1e-3


@pytest.mark.parametrize("start", STARTS)
def test_a_seed_draws_the_same_particles_again(start):
    plasma = PerturbedPlasma(BUMP, 0.3, 1e-3)
    a, b, c = (plasma.sample(start, 1000, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(positions(a), positions(b))
    np.testing.assert_array_equal(a.velocities, b.velocities)
    if start != Mesh():
        assert not np.array_equal(positions(a), positions(c))


@pytest.mark.parametrize("particles", [1, 2, 3, 17, 262_143, 262_145])
def test_any_number_of_particles_can_be_drawn(particles):
    ensemble = PerturbedPlasma(Maxwellians(), 0.5, 0.01).sample(Quiet(), particles, seed=0)
    assert ensemble.particles == particles
    assert np.isfinite(ensemble.velocities).all()
    slots = np.sort(positions(ensemble))
    assert particles < 3 or np.diff(slots).min() > 0


def test_bad_input_is_refused():
    with pytest.raises(InvalidInput, match="amplitude must be below 1"):
        PerturbedPlasma(Maxwellians(), 0.5, 1.0)
    with pytest.raises(InvalidInput, match="sum to one"):
        Maxwellians((0.5, 0.4), (0.0, 1.0), (1.0, 1.0))
    with pytest.raises(InvalidInput, match="as many fractions"):
        Maxwellians((1.0,), (0.0, 1.0), (1.0,))
    with pytest.raises(InvalidInput, match="positive integer"):
        PerturbedPlasma(Maxwellians(), 0.5, 0.1).sample(Quiet(), 0, 0)
