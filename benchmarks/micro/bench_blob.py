"""The blob method: scores and steps by resolution, form and precision (`pytest benchmarks/micro`).

The cost of a score is linear in the number of particles: "particles_per_second" stays what it is from row to row.
"""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Mesh
from kineticbench.numerics import bkw
from kineticbench.numerics.blob_march import Scheme, march
from kineticbench.numerics.blob_mesh import BlobMesh
from kineticbench.numerics.blob_pairs import BlobPairs
from kineticbench.numerics.blob_start import Cube

PLANE = HomogeneousLandau(2, 0.0, 1 / 16)


def particles(d: int, cells: int, precision: type) -> tuple[np.ndarray, np.ndarray, Cube]:
    start = bkw.start(d, 1 / 16, 0.0, 4.0) if d == 2 else bkw.start(3, 1 / 24, 5.5, 4.0)
    ensemble = start.sample(Mesh(), cells**d, 0).astype(np.dtype(precision))
    return ensemble.velocities[0], np.ascontiguousarray(ensemble.weights[0]), Cube((0.0,) * d, 4.0, cells)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(("d", "cells"), [(2, 40), (2, 80), (2, 160), (2, 320), (3, 20), (3, 40)])
def test_score_on_a_mesh(benchmark, d, cells, precision):
    v, w, cube = particles(d, cells, precision)
    mesh = BlobMesh(cube.widened(8), 0.64 * cube.width**1.98, precision)
    benchmark(lambda: mesh.score(mesh.state(v, w), v))
    benchmark.extra_info["particles_per_second"] = len(v) / benchmark.stats.stats.min


@pytest.mark.parametrize(("d", "cells"), [(2, 40), (2, 80), (2, 160), (3, 20)])
def test_score_over_pairs(benchmark, d, cells):
    v, w, cube = particles(d, cells, np.float64)
    pairs = BlobPairs(cube, 0.64 * cube.width**1.98)
    benchmark(lambda: pairs.score(pairs.state(v, w), v))
    benchmark.extra_info["particles_per_second"] = len(v) / benchmark.stats.stats.min


@pytest.mark.parametrize("cells", [40, 80, 160])
@pytest.mark.parametrize("stepper", ["euler", "rk4", "discrete-gradient"])
@pytest.mark.filterwarnings("ignore:dt D")
def test_ten_steps(benchmark, stepper, cells):
    if stepper == "discrete-gradient" and cells > 80:
        pytest.skip("takes seconds")
    v, w, _ = particles(2, cells, np.float64)
    benchmark(march, v, w, PLANE, np.array([0.1]), Scheme(0.01, stepper=stepper))
    benchmark.extra_info["milliseconds_a_step"] = benchmark.stats.stats.min * 100
