"""What state an attempt ends in: what a propagator may return, and what errors mean."""

from __future__ import annotations

import traceback
from typing import Any

import numpy as np

from ..contracts import Diverged, KineticbenchError, Solution, Unsupported
from ..results.record import State

LONGEST_REASON = 2000


def require_solution(answer: Any) -> Solution:
    """Raise `Diverged` unless a propagator returned a whole `Solution`."""
    if not isinstance(answer, Solution):
        raise Diverged(f"The propagator must return a Solution, got {type(answer).__name__}.")
    trajectory = answer.trajectory
    if trajectory is not None and (trajectory.velocities is None or trajectory.weights is None):
        raise Diverged("The trajectory must have velocities and weights.", "Only positions may be None.")
    for name, array in answer.arrays().items():
        if not hasattr(array, "shape") or not hasattr(array, "dtype"):
            raise Diverged(f"{name} must be an array, got {type(array).__name__}.", "Return NumPy, JAX or torch.")
        if isinstance(array, np.ndarray) and array.dtype.kind not in "fciub":
            raise Diverged(f"{name} must hold numbers, got {array.dtype}.", "Return floating-point arrays.")
    return answer


class TooLarge(MemoryError):
    """A solution beyond the limit on its size."""


def require_small(solution: Solution, most_bytes: float) -> None:
    """Raise `TooLarge` where the arrays of a solution, on whatever device, take more than so many bytes together."""
    size = sum(int(array.nbytes) for array in solution.arrays().values())
    if size > most_bytes:
        raise TooLarge(f"Its solution takes {size / 2**20:.0f} MiB, beyond the limit of {most_bytes / 2**20:.0f} MiB.")


def explain(error: BaseException) -> tuple[State, str]:
    """The state that an error means, and the sentence that goes with it; the traceback goes to the log."""
    if isinstance(error, Unsupported):
        return "unsupported", _shortened(str(error))
    if isinstance(error, Diverged):
        return "diverged", _shortened(str(error))
    traceback.print_exception(error)
    text = _shortened(f"{type(error).__name__}: {error}".strip(": "))
    if isinstance(error, TooLarge):
        return "out-of-memory", str(error)
    if isinstance(error, MemoryError) or "OutOfMemory" in type(error).__name__:
        return "out-of-memory", text
    if any(phrase in str(error) for phrase in ("RESOURCE_EXHAUSTED", "can't allocate memory")):
        return "out-of-memory", text
    return "error", _shortened(str(error)) if isinstance(error, KineticbenchError) else text


def _shortened(text: str) -> str:
    return text if len(text) <= LONGEST_REASON else f"{text[:LONGEST_REASON]}…"
