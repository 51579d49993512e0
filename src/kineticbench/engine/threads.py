"""Fixes the number of threads of every numerical library; to be called before any of them is imported."""

from __future__ import annotations

import os
from collections.abc import Sequence

from .cores import hold, share

VARIABLES: tuple[str, ...] = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
)


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


def limit(threads: int, precision: str, cores: Sequence[int] | None = None) -> None:
    """Set them in this process, and hold it to these cores, or else to the last ones, as many as threads."""
    os.environ.update(environment(threads, precision))
    cores = cores or share((), threads, 0)
    if cores is not None:
        hold(cores)
