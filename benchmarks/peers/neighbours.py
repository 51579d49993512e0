"""Entropy from nearest neighbours.

∫ f ln f by the distance of each of 32 768 samples of a normal law to its fourth neighbour (Kozachenko & Leonenko). The
error is that of the entropy against the exact one: it is the estimator's, the same for all who find the neighbours.
Ours is the tree of SciPy; everyone uses all cores.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np

from .comparison import Comparison, Task

SAMPLES, NEIGHBOURS = 32_768, 4


def task(dimension: int, entropy: Callable[[np.ndarray], float]) -> Task:
    """Of a function of samples."""
    v = np.random.default_rng(0).standard_normal((SAMPLES, dimension))
    exact = -dimension / 2 * (1 + math.log(2 * math.pi))
    return Task(lambda: entropy(v), lambda found: abs(found - exact), SAMPLES)


def from_distances(distance: np.ndarray, dimension: int) -> float:
    """The estimate from the distances to the fourth neighbours."""
    from scipy.special import digamma, gammaln

    ball = dimension / 2 * math.log(math.pi) - gammaln(dimension / 2 + 1)
    mean = np.log(distance).mean()
    return -float(digamma(len(distance)) - digamma(NEIGHBOURS) + ball + dimension * mean)


def ours(device: str, dimension: int) -> Task:
    """`nearest_neighbour_entropy.entropy`."""
    from kineticbench.numerics.nearest_neighbour_entropy import entropy

    return task(dimension, lambda v: entropy(v, NEIGHBOURS))


def scipy_code(device: str, dimension: int) -> Task:
    """`cKDTree` on all cores."""
    from scipy.spatial import cKDTree  # pyright: ignore[reportAttributeAccessIssue]

    def entropy(v: np.ndarray) -> float:
        distance = np.asarray(cKDTree(v).query(v, NEIGHBOURS + 1, workers=-1)[0])
        return from_distances(distance[:, -1], dimension)

    return task(dimension, entropy)


def sklearn_code(device: str, dimension: int) -> Task:
    """`NearestNeighbors` on all cores."""
    from sklearn.neighbors import NearestNeighbors  # pyright: ignore[reportMissingImports]

    def entropy(v: np.ndarray) -> float:
        tree = NearestNeighbors(n_neighbors=NEIGHBOURS + 1, algorithm="kd_tree", n_jobs=-1).fit(v)
        return from_distances(tree.kneighbors(v)[0][:, -1], dimension)

    return task(dimension, entropy)


COMPARISONS = tuple(
    Comparison(
        f"{name} {dimension}d",
        f"{dimension}D",
        "sample",
        "entropy, nats",
        peer,
        package,
        partial(ours, dimension=dimension),
        partial(theirs, dimension=dimension),
    )
    for dimension in (2, 3)
    for name, peer, package, theirs in (
        ("scipy", "SciPy cKDTree", "scipy", scipy_code),
        ("scikit-learn", "scikit-learn NearestNeighbors", "scikit-learn", sklearn_code),
    )
)
