"""Forces and field energy against sums over pairs of the periodic Green's function, derived independently."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kineticbench.contracts import InvalidInput
from kineticbench.numerics import sheets

LENGTH, CHARGE = 7.0, 3.0


def field_of_one(distance):
    """E of a unit sheet and its background at a distance in (−L/2, L/2]; its own field at itself is zero."""
    inside = np.mod(distance, LENGTH)
    return np.where(inside == 0, 0.0, 0.5 - inside / LENGTH)


def pair_forces(x, w):
    return CHARGE * (w[:, None, :] * field_of_one(x[:, :, None] - x[:, None, :])).sum(-1)


def pair_energy(x, w):
    """½∫E² = ½Q² Σ w_i w_j G(x_i − x_j), G the autocorrelation of one sheet's field."""
    d = np.mod(x[:, :, None] - x[:, None, :], LENGTH)
    green = LENGTH / 12 - d * (LENGTH - d) / (2 * LENGTH)
    return 0.5 * CHARGE**2 * np.einsum("ci,cj,cij->c", w, w, green)


def random_case(seed, particles, weighted, ties=False):
    random = np.random.default_rng(seed)
    x = random.uniform(0, LENGTH, (2, particles))
    if ties:
        x = np.floor(x)
    w = random.uniform(0, 1, x.shape) if weighted else np.ones(x.shape)
    return x, w / w.sum(1, keepdims=True)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.booleans(), st.booleans())
def test_forces_are_the_sum_over_pairs(seed, particles, weighted, ties):
    x, w = random_case(seed, particles, weighted, ties)
    np.testing.assert_allclose(sheets.forces(x, w, LENGTH, CHARGE), pair_forces(x, w), atol=1e-13)


@settings(deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 40), st.booleans(), st.booleans(), st.floats(-20, 20))
def test_field_energy_is_the_sum_over_pairs_in_every_image(seed, particles, weighted, ties, shift):
    x, w = random_case(seed, particles, weighted, ties)
    energy = sheets.field_energy(x, w, LENGTH, CHARGE)
    np.testing.assert_allclose(energy, pair_energy(x, w), rtol=1e-12)
    np.testing.assert_allclose(sheets.field_energy(x + shift, w, LENGTH, CHARGE), energy, rtol=1e-11)


def test_the_forces_add_up_to_nothing_and_a_lattice_feels_none():
    x, w = random_case(3, 33, True)
    assert abs((w * sheets.forces(x, w, LENGTH, CHARGE)).sum(1)).max() < 1e-14
    lattice = np.arange(10)[None] * LENGTH / 10 + 0.1
    assert abs(sheets.forces(lattice, np.full((1, 10), 0.1), LENGTH, CHARGE)).max() < 1e-14


def test_energy_falls_as_the_force_says():
    x, w = random_case(5, 12, True)
    shift = 1e-6
    for i in range(12):
        moved = [x.copy(), x.copy()]
        moved[0][:, i] += shift
        moved[1][:, i] -= shift
        up, down = (sheets.field_energy(y, w, LENGTH, CHARGE) for y in moved)
        slope = -(up - down) / (2 * shift) / (CHARGE * w[:, i])
        np.testing.assert_allclose(slope, sheets.forces(x, w, LENGTH, CHARGE)[:, i], atol=1e-6)


def test_field_energy_takes_any_batch():
    x, w = random_case(1, 9, True)
    stacked = np.stack([x, np.mod(x + 1, LENGTH), np.roll(x, 1, axis=1)])
    energy = sheets.field_energy(stacked, w, LENGTH, CHARGE)
    assert energy.shape == (3, 2)
    np.testing.assert_allclose(energy[2], pair_energy(stacked[2], w), rtol=1e-12)


def test_measured_series_agree_with_the_field_on_a_fine_grid():
    x, w = random_case(8, 15, True)
    p = np.random.default_rng(0).normal(size=x.shape)
    march = sheets.exact(x, p, w, length=LENGTH, charge=CHARGE, times=np.zeros(1), series=np.zeros(1))
    grid = (np.arange(200_000) + 0.5) * LENGTH / 200_000
    field = CHARGE * np.sum([w[:, i, None] * field_of_one(grid - x[:, i, None]) for i in range(15)], axis=0)
    mode = (field * np.exp(-2j * np.pi * grid / LENGTH)).mean(1)
    np.testing.assert_allclose(march.series["field_mode"][:, 0], mode, atol=2e-5)
    np.testing.assert_allclose(march.series["field_energy"][:, 0], 0.5 * (field**2).mean(1) * LENGTH, rtol=1e-4)
    np.testing.assert_allclose(march.series["field_energy"][:, 0], pair_energy(x, w), rtol=1e-12)
    np.testing.assert_allclose(march.series["momentum"][:, 0], (w * p).sum(1), atol=1e-15)
    energy = 0.5 * (w * p * p).sum(1) + pair_energy(x, w) / CHARGE
    np.testing.assert_allclose(march.series["energy"][:, 0], energy, rtol=1e-12)


@pytest.mark.parametrize("bad", [[[-0.1, 1.0]], [[1.0, LENGTH]], [[np.nan, 1.0]]])
def test_positions_outside_the_box_are_refused(bad):
    with pytest.raises(InvalidInput, match="box"):
        sheets.forces(np.array(bad), np.full((1, 2), 0.5), LENGTH, CHARGE)
