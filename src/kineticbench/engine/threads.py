"""Fixes the number of threads of every numerical library; to be called before any of them is imported."""

from __future__ import annotations

import os

VARIABLES: tuple[str, ...] = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)
LANE = "KINETICBENCH_LANE"  # number of the worker among those that run side by side on a machine


def environment(threads: int, precision: str) -> dict[str, str]:
    """Environment variables that hold NumPy, SciPy, numba, torch and JAX to `threads` threads.

    XLA has no thread count on the CPU, only cores: with one thread its intra-operation pool is switched off, otherwise
    the process is held to as many cores.
    """
    variables: dict[str, str] = dict.fromkeys(VARIABLES, str(threads))
    variables["JAX_ENABLE_X64"] = "1" if precision == "float64" else "0"
    variables["XLA_PYTHON_CLIENT_PREALLOCATE"] = "false"
    flags = os.environ.get("XLA_FLAGS", "")
    if threads == 1 and "multi_thread_eigen" not in flags:
        flags = f"{flags} --xla_cpu_multi_thread_eigen=false".strip()
    if flags:
        variables["XLA_FLAGS"] = flags
    return variables


def limit(threads: int, precision: str) -> None:
    """Set them in this process, and hold it to as many cores, each lane to its own, where the system lets it choose."""
    os.environ.update(environment(threads, precision))
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        if threads < len(cores):
            first = int(os.environ.get(LANE, "0")) * threads
            os.sched_setaffinity(0, {cores[-1 - (first + i) % len(cores)] for i in range(threads)})
