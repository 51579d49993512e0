"""The timing contract."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kineticbench.contracts import Solution
from kineticbench.engine import timing
from kineticbench.engine.verdict import explain


def count(rule: timing.WarmCalls, each: float, limit: float = 1e9) -> int:
    samples: list[float] = []
    while rule.another(samples, sum(samples), limit - sum(samples)):
        samples.append(each)
    return len(samples)


@pytest.mark.parametrize(
    ("each", "calls"), [(1e-3, 1000), (0.15, 7), (0.5, 6), (7.0, 5), (10.0, 3), (29.0, 2), (31.0, 1)]
)
def test_at_least_five_calls_and_a_second_none_begun_after_thirty(each, calls):
    assert count(timing.WarmCalls(), each) == pytest.approx(calls, abs=1 if each == 1e-3 else 0)


@pytest.mark.parametrize(
    ("count", "rank"), [(1, 0), (5, 0), (6, 1), (8, 1), (9, 2), (10, 2), (20, 6), (25, 8), (50, 18), (100, 40)]
)
def test_the_interval_of_the_median_is_that_of_the_tables(count, rank):
    samples = np.random.default_rng(0).permutation(count) + 1.0
    low, high = timing.median_interval(list(samples))
    assert (low, high) == ((rank, count + 1 - rank) if rank else (-np.inf, np.inf))


def test_the_interval_of_the_median_covers_it():
    random = np.random.default_rng(1)
    intervals = [timing.median_interval(random.exponential(size=15).tolist()) for _ in range(4000)]
    covered = np.mean([low <= np.log(2) <= high for low, high in intervals])
    assert covered == pytest.approx(0.9648, abs=0.01)  # 1 − 2 P(B ≤ 3), n = 15
    assert timing.median_interval([1.0] * 2000) == (1.0, 1.0)


def test_calls_go_on_while_their_median_is_uncertain_but_not_long():
    rule, noise = timing.WarmCalls(), np.random.default_rng(2)

    def calls(spread: float, **changes: float) -> list[float]:
        samples: list[float] = []
        while replace(rule, **changes).another(samples, sum(samples), 1e9):
            samples.append(0.02 * float(1 + spread * noise.uniform(-1, 1)))
        return samples

    quiet, noisy = calls(0.01), calls(0.5)
    assert 1.0 <= sum(quiet) < 1.1
    assert timing.narrow(quiet, 0.02)
    assert sum(noisy) == pytest.approx(3.0, abs=0.1)
    assert not timing.narrow(noisy, 0.02)
    assert sum(calls(0.5, longest=0.0)) < 1.1
    between = calls(0.1)
    assert 1.0 < sum(between) < 3.0
    assert timing.narrow(between, 0.02)
    assert not timing.narrow(between[:-1], 0.02)


def test_no_call_is_begun_that_the_limit_would_cut():
    assert count(timing.WarmCalls(), 2.0, limit=6.5) == 2


def test_the_clock_waits_for_every_array():
    class Late:
        ready = False

        def block_until_ready(self):
            self.ready = True

    first, second = Late(), Late()
    timing.wait(Solution(density=first, diagnostics={"loss": second}))
    assert first.ready
    assert second.ready


def test_arrays_of_any_kind_come_home():
    import jax.numpy as jnp
    import torch

    solution = Solution(density=jnp.ones((1, 2, 3)), score=torch.ones(2, requires_grad=True), series={"e": np.ones(1)})
    arrays = timing.home(timing.wait(solution)).arrays()
    assert {type(array) for array in arrays.values()} == {np.ndarray}
    assert arrays["density"].shape == (1, 2, 3)


def test_a_machine_that_was_busy_shows():
    assert not timing.noisy([1.0, 1.1], best=0.95)
    assert timing.noisy([1.0, 1.5], best=1.0)
    assert timing.noisy([2.0, 2.0], best=1.0)
    assert not timing.noisy([], best=1.0)
    assert 0 < timing.kernel() < 1


def test_peak_memory_is_that_since_the_reset():
    memory = timing.Memory()
    base = memory.reset()
    if base is None:
        pytest.skip("this system keeps no account of memory")
    del (block := [np.ones(20_000_000)])[:]
    peak = memory.peak()
    assert block == []
    assert peak is not None
    assert peak - base > 150_000_000
    now = memory.reset()
    assert now is not None
    again = memory.peak()
    assert again is not None
    assert again - now < 50_000_000


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (MemoryError(), "out-of-memory"),
        (RuntimeError("RESOURCE_EXHAUSTED: Out of memory allocating 123 bytes"), "out-of-memory"),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to"), "out-of-memory"),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA out of memory"), "out-of-memory"),
        (KeyboardInterrupt(), "error"),
        (ZeroDivisionError("x"), "error"),
    ],
)
def test_what_errors_mean(error, state):
    assert explain(error)[0] == state


def test_a_thousand_short_calls_are_enough():
    calls = timing.WarmCalls()
    assert calls.another([1e-6] * 999, 0.1, 100.0)
    assert not calls.another([1e-6] * 1000, 0.1, 100.0)
