"""Particle-in-cell: orders in the step and in the cell, energy, and time reversal."""
# pyright: reportOptionalMemberAccess=false, reportOptionalSubscript=false

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Quiet
from kineticbench.numerics import sheets
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.pic import Setting, simulate, trajectories

PLASMA = PerturbedPlasma(Maxwellians(), 0.5, 0.3)


def smooth(particles, cells, dt, final_time):
    start = PLASMA.sample(Quiet(), particles, 0)
    length = PLASMA.length
    return trajectories(
        start.positions[..., 0],
        start.velocities[..., 0],
        length=length,
        cells=cells,
        charge=length,
        dt=dt,
        stops=[round(final_time / dt)],
    )


def rms(one, other):
    dq = (one[0] - other[0] + PLASMA.length / 2) % PLASMA.length - PLASMA.length / 2
    return np.array([np.sqrt((dq**2).mean()), np.sqrt(((one[1] - other[1]) ** 2).mean())])


def test_second_order_in_the_step():
    exact = smooth(8000, 64, 0.0125, 4)
    errors = np.array([rms(smooth(8000, 64, dt, 4), exact) for dt in (0.4, 0.2, 0.1)])
    orders = np.log2(errors[:-1] / errors[1:])
    np.testing.assert_allclose(orders, 2, atol=0.2)


def test_second_order_in_the_cell_for_a_smooth_density():
    exact = smooth(200_000, 512, 0.1, 2)
    errors = np.array([rms(smooth(200_000, cells, 0.1, 2), exact) for cells in (8, 16, 32, 64)])
    orders = np.log2(errors[:-1] / errors[1:])
    np.testing.assert_allclose(orders, 2, atol=0.1)


def test_towards_the_exact_force_of_the_particles():
    """W1 against the sheet model: order 1.6 from cells of 1 to ½, where cells span several particles; then 1."""
    cases, particles, length = 8, 256, 128.0
    random = np.random.default_rng(0)
    std = random.uniform(0.5, 1.5, (2, cases, 1))
    q, p = std * random.standard_normal((2, cases, particles))
    q += length / 2
    weights = np.full_like(q, 1 / particles)
    truth = sheets.exact(q, p, weights, length=length, charge=25.6, times=np.array([1.0]))
    errors = []
    for finer in (1, 2, 128):
        state = trajectories(q, p, length=length, cells=128 * finer, charge=25.6, dt=0.01, stops=[100])
        pairs = zip(state, (truth.positions, truth.momenta), strict=True)
        errors.append([np.abs(np.sort(a[0]) - np.sort(b[0])).mean() for a, b in pairs])
    first, rest = np.log2(errors[0]) - np.log2(errors[1]), (np.log2(errors[1]) - np.log2(errors[2])) / 6
    np.testing.assert_allclose(first, 1.6, atol=0.2)
    np.testing.assert_allclose(rest, 1.0, atol=0.2)


@pytest.mark.parametrize(("width", "dt"), [(0.4, 0.05), (0.25, 0.1)])
def test_energy_over_ten_thousand_steps(width, dt):
    """The grid heats particles in a random walk, so several boxes are averaged; widths are in Debye lengths."""
    cases, cells, per_cell = 4, 64, 256
    length = cells * width
    random = np.random.default_rng(1)
    shape = (cases, per_cell * cells)
    q, p = length * random.random(shape), random.standard_normal(shape)
    _, _, series = simulate(q, p, None, Setting(length, cells, length, dt), [], range(0, 10_001, 50))
    energy = series["energy"].sum(axis=0)
    assert np.ptp(series["field_energy"]) > 0.01 * series["field_energy"].mean()
    assert np.abs(energy / energy[0] - 1).max() < 5e-4
    assert np.abs(series["momentum"] - series["momentum"][:, :1]).max() < 1e-12
    np.testing.assert_allclose(series["mass"], 1, rtol=1e-13)


@pytest.mark.parametrize(("particles", "cells"), [(256, 128), (40_000, 97)])
def test_forward_then_backward_returns(particles, cells):
    random = np.random.default_rng(1)
    q, p = (15 + 3 * random.standard_normal((2, particles))) % 30, random.standard_normal((2, particles))
    setting = Setting(30.0, cells, 30.0, 0.05)
    there_q, there_p, _ = simulate(q, p, None, setting, [100])
    assert np.abs(there_p[0] - p).max() > 0.1
    back_q, back_p, _ = simulate(there_q[0], -there_p[0], None, setting, [100])
    assert np.abs((back_q[0] - q + 15) % 30 - 15).max() < 1e-11
    assert np.abs(back_p[0] + p).max() < 1e-11
