"""Speed of the collision sums: `pytest benchmarks/micro/bench_collision.py`; `-k` picks a benchmark.

A direct sum over N particles stands for N² pair interactions, whether or not a pair is met once for both. In three
dimensions a pair costs about 20 multiplications, fused or not, and 12 additions for both of its particles; a Zen 4 core
starts one of each on 512 bits a cycle, so at 3.7 GHz the floor is about 170 ps an interaction in float32: 5.9 billion a
second and core. In float64 the reciprocal root occupies the divider for 27 cycles of eight pairs: 2.2 billion.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau
from kineticbench.numerics import collision_langevin
from kineticbench.numerics.collision import coulomb_sum, maxwell_sum, pair_sum, random_batch_sum
from kineticbench.numerics.grazing import march


def plasma(particles: int, d: int, dtype: str = "float64", equal: bool = True) -> tuple[np.ndarray, ...]:
    random = np.random.default_rng(0)
    v = random.standard_normal((particles, d))
    w = np.ones(particles) if equal else random.random(particles)
    return tuple(a.astype(dtype) for a in (v, -v + 0.3 * np.sin(2 * v), w / w.sum()))


def broadcast(v: np.ndarray, s: np.ndarray, w: np.ndarray, strength: float) -> np.ndarray:
    """The sum for Maxwell molecules as most codes write it, with arrays of N × N × d."""
    z, difference = v[:, None] - v[None], s[:, None] - s[None]
    pushed = (z * z).sum(-1)[..., None] * difference - (z * difference).sum(-1)[..., None] * z
    return -strength * (w[:, None] * pushed).sum(1)


def seconds(call: Callable[[], object], rounds: int = 5) -> float:
    """The shortest of some calls after a first one."""
    call()
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times)


def peak_bytes() -> int:
    """Largest resident memory of this process so far."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


@pytest.mark.parametrize("equal", [True, False], ids=["equal", "weighted"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("d", [2, 3])
def test_coulomb(benchmark, d, dtype, equal):
    """Targets in 3D on two cores: 10 billion interactions a second in float32, 4 in float64."""
    v, s, w = plasma(49_152, d, dtype, equal)
    U = coulomb_sum(v[:99], s[:99], w[:99], 1.0)
    before = peak_bytes()
    U = benchmark.pedantic(lambda: coulomb_sum(v, s, w, 1.0), rounds=4).astype(np.float64)
    push = w[:, None] * U
    benchmark.extra_info |= {
        "billion interactions a second": len(v) ** 2 / benchmark.stats["min"] / 1e9,
        "cores": len(os.sched_getaffinity(0)),
        "bytes a particle": (peak_bytes() - before) / len(v),
        "momentum residual": float(np.abs(push.sum(0)).max() / np.abs(push).sum()),
        "energy residual": float(abs((push * v).sum()) / np.abs(push * v).sum()),
    }


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("d", [2, 3])
def test_coulomb_in_jax(benchmark, d, dtype):
    """As a traced solver asks for it, on the CPU: tiles of pairs."""
    import jax

    with jax.enable_x64(True):
        v, s, w = (jax.numpy.asarray(a) for a in plasma(8192, d, dtype))
        run = lambda: jax.block_until_ready(coulomb_sum(v, s, w, 1.0))  # noqa: E731
        run()
        benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["billion interactions a second"] = len(v) ** 2 / benchmark.stats["min"] / 1e9


@pytest.mark.parametrize("exponent", [-2.5, -2.0, -1.0, 0.0, 1.0])
@pytest.mark.parametrize("d", [3, 5])
def test_other_exponents(benchmark, d, exponent):
    v, s, w = plasma(8192, d)
    pair_sum(v[:99], s[:99], w[:99], 1.0, exponent)
    benchmark.pedantic(lambda: pair_sum(v, s, w, 1.0, exponent), rounds=3)
    benchmark.extra_info["billion interactions a second"] = len(v) ** 2 / benchmark.stats["min"] / 1e9


@pytest.mark.parametrize("d", [2, 3, 10])
@pytest.mark.parametrize("particles", [10**3, 10**4, 10**5, 10**6])
def test_moments(benchmark, particles, d):
    """Linear in N."""
    v, s, w = plasma(particles, d)
    benchmark(maxwell_sum, v, s, w, 1.0)
    benchmark.extra_info["nanoseconds a particle"] = benchmark.stats["min"] / particles * 1e9


@pytest.mark.parametrize("d", [2, 3])
def test_moments_against_direct_sums(benchmark, d):
    """How many times longer the tiled direct sum and the broadcast form take, N = 4 096 in float64."""
    v, s, w = plasma(4096, d)
    benchmark(maxwell_sum, v, s, w, 1.0)
    own = benchmark.stats["min"]
    benchmark.extra_info["tiled"] = seconds(lambda: pair_sum(v, s, w, 1.0, 0.0)) / own
    benchmark.extra_info["broadcast"] = seconds(lambda: broadcast(v, s, w, 1.0), 2) / own


@pytest.mark.parametrize("batch", [64, 1280])
def test_random_batches(benchmark, batch):
    v, s, w = plasma(25_600, 2)
    equation, random = HomogeneousLandau(2, -3.0, 1.0), np.random.default_rng(0)
    random_batch_sum(v, s, w, equation, batch, random)
    benchmark(random_batch_sum, v, s, w, equation, batch, random)


@pytest.mark.parametrize("exponent", [0.0, -3.0])
@pytest.mark.parametrize("d", [2, 3])
def test_grazing_collisions(benchmark, d, exponent):
    """One step of 10⁶ particles."""
    v, _, _ = plasma(10**6, d)
    equation, times = HomogeneousLandau(d, exponent, 1 / 24), np.array([0.05])
    run = lambda: march(v, 1e-6, equation, 0.01, 0, times, np.empty(0))  # noqa: E731
    run()
    benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["nanoseconds a particle and step"] = benchmark.stats["min"] / 5e6 * 1e9


@pytest.mark.parametrize("d", [2, 3])
def test_independent_particles(benchmark, d):
    """One step of 10⁶ particles in the moments of Maxwell molecules."""
    v, _, w = plasma(10**6, d)
    equation, times = HomogeneousLandau(d, 0.0, 1 / 24), np.array([0.05])
    run = lambda: collision_langevin.march(v, w, equation, 0.01, 0, times, np.empty(0))  # noqa: E731
    run()
    benchmark.pedantic(run, rounds=3)
    benchmark.extra_info["nanoseconds a particle and step"] = benchmark.stats["min"] / 5e6 * 1e9
