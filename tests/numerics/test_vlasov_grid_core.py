"""The phase-space grid: exact shifts, splittings, moments, guards."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Diverged, InvalidInput, Query, VlasovPoisson
from kineticbench.numerics.kernels.rotate import rotate, rotate_parallel
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.splitting import kicks_and_drifts
from kineticbench.numerics.vlasov_march import initial_grids, march, momentum_reach, spectral_values

PLASMA = PerturbedPlasma(Maxwellians(), 0.5, 0.5)


def grid(cells_q=32, cells_p=128, p_max=8.0, plasma=PLASMA, charge=None, dtype: type = np.float64):
    equation = VlasovPoisson(plasma.length, charge or plasma.length)
    return initial_grids(plasma, equation, cells_q, cells_p, p_max, dtype)[0]


@pytest.mark.parametrize("order", [2, 4, 6])
def test_splittings_are_symmetric_consistent_and_of_their_order(order):
    steps = kicks_and_drifts(order)
    kicks, drifts = zip(*steps, strict=True)
    assert sum(kicks) == pytest.approx(1, abs=1e-14)
    assert sum(drifts) == pytest.approx(1, abs=1e-14)
    np.testing.assert_allclose(kicks, kicks[::-1])
    np.testing.assert_allclose(drifts[:-1], drifts[-2::-1])

    def pendulum(number: int) -> np.ndarray:
        q, p = 1.2, 0.3
        for _ in range(number):
            for b, a in steps:
                p -= b * 5 / number * np.sin(q)
                q += a * 5 / number * p
        return np.array([q, p])

    coarse, middle, fine = (pendulum(n) for n in (20, 40, 80))
    found = np.log2(np.abs(coarse - middle).max() / np.abs(middle - fine).max())
    assert found == pytest.approx(order, abs=0.15)


def test_there_is_no_splitting_of_order_three():
    with pytest.raises(InvalidInput, match="Take 2, 4 or 6"):
        kicks_and_drifts(3)


@pytest.mark.parametrize(("dtype", "tolerance"), [(np.complex128, 1e-13), (np.complex64, 2e-5)])
@pytest.mark.parametrize("kernel", [rotate, rotate_parallel])
def test_the_kernel_multiplies_by_the_phases_it_says(kernel, dtype, tolerance):
    rng = np.random.default_rng(0)
    values = (rng.standard_normal((5, 333)) + 1j * rng.standard_normal((5, 333))).astype(dtype)
    start, increment, rows = rng.uniform(-50, 50, 5), rng.uniform(-3, 3, 5), rng.uniform(0, 1, 5)
    columns = rng.uniform(0, 1, 333).astype(np.real(values).dtype)
    phase = start[:, None] + np.arange(333) * increment[:, None]
    expected = values * rows[:, None] * columns * np.exp(1j * phase)
    kernel(values, start, increment, rows, columns)
    np.testing.assert_allclose(values, expected, atol=tolerance)


def test_without_charge_particles_stream_freely():
    state = grid(charge=1e-12)
    state.advance(0.7, 4, 3)
    points = np.random.default_rng(1).uniform([0, -5], [PLASMA.length, 5], (300, 2))
    found = spectral_values(state.coefficients(), PLASMA.length, 8.0, 32, points)
    back = points - np.stack([2.1 * points[:, 1], np.zeros(300)], axis=1)
    np.testing.assert_allclose(found, PLASMA.density(back)[0], atol=1e-10)


def test_scattered_points_and_a_tensor_grid_give_the_same_values():
    state = grid()
    state.advance(0.1, 4, 10)
    q, p = np.linspace(0, PLASMA.length, 9), np.linspace(-9, 9, 12)
    tensor = np.stack(np.meshgrid(q, p, indexing="ij"), -1).reshape(-1, 2)
    values = spectral_values(state.coefficients(), PLASMA.length, 8.0, 32, tensor)
    diagonal = np.random.default_rng(0).permutation(tensor)[:13]
    one_by_one = [spectral_values(state.coefficients(), PLASMA.length, 8.0, 32, x[None])[0] for x in diagonal]
    together = spectral_values(state.coefficients(), PLASMA.length, 8.0, 32, diagonal + np.array([1e-13, 0]))
    chosen = [values[np.flatnonzero((tensor == x).all(axis=1))[0]] for x in diagonal]
    np.testing.assert_allclose(one_by_one, chosen, atol=1e-14)
    np.testing.assert_allclose(together, chosen, atol=1e-12)
    assert (values[np.abs(tensor[:, 1]) >= 8] == 0).all()


def test_moments_with_an_owed_kick_are_those_after_the_kick():
    owed, paid = grid(), grid()
    for state in (owed, paid):
        state.advance(0.1, 2, 7)
    paid.coefficients()
    np.testing.assert_allclose(owed.moments(), paid.moments(), rtol=1e-12, atol=1e-13)


def test_the_start_is_what_was_posed():
    state = grid()
    mass, momentum, energy = state.moments()
    assert mass == pytest.approx(1, abs=1e-12)
    assert momentum == pytest.approx(0, abs=1e-13)
    # E = −(α/k) sin kq: ½∫E² = α² L / 4k², and Q = L.
    assert state.field_energy() == pytest.approx(0.25 / 0.25 * PLASMA.length / 4)
    assert energy == pytest.approx(0.5 + 0.25)
    assert state.field_modes()[1] == pytest.approx(-0.5j)


def test_filaments_that_outgrow_the_grid_are_absorbed_and_do_not_recur():
    plasma = PerturbedPlasma(Maxwellians(), 0.5, 1e-3)
    recurrence = plasma.length / (16 / 64)
    assert recurrence == pytest.approx(50.3, abs=0.1)
    state = grid(8, 64, 8.0, plasma)
    start = np.abs(state.field_modes()[1])
    state.advance(0.2, 2, round(0.9 * recurrence / 0.2))
    amplitudes = []
    for _ in range(40):
        state.advance(0.2, 2)
        amplitudes.append(np.abs(state.field_modes()[1]))
    assert max(amplitudes) < 4e-3 * start
    assert state.norm_loss() > 1e-8


def test_a_grid_too_narrow_in_momentum_says_so():
    with pytest.raises(Diverged, match="Take p_max = 6 with 192 cells"):
        grid(p_max=4.0)
    state = grid(p_max=5.8, charge=40 * PLASMA.length)
    with pytest.raises(Diverged, match=r"grid's edge, p = ±5\.8"):
        march(state, Query(np.array([1.0, 2.0, 5.0])), 0.05, 2)


def test_the_reach_of_a_density_is_found_and_must_be_finite():
    assert momentum_reach(PLASMA, PLASMA.length) == pytest.approx(np.sqrt(2 * np.log(1e10)), abs=0.02)

    class Flat(PerturbedPlasma):
        def density(self, v):
            return np.ones((1, len(v)))

    with pytest.raises(InvalidInput, match="Give p_max yourself"):
        momentum_reach(Flat(Maxwellians(), 0.5, 0.1), 1.0)


def test_single_precision_stays_single_and_agrees():
    double, single = grid(), grid(dtype=np.float32)
    for state in (double, single):
        state.advance(0.1, 4, 50)
    assert single.coefficients().dtype == np.complex64
    assert single.field_energy() == pytest.approx(double.field_energy(), rel=2e-3)
