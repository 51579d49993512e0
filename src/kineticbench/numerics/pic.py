"""Particle-in-cell for the one-dimensional Vlasov–Poisson equation: cloud-in-cell shapes, Fourier field, leapfrog."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, require_array, require_inside, require_positive
from .kernels import pic_resident
from .poisson import point_response

Scheme = Literal["leapfrog", "published"]


def trajectories(
    positions: Float[np.ndarray, "case particle"],
    velocities: Float[np.ndarray, "case particle"],
    *,
    length: float,
    cells: int,
    charge: float,
    dt: float,
    stops: Sequence[int],
    scheme: Scheme = "leapfrog",
    weights: Float[np.ndarray, "case particle"] | None = None,
) -> tuple[Float[np.ndarray, "stop case particle"], Float[np.ndarray, "stop case particle"]]:
    """Particles of many cases after given numbers of steps.

    Parameters
    ----------
    positions, velocities
        The start; positions in [0, length). float64 or float32, which the result keeps.
    length
        L, the period of the box.
    cells
        M; nodes lie at j L/M.
    charge
        Q = c_p N, the charge of all particles of a case together.
    dt
        The step.
    stops
        Increasing whole numbers of steps; 0 is the start itself.
    scheme
        "leapfrog": each step is half a kick, a drift and half a kick. "published": half a kick before the first
        step, and then each step is a drift and half a kick, as the public generator of the Gaussian ensemble has it.
    weights
        Share of each particle in the charge; None for 1/N.

    Returns
    -------
    positions, velocities
        Both (stop, case, particle), positions in [0, length).

    Raises
    ------
    InvalidInput
        For arrays of the wrong shape, positions outside the box, and numbers that are not positive.
    """
    require_array("positions", positions, 2)
    require_array("velocities", velocities, 2, positions.shape)
    require_inside(positions, length)
    for name, value in (("length", length), ("charge", charge), ("dt", dt)):
        require_positive(name, value)
    require_positive("cells", cells, whole=True)
    stops = [int(stop) for stop in stops]
    if not stops or stops[0] < 0 or any(b <= a for a, b in zip(stops, stops[1:], strict=False)):
        raise InvalidInput(f"stops must be whole numbers of steps that increase from 0 on, got {stops[:5]}.")
    if scheme not in ("leapfrog", "published"):
        raise InvalidInput(f"scheme must be 'leapfrog' or 'published', got {scheme!r}.")
    dtype = positions.dtype
    cases, particles = positions.shape
    dx = length / cells
    share = 1 / particles if weights is None else 1.0
    table = point_response(cells, length) * (charge * share * dt * dt / (2 * dx))
    response = table[np.arange(-cells - 2, cells + 3) % cells].astype(dtype)
    steps = stops[-1]
    snapshots = np.full(steps + 1, -1)
    snapshots[stops] = np.arange(len(stops))
    out_q = np.empty((len(stops), cases, particles), dtype)
    out_p = np.empty_like(out_q)
    scale = tuple(dtype.type(value) for value in (1 / dx, dt / dx, cells, 1 / cells, length))
    pic_resident.march(
        positions,
        velocities,
        np.ones((1, 1), dtype) if weights is None else weights,
        response,
        scale,
        scheme == "leapfrog",
        snapshots,
        np.full(steps + 1, -1),
        out_q,
        out_p,
        np.empty((cases, 0, 5)),
    )
    return out_q, out_p
