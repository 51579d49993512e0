"""Cases of the roofline: sums over pairs, and what stands in for them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from . import counts
from .model import Case


def plasma(particles: int, d: int, precision: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Normal velocities, scores that are not linear, equal weights."""
    v = np.random.default_rng(0).standard_normal((particles, d))
    s, w = -v + 0.3 * np.sin(2 * v), np.full(particles, 1 / particles)
    return v.astype(precision), s.astype(precision), w.astype(precision)


def coulomb(scale: float, threads: int) -> Iterator[Case]:
    """The direct sum in three and two dimensions."""
    from kineticbench.numerics.collision import coulomb_sum

    for d in (3, 2):
        for precision in ("float32", "float64"):
            particles = int(24_576 * scale)
            v, s, w = plasma(particles, d, precision)
            yield Case(
                f"Coulomb sum, {d}D, {precision}",
                f"{particles} particles",
                "interaction",
                particles**2,
                "all",
                counts.pair_sum(d, precision),
                lambda v=v, s=s, w=w: coulomb_sum(v, s, w, 1.0),
            )


def coulomb_jax(scale: float, device: str) -> Iterator[Case]:
    """The direct sum in JAX: whole rows on a GPU, tiles on a CPU."""
    import jax

    from kineticbench.numerics.collision import coulomb_sum

    for d in (3, 2):
        for precision in ("float32", "float64"):
            particles = int((100_000 if device == "gpu" else 8192) * scale)
            with jax.enable_x64(True):
                data = [jax.device_put(a, jax.devices(device)[0]) for a in plasma(particles, d, precision)]

            def call(data=data) -> object:
                with jax.enable_x64(True):
                    return jax.block_until_ready(coulomb_sum(data[0], data[1], data[2], 1.0))

            each = counts.pair_sum_one_way(d, precision)
            name = f"Coulomb sum in JAX, {d}D, {precision}"
            yield Case(name, f"{particles} particles", "interaction", particles**2, "all", each, call)


def random_batches(scale: float, threads: int) -> Iterator[Case]:
    """Groups of 64 and of 1 280 in the plane."""
    from kineticbench.contracts import HomogeneousLandau
    from kineticbench.numerics.collision import random_batch_sum

    equation = HomogeneousLandau(2, -3.0, 1.0)
    for batch, particles in ((64, int(409_600 * scale)), (1280, int(102_400 * scale))):
        v, s, w = plasma(particles, 2, "float64")
        random = np.random.default_rng(0)
        yield Case(
            f"random batches of {batch}, 2D",
            f"{particles} particles",
            "interaction",
            particles * min(batch, particles),
            "all",
            counts.pair_sum(2, "float64"),
            lambda v=v, s=s, w=w, batch=batch, random=random: random_batch_sum(v, s, w, equation, batch, random),
        )


def maxwell(scale: float, threads: int) -> Iterator[Case]:
    """The sum of Maxwell molecules by moments."""
    from kineticbench.numerics.collision import maxwell_sum

    for d, particles in ((3, 4 * 10**6), (3, 10**4), (2, 4 * 10**6)):
        particles = int(particles * scale)
        v, s, w = plasma(particles, d, "float64")
        yield Case(
            f"Maxwell moments, {d}D",
            f"{particles} particles",
            "particle",
            particles,
            "all",
            counts.maxwell_moments(d, "float64", 8 * (3 * d + 1) * particles / threads),
            lambda v=v, s=s, w=w: maxwell_sum(v, s, w, 1.0),
        )


def blob_mesh(scale: float, threads: int) -> Iterator[Case]:
    """A particle in each cell, the usual bandwidth."""
    from kineticbench.numerics.blob_mesh import BlobMesh

    for d, cells in ((2, 320), (3, 40)):
        for precision in ("float32", "float64"):
            v, w, cube = _mesh(d, max(8, int(cells * scale)))
            v, w = v.astype(precision), w.astype(precision)
            mesh = BlobMesh(cube.widened(8), 0.64 * cube.width**1.98, np.dtype(precision))
            yield Case(
                f"blob mesh, {d}D, {precision}",
                f"{len(v)} particles",
                "particle",
                len(v),
                "all",
                counts.blob_mesh(d, mesh._numbers[2], precision),
                lambda mesh=mesh, v=v, w=w: mesh.score(mesh.state(v, w), v),
            )


def blob_pairs(scale: float, threads: int) -> Iterator[Case]:
    """The particle form at the same bandwidth."""
    from scipy.spatial import KDTree

    from kineticbench.numerics.blob_pairs import BlobPairs
    from kineticbench.numerics.kernels.blob_pairs import LARGEST

    for d, cells in ((2, 160), (3, 20)):
        v, w, cube = _mesh(d, max(8, int(cells * scale)))
        variance = 0.64 * cube.width**1.98
        pairs, tree = BlobPairs(cube, variance), KDTree(v)
        near = int(tree.count_neighbors(tree, np.sqrt(2 * LARGEST * variance)))
        yield Case(
            f"blob pairs, {d}D",
            f"{len(v)} particles, {near / len(v):.0f} near each",
            "near pair",
            near,
            "all",
            counts.blob_pairs(d),
            lambda pairs=pairs, v=v, w=w: pairs.score(pairs.state(v, w), v),
        )


def _mesh(d: int, cells: int) -> tuple:
    from kineticbench.contracts import Mesh
    from kineticbench.numerics import bkw
    from kineticbench.numerics.blob_start import Cube

    start = bkw.start(d, 1 / 16, 0.0, 4.0) if d == 2 else bkw.start(3, 1 / 24, 5.5, 4.0)
    ensemble = start.sample(Mesh(), cells**d, 0)
    return ensemble.velocities[0], np.ascontiguousarray(ensemble.weights[0]), Cube((0.0,) * d, 4.0, cells)


def score(scale: float, threads: int) -> Iterator[Case]:
    """The gradient of score matching as SBTM asks for it, and the divergence of its flow."""
    from kineticbench.contracts import HomogeneousLandau, Precision
    from kineticbench.numerics import score_matching
    from kineticbench.numerics.jax_scope import scope
    from kineticbench.numerics.score_matching_training import Trainer
    from kineticbench.numerics.score_networks import Architecture
    from kineticbench.numerics.score_transport_volume import divergence

    architecture, particles = Architecture(2, 32, 5, "silu"), int(25_600 * scale)
    precisions: tuple[Precision, ...] = ("float32", "float64")
    for precision in precisions:
        v, _, w = plasma(particles, 2, precision)
        with scope("cpu", precision):
            trainer = Trainer(architecture, "adamax", "cpu", precision)
            theta = architecture.initial(np.random.default_rng(0)).astype(precision)
            form = trainer.prepared(score_matching.implicit(v, w))

        def gradient(trainer=trainer, theta=theta, form=form, precision: Precision = precision) -> object:
            with scope("cpu", precision):
                return trainer.gradient(theta, form)

        each = counts.score_gradient(2, 32, 4, precision)
        name = f"score gradient, {precision}"
        yield Case(name, f"{particles} particles, 2–32–32–32–32–2", "particle", particles, "all", each, gradient)
    particles = int(12_800 * scale)
    v, s, w = plasma(particles, 2, "float32")
    jacobian = np.broadcast_to(-np.eye(2, dtype="float32"), (particles, 2, 2)).copy()
    equation = HomogeneousLandau(2, -3.0, 1 / 16)
    yield Case(
        "score volume, 2D Coulomb, float32",
        f"{particles} particles",
        "interaction",
        particles**2,
        "all",
        counts.score_volume(2, "float32"),
        lambda: divergence(v, s, w, jacobian, equation),
    )


def grazing(scale: float, threads: int) -> Iterator[Case]:
    """One step of 10⁶ particles, five times."""
    from kineticbench.contracts import HomogeneousLandau
    from kineticbench.numerics.grazing import march

    particles = int(10**6 * scale)
    for d, exponent in ((2, 0.0), (3, -3.0)):
        v, _, _ = plasma(particles, d, "float64")
        equation, times = HomogeneousLandau(d, exponent, 1 / 24), np.array([0.05])
        yield Case(
            f"grazing collisions, {d}D, γ = {exponent:g}".replace("-", "−"),
            f"{particles} particles",
            "particle-step",
            5 * particles,
            "all",
            counts.grazing(d, exponent != 0, 8 * (d + 1) * particles / threads),
            lambda v=v, equation=equation, times=times: march(v, 1 / len(v), equation, 0.01, 0, times, np.empty(0)),
        )
