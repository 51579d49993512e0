"""Cases of the roofline: grids in phase space and in velocity space, and densities on a grid."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import counts
from .model import Case


def vlasov(scale: float, threads: int) -> Iterator[Case]:
    """A step of order 4, in cache and beyond it."""
    from kineticbench.contracts import VlasovPoisson
    from kineticbench.numerics.maxwellians import Maxwellians
    from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
    from kineticbench.numerics.splitting import kicks_and_drifts
    from kineticbench.numerics.vlasov_march import initial_grids

    plasma = PerturbedPlasma(Maxwellians(), 0.5, 0.5)
    stages = len(kicks_and_drifts(4)) - 1  # the last kick is owed to the next step
    for precision in ("float32", "float64"):
        for cells in ((256, 1024), (1024, 4096)):
            q, p = (max(16, int(n * np.sqrt(scale))) // 2 * 2 for n in cells)
            kind = np.dtype(precision)
            grid = initial_grids(plasma, VlasovPoisson(plasma.length, plasma.length), q, p, dtype=kind)[0]
            footprint = 2 * kind.itemsize * q * p / threads
            yield Case(
                f"Vlasov grid step, {precision}",
                f"{q} × {p} cells, order 4",
                "cell-step",
                q * p,
                "all",
                counts.vlasov_step(q, p, stages, precision, footprint),
                lambda grid=grid: grid.advance(0.01, 4),
            )


def landau(scale: float, threads: int) -> Iterator[Case]:
    """Q(f) for Coulomb collisions."""
    from kineticbench.contracts import HomogeneousLandau
    from kineticbench.numerics.landau_operator import LandauOperator, VelocityGrid

    for d, n in ((2, 256), (3, 32)):
        n = max(8, int(n * scale) // 2 * 2)
        grid = VelocityGrid(n, 6.0, (0.0,) * d)
        operator = LandauOperator(grid, HomogeneousLandau(d, -3.0, 1.0))
        f = np.exp(-0.5 * np.asarray(sum(axis**2 for axis in grid.axes())))
        footprint = 8.0 * (2 * n) ** d * 3 / threads
        yield Case(
            f"Landau grid operator, {d}D",
            f"{n}^{d} cells",
            "cell",
            n**d,
            "all",
            counts.landau_operator(d, n, footprint),
            lambda operator=operator, f=f: operator.collide(f),
        )


def kernel_estimates(scale: float, threads: int) -> Iterator[Case]:
    """Densities of particles: on a plane, in space, and at points anywhere; on one thread."""
    from kineticbench.numerics import kde

    random = np.random.default_rng(0)
    for d, particles, nodes in ((2, 25_600, 64), (3, 2_000, 48)):
        particles = int(particles * scale)
        v, w = random.standard_normal((particles, d)), np.full(particles, 1 / particles)
        axis = -4 + 8 * (np.arange(nodes) + 0.5) / nodes
        points = np.stack(np.meshgrid(*[axis] * d, indexing="ij"), -1).reshape(-1, d)
        width = kde.bandwidth(v, w)
        reached = [_reached(v[:, a], axis, kde.REACH * width[a]) for a in range(d)]
        yield Case(
            f"kernel estimate, {'plane' if d == 2 else 'space'}",
            f"{particles} particles, {nodes}^{d} nodes, {' × '.join(f'{r:.0f}' for r in reached)} in reach",
            "particle",
            particles,
            "one",
            counts.kernel_estimate(reached, 16 * float(np.prod(reached))),
            lambda v=v, w=w, points=points, width=width: kde.density(v, w, points, width),
        )
    for d in (1, 5):
        particles, asked = int(25_600 * scale), 500
        v, w, points = (
            random.standard_normal((particles, d)),
            np.full(particles, 1 / particles),
            random.random((asked, d)),
        )
        width = kde.bandwidth(v, w)
        near = np.mean([(np.square((v - point) / width).sum(1) <= kde.REACH**2).mean() for point in points[:20]])
        yield Case(
            f"kernel estimate, anywhere, {d}D",
            f"{particles} particles, {asked} points, {near:.0%} near",
            "pair",
            particles * asked,
            "one",
            counts.kernel_estimate_anywhere(d, float(near)),
            lambda v=v, w=w, points=points, width=width: kde.density(v, w, points, width),
        )


def _reached(v: np.ndarray, axis: np.ndarray, far: float) -> float:
    """Mean number of nodes within reach."""
    return float(np.mean(np.searchsorted(axis, v + far) - np.searchsorted(axis, v - far)))
