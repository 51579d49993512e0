"""Blobs summed at particles and points: the particle form of the blob method, and f̃ anywhere.

    f̃(v) = Σ_j w_j ψ_ε(v − v_j),    H = Σ_i w_i ln f̃(v_i),    F_i = Σ_j w_j ∇ψ_ε(v_i − v_j) (1/f̃_i + 1/f̃_j)

F_i = (1/w_i) ∂H/∂v_i, exactly. Sums are over pairs nearer than 7.5 standard deviations, found by cell lists, and always
in double precision: O(N) where each particle has as many neighbours, in any dimension.

Sources: J. A. Carrillo, K. Craig and F. S. Patacchini, Calculus of Variations 58, 53 (2019); J. A. Carrillo, J. Hu,
L. Wang and J. Wu, Journal of Computational Physics: X 7, 100066 (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int

from ..contracts import require_array, require_positive
from .blob_start import Cube

# Axes that are binned at most, and bins for each particle at most.
_BINNED, _BINS = 3, 4


@dataclass(frozen=True, eq=False)
class CellList:
    """Particles sorted into bins.

    Parameters
    ----------
    order
        Which particle stands where.
    sorted
        Velocities in that order, (d, particle).
    begin, low, inverse, bins
        As of `kernels.blob_pairs.sort`.
    """

    order: Int[np.ndarray, "particle"]
    sorted: Float[np.ndarray, "d particle"]
    begin: Int[np.ndarray, "bin"]
    low: Float[np.ndarray, "axis"]
    inverse: Float[np.ndarray, "axis"]
    bins: Int[np.ndarray, "axis"]

    @classmethod
    def of(cls, v: Float[np.ndarray, "particle d"], variance: float) -> CellList:
        """Bins of half a blob's reach, wider ones where there would be many more bins than particles."""
        from .kernels import blob_pairs

        axes = min(v.shape[1], _BINNED)
        low = v[:, :axes].min(0)
        extent = v[:, :axes].max(0) - low
        most = max(1.0, (_BINS * len(v)) ** (1 / axes))
        width = math.sqrt(2 * blob_pairs.LARGEST * variance) / 2
        bins = np.minimum(np.floor(extent / width) + 1, most).astype(np.int64)
        inverse = np.where(extent > 0, bins / np.where(extent > 0, extent, 1), 0)
        order, begin = blob_pairs.sort(v, low, inverse, bins)
        return cls(order, np.ascontiguousarray(v[order].T), begin, low, inverse, bins)

    def sums(
        self, targets: Float[np.ndarray, "target d"], charges: Float[np.ndarray, "kind particle"], variance: float
    ) -> Float[np.ndarray, "target kind d_and_one"]:
        """Σ_j b_j e^(−|y−v_j|²/2ε) (y − v_j, 1) for each target and kind of charge, charges in the particles' order."""
        from .kernels import blob_pairs

        out = np.empty((len(targets), len(charges), targets.shape[1] + 1))
        ours = np.ascontiguousarray(charges[:, self.order])
        blob_pairs.near_sums(targets, self.sorted, ours, self.begin, self.low, self.inverse, self.bins, variance, out)
        return out


@dataclass(frozen=True, eq=False)
class PairState:
    """What is known of particles at one moment.

    Parameters
    ----------
    cells
        The particles in bins.
    charges
        w and w/f̃, (2, particle).
    density
        f̃ at the particles.
    entropy
        H.
    outside
        0: there is no mesh to leave.
    """

    cells: CellList
    charges: Float[np.ndarray, "two particle"]
    density: Float[np.ndarray, "particle"]
    entropy: float
    outside: int = 0


class BlobPairs:
    """Sums of blobs over near pairs of particles.

    Parameters
    ----------
    cube
        Sets the dimension; there is no mesh.
    variance
        ε.
    dtype
        Of the scores.
    """

    def __init__(self, cube: Cube, variance: float, dtype: np.dtype | type = np.float64):
        require_positive("variance", variance)
        self.cube, self.variance, self.dtype = cube, variance, np.dtype(dtype)
        self._peak = (2 * math.pi * variance) ** (-cube.dimension / 2)

    def state(self, v: Float[np.ndarray, "particle d"], w: Float[np.ndarray, "particle"]) -> PairState:
        """f̃ at the particles and H."""
        v, w = _double(v, self.cube.dimension), w.astype(np.float64, copy=False)
        cells = CellList.of(v, self.variance)
        density = np.empty(len(v))
        density[cells.order] = cells.sums(v[cells.order], w[None], self.variance)[:, 0, -1]
        density = np.maximum(self._peak * density, np.finfo(np.float64).tiny)
        return PairState(cells, np.stack([w, w / density]), density, float(w @ np.log(density)))

    def score(self, state: PairState, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """F at any velocities; zero where no blob reaches."""
        sums = state.cells.sums(_double(v, self.cube.dimension), state.charges, self.variance)
        there = sums[:, 0, -1:]
        own = np.divide(sums[:, 0, :-1], there, out=np.zeros_like(sums[:, 0, :-1]), where=there > 0)
        return (-(own + self._peak * sums[:, 1, :-1]) / self.variance).astype(self.dtype, copy=False)

    def gradient(self, state: PairState, v: Float[np.ndarray, "particle d"]) -> Float[np.ndarray, "particle d"]:
        """∂H/∂v_i divided by w_i: the score."""
        return self.score(state, v)


def density_at(
    points: Float[np.ndarray, "point d"],
    v: Float[np.ndarray, "particle d"],
    w: Float[np.ndarray, "particle"],
    variance: float,
) -> Float[np.ndarray, "point"]:
    """f̃ at any points; zero where no blob reaches."""
    d = points.shape[1]
    cells = CellList.of(_double(v, d), variance)
    sums = cells.sums(_double(points, d), w.astype(np.float64)[None], variance)
    return (2 * math.pi * variance) ** (-d / 2) * sums[:, 0, -1]


def _double(v: np.ndarray, dimension: int) -> np.ndarray:
    v = np.ascontiguousarray(v, np.float64)
    require_array("v", v, 2, (None, dimension))
    return v
