"""Wasserstein-1 distances of samples on the line.

6 384 pairs of 256 samples in float64, the test cases of the Gaussian ensemble. The error is the largest one of all
distances, against sums in extended precision. POT takes samples along the first axis; they lie so, that it need not
copy.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .comparison import Comparison, Task

CASES, SAMPLES = 6384, 256


def samples() -> np.ndarray:
    """(2, CASES, SAMPLES)."""
    return np.random.default_rng(0).normal(64, 2, (2, CASES, SAMPLES))


def error(distances: Any) -> float:
    """Largest of all cases."""
    x, y = np.sort(samples(), axis=-1).astype(np.longdouble)
    return float(np.abs(np.asarray(distances) - np.abs(x - y).mean(-1)).max())


def ours(device: str) -> Task:
    """`wasserstein_1`."""
    from kineticbench.metrics.wasserstein import wasserstein_1

    x, y = samples()
    return Task(lambda: wasserstein_1(x, y), error, CASES)


def pot(device: str) -> Task:
    """All at once."""
    import ot

    x, y = (np.ascontiguousarray(array.T) for array in samples())
    return Task(lambda: ot.wasserstein_1d(x, y, p=1), error, CASES)


def scipy_loop(device: str) -> Task:
    """One pair after another."""
    from scipy.stats import wasserstein_distance

    x, y = samples()
    return Task(lambda: [wasserstein_distance(a, b) for a, b in zip(x, y, strict=True)], error, CASES)


_WORK, _MEASURE = "6 384 × 256 samples", "largest difference"

COMPARISONS = (
    Comparison("pot", _WORK, "distance", _MEASURE, "POT, batched", "POT", ours, pot, target=1),
    Comparison("scipy", _WORK, "distance", _MEASURE, "SciPy, in a loop", "scipy", ours, scipy_loop, target=5),
)
