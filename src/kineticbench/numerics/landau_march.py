"""A density on a velocity grid, marched through the times of a query."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from kineticbench.contracts import Diverged, Query, all_finite

from .landau_box import edge
from .landau_operator import Collision, CollisionOperator, VelocityGrid, moments
from .landau_stepping import INTERVAL, step
from .landau_values import density_and_score, dissipation, entropy
from .leapfrog import stops

# f at the edge, in units of its maximum, from which the periodic images are felt.
_FULL = 1e-2
SERIES = ("mass", "energy", "momentum", "entropy", "dissipation")


@dataclass(frozen=True, eq=False)
class LandauMarch:
    """One case, answered.

    Parameters
    ----------
    series
        "mass", "energy" ½∫f|v|², "momentum" |∫f v − its start|, "entropy" and "dissipation" at `query.series`.
    covariance, fourth_moment
        Of f divided by its mass, (step, d, d) about the mean and ⟨|v|⁴⟩ (step,), at `query.series`.
    density, point_score
        f (snapshot, point) and ∇ ln f (snapshot, point, d) at `query.times` and `query.points`, or None.
    edge
        The largest |f| at the box's boundary at any time asked for, in units of the maximum of f.
    negative_mass
        The largest ∫ max(−f, 0), in units of the mass.
    """

    series: dict[str, np.ndarray]
    covariance: np.ndarray
    fourth_moment: np.ndarray
    density: np.ndarray | None
    point_score: np.ndarray | None
    edge: float
    negative_mass: float


def stable_step(operator: CollisionOperator, f: np.ndarray, order: int) -> float:
    """A step for f: 80 % of the longest stable one of order 4, five times that for order 2 (9 stages)."""
    longest = 0.8 * INTERVAL / operator.collide(f).spectral_radius
    return longest if order == 4 else 5 * longest


def march(
    operator: CollisionOperator, f: np.ndarray, query: Query, dt: float, order: int, score: bool = True
) -> LandauMarch:
    """Answer a query from the start f, in steps of `dt`; times between steps are reached by one shorter step on a copy.

    Raises
    ------
    Diverged
        Where dt exceeds the stability limit of order 4, f stops being finite, or f fills the box.
    """
    grid = operator.grid
    momentum = _momentum(grid, f)
    points = query.points
    d, square = grid.dimension, np.asarray(sum(axis**2 for axis in grid.axes()))
    series = {name: np.empty(query.series.size) for name in SERIES}
    covariance, fourth = np.empty((query.series.size, d, d)), np.empty(query.series.size)
    density = None if points is None else np.empty((query.times.size, len(points)))
    scores = None if points is None or not score else np.empty((query.times.size, *points.shape))
    worst = {"edge": 0.0, "negative": 0.0}

    def observe(f: np.ndarray, first: Collision, places: list[tuple[str, int]]) -> None:
        reached = edge(f)
        worst["edge"] = max(worst["edge"], reached)
        worst["negative"] = max(worst["negative"], -float(f[f < 0].sum(dtype=float)) / float(f.sum(dtype=float)))
        if reached > _FULL:
            raise Diverged(
                f"f has reached the edge of its box: {reached:.1e} of its maximum.", "Take a larger half_width."
            )
        for kind, place in places:
            if kind == "series":
                mass, mean, spread = moments(grid, f)
                values = (
                    mass,
                    0.5 * mass * float(np.trace(spread) + mean @ mean),
                    float(np.linalg.norm(mass * mean - momentum)),
                    entropy(grid, f),
                    dissipation(grid, f, first.rate),
                )
                covariance[place] = spread
                fourth[place] = float(np.sum(f * square**2, dtype=float)) * grid.volume / mass
                for name, value in zip(SERIES, values, strict=True):
                    series[name][place] = value
            elif density is not None and points is not None:
                density[place], slopes = density_and_score(grid, f, points, score)
                if scores is not None:
                    scores[place] = slopes

    run(operator, f, _asked(query, dt), dt, order, observe)
    return LandauMarch(series, covariance, fourth, density, scores, worst["edge"], worst["negative"])


def run(
    operator: CollisionOperator,
    f: np.ndarray,
    asked: dict[int, dict[float, list[tuple[str, int]]]],
    dt: float,
    order: int,
    observe: Callable[[np.ndarray, Collision, list[tuple[str, int]]], None],
) -> None:
    """March and tell `observe` of f and Q(f) at the times asked for: {whole steps: {rest: places}}."""
    rate = operator.collide
    for now in range(max(asked) + 1):
        first = rate(f)
        _require_stable(first, dt, order, now)
        for rest, places in sorted(asked.get(now, {}).items()):
            there = f if rest == 0 else step(rate, f, first, rest, order)
            observe(there, first if rest == 0 else rate(there), places)
        if now < max(asked):
            f = step(rate, f, first, dt, order)
        if not all_finite(f):
            raise Diverged(f"f is no longer finite after {now + 1} steps of dt = {dt:g}.", "Take a shorter dt.")


def _require_stable(first: Collision, dt: float, order: int, now: int) -> None:
    """Order 4 is unstable once ρ dt exceeds its interval; ρ is a bound, so ten per cent beyond are let pass."""
    if order == 4 and dt * first.spectral_radius > 1.1 * INTERVAL:
        raise Diverged(
            f"dt = {dt:g} is unstable at order 4 (after {now} steps).",
            f"Take dt = {INTERVAL / first.spectral_radius:.3g} or shorter, fewer cells, or order 2.",
        )


def _asked(query: Query, dt: float) -> dict[int, dict[float, list[tuple[str, int]]]]:
    asked: dict[int, dict[float, list[tuple[str, int]]]] = {}
    for kind, times in (("times", query.times), ("series", query.series)):
        for place, (whole, rest) in enumerate(stops(times, dt)):
            asked.setdefault(whole, {}).setdefault(rest, []).append((kind, place))
    return asked


def _momentum(grid: VelocityGrid, f: np.ndarray) -> Float[np.ndarray, "d"]:
    mass, mean, _ = moments(grid, f)
    return mass * mean
