"""asv: metrics on the 6 384 test cases of the Gaussian ensemble's size, from commit to commit."""

from __future__ import annotations

import numpy as np


class Wasserstein:
    """W1 of one snapshot: on the line, and on the circle for clouds that are small or fill it."""

    params = ["line", "circle, small clouds", "circle, filled"]
    param_names = ["where"]

    def setup(self, where: str) -> None:
        from kineticbench.metrics.wasserstein import wasserstein_1

        random = np.random.default_rng(0)
        shape = (2, 6384, 256)
        self.samples = random.uniform(0, 128, shape) if "filled" in where else random.normal(64, 2, shape)
        self.length, self.distance = None if where == "line" else 128.0, wasserstein_1
        self.time_distance(where)

    def time_distance(self, where: str) -> None:
        self.distance(*self.samples, length=self.length)

    def peakmem_distance(self, where: str) -> None:
        self.distance(*self.samples, length=self.length)


class Scores:
    """Every metric of a trajectory of six snapshots, as a record scores it."""

    params = ["w1_position", "w1_momentum", "w2_phase_space", "drift_mass", "drift_momentum", "drift_energy"]
    param_names = ["metric"]

    def setup(self, metric: str) -> None:
        from kineticbench.contracts import Ensemble, Problem, Query, Reference, Solution, Trajectory, VlasovPoisson
        from kineticbench.metrics import load

        random = np.random.default_rng(0)
        q, p = (random.normal(center, 2, (2, 6, 6384, 256, 1)) for center in (64, 0))
        weights = np.broadcast_to(1 / 256, (6384, 256))
        problem = Problem(VlasovPoisson(128.0, 25.6), None, Ensemble(q[0, 0], p[0, 0]), Query(np.arange(6.0)))
        found, true = (Trajectory(positions, momenta, weights) for positions, momenta in zip(q, p, strict=True))
        self.metric, self.arguments = load(metric), (Solution(found), Reference(true, paired=True), problem)
        self.time_score(metric)

    def time_score(self, metric: str) -> None:
        self.metric(*self.arguments)


class Landau:
    """Metrics of a homogeneous plasma of 25 600 particles at two times, with their floors."""

    params = ["density_l2", "trajectory_error", "w1_marginals", "sliced_w2", "w2_velocity", "entropy_nn"]
    param_names = ["metric"]

    def setup(self, metric: str) -> None:
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
        from kineticbench.numerics import bkw

        law, start, times = bkw.law(2, 1 / 16, 0.0), bkw.start(2, 1 / 16, 0.0, 4.0), np.array([0.0, 5.0])
        assert law.density is not None
        axis = -4 + (np.arange(64) + 0.5) / 8
        points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
        ensemble = start.sample(Random(), 25_600, 0)
        still = Trajectory(None, np.stack([ensemble.velocities] * 2), np.array(ensemble.weights))
        density = np.stack([law.density(time, points)[None] for time in times.tolist()])
        problem = Problem(HomogeneousLandau(2, 0.0, 1 / 16), start, None, Query(times, points=points))
        self.metric, self.arguments = load(metric), (Solution(still), Reference(density=density, law=law), problem)
        self.time_score(metric)

    def time_score(self, metric: str) -> None:
        self.metric(*self.arguments)


class Exactness:
    """How far distances are from SciPy's, or from the exact ones, relative; rounding counts as 10⁻¹²."""

    def setup(self) -> None:
        self.samples = np.random.default_rng(0).normal(0, 2, (2, 16, 200))

    def track_w1_on_the_line(self) -> float:
        """Against `scipy.stats.wasserstein_distance`."""
        from scipy.stats import wasserstein_distance

        from kineticbench.metrics.wasserstein import wasserstein_1

        exact = np.array([wasserstein_distance(*pair) for pair in self.samples.swapaxes(0, 1)])
        return _relative(wasserstein_1(*self.samples, length=None), exact)

    def track_w1_on_the_circle(self) -> float:
        """Of clouds so small that the circle is a line."""
        from kineticbench.metrics.wasserstein import wasserstein_1

        line = wasserstein_1(*self.samples, length=None)
        return _relative(wasserstein_1(*np.mod(self.samples, 128.0), length=128.0), line)

    track_w1_on_the_line.unit = track_w1_on_the_circle.unit = "relative"


def _relative(found: np.ndarray, exact: np.ndarray) -> float:
    return max(float(np.abs(found - exact).max() / np.abs(exact).max()), 1e-12)
