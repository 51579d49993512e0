"""The Landau operator on a velocity grid, by dimension, exponent and precision (`pytest benchmarks/micro`)."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau
from kineticbench.numerics.landau_operator import LandauOperator, VelocityGrid


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize("exponent", [0.0, -3.0])
@pytest.mark.parametrize(("d", "cells"), [(2, 64), (2, 256), (3, 32)])
def test_collisions(benchmark, d, cells, exponent, precision):
    grid = VelocityGrid(cells, 6.0, (0.0,) * d)
    operator = LandauOperator(grid, HomogeneousLandau(d, exponent, 1.0), precision)
    f = np.exp(-0.5 * np.asarray(sum(axis**2 for axis in grid.axes()))).astype(precision)
    operator.collide(f)
    benchmark(operator.collide, f)
    benchmark.extra_info["nanoseconds a cell"] = benchmark.stats["min"] / cells**d * 1e9
