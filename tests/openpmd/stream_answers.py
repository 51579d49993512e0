"""Answers to the tiny dataset."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np

from kineticbench.contracts import Solution, Trajectory
from kineticbench.openpmd.export import Exported

AUTHOR = {
    "name": "stream_in_c",
    "version": "1.2",
    "author": "A. Stranger",
    "hardware": "Some CPU, 1 core",
    "licence": "MIT",
    "solve_seconds": [0.5, 0.25],
}


def stream(problem: Exported, shift: float = 0.0) -> Solution:
    """Straight paths, the momenta off by `shift`."""
    start, times = problem.ensemble, problem.problem.query.times[:, None, None, None]
    assert start is not None
    assert start.positions is not None
    positions = np.mod(start.positions + times * start.velocities, 64.0)
    velocities = np.broadcast_to(start.velocities, positions.shape) + shift
    return Solution(Trajectory(positions, velocities, start.weights))


def hdf5(path: Path, mode: str = "r") -> Any:
    """An HDF5 file."""
    return h5py.File(path, mode)  # type: ignore[arg-type]
