"""Particle-in-cell for the one-dimensional Vlasov–Poisson equation: cloud-in-cell shapes, Fourier field, leapfrog.

x_i ∈ [0, M) in cells, v_i in cells a step;  charge of node j = Σ_i w_i max(0, 1 − |x_i − j|);  E by `poisson`;
a kick adds the field that the particle gathers with the same shape; a drift adds v to x.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from jaxtyping import Float

from ..contracts import InvalidInput, require_array, require_inside, require_positive
from .kernels import pic_resident, pic_streaming
from .poisson import electric_field, field_mode, point_response

Scheme = Literal["leapfrog", "published"]

# Beyond this many particles a case leaves the second-level cache, and it is better to share one among the cores.
_RESIDENT_PARTICLES = 16384
# Cost of a Fourier solve in units of log₂ M rows of the direct convolution.
_FOURIER_ROWS = 40


@dataclass(frozen=True)
class Setting:
    """The numbers of a run.

    Parameters
    ----------
    length
        L, the period of the box.
    cells
        M; nodes lie at j L/M.
    charge
        Q = c_p N, the charge of all particles of a case together.
    dt
        The step.
    scheme
        "leapfrog": each step is half a kick, a drift and half a kick. "published": half a kick before the first
        step, and then each step is a drift and half a kick, as the public generator of the Gaussian ensemble has it.
    """

    length: float
    cells: int
    charge: float
    dt: float
    scheme: Scheme = "leapfrog"

    def __post_init__(self) -> None:
        for name in ("length", "charge", "dt"):
            require_positive(name, getattr(self, name))
        require_positive("cells", self.cells, whole=True)
        if self.scheme not in ("leapfrog", "published"):
            raise InvalidInput(f"scheme must be 'leapfrog' or 'published', got {self.scheme!r}.")

    @property
    def dx(self) -> float:
        """Width of a cell."""
        return self.length / self.cells

    @property
    def velocity(self) -> float:
        """One cell a step."""
        return self.dx / self.dt

    @property
    def kick(self) -> float:
        """Velocity in cells a step that a field of one gives in a step."""
        return self.dt**2 / self.dx

    def kick_factors(self, step: int) -> tuple[float, float]:
        """How much of a whole kick follows after `step` steps, and which part of it belongs to the state there."""
        if self.scheme == "published":
            return 0.5, 0.0 if step == 0 else 1.0
        return (0.5, 0.0) if step == 0 else (1.0, 0.5)

    def series(self, square: Any, mode: Any, momentum: Any, kinetic: Any, mass: Any) -> dict[str, Any]:
        """The scalars of a solution from Σ_j E_j² over the nodes, the mode, Σ w v, Σ w v² and Σ w in units of a run."""
        field = self.dx / 2 * square
        return {
            "field_energy": field,
            "field_mode": mode,
            "mass": mass,
            "momentum": momentum * self.velocity,
            "energy": kinetic * (self.velocity**2 / 2) + field / self.charge,
        }


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
    length, cells, charge, dt, scheme
        As in `Setting`; `charge` is that of all particles together.
    stops
        Increasing whole numbers of steps; 0 is the start itself.
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
    if weights is not None:
        require_array("weights", weights, 2, positions.shape)
    require_inside(positions, length)
    setting = Setting(length, cells, charge, dt, scheme)
    return simulate(positions, velocities, weights, setting, stops)[:2]


def simulate(
    positions: Float[np.ndarray, "case particle"],
    velocities: Float[np.ndarray, "case particle"],
    weights: Float[np.ndarray, "case particle"] | None,
    setting: Setting,
    stops: Sequence[int],
    records: Sequence[int] = (),
) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The run behind `trajectories`, without its checks, and the scalars after `records` steps, each (case, record).

    The answer for a case does not depend on the other cases, nor on the number of threads.
    """
    stops, records = increasing("stops", stops), increasing("records", records)
    positions, velocities = np.ascontiguousarray(positions), np.ascontiguousarray(velocities)
    dtype = positions.dtype
    out_q = np.empty((len(stops), *positions.shape), dtype)
    out_p = np.empty_like(out_q)
    weights = np.ones((1, 1), dtype) if weights is None else np.ascontiguousarray(weights, dtype)
    share = 1 / positions.shape[1] if weights.size == 1 else 1.0
    run = _resident if _stays_resident(positions.shape[1], setting.cells) else _streaming
    series = run(positions, velocities, weights, share, setting, stops, records, out_q, out_p)
    return out_q, out_p, series


def increasing(name: str, steps: Sequence[int]) -> list[int]:
    """The steps as integers; `InvalidInput` unless they increase from 0 on."""
    numbers = [int(step) for step in steps]
    if numbers and (numbers[0] < 0 or any(b <= a for a, b in itertools.pairwise(numbers))):
        raise InvalidInput(f"{name} must be whole numbers of steps that increase from 0 on, got {numbers[:5]}.")
    return numbers


def _stays_resident(particles: int, cells: int) -> bool:
    """Whether a case fits the cache and touches so few nodes that a direct convolution beats a Fourier solve."""
    rows = min(2 * particles, cells)
    return particles <= _RESIDENT_PARTICLES and rows <= _FOURIER_ROWS * max(1.0, math.log2(cells))


def _resident(positions, velocities, weights, share, setting, stops, records, out_q, out_p) -> dict[str, np.ndarray]:
    cells, dtype = setting.cells, positions.dtype
    half_kick = point_response(cells, setting.length) * (setting.charge * share * setting.kick / 2)
    response = half_kick[np.arange(-cells - 2, cells + 3) % cells]
    rows = np.full((2, max([0, *stops, *records]) + 1), -1)
    rows[0, stops] = np.arange(len(stops))
    rows[1, records] = np.arange(len(records))
    scale = (1 / setting.dx, 1 / setting.velocity, cells, 1 / cells, setting.length)
    sums = np.empty((positions.shape[0], len(records), 6))
    pic_resident.march(
        positions,
        velocities,
        weights,
        response,
        tuple(dtype.type(number) for number in scale),
        setting.scheme == "leapfrog",
        rows[0],
        rows[1],
        out_q,
        out_p,
        sums,
    )
    square, real, imaginary, momentum, kinetic, mass = np.moveaxis(sums, -1, 0)
    field = 2 / setting.kick
    mode = (real + 1j * imaginary) * (field / cells)
    return setting.series(square * field**2, mode, momentum * share, kinetic * share, mass * share)


def _streaming(positions, velocities, weights, share, setting, stops, records, out_q, out_p) -> dict[str, np.ndarray]:
    cases, particles = positions.shape
    cells, real = setting.cells, positions.dtype.type
    x, v = positions * real(1 / setting.dx), velocities * real(1 / setting.velocity)
    chunk = pic_streaming.chunk_size(cells)
    density = np.empty((cases, -(-particles // chunk), cells + 1))
    moments = np.empty((*density.shape[:2], 2))
    level, slope = np.zeros((2, cases, cells + 1), x.dtype)

    def advance(sync: float, drift: bool) -> None:
        pic_streaming.step(x, v, weights, level, slope, real(sync), real(cells), chunk, drift, density, moments)

    square, momentum, kinetic, mass = np.empty((4, cases, len(records)))
    mode = np.empty((cases, len(records)), complex)
    advance(0.0, drift=False)
    steps = max([0, *stops, *records])
    row, column = ({n: k for k, n in enumerate(asked)} for asked in (stops, records))
    for n in range(steps + 1):
        nodes = density.sum(axis=1) * share
        nodes[:, 0] += nodes[:, cells]
        nodes = nodes[:, :cells]
        field = electric_field(nodes * (setting.charge / setting.dx), setting.length)
        factor, sync = setting.kick_factors(n)
        level[:, :cells] = field * (setting.kick * factor)
        level[:, cells] = level[:, 0]
        slope[:, :cells] = level[:, 1:] - level[:, :cells]
        slope[:, cells] = slope[:, 0]
        if n in row:
            k = row[n]
            if n == 0:
                out_q[k], out_p[k] = positions, velocities
            else:
                scale = real(setting.dx), real(setting.velocity), real(setting.length)
                pic_streaming.observe(x, v, level, slope, real(sync), scale, chunk, out_q[k], out_p[k])
        if n < steps or n in column:  # the last kick is for its sums alone
            advance(sync, drift=True)
        if n in column:
            k = column[n]
            square[:, k] = (field**2).sum(axis=1)
            mode[:, k] = field_mode(field)
            momentum[:, k], kinetic[:, k] = moments.sum(axis=1).T * share
            mass[:, k] = nodes.sum(axis=1)
    return setting.series(square, mode, momentum, kinetic, mass)
