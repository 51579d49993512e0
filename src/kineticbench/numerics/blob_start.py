"""Where the mesh of a blob method lies, how wide its blobs are, and how long a step may be."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import HomogeneousLandau, InvalidInput, require_positive

# How far from the points of a lattice, in cells, its particles may lie: the rounding of single precision.
_OFF_LATTICE = 1e-3
# At how many velocities the diffusion coefficient is tried.
_TRIED = 64


@dataclass(frozen=True)
class Cube:
    """n cells along each axis of the cube of half width L about a centre.

    Parameters
    ----------
    centre
        Its middle, d numbers.
    half_width
        L.
    cells
        n.
    """

    centre: tuple[float, ...]
    half_width: float
    cells: int

    def __post_init__(self) -> None:
        require_positive("half_width", self.half_width)
        require_positive("cells", self.cells, whole=True)

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return len(self.centre)

    @property
    def width(self) -> float:
        """Width of a cell, h = 2L/n."""
        return 2 * self.half_width / self.cells

    def widened(self, guard: int) -> Cube:
        """The cube with so many more cells of the same width on every side."""
        return Cube(self.centre, self.half_width + guard * self.width, self.cells + 2 * guard)


@dataclass(frozen=True)
class Bandwidth:
    """Variance of a blob, ε = C h^p.

    Parameters
    ----------
    factor, exponent
        C and p; Carrillo et al. take 0.64 and 1.98, so that blobs overlap more as cells shrink.
    """

    factor: float = 0.64
    exponent: float = 1.98

    def __post_init__(self) -> None:
        require_positive("factor", self.factor)
        require_positive("exponent", self.exponent)

    def variance(self, width: float) -> float:
        """ε of cells of width h."""
        return self.factor * width**self.exponent

    def width(self, variance: float) -> float:
        """The h that has this ε."""
        return (variance / self.factor) ** (1 / self.exponent)


def lattice(v: Float[np.ndarray, "particle d"]) -> Cube | None:
    """The cube whose cell centres the particles are, each once and in any order; None where they are no such thing."""
    particles, d = v.shape
    cells = round(particles ** (1 / d))
    if cells < 2 or cells**d != particles:
        return None
    low, high = v.min(0).astype(float), v.max(0).astype(float)
    widths = (high - low) / (cells - 1)
    if not widths.min() > 0 or np.ptp(widths) > _OFF_LATTICE / cells * widths.min():
        return None
    place = (v - low) / widths
    index = np.rint(place)
    if np.abs(place - index).max() > _OFF_LATTICE:
        return None
    seen = np.zeros(particles, bool)
    seen[np.ravel_multi_index(tuple(index.astype(np.int64).T), (cells,) * d)] = True
    if not seen.all():
        return None
    return Cube(tuple(((low + high) / 2).tolist()), float(widths.mean()) * cells / 2, cells)


def cube_of(
    v: Float[np.ndarray, "particle d"],
    w: Float[np.ndarray, "particle"],
    cells: int = 0,
    half_width: float = 0.0,
    bandwidth: Bandwidth | None = None,
) -> Cube:
    """The mesh for particles that stand at given velocities.

    Particles at cell centres get that mesh back. Others get a cube that covers them all, and unless `cells` says
    otherwise cells so wide that the blobs have the variance that is best for the gradient of a Gaussian density,

        ε = (tr Σ/d) (4 / ((d+4) N))^(2/(d+6)),    N = (Σw)² / Σw²

    Parameters
    ----------
    v, w
        Velocities (particle, d) and weights (particle,).
    cells
        n; 0 for that of the particles, or for the rule above.
    half_width
        L of a cube about the origin, for particles that are not its cell centres; 0 for a cube that holds them.
    bandwidth
        How ε follows from h; `Bandwidth()` for None.

    Raises
    ------
    InvalidInput
        Where all particles are equal and `half_width` is 0, so that nothing sets a scale.

    Notes
    -----
    J. E. Chacón, T. Duong and M. P. Wand, Statistica Sinica 21, 807 (2011), equation 3.2 for first derivatives.
    """
    found = lattice(v)
    if found is not None and (half_width == 0 or abs(found.half_width - half_width) < _OFF_LATTICE * half_width):
        return Cube(found.centre, found.half_width, cells or found.cells)
    particles, d = v.shape
    mass = float(w.sum(dtype=float))
    mean = w @ v / mass
    spread = float(w @ ((v - mean) ** 2).sum(1)) / (mass * d)
    if half_width > 0:
        centre, extent = np.zeros(d), half_width
    else:
        low, high = v.min(0).astype(float), v.max(0).astype(float)
        centre, extent = (low + high) / 2, float((high - low).max()) / 2
    if not extent > 0 or not (spread > 0 or cells):
        raise InvalidInput(
            f"All {particles} particles are equal, so nothing sets the size of a mesh.", "Give half_width and cells."
        )
    if cells == 0:
        number = mass**2 / float(np.square(w, dtype=float).sum())
        width = (bandwidth or Bandwidth()).width(spread * (4 / ((d + 4) * number)) ** (2 / (d + 6)))
        cells = max(2, math.ceil(2 * extent / width))
    grown = 1.0 if half_width > 0 else cells / max(cells - 1, 1)
    return Cube(tuple(centre.tolist()), extent * grown, cells)


def stability(
    v: Float[np.ndarray, "particle d"],
    w: Float[np.ndarray, "particle"],
    equation: HomogeneousLandau,
    cube: Cube,
    dt: float,
) -> float:
    """The number dt D / h² of an explicit step, D the largest diffusion coefficient in the cube; keep it below 3.

    D is the largest eigenvalue of Σ_j w_j A(v − v_j), for γ = 0 at a corner of the cube (in 2D of unit mass and
    temperature B(2L² + 1)); for other γ the largest at the corner, the mean and up to 62 of the particles.
    """
    v, w = v.astype(float), w.astype(float)
    corner = np.array(cube.centre) + cube.half_width
    some = np.linspace(0, len(v) - 1, min(len(v), _TRIED - 2)).astype(int)
    largest = 0.0
    for point in (corner, w @ v / w.sum(), *v[some]):
        z = point - v
        square = (z**2).sum(1)
        rate = np.zeros_like(square)
        np.power(square, equation.exponent / 2, out=rate, where=square > 0)
        matrix = (rate * square * w).sum() * np.eye(v.shape[1]) - np.einsum("j,ja,jb->ab", rate * w, z, z)
        largest = max(largest, float(np.linalg.eigvalsh(matrix)[-1]))
    return dt * equation.strength * largest / cube.width**2
