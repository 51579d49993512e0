"""PDE-NHF: a training step and inference in the exact and the tabulated form, beside the direct implementation.

`pytest benchmarks/micro/bench_pde_nhf.py`. The direct implementation applies every layer to every particle in float64
and leaves all derivatives to automatic differentiation, as the authors' code does. A batch of 128 takes it some ten
gigabytes, so it is timed on `DIRECT` cases; `ratio` in the extra information is its time for each case over that of the
form at hand, measured in the same run.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kineticbench.contracts import Ensemble, Query, VlasovPoisson
from kineticbench.numerics import mean_field, training
from kineticbench.numerics.flow_training import Arrivals, FlowLearner, Numerics
from kineticbench.numerics.hamiltonian_file import LearnedHamiltonian
from kineticbench.numerics.jax_scope import scope
from kineticbench.solvers.pde_nhf import PDENHF, Flow

PARTICLES, BATCH, STEPS, HIDDEN = 256, 128, 25, 256
DIRECT = 4


def states(cases: int) -> Arrivals:
    """Clouds of the size that the Gaussian ensemble has at t = 1."""
    random = np.random.default_rng(0)
    start = np.tile([1.0, 0.0, 1.0], (cases, 1))
    return Arrivals(3 * random.normal(size=(cases, PARTICLES)), 4 * random.normal(size=(cases, PARTICLES)), start, 1.0)


def direct_loss(a: Any, V: Any, q: jax.Array, p: jax.Array) -> jax.Array:
    """Minus the log-likelihood of the start, every layer applied to every particle."""

    def potential(q: jax.Array) -> jax.Array:
        c = q - q.mean(-1, keepdims=True)
        phi = jax.nn.softplus(c[..., None] * V.w1 + V.b1) @ V.W2.T + V.b2
        return (jax.nn.softplus(phi.sum(-2) @ V.W3.T + V.b3) @ V.w4 + V.b4).sum()

    def step(state: Any, _: None) -> Any:
        q, p = state
        p = p + 0.5 / STEPS * jax.grad(potential)(q)
        q = q - a**2 / STEPS * p
        return (q, p + 0.5 / STEPS * jax.grad(potential)(q)), None

    (q, p), _ = jax.lax.scan(step, (q, p), length=STEPS)
    return (0.5 * q**2 + 0.5 * p**2).sum(-1).mean()


@pytest.fixture(scope="module")
def direct_seconds() -> float:
    """Seconds of a gradient of `direct_loss`, for each case."""
    data = states(DIRECT)
    with scope("cpu", "float64"):
        latent, units = mean_field.start(HIDDEN, 0, data.q, data.p, 1.0)
        V = mean_field.plain(jax.tree.map(jnp.asarray, latent), units)
        gradient = jax.jit(jax.grad(direct_loss, (0, 1)))
        arguments = jnp.asarray(1.0), V, jnp.asarray(data.q), jnp.asarray(data.p)
        jax.block_until_ready(gradient(*arguments))
        return best(lambda: jax.block_until_ready(gradient(*arguments)), 2) / DIRECT


def best(call: Callable[[], Any], times: int) -> float:
    """Seconds of the fastest of several calls."""
    seconds = []
    for _ in range(times):
        begun = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


@pytest.mark.parametrize("nodes", [0, 256], ids=["exact", "tabulated"])
def test_training_step(benchmark: Any, direct_seconds: float, nodes: int):
    learner = FlowLearner(states(BATCH), HIDDEN, Numerics(STEPS, nodes, BATCH), 0, "cpu", "float32")
    learner.update(0, 1e-6)
    benchmark.pedantic(learner.update, args=(1, 1e-6), rounds=8)
    benchmark.extra_info["ratio"] = direct_seconds * BATCH / benchmark.stats.stats.min


@pytest.mark.parametrize("steps", [25, 5])
@pytest.mark.parametrize("nodes", [0, 256], ids=["exact", "tabulated"])
def test_inference(benchmark: Any, nodes: int, steps: int):
    cases = 1024
    data = states(cases)
    latent, units = mean_field.start(HIDDEN, 0, data.q, data.p, 1.0)
    with scope("cpu", "float64"):
        V = jax.tree.map(np.asarray, mean_field.plain(jax.tree.map(jnp.asarray, latent), units))
    learned = LearnedHamiltonian.rounded(1.0, V, data.reach(), np.zeros((2, 1)))
    solver = replace(PDENHF(), steps=steps, nodes=nodes)
    flow = Flow(solver, VlasovPoisson(128.0, 25.6), learned, "cpu", "float32")
    start = Ensemble(np.mod(data.q, 128.0)[..., None], data.p[..., None]).astype("float32")
    query = Query(np.linspace(0, 1, 6))
    flow(start, query)
    benchmark.pedantic(flow, args=(start, query), rounds=5)
    benchmark.extra_info["milliseconds of a case"] = 1e3 * benchmark.stats.stats.min / cases


def test_batches_cost_nothing(benchmark: Any):
    benchmark(lambda: training.batch(20_000, BATCH, 0, 77))
