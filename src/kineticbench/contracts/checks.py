"""Checks of arrays and numbers at the boundary: what was expected, what was found, what to do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .errors import InvalidInput


def all_finite(array: np.ndarray) -> bool:
    """Whether no element is infinite or NaN, without allocating a mask unless one may be."""
    if array.size == 0 or not np.issubdtype(array.dtype, np.inexact):
        return True
    with np.errstate(all="ignore"):
        if np.isfinite(array.sum()):
            return True
    return bool(np.isfinite(array).all())


def require_array(name: str, array: Any, dimensions: int, shape: tuple[int | None, ...] | None = None) -> None:
    """Raise `InvalidInput` unless `array` is a finite floating NumPy array of this rank (and shape; None is free)."""
    if not isinstance(array, np.ndarray) or not np.issubdtype(array.dtype, np.floating):
        kind = array.dtype if isinstance(array, np.ndarray) else type(array).__name__
        raise InvalidInput(f"{name} must be a NumPy array of floats, got {kind}.", "Convert it with numpy.asarray.")
    if array.ndim != dimensions:
        raise InvalidInput(
            f"{name} must have {dimensions} axes, got shape {array.shape}.", "See the docstring for the order of axes."
        )
    if shape is not None and any(want not in (None, got) for want, got in zip(shape, array.shape, strict=True)):
        raise InvalidInput(f"{name} must have shape {shape}, got {array.shape}.", "See the docstring for the axes.")
    if not all_finite(array):
        bad = int(array.size - np.isfinite(array).sum())
        raise InvalidInput(f"{name} has {bad} values that are not finite.", "Remove them or mend their source.")


def require_positive(name: str, value: float, *, whole: bool = False) -> None:
    """Raise `InvalidInput` unless `value` is a finite number above zero (a whole one if `whole`)."""
    kinds = (int, np.integer) if whole else (int, float, np.integer, np.floating)
    if isinstance(value, bool) or not isinstance(value, kinds) or not math.isfinite(value) or value <= 0:
        raise InvalidInput(f"{name} must be a positive {'integer' if whole else 'number'}, got {value!r}.")


def whole_steps(duration: float, dt: float) -> int:
    """Number of steps of length `dt` that make up `duration`, or `InvalidInput` where none does.

    Agreement is asked for to within 1e-9 of a step for every step taken, the rounding of decimal inputs.
    """
    steps = round(duration / dt)
    if abs(duration - steps * dt) > 1e-9 * dt * max(steps, 1):
        raise InvalidInput(
            f"t = {duration:g} is not a whole number of steps of dt = {dt:g}.",
            f"Take dt = {duration / max(steps, 1):.12g}, or a time of {steps * dt:.12g}.",
        )
    return steps
