"""W1 of 6 384 cases of 256 particles beside POT's batched form and a loop over SciPy.

`pytest benchmarks/micro/bench_wasserstein.py`. `ratio` in the extra information is the other's time over ours, best of
several, measured in the same run; `difference` is the largest between the two results.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
import ot
import pytest
from scipy.stats import wasserstein_distance

from kineticbench.metrics.phase_space import exact_w2
from kineticbench.metrics.wasserstein import wasserstein_1

CASES, PARTICLES, LENGTH = 6384, 256, 128.0
FEW = 128  # cases that slow forms are timed on


@pytest.fixture(scope="module")
def normal() -> Any:
    return np.random.default_rng(0).normal(64, 2, size=(2, CASES, PARTICLES))


@pytest.fixture(scope="module")
def uniform() -> Any:
    return np.random.default_rng(1).uniform(0, LENGTH, size=(2, CASES, PARTICLES))


def best(call: Callable[[], Any], rounds: int = 3) -> float:
    took = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        took.append(time.perf_counter() - begin)
    return min(took)


def beside(benchmark, ours: Callable[[], Any], other: Callable[[], Any], share: float = 1.0) -> None:
    """Time ours, and the other on that share of the cases."""
    found = benchmark(ours)
    theirs = np.asarray(other())
    benchmark.extra_info["difference"] = float(np.abs(found[: theirs.size] - theirs).max())
    if benchmark.stats is not None:
        benchmark.extra_info["ratio"] = best(other) / share / benchmark.stats.stats.min


def test_line_against_pot(benchmark, normal):
    """POT takes samples along the first axis; they lie so that it need not copy."""
    x, y = normal
    columns = np.ascontiguousarray(x.T), np.ascontiguousarray(y.T)
    beside(benchmark, lambda: wasserstein_1(x, y), lambda: ot.wasserstein_1d(*columns, p=1))


def test_line_against_a_loop_over_scipy(benchmark, normal):
    x, y = normal
    beside(
        benchmark,
        lambda: wasserstein_1(x, y),
        lambda: [wasserstein_distance(a, b) for a, b in zip(x, y, strict=True)],
    )


def test_circle_against_pot(benchmark, uniform):
    x, y = uniform
    columns = x[:FEW].T / LENGTH, y[:FEW].T / LENGTH
    beside(
        benchmark,
        lambda: wasserstein_1(x, y, length=LENGTH),
        lambda: LENGTH * np.asarray(ot.wasserstein_circle(*columns, p=1)),
        share=FEW / CASES,
    )


def test_weighted_line_against_a_loop_over_scipy(benchmark, normal):
    x, y = normal
    w = np.random.default_rng(2).uniform(size=(2, CASES, PARTICLES))
    beside(
        benchmark,
        lambda: wasserstein_1(x, y, *w),
        lambda: [wasserstein_distance(*row) for row in zip(x[:FEW], y[:FEW], w[0], w[1], strict=False)],
        share=FEW / CASES,
    )


@pytest.mark.parametrize("particles", [256, 1000, 2000])
def test_phase_space_against_pot(benchmark, particles):
    x, y = np.random.default_rng(3).uniform(0, LENGTH, size=(2, particles, 2))
    weights = np.full(particles, 1 / particles)
    gap = np.abs(x[:, None, 0] - y[None, :, 0])
    cost = np.minimum(gap, LENGTH - gap) ** 2 + (x[:, None, 1] - y[None, :, 1]) ** 2
    beside(
        benchmark,
        lambda: np.array([exact_w2(x, y, weights, weights, LENGTH)]),
        lambda: np.sqrt([ot.emd2(weights, weights, cost, numItermax=10_000_000)]),
    )
