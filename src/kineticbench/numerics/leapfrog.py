"""Where on a time grid the times of a query lie."""

from __future__ import annotations

import math

import numpy as np

from kineticbench.contracts import InvalidInput, require_array, require_positive

ROUNDING = 1e-9  # of a step, for every step taken: the rounding of decimal inputs, as in contracts.whole_steps


def stops(times: np.ndarray, step: float) -> list[tuple[int, float]]:
    """Split each time into whole steps and one shorter step from the last grid point before it.

        t = n h + r,    n whole,    0 ≤ r < h

    A march with step h that is asked for time t leaves the main march at t = n h, takes one step of length r on a
    copy of the state, and goes on undisturbed, so that asking for more times changes no answer.

    Parameters
    ----------
    times
        (time,), none negative, in the order in which they are wanted.
    step
        h > 0.

    Returns
    -------
    list of (n, r)
        One pair for each time; r is exactly 0.0 where the time lies on the grid up to rounding.

    Raises
    ------
    InvalidInput
        For a step that is not positive or times that are negative or not finite.

    Examples
    --------
    >>> import numpy as np
    >>> stops(np.array([0.0, 0.5, 0.75]), 0.25)
    [(0, 0.0), (2, 0.0), (3, 0.0)]
    >>> stops(np.array([0.625]), 0.25)
    [(2, 0.125)]
    """
    require_positive("step", step)
    require_array("times", times, 1)
    if times.size and times.min() < 0:
        raise InvalidInput(f"times must not be negative, got {times.min():g}.")
    return [_split(float(time), float(step)) for time in times]


def _split(time: float, step: float) -> tuple[int, float]:
    nearest = round(time / step)
    if abs(time - nearest * step) <= ROUNDING * step * max(nearest, 1):
        return nearest, 0.0
    whole = math.floor(time / step)
    return whole, time - whole * step
