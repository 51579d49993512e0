"""What a comparison is: one piece of work, done by us and by a peer, and how wrong the answers are."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kineticbench.contracts import UnknownName

# The files that hold comparisons, in the order of the page.
FILES = ("pic", "pair_sums", "wasserstein", "kde", "neighbours", "methods", "engine")
DEVICES = ("cpu", "gpu")


@dataclass(frozen=True)
class Task:
    """One side of a comparison, with everything prepared that is not part of the work.

    Parameters
    ----------
    call
        Does the work; what it returns may still be on its way to memory (JAX, torch).
    error
        Distance of that answer from an exact or converged one.
    units
        How much work a call does, in the comparison's units.
    """

    call: Callable[[], Any]
    error: Callable[[Any], float]
    units: float


@dataclass(frozen=True)
class Comparison:
    """The same work done twice.

    Parameters
    ----------
    name
        Short, unique within its file.
    work
        What is computed, with sizes and precision: a row's first cell.
    unit
        Of the work, in the singular.
    measure
        What `Task.error` is.
    peer
        The other side's name.
    package
        Distribution it comes in, for its version; None for code of this folder.
    ours, theirs
        Prepare the two sides for a device.
    devices
        Where both run.
    target
        How many times as fast as the peer we want to be on a CPU; None for no such aim.
    """

    name: str
    work: str
    unit: str
    measure: str
    peer: str
    package: str | None
    ours: Callable[[str], Task]
    theirs: Callable[[str], Task]
    devices: tuple[str, ...] = ("cpu",)
    target: float | None = None

    @property
    def sides(self) -> dict[str, Callable[[str], Task]]:
        """Both by name."""
        return {"ours": self.ours, "theirs": self.theirs}


def title(file: str) -> str:
    """First line of a file's docstring, and `text` the rest."""
    return _module(file).__doc__.partition("\n")[0].rstrip(".")


def text(file: str) -> str:
    """What a file's docstring says after its first line."""
    return _module(file).__doc__.partition("\n")[2].strip()


def comparisons(file: str) -> tuple[Comparison, ...]:
    """Those of one file."""
    return _module(file).COMPARISONS


def find(key: str) -> Comparison:
    """The comparison "file/name"; `UnknownName` where there is none."""
    file, _, name = key.partition("/")
    if file in FILES:
        for comparison in comparisons(file):
            if comparison.name == name:
                return comparison
    raise UnknownName.among("comparison", key, keys(FILES))


def keys(files: tuple[str, ...] | list[str]) -> list[str]:
    """The keys "file/name" of all comparisons of these files, in order."""
    return [f"{file}/{comparison.name}" for file in files for comparison in comparisons(file)]


def _module(file: str) -> Any:
    if file not in FILES:
        raise UnknownName.among("comparison", file, FILES)
    return importlib.import_module(f".{file}", __package__)
