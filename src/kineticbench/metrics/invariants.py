"""Drift of mass, momentum and energy: one definition for every solver that returns particles, beside the solver's own.

From particles with weights w, positions q and momenta p at the time t,

    M = Σ w,    P = Σ w p,    H = ½ Σ w |p|² + (1/Q) ½ ∫E² dq

where E is the exact field of the particles as charged sheets (`numerics.sheets.field_energy`) for Vlasov–Poisson; the
last term is absent elsewhere. t = 0 is the problem's ensemble, or the first snapshot where there is none. A solver that
returns no particles is judged by its own series, by the largest drift of the run. Even a perfect solver drifts by
rounding, so the floor is at least the machine epsilon of what was returned. `Score.extra` has "own", the largest drift
of the solver's own series, mean over cases, where it reports one.
"""

from __future__ import annotations

from typing import Any, ClassVar

import numpy as np

from ..contracts import InvalidInput, Metric, Problem, Reference, Score, Solution, VlasovPoisson
from ._bars import bar_and_floor


class MassDrift(Metric):
    """|M(t) − M(0)| / M(0)."""

    name: ClassVar[str] = "drift_mass"
    label: ClassVar[str] = "Drift of mass, relative"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory | solution.series.mass",)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot; weights do not change in time, so all snapshots have one value."""
        own = _own(solution, "mass", relative_to="mass")
        if solution.trajectory is None:
            return _of_the_run(self.name, own, solution.series["mass"], reference, problem)
        masses = _double(solution.trajectory.weights).sum(-1)
        start = masses if problem.ensemble is None else _double(problem.ensemble.weights).sum(-1)
        times = problem.query.times.size
        value = np.repeat((np.abs(masses - start) / start)[None], times, axis=0)
        return _of_snapshots(self.name, value, own, solution, reference, problem)


class MomentumDrift(Metric):
    """|P(t) − P(0)| / Σ w |p(0)|.

    From a solver's own series: |P(t) − P(0)| / √(2 H(0) M(0)), the largest momentum that energy and mass allow (M = 1
    where the series has no mass). For a homogeneous equation that series is |P(t) − P(0)| itself.
    """

    name: ClassVar[str] = "drift_momentum"
    label: ClassVar[str] = "Drift of momentum, relative"
    requires: ClassVar[tuple[str, ...]] = (
        "solution.trajectory | solution.series.momentum",
        "solution.trajectory | solution.series.energy",
    )

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot."""
        own = _own(solution, "momentum", relative_to="energy")
        if solution.trajectory is None:
            return _of_the_run(self.name, own, solution.series["momentum"], reference, problem)
        start = _start(solution, problem)
        scale = np.einsum("ci,ci->c", start[2], np.linalg.norm(start[1], axis=-1))
        weights = _double(solution.trajectory.weights)
        if not scale.min() > 0:
            raise InvalidInput(
                f"{self.name} is relative to Σ w |p(0)|, which is 0 where nothing moves at first.",
                "Choose another metric for this dataset.",
            )
        change = np.stack([_momentum(v, weights) for v in solution.trajectory.velocities]) - _momentum(*start[1:])
        return _of_snapshots(self.name, np.linalg.norm(change, axis=-1) / scale, own, solution, reference, problem)


class EnergyDrift(Metric):
    """|H(t) − H(0)| / |H(0)|."""

    name: ClassVar[str] = "drift_energy"
    label: ClassVar[str] = "Drift of energy, relative"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory | solution.series.energy",)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot."""
        own = _own(solution, "energy", relative_to="energy")
        if solution.trajectory is None:
            return _of_the_run(self.name, own, solution.series["energy"], reference, problem)
        start = _energy(*_start(solution, problem), problem)
        if not np.abs(start).min() > 0:
            raise InvalidInput(
                f"{self.name} is relative to the energy at the start, which is 0.",
                "Choose another metric for this dataset.",
            )
        positions, velocities = solution.trajectory.positions, solution.trajectory.velocities
        weights = _double(solution.trajectory.weights)
        value = np.empty(velocities.shape[:2])
        for time, v in enumerate(velocities):
            q = None if positions is None else positions[time]
            value[time] = np.abs(_energy(q, v, weights, problem) - start) / np.abs(start)
        return _of_snapshots(self.name, value, own, solution, reference, problem)


def _double(array: Any) -> np.ndarray:
    return np.asarray(array, dtype=np.float64)


def _start(solution: Solution, problem: Problem) -> tuple[np.ndarray | None, np.ndarray, np.ndarray]:
    """Positions, momenta and weights at t = 0."""
    if problem.ensemble is not None:
        start = problem.ensemble
        return start.positions, _double(start.velocities), _double(start.weights)
    found = solution.trajectory
    assert found is not None
    return None if found.positions is None else found.positions[0], _double(found.velocities[0]), _double(found.weights)


def _momentum(velocities: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("ci,cid->cd", weights, _double(velocities))


def _energy(positions: np.ndarray | None, velocities: np.ndarray, weights: np.ndarray, problem: Problem) -> np.ndarray:
    v, equation = _double(velocities), problem.equation
    kinetic = 0.5 * np.einsum("ci,cid,cid->c", weights, v, v)
    if positions is None or not isinstance(equation, VlasovPoisson):
        return kinetic
    from ..numerics.sheets import field_energy

    field = field_energy(_double(positions)[..., 0], weights, equation.length, equation.charge)
    return kinetic + field / equation.charge


def _own(solution: Solution, quantity: str, relative_to: str) -> np.ndarray | None:
    """Drift of the solver's own series, (case, step), or None where it has none."""
    series, scale = solution.series.get(quantity), solution.series.get(relative_to)
    if series is None or scale is None or 0 in series.shape:
        return None
    unit = np.abs(_double(scale[:, :1]))
    if relative_to != quantity:
        unit = np.sqrt(2 * unit * _double(solution.series.get("mass", np.ones_like(scale)))[:, :1])
    if not unit.min() > 0:
        return None
    return np.abs(_double(series) - series[:, :1]) / unit


def _of_snapshots(
    name: str, value: np.ndarray, own: np.ndarray | None, solution: Solution, reference: Reference, problem: Problem
) -> Score:
    assert solution.trajectory is not None
    bar, floor = bar_and_floor(reference, name, len(value))
    floor = np.maximum(floor, _rounding(solution.trajectory.velocities))
    return Score(problem.query.times, value, floor, bar, {} if own is None else {"own": float(own.max(1).mean())})


def _of_the_run(name: str, own: np.ndarray | None, series: Any, reference: Reference, problem: Problem) -> Score:
    if own is None:
        raise InvalidInput(
            f"{name} is relative to the solver's own mass or energy at the start, which is 0 or not given.",
            "Return series that begin with the start's.",
        )
    largest = own.max(axis=1)
    bar, floor = bar_and_floor(reference, name, 1)
    floor = np.maximum(floor, _rounding(series))
    return Score(problem.query.series[-1:], largest[None], floor, bar, {"own": float(largest.mean())})


def _rounding(array: np.ndarray) -> float:
    return float(np.finfo(array.dtype).eps)
