"""What one unit of work takes at least, kernel by kernel: the table behind the roofline.

An operation is an addition, a multiplication or both fused, of one number; comparisons, choices, conversions and moves
count as nothing, nor does what a kernel does beyond the least (padding to whole vectors, say). Bytes count once where
they are read and once where they are written.
"""

from __future__ import annotations

import math

from .model import Counts, Traffic


def itemsize(precision: str) -> int:
    """Bytes of a number."""
    return 4 if precision == "float32" else 8


def pic(precision: str, footprint: float, share: float = 1.0, nodes: float = 0.0) -> Counts:
    """A particle-step of particle-in-cell; positions and velocities come and go in a `share` of the steps.

    Kick: floor, fraction, field (1 fused), v + kick; for the sums v + s kick, Σ v, Σ v² (1 fused with its product): 8.
    Drift: x + v, its quotient by M, floor, remainder: 4. Deposit: floor and fraction, 1 − f: 3. `nodes` products of the
    convolution for each particle. One gather of (level, slope), one deposit to (left, right).
    """
    traffic = Traffic(4 * itemsize(precision) * share, footprint)
    does = {f"operations/{precision}": 15 + nodes, f"gathers/{precision}": 1, f"deposits/{precision}": 1}
    return Counts((traffic,), does)


def pair_sum(d: int, precision: str) -> Counts:
    """Half a pair of the Coulomb sum, which is met once and serves both of its particles.

    v_i − v_j, s_i − s_j: 2d; |z|², z·ds: 2d; the root; |z|⁻², its product with z·ds: 2; the direction: d; added to i
    and taken from j: 2d. So 7d + 2, and a root. Data stay in the first-level cache and are loaded once for two rows: no
    traffic worth a bound.
    """
    return Counts((), {f"operations/{precision}": (7 * d + 2) / 2, f"roots/{precision}": 0.5})


def pair_sum_one_way(d: int, precision: str) -> Counts:
    """A pair that serves one particle, as a GPU sums rows.

    2d + 2d + 2 and a root as before; w times the root: 1; direction and sum: 2d.
    """
    return Counts((), {f"operations/{precision}": 6 * d + 3, f"roots/{precision}": 1})


def maxwell_moments(d: int, precision: str, footprint: float) -> Counts:
    """A particle of the collision sum by moments. The means come first, or rounding would spoil the rest: three passes.

    Means: W, Σ w v, Σ w s: 1 + 2d. Products: centre 2d, |c|² and c·e 2d, both times w 2, w c d, the symmetric P d(d +
    1)/2, R d², g − h 2d. Push: centre 2d, less λ c d, |c|² and c·e 2d, two factors 2, and for each component 3 + 2d,
    and −B. Bytes: v, s, w; again; v, s and U.
    """
    size = itemsize(precision)
    means, products = 1 + 2 * d, 7 * d + 2 + d * (d + 1) / 2 + d * d
    push = 5 * d + 2 + d * (4 + 2 * d)
    traffic = Traffic(size * (2 * (2 * d + 1) + 3 * d), footprint)
    return Counts((traffic,), {"operations/float64": means + products + push})


def blob_mesh(d: int, reach: int, precision: str) -> Counts:
    """A particle's score on a mesh, deposit and gather, for blobs of n = 2 `reach` + 1 cells a side.

    Tables, twice: two exponentials an axis, value and ratio 2n. Deposit: n^d fused, and products of rows Σ_{k<d} n^k.
    Gather: slopes 2n an axis, two sums over each row 2 n^d, three over rows. In the first-level cache the deposit reads
    and writes n^d numbers, and the gather reads them.
    """
    n = 2 * reach + 1
    rows = sum(n**k for k in range(1, d))
    operations = 2 * d * 2 * n + (n**d + rows) + 2 * d * n + (2 * n**d + 3 * rows)
    traffic = Traffic(3 * n**d * itemsize(precision), 0)
    return Counts((traffic,), {f"operations/{precision}": operations, f"exponentials/{precision}": 4 * d})


def blob_pairs(d: int) -> Counts:
    """A near pair of the particle form, one way, twice: for the density and for the score.

    |z|² 2d, its half over ε 1, e^(−q), f̃ 1; then the same with two charges and their slopes: 2 + 2d more.
    """
    operations = (2 * d + 2) + (2 * d + 1 + 1 + 2 + 2 * d)
    return Counts((), {"operations/float64": operations, "exponentials/float64": 2})


def kernel_estimate(reached: list[float], footprint: float) -> Counts:
    """A particle on a tensor grid with so many nodes of each axis in reach.

    Along an axis: z, its square, one exponential a node: 3. Then a product for each row and one fused for each node,
    which is read and written.
    """
    nodes, along = math.prod(reached), sum(reached)
    operations = 3 * along + nodes / reached[-1] + nodes
    traffic = Traffic(16 * nodes, footprint)
    return Counts((traffic,), {"operations/float64": operations, "exponentials/float64": along})


def kernel_estimate_anywhere(d: int, near: float) -> Counts:
    """A pair of a point and a particle: the distance 2d; where it is near, half of it, e^x and the sum."""
    return Counts((), {"operations/float64": 2 * d + 2 * near, "exponentials/float64": near})


def wasserstein(precision: str, footprint: float) -> Counts:
    """A sample of either side: read, sorted, subtracted and summed."""
    does = {f"samples/{precision}": 1, f"operations/{precision}": 1}
    return Counts((Traffic(itemsize(precision), footprint),), does)


def sheet_crossing() -> Counts:
    """A crossing: four closings (14 operations and a root each), four quotients, twelve updates; and a tournament."""
    return Counts((), {"operations/float64": 68, "roots/float64": 4, "divisions/float64": 5, "tournaments": 1})


def sheet_step(crossings: float) -> Counts:
    """A step of one sheet of the leapfrog: mean 1, kick 3, drift 1, comparison 1.

    x and p are read and written, the force is read, and x is read once more for its mean, all in the first-level cache;
    a crossing moves four numbers of each of two sheets.
    """
    traffic = Traffic(48 + 128 * crossings, 0)
    return Counts((traffic,), {"operations/float64": 6})


def transform(cells: float, length: float) -> float:
    """Operations of real transforms of so many cells in rows of a length: 2 n log₂ n each (split radix, 1984)."""
    return 2 * cells * math.log2(length)


def vlasov_step(cells_q: int, cells_p: int, stages: int, precision: str, footprint: float) -> Counts:
    """A cell and step of the phase-space grid: in each stage two transforms along q, two along p, and two rotations.

    A rotation: 10 operations a complex number, half as many as cells. Were each pair of transforms done row by row,
    with its rotation, a stage would read and write the grid twice.
    """
    per_cell = 2 * transform(1, cells_q) + 2 * transform(1, cells_p)
    does = {
        f"operations/{precision}": stages * (per_cell + 10),
        f"transforms/{precision}": stages * per_cell,
    }
    return Counts((Traffic(4 * stages * itemsize(precision), footprint),), does)


def landau_operator(d: int, n: int, footprint: float) -> Counts:
    """A cell of Q(f) with free-space convolutions, float64.

    On the grid: 1 transform of f, d of its slopes, d of the fluxes, 1 of the rate, 2 log₂ nᵈ each. On the grid of
    (2n)ᵈ, leaving out what is zero or thrown away: f forwards, and d(d + 1)/2 + d coefficients back; axis by axis 2
    log₂ 2n for each of the cells left, 2ᵈ⁻¹ + … + 1 times two for each of the n^d. Products: 2ᵈ complex by real for
    each coefficient, d complex ones for slopes and fluxes, d² for the flux, d for the friction.
    """
    coefficients = d * (d + 1) // 2 + d
    on_grid = (2 * d + 2) * transform(1, n**d)
    padded = (1 + coefficients) * sum(2 * 2**k for k in range(d)) * transform(1, 2 * n)
    products = coefficients * 2**d + 2 * d + d * d + d
    does = {"operations/float64": on_grid + padded + products, "transforms/float64": on_grid + padded}
    moved = 8 * 2 * (2 * d + 2) + 8 * 2**d * (1 + 2 * coefficients)  # each array is written and read once
    return Counts((Traffic(moved, footprint),), does)


def score_gradient(d: int, width: int, hidden: int, precision: str) -> Counts:
    """A particle of one gradient of score matching: value and d tangents through the layers, forwards and twice back.

    (1 + d) · 3 products of `width`² for each of the inner layers; first and last layers 2 · 3 (1 + d) d `width`;
    activation 12 and 5 d more for each unit, one exponential and one quotient.
    """
    inner, streams, units = hidden - 1, 1 + d, hidden * width
    operations = 3 * streams * inner * width**2 + 6 * streams * d * width + units * (12 + 5 * d)
    does = {
        f"operations/{precision}": operations,
        f"exponentials/{precision}": units,
        f"divisions/{precision}": units,
    }
    return Counts((), does)


def score_volume(d: int, precision: str) -> Counts:
    """A pair of ∇·U for Coulomb collisions, one way.

    z, s_i − s_j: 2d; |z|², z·ds: 2d; zᵀJz from the symmetric part: d(d + 1); trace, factor d − 1, weight, |z|⁻³: 5; a
    root.
    """
    return Counts((), {f"operations/{precision}": 4 * d + d * (d + 1) + 5, f"roots/{precision}": 1})


def nhf_tabulated(hidden: int, nodes: int, particles: int) -> Counts:
    """A particle-step of PDE-NHF in its tabulated form, float32.

    Two products of `hidden` × `nodes` a case; six splines of degree five to deposit and of degree four to gather, 5 · 6
    + 4 · 6; place 4; sums 6 + 6; mean, centre, two kicks and a drift 8; six entries of a table read, six added to. Two
    of them are one gather and one deposit, which the ceilings count.
    """
    operations = 2 * hidden * nodes / particles + 30 + 24 + 4 + 12 + 8
    does = {
        "operations/float32": operations,
        "exponentials/float32": hidden / particles,
        "gathers/float32": 3,
        "deposits/float32": 3,
    }
    return Counts((), does)


def nhf_exact(hidden: int, particles: int) -> Counts:
    """A particle-step of PDE-NHF in its exact form, float32: for each unit a, tanh, softplus's two sums, the slope.

    tanh is an exponential and a quotient; the logarithm of softplus is taken of products. Two products of `hidden`² a
    case.
    """
    operations = hidden * (1 + 3 + 3 + 1) + 2 * hidden**2 / particles + 8
    return Counts((), {"operations/float32": operations, "exponentials/float32": hidden, "divisions/float32": hidden})


def grazing(d: int, coulomb: bool, footprint: float) -> Counts:
    """A particle-step of random-pair grazing collisions: half a pair.

    z and middle 3d; |z|² d; along, across and the turn 6d; |z| kept 2d; back 2d: 14d a pair. A pair draws d normals,
    each half a logarithm, half a root and a cosine; cos and sin of its angle; |z|^γ a root and a quotient. Rows are met
    in random order, after a permutation of one swap a particle.
    """
    does = {
        "operations/float64": 7 * d,
        "logarithms": d / 4,
        "cosines": (d + 2) / 2,
        "roots/float64": (d / 2 + 3) / 2 + (0.5 if coulomb else 0),
        "swaps": 1,
        "rows": 1,
    }
    return Counts((Traffic(16 * d + 16, footprint),), does)
