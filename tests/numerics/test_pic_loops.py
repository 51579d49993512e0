"""The compiled and JAX loops against a plain one, the public generator's figures, and each other."""
# pyright: reportOptionalMemberAccess=false, reportOptionalSubscript=false

from __future__ import annotations

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import TypeCheckError

from kineticbench.contracts import InvalidInput
from kineticbench.numerics import pic, pic_jax
from kineticbench.numerics.pic import Setting, simulate, trajectories


def plain_field(q, weights, length, cells, charge):
    """E at the particles, one particle after another."""
    dx = length / cells
    nodes = np.zeros(cells)
    for x, w in zip(q / dx, weights, strict=True):
        j = int(x)
        nodes[j % cells] += w * (1 - (x - j))
        nodes[(j + 1) % cells] += w * (x - j)
    density = charge / dx * nodes
    density -= density.mean()
    k = 2 * np.pi * np.fft.fftfreq(cells, dx)
    k[0] = 1
    potential = np.fft.fft(density) / k**2
    potential[0] = 0
    field = np.fft.ifft(-1j * k * potential).real
    force = np.empty_like(q)
    for i, x in enumerate(q / dx):
        j = int(x)
        force[i] = (1 - (x - j)) * field[j % cells] + (x - j) * field[(j + 1) % cells]
    return force


def plain(q, p, weights, setting, steps):
    """The time loop in the words of the paper ("leapfrog") or of the public generator ("published")."""

    def kick():
        return setting.dt / 2 * plain_field(q, weights, setting.length, setting.cells, setting.charge)

    q, p = q.copy(), p.copy()
    if setting.scheme == "published" and steps:
        p += kick()
    for _ in range(steps):
        if setting.scheme == "leapfrog":
            p += kick()
        q = (q + setting.dt * p) % setting.length
        p += kick()
    return q, p


def around(difference, length):
    return np.abs((difference + length / 2) % length - length / 2)


def draw(cases, particles, length, spread, seed, dtype=np.float64, weighted=False):
    random = np.random.default_rng(seed)
    q = ((length / 2 + spread * random.standard_normal((cases, particles))) % length).astype(dtype)
    q[q >= length] = 0
    p = random.standard_normal((cases, particles)).astype(dtype)
    if not weighted:
        return q, p, None
    w = random.random((cases, particles)).astype(dtype)
    return q, p, w / w.sum(axis=1, keepdims=True)


def test_the_public_generators_figures():
    random = np.random.RandomState(1)
    examples = 32768
    q_mean, p_mean = random.uniform(64, 64, (examples, 1)), random.uniform(0, 0, (examples, 1))
    q_std, p_std = random.uniform(0.5, 1.5, (examples, 1)), random.uniform(0.5, 1.5, (examples, 1))
    assert (q_std[0, 0], p_std[0, 0]) == pytest.approx((1.31769985, 1.44446424), abs=1e-8)
    n = 26384
    q, p = random.standard_normal((n + 1, 2, 256))[n]
    q, p = (q_mean[n] + q_std[n] * q)[None], (p_mean[n] + p_std[n] * p)[None]
    all_q, all_p = trajectories(q, p, length=128.0, cells=128, charge=25.6, dt=0.04, stops=[0, 25], scheme="published")
    np.testing.assert_array_equal(all_q[0], q)
    np.testing.assert_array_equal(all_p[0], p)
    np.testing.assert_allclose(all_q[0, 0, :3], [63.55030889, 64.73367926, 63.71528371], atol=1e-8, rtol=0)
    np.testing.assert_allclose(all_q[1, 0, :3], [61.51782524, 67.28205633, 64.47133086], atol=1e-8, rtol=0)
    np.testing.assert_allclose(all_p[1, 0, :3], [-3.8593258, 4.84198898, 0.92879749], atol=1e-8, rtol=0)


@settings(deadline=None, max_examples=25)
@given(
    particles=st.integers(1, 70),
    cells=st.integers(1, 40),
    length=st.floats(0.5, 200),
    spread=st.floats(0, 2),
    dt=st.floats(0.001, 0.2),
    scheme=st.sampled_from(["leapfrog", "published"]),
    weighted=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_both_compiled_marches_equal_a_plain_loop(particles, cells, length, spread, dt, scheme, weighted, seed):
    setting = Setting(length, cells, 0.1 * particles, dt, scheme)
    q, p, w = draw(2, particles, length, spread * length, seed, weighted=weighted)
    shares = np.full_like(q, 1 / particles) if w is None else w
    expected = [[plain(q[c], p[c], shares[c], setting, n) for c in range(2)] for n in (0, 3, 8)]
    for resident in (True, False):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pic, "_stays_resident", lambda *_, choice=resident: choice)
            all_q, all_p = trajectories(
                q,
                p,
                length=length,
                cells=cells,
                charge=setting.charge,
                dt=dt,
                stops=[0, 3, 8],
                scheme=scheme,
                weights=w,
            )
        assert ((all_q >= 0) & (all_q < length)).all()
        for k, states in enumerate(expected):
            for c, (x, v) in enumerate(states):
                assert around(all_q[k, c] - x, length).max() < 1e-10
                assert np.abs(all_p[k, c] - v).max() < 1e-10


@pytest.mark.parametrize(
    ("dtype", "cells", "length", "weighted"),
    [
        (np.float64, 128, 128.0, False),
        (np.float64, 33, 7.0, True),
        (np.float64, 1, 3.0, False),
        (np.float32, 128, 128.0, False),
    ],
)
def test_numba_and_jax_agree_to_rounding(dtype, cells, length, weighted, monkeypatch):
    q, p, w = draw(2, 1003, length, length / 20, 5, dtype, weighted)
    setting, stops, records = Setting(length, cells, 25.6, 0.04), [0, 4, 10], [1, 4, 12]
    there = pic_jax.simulate(q, p, w, setting, stops, records)
    tolerance = 1e-11 if dtype == np.float64 else 1e-3
    for resident in (True, False):
        monkeypatch.setattr(pic, "_stays_resident", lambda *_, choice=resident: choice)
        here = simulate(q, p, w, setting, stops, records)
        assert here[0].dtype == here[1].dtype == there[0].dtype == dtype
        assert around(here[0] - np.asarray(there[0]), length).max() < tolerance
        assert np.abs(here[1] - np.asarray(there[1])).max() < tolerance
        for name, values in here[2].items():
            np.testing.assert_allclose(values, np.asarray(there[2][name]), rtol=tolerance, atol=tolerance, err_msg=name)


@pytest.mark.parametrize("particles", [300, 40_000])
def test_a_case_depends_on_neither_its_neighbours_nor_the_threads(particles):
    q, p, w = draw(3, particles, 20.0, 8.0, 2, weighted=True)
    setting = Setting(20.0, 64, 20.0, 0.1)
    together = simulate(q, p, w, setting, [0, 5], [5])
    before = numba.get_num_threads()
    try:
        numba.set_num_threads(1)
        alone = simulate(q[1:2], p[1:2], w[1:2], setting, [0, 5], [5])
    finally:
        numba.set_num_threads(before)
    np.testing.assert_array_equal(together[0][:, 1], alone[0][:, 0])
    np.testing.assert_array_equal(together[1][:, 1], alone[1][:, 0])
    for name in together[2]:
        np.testing.assert_array_equal(together[2][name][1], alone[2][name][0])


def test_series_are_those_of_the_snapshots():
    q, p, w = draw(2, 500, 10.0, 3.0, 3, weighted=True)
    setting = Setting(10.0, 16, 4.0, 0.1)
    _, all_p, series = simulate(q, p, w, setting, [0, 6], [0, 6])
    np.testing.assert_allclose(series["mass"], 1, rtol=1e-14)
    np.testing.assert_allclose(series["momentum"].T, (w * all_p).sum(axis=2), atol=1e-14)
    kinetic = (w * all_p**2).sum(axis=2) / 2
    np.testing.assert_allclose(series["energy"].T, kinetic + series["field_energy"].T / 4.0, rtol=1e-13)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"cells": 0}, "cells"),
        ({"cells": 1.5}, "cells"),
        ({"dt": -0.1}, "dt"),
        ({"charge": float("nan")}, "charge"),
        ({"length": 3.0}, "box"),
        ({"stops": [3, 1]}, "stops"),
        ({"stops": [-1]}, "stops"),
        ({"scheme": "euler"}, "scheme"),
        ({"weights": np.ones((1, 3))}, "weights"),
    ],
)
def test_bad_input_is_named(change, message):
    q, p, _ = draw(2, 10, 10.0, 3.0, 0)
    right = {"length": 10.0, "cells": 8, "charge": 1.0, "dt": 0.1, "stops": [1]}
    with pytest.raises((InvalidInput, TypeCheckError), match=message):  # the second under runtime type checking
        trajectories(q, p, **{**right, **change})


def test_no_stop_is_no_snapshot():
    q, p, _ = draw(1, 10, 10.0, 3.0, 0)
    assert trajectories(q, p, length=10.0, cells=8, charge=1.0, dt=0.1, stops=[])[0].shape == (0, 1, 10)
