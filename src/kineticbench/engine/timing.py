"""The timing contract: what is timed, when the clock stops, how often, and how a noisy machine shows.

A call is over when every array it returned is ready: `block_until_ready` for JAX, `torch.cuda.synchronize` for torch.
The first call is the cold one. Warm calls follow until there are enough of them and of their seconds, then until their
median is known well enough or a few seconds are spent, none begun after a while. A small fixed kernel is timed before
and after: where it runs at different speeds the machine was busy.
"""

from __future__ import annotations

import contextlib
import math
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from ..contracts import Solution

NOISY_RATIO = 1.25
_KERNEL_SECONDS = 0.03  # a processor that was idle needs some of them to run at full speed
_T = TypeVar("_T")


@dataclass(frozen=True)
class WarmCalls:
    """How many warm calls there are: at least `calls` of them and `seconds`, none begun after `stop` seconds.

    Beyond these they go on until the 95 % interval of their median is within `relative_width` of it on either side, or
    they take `longest` seconds together. `most` calls are enough even where they take less than `seconds`.
    """

    calls: int = 5
    seconds: float = 1.0
    stop: float = 30.0
    relative_width: float = 0.02
    longest: float = 3.0
    most: int = 1000

    def another(self, samples: list[float], since: float, left: float) -> bool:
        """Whether to begin another call, `since` seconds after the first began, `left` seconds before the limit."""
        if since >= self.stop or len(samples) >= max(self.most, self.calls) or (samples and left < 1.5 * max(samples)):
            return False
        spent = sum(samples)
        if len(samples) < self.calls or spent < self.seconds:
            return True
        return spent < self.longest and not narrow(samples, self.relative_width)


def narrow(samples: Sequence[float], relative_width: float) -> bool:
    """Whether the interval of the median is within `relative_width` times the median on either side of it."""
    middle, (low, high) = statistics.median(samples), median_interval(samples)
    return max(high - middle, middle - low) <= relative_width * middle


def median_interval(samples: Sequence[float], level: float = 0.95) -> tuple[float, float]:
    """Interval that holds the median of the distribution with a probability of at least `level`, whatever it is.

    Between the r-th smallest and the r-th largest of n samples the median lies with probability 1 − 2 P(B < r), B
    binomial with n trials and p = ½; r is the largest for which that is enough. Unbounded where none is (n < 6 for
    95 %). H. A. David and H. N. Nagaraja, Order Statistics, 3rd ed. (2003), section 7.1.
    """
    rank = _median_rank(len(samples), level)
    if rank == 0:
        return -math.inf, math.inf
    ordered = sorted(samples)
    return ordered[rank - 1], ordered[-rank]


@lru_cache(4096)
def _median_rank(count: int, level: float) -> int:
    rank, below, term = 0, 0, 1
    while rank <= count // 2:
        below += term  # how many of the 2ⁿ outcomes have B ≤ rank
        if 2 * below * 10**6 > round((1 - level) * 10**6) << count:
            break
        rank += 1
        term = term * (count - rank + 1) // rank
    return rank


def timed(call: Callable[[], _T]) -> tuple[_T, float]:
    """What a call returns, and the seconds it took."""
    begun = time.perf_counter()
    value = call()
    return value, time.perf_counter() - begun


def wait(solution: Solution) -> Solution:
    """Return once every array of the solution is ready."""
    torch_done = False
    for array in solution.arrays().values():
        if hasattr(array, "block_until_ready"):
            array.block_until_ready()
        elif not torch_done and type(array).__module__.partition(".")[0] == "torch" and array.is_cuda:
            sys.modules["torch"].cuda.synchronize()
            torch_done = True
    return solution


def home(solution: Solution) -> Solution:
    """The solution as NumPy arrays on the host."""
    return Solution.from_arrays({name: _to_numpy(array) for name, array in solution.arrays().items()})


def _to_numpy(array: Any) -> np.ndarray:
    if type(array).__module__.partition(".")[0] == "torch":
        array = array.detach().cpu().numpy()
    return np.asarray(array)


@cache
def _kernel_input() -> np.ndarray:
    return np.random.default_rng(0).standard_normal(1 << 16)


def kernel() -> float:
    """Seconds that a fixed mix of sorting, arithmetic and memory traffic takes on one thread, best of at least five."""
    values, samples, begun = _kernel_input(), [], time.perf_counter()
    while len(samples) < 5 or time.perf_counter() - begun < _KERNEL_SECONDS:
        samples.append(timed(lambda: float(np.cumsum(np.sort(values) * values).sum()))[1])
    return min(samples)


def noisy(kernel_seconds: list[float], best: float) -> bool:
    """Whether the kernel ran at such different speeds, or so far from the `best` of all, that times mean little."""
    return bool(kernel_seconds) and max(kernel_seconds) > NOISY_RATIO * min(best, *kernel_seconds)


class Memory:
    """Highest resident memory of this process since `reset`, as the kernel keeps it; None where it does not."""

    def __init__(self) -> None:
        self._status, self._clear = Path("/proc/self/status"), Path("/proc/self/clear_refs")

    def reset(self) -> int | None:
        """Begin anew; returns what is resident now."""
        with contextlib.suppress(OSError):
            self._clear.write_text("5")
        return self._read("VmRSS:")

    def peak(self) -> int | None:
        """Highest since then."""
        return self._read("VmHWM:")

    def _read(self, key: str) -> int | None:
        with contextlib.suppress(OSError):
            for line in self._status.read_text().splitlines():
                if line.startswith(key):
                    return int(line.split()[1]) * 1024
        return None


class DeviceMemory:
    """Highest memory on the GPU since `reset`, as the libraries in use know it.

    JAX cannot forget its highest: where an earlier cell of this process took more, nobody knows this one's.
    """

    def __init__(self) -> None:
        self._before = 0

    def reset(self) -> None:
        """Begin anew."""
        self._before = _jax_peak()
        torch = sys.modules.get("torch")
        if torch is not None and torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()

    def peak(self) -> int | None:
        """Highest since then; None where it is not known or nothing was taken."""
        torch, peaks = sys.modules.get("torch"), [_jax_peak()]
        if peaks[0] <= self._before:
            peaks = []
        if torch is not None and torch.cuda.is_available():
            peaks.append(torch.cuda.max_memory_allocated())
        return max(peaks, default=0) or None


def _jax_peak() -> int:
    jax = sys.modules.get("jax")
    devices = [] if jax is None else [d for d in jax.local_devices() if d.platform == "gpu"]
    return max([(device.memory_stats() or {}).get("peak_bytes_in_use", 0) for device in devices], default=0)


def device_energy() -> float | None:
    """Joules that the first GPU has used since the driver was loaded; None where NVML is not there."""
    try:
        import pynvml  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
        return pynvml.nvmlDeviceGetTotalEnergyConsumption(pynvml.nvmlDeviceGetHandleByIndex(0)) / 1e3
    except pynvml.NVMLError:
        return None
