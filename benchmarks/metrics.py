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
