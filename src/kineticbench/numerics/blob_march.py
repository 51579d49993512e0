"""The deterministic blob method for the homogeneous Landau equation, marched in time.

    dv_i/dt = U_i = −Σ_j w_j A(v_i − v_j)(F_i − F_j),    F the gradient of a regularised entropy H

Source: J. A. Carrillo, J. Hu, L. Wang and J. Wu, Journal of Computational Physics: X 7, 100066 (2020).
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ..contracts import Diverged, HomogeneousLandau, InvalidInput, require_array
from .blob_pairs import density_at
from .blob_plasma import Moment, Plasma, Scheme
from .blob_start import cube_of, stability
from .leapfrog import stops

__all__ = ["Run", "Scheme", "UnstableStep", "march", "simulate"]

# dt D / h² beyond which the entropy of explicit steps may rise.
STABLE = 3.0


class UnstableStep(UserWarning):
    """A step so long, for its cells, that the entropy may rise and the scores may blow up."""


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
    plasma = Plasma(v, w, equation, cube, scheme)
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


_SERIES = ("mass", "energy", "momentum", "entropy", "dissipation")


def _run(
    plasma: Plasma, v: np.ndarray, times: np.ndarray, series: np.ndarray, points: np.ndarray | None, number: float
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

    def answer(now: Moment, places: list[tuple[str, int]]) -> None:
        for kind, k in places:
            if kind == "series":
                scalars[:, k] = plasma.scalars(now, start)
                continue
            out_v[k], out_s[k] = now.v, now.score
            if points is not None:
                density[k] = density_at(points, now.v, plasma.w, plasma.variance)
                point_score[k] = plasma.blobs.score(now.state, points)

    now = plasma.moment(v.astype(plasma.dtype))
    off_mesh, rises = now.state.outside, 0
    rounding = 1e4 * np.finfo(float).eps if plasma.dtype == np.float64 else 64 * np.finfo(np.float32).eps
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
        rises += int(now.state.entropy > before.state.entropy + rounding * abs(before.state.entropy))
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
