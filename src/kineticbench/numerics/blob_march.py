"""The deterministic blob method for the homogeneous Landau equation, marched in time.

    dv_i/dt = U_i = −Σ_j w_j A(v_i − v_j)(F_i − F_j),    F the gradient of a regularised entropy H

Source: J. A. Carrillo, J. Hu, L. Wang and J. Wu, Journal of Computational Physics: X 7, 100066 (2020).
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from jaxtyping import Float

from ..contracts import Diverged, HomogeneousLandau, InvalidInput, require_array, require_positive
from .blob_mesh import BlobMesh
from .blob_pairs import BlobPairs, density_at
from .blob_start import Bandwidth, Cube, cube_of, stability
from .collision import collision_sum
from .discrete_gradient import Dissipation
from .discrete_gradient import step as discrete_gradient_step
from .leapfrog import stops
from .restoring import restore

Form = Literal["mesh", "particle"]
Stepper = Literal["euler", "rk4", "discrete-gradient"]

# dt D / h² beyond which the entropy of explicit steps may rise.
STABLE = 3.0


class UnstableStep(UserWarning):
    """A step so long, for its cells, that the entropy may rise and the scores may blow up."""


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
    bandwidth
        Variance of the blobs.
    """

    dt: float = 0.01
    form: Form = "mesh"
    stepper: Stepper = "euler"
    restore: bool = False
    cells: int = 0
    half_width: float = 0.0
    bandwidth: Bandwidth = field(default_factory=Bandwidth)

    def __post_init__(self) -> None:
        require_positive("dt", self.dt)
        if self.form not in ("mesh", "particle"):
            raise InvalidInput(f"form must be 'mesh' or 'particle', got {self.form!r}.")
        if self.stepper not in ("euler", "rk4", "discrete-gradient"):
            raise InvalidInput(f"stepper must be 'euler', 'rk4' or 'discrete-gradient', got {self.stepper!r}.")
        if isinstance(self.cells, bool) or not isinstance(self.cells, int) or self.cells < 0:
            raise InvalidInput(f"cells must be a whole number, 0 for as many as fit, got {self.cells!r}.")
        if not 0 <= self.half_width < math.inf:
            raise InvalidInput(f"half_width must not be negative, got {self.half_width!r}.")


@dataclass(frozen=True, eq=False)
class Run:
    """What a march leaves behind.

    Parameters
    ----------
    velocities, score
        v and F at the snapshot times, (time, particle, d).
    density, point_score
        f̃ and F at the points, (time, point) and (time, point, d); None without points.
    series
        "mass", "energy", "momentum", "entropy", "dissipation" at the series' times, each (step,).
    off_mesh
        Most particles that were outside the mesh at any step; none is ever lost.
    entropy_rises
        In how many steps H rose by more than rounding.
    stability
        dt D / h² at the start.
    """

    velocities: np.ndarray
    score: np.ndarray
    density: np.ndarray | None
    point_score: np.ndarray | None
    series: dict[str, np.ndarray]
    off_mesh: int
    entropy_rises: int
    stability: float


def march(
    v: Float[np.ndarray, "particle d"],
    w: Float[np.ndarray, "particle"] | None,
    equation: HomogeneousLandau,
    times: Float[np.ndarray, "time"],
    scheme: Scheme | None = None,
) -> Float[np.ndarray, "time particle d"]:
    """Trajectories of particles, random or on a mesh, of any weights (None: equal, of unit mass).

    Parameters
    ----------
    v, w
        The start.
    equation
        Its dimension, γ and B.
    times
        Increasing, from 0 on; they need not be multiples of dt.
    scheme
        `Scheme()` for None.

    Raises
    ------
    InvalidInput
        For arrays of the wrong shape, times that do not increase from 0 on, negative weights, and particles all equal
        where no mesh is given.
    Diverged
        Where velocities stop being finite or an implicit step does not converge.
    """
    w = np.full(len(v), 1 / max(len(v), 1), v.dtype) if w is None else w
    return simulate(v, w, equation, times, np.empty(0), None, scheme or Scheme()).velocities


def simulate(
    v: Float[np.ndarray, "particle d"],
    w: Float[np.ndarray, "particle"],
    equation: HomogeneousLandau,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"],
    points: Float[np.ndarray, "point d"] | None,
    scheme: Scheme,
) -> Run:
    """The run behind `march`, with scores, densities and scalars; in the precision of `v`."""
    _require_start(v, w, equation)
    for name, asked in (("times", times), ("series", series)):
        if asked.size and (asked[0] < 0 or (np.diff(asked) <= 0).any()):
            raise InvalidInput(f"{name} must increase from 0 on, got {asked[:5]}.")
    cube = cube_of(v, w, scheme.cells, scheme.half_width, scheme.bandwidth)
    plasma = _Plasma(v, w, equation, cube, scheme)
    number = stability(v, w, equation, cube, scheme.dt)
    if number > STABLE and scheme.stepper != "discrete-gradient":
        warnings.warn(
            f"dt D/h² = {number:.3g} is above {STABLE:g}: the entropy may rise and scores may blow up. "
            f"Take dt = {scheme.dt * STABLE / number:.2g} or fewer cells.",
            UnstableStep,
            stacklevel=2,
        )
    return _run(plasma, v, times, series, points, number)


def _require_start(v: np.ndarray, w: np.ndarray, equation: HomogeneousLandau) -> None:
    require_array("v", v, 2, (None, equation.dimension))
    if len(v) == 0:
        raise InvalidInput("There are no particles.")
    require_array("w", w, 1, (len(v),))
    if w.min() < 0 or not w.sum() > 0:
        raise InvalidInput(f"Weights must not be negative and sum to more than 0, the least is {w.min():g}.")


class _State(Protocol):
    """What both forms know of particles at one moment; see `MeshState`."""

    @property
    def entropy(self) -> float: ...

    @property
    def outside(self) -> int: ...

    def score(self, v: np.ndarray) -> np.ndarray: ...

    def gradient(self, v: np.ndarray) -> np.ndarray: ...


class _Blobs(Protocol):
    """What both forms can do."""

    def state(self, v: np.ndarray, w: np.ndarray) -> _State: ...


@dataclass(frozen=True, eq=False)
class _Moment:
    """The particles at one time, and all that follows from where they are."""

    v: np.ndarray
    state: _State
    score: np.ndarray
    rate: np.ndarray


class _Plasma:
    """Particles of given weights: their blobs, their collisions and a step."""

    def __init__(self, v: np.ndarray, w: np.ndarray, equation: HomogeneousLandau, cube: Cube, scheme: Scheme):
        implicit = scheme.stepper == "discrete-gradient"
        self.dtype = np.dtype(np.float64) if implicit else v.dtype
        self.w = np.ascontiguousarray(w, self.dtype)
        self.equation, self.scheme, self.cube = equation, scheme, cube
        self.variance = scheme.bandwidth.variance(cube.width)
        kind = BlobMesh if scheme.form == "mesh" else BlobPairs
        self.blobs: _Blobs = kind(cube, self.variance, self.dtype)
        exact = w.astype(float)
        self.mass = float(exact.sum())
        self.momentum, self.energy = exact @ v, float(exact @ (v.astype(float) ** 2).sum(1)) / 2

    def moment(self, v: np.ndarray) -> _Moment:
        state = self.blobs.state(v, self.w)
        score = state.score(v)
        return _Moment(v, state, score, self.rate(v, score))

    def rate(self, v: np.ndarray, score: np.ndarray) -> np.ndarray:
        if len(v) == 1:
            return np.zeros_like(v)
        return collision_sum(v, score, self.w, self.equation)

    def step(self, now: _Moment, dt: float) -> np.ndarray:
        """Velocities after a step of length `dt`."""
        match self.scheme.stepper:
            case "euler":
                v = now.v + self.dtype.type(dt) * now.rate
            case "rk4":
                v = now.v + self.dtype.type(dt) * self._slope(now, dt)
            case _:
                return discrete_gradient_step(now.v, self.w, self._dissipation(), dt)
        return restore(v, self.w, self.momentum, self.energy) if self.scheme.restore else v

    def _slope(self, now: _Moment, dt: float) -> np.ndarray:
        """Mean rate of the classical Runge–Kutta method of order four."""
        half = self.dtype.type(dt / 2)

        def rate(v: np.ndarray) -> np.ndarray:
            return self.rate(v, self.blobs.state(v, self.w).score(v))

        second = rate(now.v + half * now.rate)
        third = rate(now.v + half * second)
        fourth = rate(now.v + 2 * half * third)
        return (now.rate + 2 * (second + third) + fourth) / 6

    def _dissipation(self) -> Dissipation:
        return Dissipation(
            entropy=lambda v: self.blobs.state(v, self.w).entropy,
            gradient=lambda v: self.blobs.state(v, self.w).gradient(v),
            rate=self.rate,
        )

    def scalars(self, now: _Moment, start: np.ndarray) -> tuple[float, float, float, float, float]:
        """Mass, energy, momentum gained since `start`, entropy and its rate."""
        w, v = self.w.astype(float), now.v.astype(float)
        energy = float(w @ (v**2).sum(1)) / 2
        momentum = float(np.linalg.norm(w @ (v - start)))
        rate = float(w @ (now.score.astype(float) * now.rate).sum(1))
        return float(w.sum()), energy, momentum, now.state.entropy, rate


_SERIES = ("mass", "energy", "momentum", "entropy", "dissipation")


def _run(
    plasma: _Plasma, v: np.ndarray, times: np.ndarray, series: np.ndarray, points: np.ndarray | None, number: float
) -> Run:
    asked: dict[int, dict[float, list[tuple[str, int]]]] = {}
    for kind, when in (("times", times), ("series", series)):
        for k, (n, rest) in enumerate(stops(when, plasma.scheme.dt)):
            asked.setdefault(n, {}).setdefault(rest, []).append((kind, k))
    out_v, out_s = np.empty((2, times.size, *v.shape), v.dtype)
    count = 0 if points is None else len(points)
    density, point_score = np.empty((times.size, count), v.dtype), np.empty((times.size, count, v.shape[1]), v.dtype)
    scalars = np.empty((len(_SERIES), series.size))
    start = v.astype(float)

    def answer(now: _Moment, places: list[tuple[str, int]]) -> None:
        for kind, k in places:
            if kind == "series":
                scalars[:, k] = plasma.scalars(now, start)
                continue
            out_v[k], out_s[k] = now.v, now.score
            if points is not None:
                density[k] = density_at(points, now.v, plasma.w, plasma.variance)
                point_score[k] = now.state.score(points)

    now = plasma.moment(v.astype(plasma.dtype))
    off_mesh, rises = now.state.outside, 0
    rounding = 1e4 * float(np.finfo(plasma.dtype).eps)
    for n in range(max(asked, default=0) + 1):
        for rest, places in sorted(asked.get(n, {}).items()):
            answer(plasma.moment(plasma.step(now, rest)) if rest else now, places)
        if n == max(asked, default=0):
            break
        moved = plasma.step(now, plasma.scheme.dt)
        if not np.isfinite(moved).all():
            raise Diverged(f"Velocities are not finite after {n + 1} steps.", "Take a shorter dt or fewer cells.")
        before, now = now, plasma.moment(moved)
        off_mesh = max(off_mesh, now.state.outside)
        rises += now.state.entropy > before.state.entropy + rounding * abs(before.state.entropy)
    return Run(
        velocities=out_v,
        score=out_s,
        density=None if points is None else density,
        point_score=None if points is None else point_score,
        series=dict(zip(_SERIES, scalars, strict=True)),
        off_mesh=off_mesh,
        entropy_rises=rises,
        stability=number,
    )
