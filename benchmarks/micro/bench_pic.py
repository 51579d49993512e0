"""Speed of particle-in-cell: `pytest benchmarks/micro/bench_pic.py`; `-k` picks a benchmark.

Floors for one case of many particles, in nanoseconds a particle and step on one Zen 4 core at about 3.7 GHz:

- traffic: position and velocity are read and written once, 32 bytes in float64 and 16 in float32, which at 20 GB/s is
  1.6 and 0.8; 10⁶ particles stay in a third-level cache of 32 MB, 10⁷ and more do not;
- deposit: one 16-byte load, addition and store for each particle, 0.6 measured alone, in either precision;
- gather: two loads from a table in the first-level cache, 1.1 measured alone, in either precision;
- the rest (drift, wrap, index, fraction, sums) vectorises: 0.3 in float64 and 0.1 in float32 measured alone.

So 2.0 in float64 and 1.8 in float32 where everything stays in cache. One loop over all of it, which the compiler leaves
scalar, takes 5 in either precision.
"""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.numerics.pic import Setting, simulate, trajectories

EXAMPLES, PARTICLES, STEPS = 32_768, 256, 25
ENSEMBLE = {"length": 128.0, "cells": 128, "charge": 25.6, "dt": 0.04}


def ensemble(cases: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    std = random.uniform(0.5, 1.5, (2, cases, 1))
    q, p = std * random.standard_normal((2, cases, PARTICLES))
    return q + 64, p


def loop(q: np.ndarray, p: np.ndarray, length: float, cells: int, charge: float, dt: float, steps: int) -> None:
    """One case of `published` in plain Python with NumPy's transforms, as the public generator computes it."""
    dx, share = length / cells, charge / len(q)
    k = 2 * np.pi * np.fft.fftfreq(cells, dx)
    k[0] = 1

    def kick() -> None:
        density = np.zeros(cells)
        for x in q:
            j = int(x / dx)
            density[j % cells] += (1 - (x / dx - j)) * share / dx
            density[(j + 1) % cells] += (x / dx - j) * share / dx
        potential = np.fft.fft(density - density.mean()) / k**2
        potential[0] = 0
        field = np.real(np.fft.ifft(-1j * k * potential))
        for i, x in enumerate(q):
            j = int(x / dx)
            p[i] += dt / 2 * ((1 - (x / dx - j)) * field[j % cells] + (x / dx - j) * field[(j + 1) % cells])

    kick()
    for _ in range(steps):
        q[:] = (q + dt * p) % length
        kick()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_all_examples(benchmark, dtype):
    """All 32 768 examples of the Gaussian ensemble with six snapshots; the target is one second on two cores."""
    q, p = (array.astype(dtype) for array in ensemble(EXAMPLES))
    stops = list(range(0, STEPS + 1, 5))
    trajectories(q[:2], p[:2], **ENSEMBLE, stops=stops)
    benchmark.pedantic(lambda: trajectories(q, p, **ENSEMBLE, stops=stops), rounds=5)
    benchmark.extra_info["million particle-steps a second"] = q.size * STEPS / benchmark.stats["min"] / 1e6


def test_one_example_in_a_plain_loop(benchmark):
    """The same for one example; times 32 768 over `test_all_examples` is the speed-up, to be at least 200."""
    q, p = (array[0] for array in ensemble(1))
    benchmark.pedantic(lambda: loop(q.copy(), p.copy(), **ENSEMBLE, steps=STEPS), rounds=5)
    benchmark.extra_info["seconds for all examples"] = benchmark.stats["min"] * EXAMPLES


@pytest.mark.parametrize("weighted", [False, True], ids=["equal", "weighted"])
@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("particles", [10**5, 10**6, 10**7])
def test_one_case(benchmark, particles, dtype, weighted):
    """The whole solver on 128 cells; the target is 500 million particle-steps a second on two cores at 10⁶."""
    random = np.random.default_rng(0)
    length = 4 * np.pi
    q = (random.random((1, particles)) * length * (1 - 1e-6)).astype(dtype)
    p = random.standard_normal((1, particles)).astype(dtype)
    w = np.full((1, particles), 1 / particles, dtype) if weighted else None
    steps = max(10, 10**8 // particles)
    setting = Setting(length, 128, length, 0.05)
    simulate(q, p, w, setting, [], [1])
    benchmark.pedantic(lambda: simulate(q, p, w, setting, [], range(steps + 1)), rounds=3)
    benchmark.extra_info["million particle-steps a second"] = particles * steps / benchmark.stats["min"] / 1e6


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_one_case_in_jax(benchmark, dtype):
    """The march for a GPU, on the CPU: 10⁶ particles, five steps."""
    import jax

    from kineticbench.numerics import pic_jax

    random = np.random.default_rng(0)
    length = 4 * np.pi
    q = (random.random((1, 10**6)) * length * (1 - 1e-6)).astype(dtype)
    p = random.standard_normal((1, 10**6)).astype(dtype)
    setting = Setting(length, 128, length, 0.05)
    run = lambda: jax.block_until_ready(pic_jax.simulate(q, p, None, setting, [], range(6)))  # noqa: E731
    run()
    benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["million particle-steps a second"] = 5 / benchmark.stats["min"]
