"""The right-hand side of the blob method, and one step: Euler, Runge–Kutta or discrete gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from ..contracts import HomogeneousLandau, InvalidInput, require_positive
from .blob_mesh import BlobMesh
from .blob_pairs import BlobPairs
from .blob_start import Bandwidth, Cube
from .collision import collision_sum
from .discrete_gradient import Dissipation
from .discrete_gradient import step as discrete_gradient_step
from .restoring import restore

Form = Literal["mesh", "particle"]
Stepper = Literal["euler", "rk4", "discrete-gradient"]


@dataclass(frozen=True)
class Scheme:
    """How to march.

    Parameters
    ----------
    dt
        Time step.
    form
        "mesh": scores from ln f̃ on a mesh (d = 2 or 3). "particle": from f̃ at the particles (any d).
    stepper
        "euler", "rk4", or "discrete-gradient", which is implicit and always computed in double precision.
    restore
        Whether momentum and energy are put back after each explicit step.
    cells, half_width
        As of `blob_start.cube_of`.
    guard
        Cells that the mesh has beyond the particles' own on every side. With none, as in the paper, blobs stick out of
        the mesh, and what is cut off there pulls the particles at its edge.
    bandwidth
        Variance of the blobs.
    """

    dt: float = 0.01
    form: Form = "mesh"
    stepper: Stepper = "euler"
    restore: bool = False
    cells: int = 0
    half_width: float = 0.0
    guard: int = 8
    bandwidth: Bandwidth = field(default_factory=Bandwidth)

    def __post_init__(self) -> None:
        require_positive("dt", self.dt)
        if self.form not in ("mesh", "particle"):
            raise InvalidInput(f"form must be 'mesh' or 'particle', got {self.form!r}.")
        if self.stepper not in ("euler", "rk4", "discrete-gradient"):
            raise InvalidInput(f"stepper must be 'euler', 'rk4' or 'discrete-gradient', got {self.stepper!r}.")
        for name in ("cells", "guard"):
            number = getattr(self, name)
            if isinstance(number, bool) or not isinstance(number, int) or number < 0:
                raise InvalidInput(f"{name} must be a whole number, at least 0, got {number!r}.")
        if not 0 <= self.half_width < math.inf:
            raise InvalidInput(f"half_width must not be negative, got {self.half_width!r}.")


@runtime_checkable
class _State(Protocol):
    """What both forms know of particles at one moment; see `MeshState`."""

    @property
    def entropy(self) -> float: ...

    @property
    def outside(self) -> int: ...


@runtime_checkable
class _Blobs(Protocol):
    """What both forms can do."""

    def state(self, v: np.ndarray, w: np.ndarray) -> _State: ...

    def score(self, state: Any, v: np.ndarray) -> np.ndarray: ...

    def gradient(self, state: Any, v: np.ndarray) -> np.ndarray: ...


@dataclass(frozen=True, eq=False)
class Moment:
    """The particles at one time, and all that follows from where they are."""

    v: np.ndarray
    state: _State
    score: np.ndarray
    rate: np.ndarray


class Plasma:
    """Particles of given weights: their blobs, their collisions and a step."""

    def __init__(self, v: np.ndarray, w: np.ndarray, equation: HomogeneousLandau, cube: Cube, scheme: Scheme):
        implicit = scheme.stepper == "discrete-gradient"
        self.dtype = np.dtype(np.float64) if implicit else v.dtype
        self.w = np.ascontiguousarray(w, self.dtype)
        self.equation, self.scheme, self.cube = equation, scheme, cube
        self.variance = scheme.bandwidth.variance(cube.width)
        if scheme.form == "mesh":
            self.blobs: _Blobs = BlobMesh(cube.widened(scheme.guard), self.variance, self.dtype)
        else:
            self.blobs = BlobPairs(cube, self.variance, self.dtype)
        exact = w.astype(float)
        self.mass = float(exact.sum())
        self.momentum, self.energy = exact @ v, float(exact @ (v.astype(float) ** 2).sum(1)) / 2

    def moment(self, v: np.ndarray) -> Moment:
        """Blobs, scores and collisions of the particles at these velocities."""
        state = self.blobs.state(v, self.w)
        score = self.blobs.score(state, v)
        return Moment(v, state, score, self.rate(v, score))

    def rate(self, v: np.ndarray, score: np.ndarray) -> np.ndarray:
        """U; zero for one particle, which has nobody to collide with."""
        if len(v) == 1:
            return np.zeros_like(v)
        return collision_sum(v, score, self.w, self.equation)

    def step(self, now: Moment, dt: float) -> np.ndarray:
        """Velocities after a step of length `dt`."""
        match self.scheme.stepper:
            case "euler":
                v = now.v + self.dtype.type(dt) * now.rate
            case "rk4":
                v = now.v + self.dtype.type(dt) * self._slope(now, dt)
            case _:
                return discrete_gradient_step(now.v, self.w, self._dissipation(), dt)
        return restore(v, self.w, self.momentum, self.energy) if self.scheme.restore else v

    def _slope(self, now: Moment, dt: float) -> np.ndarray:
        """Mean rate of the classical Runge–Kutta method of order four."""
        half = self.dtype.type(dt / 2)

        def rate(v: np.ndarray) -> np.ndarray:
            return self.rate(v, self.blobs.score(self.blobs.state(v, self.w), v))

        second = rate(now.v + half * now.rate)
        third = rate(now.v + half * second)
        fourth = rate(now.v + 2 * half * third)
        return (now.rate + 2 * (second + third) + fourth) / 6

    def _dissipation(self) -> Dissipation:
        return Dissipation(
            entropy=lambda v: self.blobs.state(v, self.w).entropy,
            gradient=lambda v: self.blobs.gradient(self.blobs.state(v, self.w), v),
            rate=self.rate,
        )

    def scalars(self, now: Moment, start: np.ndarray) -> tuple[float, float, float, float, float]:
        """Mass, energy, momentum gained since `start`, entropy and its rate."""
        w, v = self.w.astype(float), now.v.astype(float)
        energy = float(w @ (v**2).sum(1)) / 2
        momentum = float(np.linalg.norm(w @ (v - start)))
        rate = float(w @ (now.score.astype(float) * now.rate).sum(1))
        return float(w.sum()), energy, momentum, now.state.entropy, rate
