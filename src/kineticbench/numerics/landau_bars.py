"""How far two answers to one Landau problem are apart, in the units of each metric."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import Problem

# Values of f from which single precision saves space worth having.
_MANY = 1 << 16


@dataclass(frozen=True, eq=False)
class Answer:
    """What a method says about a problem; NaN at times that it did not reach.

    Parameters
    ----------
    times, series
        The query's, (time,) and (step,).
    covariance, fourth_moment, entropy, dissipation
        At `series`.
    density
        f at `times` and the query's points, (time, point), or None.
    """

    times: Float[np.ndarray, "time"]
    series: Float[np.ndarray, "step"]
    covariance: Float[np.ndarray, "step d d"]
    fourth_moment: Float[np.ndarray, "step"]
    entropy: Float[np.ndarray, "step"]
    dissipation: Float[np.ndarray, "step"]
    density: np.ndarray | None

    def rounded(self) -> Answer:
        """As a file holds it: f in float32 where it has many points."""
        if self.density is None or self.density.size < _MANY:
            return self
        return replace(self, density=self.density.astype(np.float32))

    def arrays(self) -> dict[str, np.ndarray]:
        """By name, without `times` and what is None."""
        named = {name: value for name, value in vars(self).items() if name != "times"}
        return {name: value for name, value in named.items() if value is not None}


def distances(kept: Answer, other: Answer, problem: Problem) -> dict[str, np.ndarray]:
    """The score of `other` if `kept` were the truth, for each metric: (time,), or (1,) for figures of a whole run.

    At times that `other` did not reach stands its largest score at those that it did.

    Notes
    -----
    "w1_marginals" and "sliced_w2" are those of the marginals along the axes, from f at the query's points, negative
    values left out: (1/d) Σ_a ∫ |ΔF_a| dx, and [Σ_a ∫₀¹ (ΔF_a⁻¹)² du]^½.
    """
    steps = np.argmin(np.abs(kept.series - kept.times[:, None]), axis=1)
    matrices = (kept.covariance[steps], other.covariance[steps])
    found = {
        "covariance": np.linalg.norm(matrices[1] - matrices[0], axis=(1, 2)) / np.linalg.norm(matrices[0], axis=(1, 2)),
        "fourth_moment": np.abs(other.fourth_moment[steps] / kept.fourth_moment[steps] - 1),
        "entropy_own": _largest(other.entropy - kept.entropy),
        "entropy_nn": _largest(other.entropy[steps] - kept.entropy[steps]),
        "dissipation": _largest(other.dissipation - kept.dissipation),  # absolute: velocity_table makes it relative
    }
    if kept.density is not None and other.density is not None and problem.query.points is not None:
        f, off = np.asarray(kept.density, float), np.asarray(other.density, float) - kept.density
        found["density_l2"] = np.linalg.norm(off, axis=1) / np.linalg.norm(f, axis=1)
        found["density_l1"] = np.abs(off).sum(axis=1) / np.abs(f).sum(axis=1)
        found["density_linf"] = np.abs(off).max(axis=1) / np.abs(f).max(axis=1)
        found["density_particles"] = found["density_l2"]
        pairs = [_marginal_distances(a, b, problem.query.points) for a, b in zip(f, off, strict=True)]
        found["w1_marginals"], found["sliced_w2"] = np.array(pairs).T
    return {name: np.where(np.isnan(value), np.nanmax(value), value) for name, value in found.items()}


def _marginal_distances(f: np.ndarray, off: np.ndarray, points: Float[np.ndarray, "point d"]) -> tuple[float, float]:
    """W1, mean over axes, and the root of the sum of squares of W2, of f and f + off, normalised."""
    if np.isnan(off).any():
        return np.nan, np.nan
    first, square, d = 0.0, 0.0, points.shape[1]
    for axis in range(d):
        nodes, place = np.unique(points[:, axis], return_inverse=True)
        edges = np.append(nodes, 2 * nodes[-1] - nodes[-2]) - 0.5 * (nodes[1] - nodes[0])
        below = []
        for values in (f, f + off):
            law = np.maximum(np.bincount(place, values), 0)
            below.append(np.append(0.0, np.cumsum(law) / law.sum()))
        first += float(np.abs(below[1] - below[0]).sum()) * (nodes[1] - nodes[0]) / d
        levels = np.union1d(below[0], below[1])  # between which both quantiles are linear
        apart = np.interp(levels, below[0], edges) - np.interp(levels, below[1], edges)
        square += float(np.diff(levels) @ (apart[1:] ** 2 + apart[1:] * apart[:-1] + apart[:-1] ** 2)) / 3
    return first, float(np.sqrt(square))


def _largest(values: np.ndarray) -> np.ndarray:
    return np.array([np.nanmax(np.abs(values))])
