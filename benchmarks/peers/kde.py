"""Kernel density estimates in 2D.

5 000 samples of a normal law under one Gaussian kernel, evaluated in float64 on a grid of 100² points, and at 10 000
points that lie anywhere. The samples are whitened, so that the bandwidth by Scott's rule is the same number for
everyone: the full covariance of SciPy, the axes of ours, the one number of scikit-learn. The error is the largest one
of 500 points, relative to the density's largest value, against the sum in extended precision. Ours leaves out samples
beyond 7 bandwidths, and on a grid multiplies one factor for each axis; scikit-learn's tree may err by 10⁻⁸.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from .comparison import Comparison, Task

SAMPLES, SIDE, CHECKED = 5_000, 100, 500


def width() -> float:
    """Scott's bandwidth."""
    return SAMPLES ** (-1 / 6)


def samples() -> np.ndarray:
    """(SAMPLES, 2), of mean zero and of unit covariance with SciPy's normalisation, up to rounding."""
    v = np.random.default_rng(0).standard_normal((SAMPLES, 2))
    v -= v.mean(0)
    return np.linalg.solve(np.linalg.cholesky(np.cov(v.T)), v.T).T


def places(where: str) -> np.ndarray:
    """(SIDE², 2)."""
    if where == "grid":
        axis = np.linspace(-4, 4, SIDE)
        return np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    return np.random.default_rng(1).uniform(-4, 4, (SIDE**2, 2))


def task(where: str, call: Callable[[np.ndarray, np.ndarray], Any], values: Callable[[Any], Any] = np.asarray) -> Task:
    """Of a function of samples and points; a unit is a kernel's value at a point."""
    v, points = samples(), places(where)
    checked = np.random.default_rng(2).choice(len(points), CHECKED, replace=False)

    def error(answer: Any) -> float:
        r2 = (((points[checked, None].astype(np.longdouble) - v[None]) / width()) ** 2).sum(-1)
        exact = np.exp(-r2 / 2).sum(1) / (2 * np.pi * width() ** 2 * len(v))
        return float(np.abs(values(answer)[checked] - exact).max() / exact.max())

    return Task(lambda: call(v, points), error, len(v) * len(points))


def ours(device: str, where: str) -> Task:
    """`kde.density`."""
    from kineticbench.numerics.kde import density

    weights, widths = np.full(SAMPLES, 1 / SAMPLES), np.full(2, width())
    return task(where, lambda v, points: density(v, weights, points, widths))


def scipy_code(device: str, where: str) -> Task:
    """`gaussian_kde`."""
    from scipy.stats import gaussian_kde

    return task(where, lambda v, points: gaussian_kde(v.T)(points.T))


def sklearn_code(device: str, where: str) -> Task:
    """`KernelDensity`, whose answers are logarithms."""
    from sklearn.neighbors import KernelDensity  # pyright: ignore[reportMissingImports]

    def call(v: np.ndarray, points: np.ndarray) -> np.ndarray:
        return KernelDensity(bandwidth=width(), rtol=1e-8).fit(v).score_samples(points)

    return task(where, call, np.exp)


def keops(device: str, where: str) -> Task:
    """A sum of a LazyTensor."""
    from pykeops.numpy import LazyTensor  # pyright: ignore[reportMissingImports]

    def call(v: np.ndarray, points: np.ndarray) -> np.ndarray:
        z = LazyTensor(points[:, None, :] / width()) - LazyTensor(v[None, :, :] / width())
        return (-(z * z).sum(-1) / 2).exp().sum(1)[:, 0] / (2 * np.pi * width() ** 2 * len(v))

    return task(where, call)


_PEERS = (
    ("scipy", "SciPy gaussian_kde", "scipy", scipy_code),
    ("scikit-learn", "scikit-learn KernelDensity", "scikit-learn", sklearn_code),
    ("keops", "KeOps", "pykeops", keops),
)

COMPARISONS = tuple(
    Comparison(
        f"{name} {where}",
        {"grid": "on a grid", "anywhere": "points anywhere"}[where],
        "kernel value",
        "density, relative to its largest",
        peer,
        package,
        partial(ours, where=where),
        partial(theirs, where=where),
    )
    for where in ("grid", "anywhere")
    for name, peer, package, theirs in _PEERS
)
