"""Speed of score-based transport: `pytest benchmarks/micro/bench_sbtm.py`; `-k` picks a benchmark.

The setting is that of Huang & Wang: 25 600 particles in 2D, a SiLU network 2–32–32–32–32–2, exact trace, full batches.

Floor of one gradient. Value and two tangents go through three 32 × 32 matrices forwards, once backwards, and once into
the weights' gradients: 3 · 3 · 3 · 1024 multiply–adds a particle (the first tangents, which are the same for all, would
save 5 % of that), 1.42 Gflop in all. Two 256-bit multiply–adds a cycle make 118 Gflop/s in float32 on a Zen 4 core at
3.7 GHz, so 12.0 ms on one core and 6.0 ms on two; in float64 twice that.
"""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau
from kineticbench.numerics import bkw, score_matching
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.score_matching_training import Trainer
from kineticbench.numerics.score_networks import Architecture
from kineticbench.numerics.score_transport_volume import divergence

PARTICLES, WIDTH, LAYERS = 25_600, 32, 5
ARCHITECTURE = Architecture(2, WIDTH, LAYERS, "silu")
GIGAFLOP = 2 * 3 * 3 * (LAYERS - 2) * WIDTH**2 * PARTICLES / 1e9


def particles(dtype: str) -> tuple[np.ndarray, np.ndarray]:
    sample = bkw.law(2, 1 / 16, 0.0).sample
    assert sample is not None
    return sample(0.0, PARTICLES, 0).astype(dtype), np.full(PARTICLES, 1 / PARTICLES, dtype)


@pytest.mark.parametrize("precision", ["float32", "float64"])
@pytest.mark.parametrize("loss", ["implicit", "denoising", "explicit"])
def test_gradient(benchmark, loss, precision):
    x, w = particles(precision)
    forms = {
        "implicit": lambda: score_matching.implicit(x, w),
        "denoising": lambda: score_matching.denoising(x, w, x[::-1].copy(), 0.4),
        "explicit": lambda: score_matching.explicit(x, w, -x)[0],
    }
    with scope("cpu", precision):
        trainer = Trainer(ARCHITECTURE, "adamax", "cpu", precision)
        theta = ARCHITECTURE.initial(np.random.default_rng(0)).astype(precision)
        form = trainer.prepared(forms[loss]())
        trainer.gradient(theta, form)
        benchmark.pedantic(trainer.gradient, (theta, form), rounds=20)
    if loss == "implicit":
        benchmark.extra_info["Gflop/s of the matrix products"] = GIGAFLOP / benchmark.stats["min"]


def test_iterations_against_those_of_a_script(benchmark):
    """Five Adamax iterations here and, in turn with them, as a PyTorch script makes them, component by component."""
    import torch

    x, w = particles("float32")
    sizes = [2, *[WIDTH] * (LAYERS - 1), 2]
    modules: list[torch.nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        modules += [torch.nn.Linear(inputs, outputs), torch.nn.SiLU()]
    net = torch.nn.Sequential(*modules[:-1])
    optimiser = torch.optim.Adamax(net.parameters(), 5e-4)
    points = torch.from_numpy(x).requires_grad_(True)

    def script() -> float:
        begun = time.perf_counter()
        for _ in range(5):
            optimiser.zero_grad()
            s = net(points)
            trace = sum(torch.autograd.grad(s[:, m].sum(), points, create_graph=True)[0][:, m] for m in range(2))
            assert isinstance(trace, torch.Tensor)
            ((s * s).sum(1) + 2 * trace).mean().backward()
            optimiser.step()
        return time.perf_counter() - begun

    with scope("cpu", "float32"):
        trainer = Trainer(ARCHITECTURE, "adamax", "cpu", "float32")
        weights = trainer.begin(ARCHITECTURE.initial(np.random.default_rng(0)))
        form = score_matching.implicit(x, w)

        def own() -> float:
            begun = time.perf_counter()
            trainer.train(weights, lambda _: form, 5, 5e-4)
            return time.perf_counter() - begun

        own()
        script()
        times = np.array([(own(), script()) for _ in range(5)])
        benchmark.pedantic(own, rounds=5)
    benchmark.extra_info["ms an iteration"] = 200 * float(times[:, 0].min())
    benchmark.extra_info["ms an iteration of the script"] = 200 * float(times[:, 1].min())
    benchmark.extra_info["ratio of medians"] = float(np.median(times[:, 1]) / np.median(times[:, 0]))


@pytest.mark.parametrize("exponent", [0.0, -3.0])
def test_divergence(benchmark, exponent):
    x, w = particles("float32")
    x, w = x[:6400], w[:6400]
    jacobian = np.broadcast_to(-np.eye(2, dtype="float32"), (len(x), 2, 2)).copy()
    equation = HomogeneousLandau(2, exponent, 1 / 16)
    divergence(x, -x, w, jacobian, equation)
    benchmark.pedantic(divergence, (x, -x, w, jacobian, equation), rounds=5)
