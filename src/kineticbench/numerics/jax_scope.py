"""Where JAX computes, and how precisely, for the length of a `with` block and nowhere else."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from ..contracts import Device, InvalidInput, Precision

Part = TypeVar("Part")
Result = TypeVar("Result")


@contextmanager
def scope(device: Device, precision: Precision) -> Iterator[None]:
    """Run JAX on this device with this precision by default, leaving the global settings alone.

    Raises
    ------
    InvalidInput
        Where there is no such device.
    """
    import jax

    try:
        chosen = jax.devices(device)[0]
    except RuntimeError:
        raise InvalidInput(
            f"JAX finds no {device} here, only {', '.join(sorted({d.platform for d in jax.devices()}))}.",
            "Use device 'cpu', or install kineticbench[gpu] on a machine with an NVIDIA GPU.",
        ) from None
    exact = jax.default_matmul_precision("highest")  # a GPU would round factors of float32 products to 10 bits
    with jax.enable_x64(precision == "float64"), jax.default_device(chosen), exact:
        yield


def side_by_side(
    task: Callable[[Part], Result], parts: list[Part], device: Device, precision: Precision
) -> list[Result]:
    """`task` for every part inside `scope`: one thread for each core of this process, one after another on a GPU.

    XLA runs programs of several Python threads at the same time, while a single program of many small operations keeps
    one core busy. Results come in the order of the parts and do not depend on the number of threads.
    """

    def inside(part: Part) -> Result:
        with scope(device, precision):
            return task(part)

    threads = min(len(parts), cores()) if device == "cpu" else 1
    if threads == 1:
        return [inside(part) for part in parts]
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(inside, parts))


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
