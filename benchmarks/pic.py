"""asv: particle-in-cell from commit to commit."""

from __future__ import annotations

import numpy as np


class Ensemble:
    """4 096 cases of 256 particles, 25 steps, six snapshots."""

    params = ["float64", "float32"]
    param_names = ["precision"]

    def setup(self, precision: str) -> None:
        from kineticbench.numerics.pic import trajectories

        random = np.random.default_rng(0)
        std = random.uniform(0.5, 1.5, (2, 4096, 1))
        q, p = (std * random.standard_normal((2, 4096, 256))).astype(precision)
        self.start, self.march = (q + np.float32(64), p), trajectories
        self.time_march(precision)

    def time_march(self, precision: str) -> None:
        self.march(*self.start, length=128.0, cells=128, charge=25.6, dt=0.04, stops=list(range(0, 26, 5)))


class OneCase:
    """10⁶ particles on 128 cells, 100 steps with their series."""

    params = ["float64", "float32"]
    param_names = ["precision"]

    def setup(self, precision: str) -> None:
        from kineticbench.numerics.pic import Setting, simulate

        random = np.random.default_rng(0)
        q = (random.random((1, 10**6)) * 12.5).astype(precision)
        p = random.standard_normal((1, 10**6)).astype(precision)
        setting = Setting(4 * np.pi, 128, 4 * np.pi, 0.05)
        simulate(q, p, None, setting, [], [1])
        self.run = lambda: simulate(q, p, None, setting, [], range(101))

    def time_march(self, precision: str) -> None:
        self.run()

    def peakmem_march(self, precision: str) -> None:
        self.run()
