"""The generators of the Gaussian ensemble: all 32 768 examples with six snapshots, float64, beside a plain loop.

`pytest benchmarks/micro/bench_generators.py`; `ratio` in the extra information is the plain loop's time for each
example over the compiled one's, measured in the same run.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

from kineticbench.datasets.gaussian_ensemble import SPLITS, TOTAL, GaussianEnsemble
from kineticbench.numerics import sheets
from kineticbench.numerics.streams import Stream

LENGTH, CELLS, CHARGE, DT, STEPS = 128.0, 128, 25.6, 0.04, 25
PLAIN = 4  # examples that the plain loop is timed on


@pytest.fixture(scope="module")
def ensemble() -> Any:
    return Stream(1, TOTAL, 256, LENGTH).gaussian(0, TOTAL, (0.5, 1.5)).ensemble


def plain_loop(q: np.ndarray, p: np.ndarray, published: bool) -> tuple[np.ndarray, np.ndarray]:
    """Particle-in-cell for one example in plain Python: a loop over steps, and in it loops over particles."""
    wave = 2 * np.pi * np.fft.fftfreq(CELLS, LENGTH / CELLS)
    wave[0] = 1.0
    dx, share = LENGTH / CELLS, CHARGE / q.size
    q, p = q.copy(), p.copy()

    def kick() -> None:
        density = np.zeros(CELLS)
        for x in q:
            cell, part = divmod(x / dx, 1.0)
            density[int(cell) % CELLS] += share * (1 - part) / dx
            density[(int(cell) + 1) % CELLS] += share * part / dx
        field = np.fft.ifft(-1j * np.fft.fft(density - density.mean()) / wave).real
        for i, x in enumerate(q):
            cell, part = divmod(x / dx, 1.0)
            p[i] += 0.5 * DT * ((1 - part) * field[int(cell) % CELLS] + part * field[(int(cell) + 1) % CELLS])

    kick()
    for step in range(STEPS):
        q[:] = np.mod(q + DT * p, LENGTH)
        kick()
        if not published and step + 1 < STEPS:
            kick()
    return q, p


@pytest.mark.parametrize("generator", ["leapfrog", "published"])
def test_particle_in_cell(benchmark, ensemble, generator):
    dataset, times = GaussianEnsemble(generator=generator), np.linspace(0, 1, 6)
    dataset._warm_up()
    _, p = benchmark.pedantic(dataset._simulate, (ensemble, times), rounds=5)
    begin = time.perf_counter()
    for case in range(PLAIN):
        plain = plain_loop(ensemble.positions[case, :, 0], ensemble.velocities[case, :, 0], generator == "published")
        np.testing.assert_allclose(plain[1], p[-1, case], atol=1e-9)
    plain_s = (time.perf_counter() - begin) / PLAIN
    each = benchmark.stats.stats.min / TOTAL
    benchmark.extra_info.update(plain_ms_per_example=plain_s * 1e3, ms_per_example=each * 1e3, ratio=plain_s / each)


def test_exact_sheets(benchmark, ensemble):
    dataset, times = GaussianEnsemble(), np.linspace(0, 1, 6)
    dataset._warm_up()
    benchmark.pedantic(dataset._simulate, (ensemble, times), rounds=2)
    benchmark.extra_info["ms_per_example"] = benchmark.stats.stats.min / TOTAL * 1e3


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("correct", [False, True], ids=["leapfrog", "corrected"])
@pytest.mark.parametrize("steps", [1, 2, 5, 25])
def test_few_steps(benchmark, ensemble, steps, correct, precision):
    few = ensemble.take(slice(6_384)).astype(precision)
    start = few.positions[..., 0], few.velocities[..., 0], few.weights
    march: dict[str, Any] = {"length": LENGTH, "charge": CHARGE, "step": 1 / steps, "times": np.ones(1)}
    benchmark(sheets.leapfrog, *start, **march, correct=correct)
    benchmark.extra_info["ms_per_example"] = benchmark.stats.stats.min / few.cases * 1e3


def test_drawing_the_test_split(benchmark):
    first, cases = SPLITS["test"]
    benchmark.pedantic(Stream(1, TOTAL, 256, LENGTH).gaussian, (first, cases, (0.5, 1.5)), rounds=3)
