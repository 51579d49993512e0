"""asv: how the cost of the main kernels grows with their size N, and the exponent of N that fits it.

A cost of c N^α is a line of slope α in logarithms; it is fitted by least squares through the shortest of several calls
at each size. The sizes are large enough for the fixed part of a call not to count.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

SIZES = (1, 4, 16)
_CALLS, _SECONDS = 5, 0.2  # at each size, both at least
Call = Callable[[], object]


@dataclass(frozen=True)
class Kernel:
    """A kernel: what prepares a call of size N, and the smallest N.

    Parameters
    ----------
    prepare
        From N to the call.
    base
        What `SIZES` multiply.
    """

    prepare: Callable[[int], Call]
    base: int


def plasma(particles: int, d: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Velocities, scores and weights, (N, d), (N, d) and (N,)."""
    v = np.random.default_rng(0).standard_normal((particles, d))
    return v, 0.3 * np.sin(2 * v) - v, np.full(particles, 1 / particles)


def _coulomb_sum(n: int) -> Call:
    from kineticbench.numerics.collision import coulomb_sum

    v, s, w = plasma(n, 3)
    return lambda: coulomb_sum(v, s, w, 1.0)


def _maxwell_sum(n: int) -> Call:
    from kineticbench.numerics.collision import maxwell_sum

    v, s, w = plasma(n, 3)
    return lambda: maxwell_sum(v, s, w, 1.0)


def _random_batch_sum(n: int) -> Call:
    from kineticbench.contracts import HomogeneousLandau
    from kineticbench.numerics.collision import random_batch_sum

    (v, s, w), equation = plasma(n, 2), HomogeneousLandau(2, -3.0, 1.0)
    return lambda: random_batch_sum(v, s, w, equation, 64, np.random.default_rng(0))


def _grazing_collisions(n: int) -> Call:
    from kineticbench.contracts import HomogeneousLandau
    from kineticbench.numerics.grazing import march

    (v, _, _), equation = plasma(n, 3), HomogeneousLandau(3, -3.0, 1 / 24)
    return lambda: march(v, 1 / n, equation, 0.01, 0, np.array([0.05]), np.empty(0))


def _kernel_density(n: int) -> Call:
    from kineticbench.numerics import kde

    v, _, w = plasma(n, 2)
    axis = np.linspace(-4, 4, 65)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    width = np.array([0.2, 0.2])  # kept, where a rule would narrow it as particles are added
    return lambda: kde.density(v, w, points, width)


def _entropy(n: int) -> Call:
    from kineticbench.numerics.nearest_neighbour_entropy import entropy

    v, _, _ = plasma(n, 3)
    return lambda: entropy(v)


def _wasserstein(n: int) -> Call:
    from kineticbench.metrics.wasserstein import wasserstein_1

    samples = np.random.default_rng(0).normal(0, 2, (2, 64, n))
    return lambda: wasserstein_1(*samples, length=None)


def _particle_in_cell(n: int) -> Call:
    from kineticbench.numerics.pic import Setting, simulate

    random = np.random.default_rng(0)
    q, p = random.random((1, n)) * 12.5, random.standard_normal((1, n))
    setting = Setting(4 * np.pi, 128, 4 * np.pi, 0.05)
    return lambda: simulate(q, p, None, setting, [], range(11))


def _sheets(n: int) -> Call:
    from kineticbench.numerics.sheets import exact

    random = np.random.default_rng(0)
    q, p = random.normal(64, 1, (32, n)), random.standard_normal((32, n))
    return lambda: exact(q, p, np.full(q.shape, 1 / n), length=128.0, charge=25.6, times=np.array([0.0, 1.0]))


def _blob_scores(n: int) -> Call:
    from kineticbench.contracts import Mesh
    from kineticbench.numerics import bkw
    from kineticbench.numerics.blob_mesh import BlobMesh
    from kineticbench.numerics.blob_start import Cube

    cells = round(n**0.5)
    ensemble = bkw.start(2, 1 / 16, 0.0, 4.0).sample(Mesh(), n, 0)
    v, w, cube = ensemble.velocities[0], np.ascontiguousarray(ensemble.weights[0]), Cube((0.0, 0.0), 4.0, cells)
    mesh = BlobMesh(cube.widened(8), 0.64 * cube.width**1.98)
    return lambda: mesh.score(mesh.state(v, w), v)


def _phase_space_grid(n: int) -> Call:
    from kineticbench.contracts import VlasovPoisson
    from kineticbench.numerics.maxwellians import Maxwellians
    from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
    from kineticbench.numerics.vlasov_march import initial_grids

    plasma, cells = PerturbedPlasma(Maxwellians(), 0.5, 0.5), round((n / 4) ** 0.5)
    grid = initial_grids(plasma, VlasovPoisson(plasma.length, plasma.length), cells, 4 * cells, dtype=np.float64)[0]
    return lambda: grid.advance(0.1, 2)


KERNELS = {
    "Coulomb sum of N particles": Kernel(_coulomb_sum, 1024),
    "Maxwell sum of N particles": Kernel(_maxwell_sum, 2**16),
    "random batches of N particles": Kernel(_random_batch_sum, 2**12),
    "grazing collisions of N particles": Kernel(_grazing_collisions, 2**15),
    "kernel density of N particles": Kernel(_kernel_density, 2**11),
    "nearest-neighbour entropy of N particles": Kernel(_entropy, 2**11),
    "Wasserstein-1 of N samples": Kernel(_wasserstein, 2**9),
    "particle-in-cell of N particles": Kernel(_particle_in_cell, 2**17),
    "exact motion of N sheets": Kernel(_sheets, 32),
    "blob scores of N particles": Kernel(_blob_scores, 160**2),
    "phase-space grid of N cells": Kernel(_phase_space_grid, 2**16),
}


def prepared(name: str, size: int) -> Call:
    """A call that was made once; the benchmark is skipped where this version has no such kernel."""
    from asv_runner.benchmarks.mark import SkipNotImplemented

    kernel = KERNELS[name]
    try:
        call = kernel.prepare(kernel.base * size)
    except (ImportError, AttributeError) as error:
        raise SkipNotImplemented(str(error)) from error
    call()
    return call


def shortest(calls: Sequence[Call]) -> list[float]:
    """The shortest time of each call, the calls taking turns."""
    found: list[list[float]] = [[] for _ in calls]
    while min(len(times) for times in found) < _CALLS or min(sum(times) for times in found) < _SECONDS:
        for call, times in zip(calls, found, strict=True):
            if len(times) < _CALLS or sum(times) < _SECONDS:
                begun = time.perf_counter()
                call()
                times.append(time.perf_counter() - begun)
    return [min(times) for times in found]


def exponent(sizes: Sequence[float], seconds: Sequence[float]) -> float:
    """α of the least-squares fit of c N^α in logarithms."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


class Kernels:
    """A call of each kernel; `size` multiplies its smallest N."""

    params = (list(KERNELS), list(SIZES))
    param_names = ("kernel", "size")
    repeat = (5, 10, 0.5)
    number = 1
    warmup_time = 0.1

    def setup(self, kernel: str, size: int) -> None:
        if not hasattr(self, "call"):
            self.call = prepared(kernel, size)

    def time_call(self, kernel: str, size: int) -> None:
        self.call()


class Growth:
    """The exponent of N."""

    params = list(KERNELS)
    param_names = ("kernel",)

    def setup(self, kernel: str) -> None:
        self.calls = [prepared(kernel, size) for size in SIZES]

    def track_exponent(self, kernel: str) -> float:
        """The larger, the faster the cost grows."""
        return exponent(SIZES, shortest(self.calls))

    track_exponent.unit = "power of N"


class Conservation:
    """What collision sums leave of momentum and energy, relative to what is exchanged; rounding counts as 10⁻¹²."""

    params = (["coulomb_sum", "maxwell_sum"], ["momentum", "energy"])
    param_names = ("sum", "invariant")

    def track_residual(self, name: str, invariant: str) -> float:
        """|Σ w U| / Σ |w U|, or the same of w U·v."""
        from kineticbench.numerics import collision

        v, s, w = plasma(2048, 3)
        push: Any = w[:, None] * np.asarray(getattr(collision, name)(v, s, w, 1.0))
        exchanged = push if invariant == "momentum" else (push * v).sum(1)
        return max(float(np.abs(exchanged.sum(0)).max() / np.abs(exchanged).sum()), 1e-12)

    track_residual.unit = "relative"
