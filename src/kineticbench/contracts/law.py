"""The true law of velocities at every time, as far as it is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Law:
    """f(t, ·) of a homogeneous plasma, one law for every case; what is not known stays None.

    Times are floats or (time,) arrays, counted like those of a query; points are (point, d).

    Parameters
    ----------
    density
        f(t, v): (t, points) → (point,).
    score
        ∇ log f(t, v): (t, points) → (point, d).
    flow
        The characteristics' map T(t, ·) of dv/dt = U from the start: (t, points) → (point, d).
    sample
        Independent samples of f(t, ·) divided by its mass: (t, number, seed) → (number, d).
    entropy
        ∫ f ln f dv: (times) → (time,).
    dissipation
        Its rate of change d/dt ∫ f ln f dv ≤ 0: (times) → (time,).
    covariance
        Of f divided by its mass, about its mean: (times) → (time, d, d).
    fourth_moment
        ⟨|v|⁴⟩ of f divided by its mass: (times) → (time,).
    """

    density: Callable[[float, np.ndarray], np.ndarray] | None = None
    score: Callable[[float, np.ndarray], np.ndarray] | None = None
    flow: Callable[[float, np.ndarray], np.ndarray] | None = None
    sample: Callable[[float, int, int], np.ndarray] | None = None
    entropy: Callable[[np.ndarray], np.ndarray] | None = None
    dissipation: Callable[[np.ndarray], np.ndarray] | None = None
    covariance: Callable[[np.ndarray], np.ndarray] | None = None
    fourth_moment: Callable[[np.ndarray], np.ndarray] | None = None
