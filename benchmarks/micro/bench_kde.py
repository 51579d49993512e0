"""Kernel estimates of densities on a plane, in space and at points anywhere (`pytest benchmarks/micro`)."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.numerics import kde


@pytest.mark.parametrize(("d", "particles", "nodes"), [(2, 25_600, 64), (3, 2_000, 48)], ids=["plane", "space"])
def test_on_a_grid(benchmark, d, particles, nodes):
    v, w = np.random.default_rng(0).standard_normal((particles, d)), np.full(particles, 1 / particles)
    axis = -4 + 8 * (np.arange(nodes) + 0.5) / nodes
    points = np.stack(np.meshgrid(*[axis] * d, indexing="ij"), -1).reshape(-1, d)
    width = kde.bandwidth(v, w)
    kde.density(v[:9], w[:9], points, width)
    benchmark(kde.density, v, w, points, width)
    benchmark.extra_info["microseconds a particle"] = benchmark.stats["min"] / particles * 1e6


@pytest.mark.parametrize("d", [1, 2, 5])
def test_anywhere(benchmark, d):
    random = np.random.default_rng(0)
    v, w, points = random.standard_normal((25_600, d)), np.full(25_600, 1 / 25_600), random.random((500, d))
    width = kde.bandwidth(v, w)
    kde.density(v[:9], w[:9], points, width)
    benchmark(kde.density, v, w, points, width)
    benchmark.extra_info["million pairs a second"] = len(v) * len(points) / benchmark.stats["min"] / 1e6
