"""The regularised entropy of blobs on a mesh, and its gradient: the mesh form of the blob method.

    f̃(c) = Σ_k w_k ψ_ε(c − v_k),    H = Σ_l hᵈ f̃(c_l) ln f̃(c_l),    F_i = Σ_l hᵈ ∇ψ_ε(v_i − c_l) ln f̃(c_l)

with ψ_ε the Gaussian of variance ε, over the nᵈ cells of a cube. F_i is the score ∇ log f at particle i, and the
gradient of H/w_i up to Σ_l hᵈ ∇ψ_ε, which is zero but for the midpoint rule's error (3e-6 of a blob's slope where
ε = 0.64 h²) and for blobs that stick out of the mesh.

Source: J. A. Carrillo, J. Hu, L. Wang and J. Wu, Journal of Computational Physics: X 7, 100066 (2020).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, require_array, require_positive
from .blob_start import Cube

# Standard deviations that a blob reaches at least: beyond, it is below e^(−28) = 6e-13 of its peak.
REACH = 7.5
# Tables are padded to whole vectors of this many entries.
_LANES = 8
# Most cells of a padded mesh: 8 copies of it are held.
_CELLS = 2**25


@dataclass(frozen=True, eq=False)
class MeshState:
    """What the mesh knows of particles at one moment.

    Parameters
    ----------
    density
        f̃ at the cell centres, (nᵈ,), the last axis fastest.
    logarithm
        ln f̃ on the padded mesh.
    entropy
        H.
    outside
        How many particles lie outside the cube.
    """

    density: Float[np.ndarray, "cell"]
    logarithm: Float[np.ndarray, "padded"]
    entropy: float
    outside: int


class BlobMesh:
    """Sums of blobs over the cells of a cube, each in O(N).

    A particle outside the cube goes on moving. Its blob still counts in the cells that it reaches; far
    enough outside it reaches none, and its own score is zero. The logarithm is taken of f̃ or of the smallest
    normal number of the precision, whichever is larger, so cells that no blob reaches do no harm.

    Parameters
    ----------
    cube
        The mesh.
    variance
        ε.
    dtype
        float64 or float32, of everything but H.

    Raises
    ------
    InvalidInput
        For d other than 2 and 3, and for meshes of more than 2²⁵ cells, padding included.
    """

    def __init__(self, cube: Cube, variance: float, dtype: np.dtype | type = np.float64):
        from .kernels import blob_mesh

        require_positive("variance", variance)
        if cube.dimension not in (2, 3):
            raise InvalidInput(f"Blobs on a mesh need d = 2 or 3, got {cube.dimension}.", "Take the particle form.")
        self.cube, self.variance, self.dtype = cube, variance, np.dtype(dtype)
        deviation = math.sqrt(variance) / cube.width
        reach = max(1, math.ceil(min(REACH * deviation - 0.5, cube.cells)))
        width = -(-(2 * reach + 1) // _LANES) * _LANES
        self._pad = 2 * reach + _LANES
        side = cube.cells + 2 * self._pad
        self._shape = (side if cube.dimension == 3 else 1, side, side)
        if math.prod(self._shape) > _CELLS:
            raise InvalidInput(
                f"A mesh of {cube.cells} cells a side with blobs that reach over {reach} is too large.",
                "Take fewer cells or a smaller bandwidth.",
            )
        self._bell = np.exp(-0.5 * ((np.arange(width) - reach) / deviation) ** 2).astype(self.dtype)
        self._low = np.array([c - cube.half_width + (0.5 - self._pad) * cube.width for c in cube.centre], self.dtype)
        self._numbers = (self.dtype.type(1 / cube.width), self.dtype.type(1 / deviation**2), reach)
        self._peak = (2 * math.pi * variance) ** (-cube.dimension / 2)
        self._kernels = blob_mesh
        self._copies = np.empty((blob_mesh.CHUNKS, math.prod(self._shape)), self.dtype)
        self._spans = np.empty((blob_mesh.CHUNKS, 3), np.int64)

    def state(self, v: Float[np.ndarray, "particle d"], w: Float[np.ndarray, "particle"]) -> MeshState:
        """f̃, its logarithm and H of particles with these weights."""
        v, w = self._own(v), np.ascontiguousarray(w, self.dtype)
        cube, mesh = self.cube, (self._pad, self.cube.cells, self._shape)
        self._kernels.deposit(v, w, self._low, *self._numbers, self._bell, *mesh, self._copies, self._spans)
        density = np.empty(cube.cells**cube.dimension, self.dtype)
        logarithm = np.zeros(math.prod(self._shape), self.dtype)
        rows = np.empty(cube.cells ** (cube.dimension - 1))
        floor, peak = np.finfo(self.dtype).tiny, self.dtype.type(self._peak)
        self._kernels.reduce(self._copies, self._spans, peak, floor, *mesh, cube.dimension, density, logarithm, rows)
        return MeshState(
            density, logarithm, float(rows.sum()) * cube.width**cube.dimension, int(self._spans[:, 2].sum())
        )

    def score(self, state: MeshState, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "point d"]:
        """F at any velocities; zero where a blob would reach no cell."""
        return self._gather(state.logarithm, v)

    def gradient(self, state: MeshState, v: Float[np.ndarray, "particle d"]) -> Float[np.ndarray, "particle d"]:
        """∂H/∂v_i divided by w_i, exactly: `score` with ln f̃ + 1 in place of ln f̃."""
        return self._gather(state.logarithm + self._inner, v)

    @cached_property
    def _inner(self) -> np.ndarray:
        """One on the inner cells of the padded mesh, zero around them."""
        inner = np.zeros(self._shape, self.dtype)
        inside = slice(self._pad, -self._pad)
        inner[inside if self.cube.dimension == 3 else slice(None), inside, inside] = 1
        return inner.ravel()

    def _gather(self, field: np.ndarray, v: np.ndarray) -> np.ndarray:
        """Σ_l hᵈ ∇ψ_ε(v − c_l) φ_l of a field φ on the padded mesh."""
        v = self._own(v)
        out = np.empty_like(v)
        cube = self.cube
        scale = self.dtype.type(self._peak * cube.width ** (cube.dimension + 1) / self.variance)
        mesh = (self._pad, cube.cells, self._shape)
        self._kernels.gather(v, self._low, *self._numbers, self._bell, *mesh, field, scale, out)
        return out

    def _own(self, v: np.ndarray) -> np.ndarray:
        v = np.ascontiguousarray(v, self.dtype)
        require_array("v", v, 2, (None, self.cube.dimension))
        return v
