"""Metrics of the homogeneous Landau equation at the sizes of the literature: 25 600 particles, a grid of 64².

`pytest benchmarks/micro/bench_metrics_landau.py`. `ratio` in the extra information is SciPy's time over ours for the
same density estimate, on a part of the points; `value` and `floor` are the final score and what exact particles score.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from scipy.stats import gaussian_kde

from kineticbench.contracts import (
    HomogeneousLandau,
    Problem,
    Query,
    Random,
    Reference,
    Solution,
    Trajectory,
)
from kineticbench.metrics import load
from kineticbench.numerics import bkw, kde

PARTICLES, CELLS = 25_600, 64
TIMES = np.array([0.0, 1.0, 5.0])
LAW: Any = bkw.law(2, 1 / 16, 0.0)
NAMES = ("density_l2", "trajectory_error", "w1_marginals", "sliced_w2", "w2_velocity", "covariance", "entropy_nn")


@pytest.fixture(scope="module")
def posed() -> tuple[Solution, Reference, Problem]:
    """A start of the Bobylev–Krook–Wu solution that does not move."""
    axis = -4 + 8 * (np.arange(CELLS) + 0.5) / CELLS
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    start = bkw.start(2, 1 / 16, 0.0, 4.0)
    ensemble = start.sample(Random(), PARTICLES, 0)
    still = Trajectory(None, np.repeat(ensemble.velocities[None], 3, axis=0), np.array(ensemble.weights))
    density = np.stack([LAW.density(t, points)[None] for t in TIMES.tolist()])
    problem = Problem(HomogeneousLandau(2, 0.0, 1 / 16), start, None, Query(TIMES, points=points))
    return Solution(still), Reference(density=density, law=LAW), problem


@pytest.mark.parametrize("name", NAMES)
def test_a_score_of_three_snapshots_and_its_floor(benchmark, posed, name):
    metric = load(name)
    metric(*posed)
    score = benchmark(metric, *posed)
    benchmark.extra_info |= {"value": float(score.value[-1, 0]), "floor": float(score.floor[-1])}


def test_a_kernel_estimate_against_scipy(benchmark, posed):
    solution, _, problem = posed
    v, w, points = solution.trajectory.velocities[0, 0], solution.trajectory.weights[0], problem.query.points
    few = points[::65]
    width = kde.bandwidth(v, w)
    found = benchmark(kde.density, v, w, points)
    begun = time.perf_counter()
    theirs = gaussian_kde(v.T, weights=w)(few.T)
    took = (time.perf_counter() - begun) * len(points) / len(few)
    benchmark.extra_info["difference"] = float(np.abs(found[::65] - theirs).max() / theirs.max())
    benchmark.extra_info["bandwidth"] = width.tolist()
    if benchmark.stats is not None:
        benchmark.extra_info["ratio"] = took / benchmark.stats.stats.min
