"""The phase-space grid: time of one step, by resolution, order and precision (`pytest benchmarks/micro`)."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Quiet, Random, VlasovPoisson
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.vlasov_march import initial_grids

PLASMA = PerturbedPlasma(Maxwellians(), 0.5, 0.5)


@pytest.mark.parametrize("precision", [np.float32, np.float64])
@pytest.mark.parametrize(("cells", "order"), [((64, 256), 2), ((64, 256), 4), ((256, 1024), 4), ((256, 1024), 6)])
def test_step(benchmark, cells, order, precision):
    grid = initial_grids(PLASMA, VlasovPoisson(PLASMA.length, PLASMA.length), *cells, dtype=precision)[0]
    grid.advance(0.1, order)
    benchmark(grid.advance, 0.1, order)
    benchmark.extra_info["cell_steps_per_second"] = np.prod(cells) / benchmark.stats.stats.min


@pytest.mark.parametrize("start", [Random(), Quiet(), Quiet(weighted=True)], ids=str)
def test_sampling(benchmark, start):
    benchmark(PLASMA.sample, start, 1_000_000, 0)
