"""A dataset that is installed as a package of its own, so that processes started by a test find it by name."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "tiny_stream"
SOURCE = '''
"""Particles that hardly feel each other."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import Dataset, Ensemble, Problem, Query, Reference, Trajectory, VlasovPoisson


@dataclass(frozen=True)
class TinyStream(Dataset):
    """Free streaming: dq/dt = p."""

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = ("w1_momentum", "w1_position", "drift_momentum", "drift_mass", "growth_rate")
    cite: ClassVar[str] = "@misc{tiny}"
    particles: int = 4
    snapshots: int = 2
    length: float = 64.0

    def problem(self, split="test", cases=None, seed=0):
        random = np.random.default_rng(seed)
        cases = 3 if cases is None else cases
        q = random.uniform(20, 30, (cases, self.particles, 1))
        p = random.normal(size=(cases, self.particles, 1))
        return Problem(
            VlasovPoisson(self.length, 1.0), None, Ensemble(q, p), Query(np.arange(self.snapshots + 1) / self.snapshots)
        )

    def training(self, seed=0):
        return None

    def reference(self, problem):
        start, times = problem.ensemble, problem.query.times[:, None, None, None]
        velocities = np.broadcast_to(start.velocities, (len(times), *start.velocities.shape)).copy()
        positions = np.mod(start.positions + times * velocities, self.length)
        return Reference(trajectory=Trajectory(positions, velocities, start.weights), paired=True)
'''


@contextmanager
def installed(folder: Path) -> Iterator[None]:
    """The dataset, for this process and those it starts."""
    about = folder / "tiny_stream-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny-stream\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[kineticbench.datasets]\n{NAME} = {NAME}\n")
    (folder / f"{NAME}.py").write_text(SOURCE)
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [str(folder), before]))
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    try:
        yield
    finally:
        sys.path.remove(str(folder))
        sys.modules.pop(NAME, None)
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
