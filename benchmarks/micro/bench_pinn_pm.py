"""Time of an update of PINN–PM, and of an answer at one time."""

from __future__ import annotations

from functools import cache
from itertools import count

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Query, Random
from kineticbench.numerics.bkw import start
from kineticbench.numerics.particle_residual import ParticleLearner, Sampling, Units
from kineticbench.numerics.pinn_answers import Answers
from kineticbench.numerics.pinn_file import LearnedFlow
from kineticbench.numerics.pinn_flow import NeuralFlow

DENSITY = start(2, 1 / 16, 0.0, 4.0)


@cache
def learner(exponent: float, matching: str) -> ParticleLearner:
    equation = HomogeneousLandau(2, exponent, 1 / 16)
    sampling = Sampling(256, 8, fresh=True, matching=matching)
    return ParticleLearner(DENSITY, equation, Units.of(DENSITY, 5.0), (64, 2), sampling, 0, "cpu")


@pytest.mark.parametrize(("exponent", "matching"), [(0.0, "implicit"), (0.0, "transported"), (-3.0, "implicit")])
def test_an_update(benchmark, exponent, matching):
    """2 048 particles at eight times, both networks of the usual size."""
    trained, steps = learner(exponent, matching), count(1)
    trained.update(0, 1e-3)
    benchmark(lambda: trained.update(next(steps), 1e-3))


def test_an_answer(benchmark):
    """4 096 particles at one time, with score and density along the trajectory."""
    units = Units.of(DENSITY, 5.0)
    learned = LearnedFlow(learner(0.0, "implicit").result(), units, (0, 0), np.zeros((2, 1)), None)
    answers = Answers(learned.networks, units, DENSITY, "cpu", "float32")
    flow = NeuralFlow(False, HomogeneousLandau(2, 0.0, 1 / 16), learned, answers)
    particles, query = DENSITY.sample(Random(), 4096, 1), Query(np.array([2.5]))
    flow(particles, query)
    benchmark(lambda: flow(particles, query))
