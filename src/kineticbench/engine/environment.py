"""On what a result was made: processor, memory, GPU, packages and commit."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog import PACKAGE

PACKAGES = ("kineticbench", "numpy", "scipy", "jax", "jaxlib", "equinox", "optax", "torch", "numba", "pot", "h5py")


@cache
def hardware() -> dict[str, Any]:
    """The machine: {"id", "cpu", "cores", "memory_bytes", "gpu", "system"}.

    `id` is a short hash of processor, usable cores, memory (to the GiB) and GPU: machines of one kind share it, and
    results are compared within one `id` only.
    """
    import psutil

    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    memory = psutil.virtual_memory().total
    parts = {"cpu": _cpu_name(), "cores": cores, "memory_gib": round(memory / 2**30), "gpu": _gpu_name()}
    return {
        "id": hashlib.sha256(repr(sorted(parts.items())).encode()).hexdigest()[:12],
        "cpu": parts["cpu"],
        "cores": cores,
        "memory_bytes": memory,
        "gpu": parts["gpu"],
        "system": f"{platform.system()} {platform.machine()}",
    }


@cache
def packages() -> dict[str, str]:
    """Versions of Python and of the packages that results depend on."""
    versions = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions


@cache
def commit() -> tuple[str | None, bool]:
    """The commit of the checkout that the package runs from, and whether it has uncommitted changes.

    (None, False) where it runs from an installed package.
    """
    root = PACKAGE.parents[1]
    if not (root / ".git").exists() or shutil.which("git") is None:
        return None, False

    def git(*arguments: str) -> str:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else ""

    head = git("rev-parse", "HEAD")
    return (head, bool(git("status", "--porcelain", "--untracked-files=no"))) if head else (None, False)


@dataclass(frozen=True)
class Machine:
    """What a record says of the machine that made it.

    Parameters
    ----------
    hardware, packages
        As the functions of these names return them.
    commit, dirty
        What `commit` returns.
    """

    hardware: dict[str, Any]
    packages: dict[str, str]
    commit: str | None
    dirty: bool

    @classmethod
    def here(cls) -> Machine:
        """The one that asks."""
        return cls(hardware(), packages(), *commit())


def _cpu_name() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _gpu_name() -> str | None:
    if shutil.which("nvidia-smi") is None:
        return None
    done = subprocess.run(
        ["nvidia-smi", "--query-gpu=name", "--format=csv,noheader"], capture_output=True, text=True, check=False
    )
    names = done.stdout.strip().splitlines() if done.returncode == 0 else []
    return names[0].strip() if names else None
