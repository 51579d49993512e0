"""Whether a solver solves its equation: problems whose answer is known exactly."""

from __future__ import annotations

import math

import numpy as np

from ..contracts import Ensemble, HomogeneousLandau, Problem, Query
from ..numerics import sheets
from .problems import BOX, PARTICLES, TIMES, clouds, frozen
from .subject import NotAsked, Subject, asked, required

STRENGTH, LONG = 1 / 16, 2.0


def truth(subject: Subject) -> None:
    """It is at most half as wrong as particles that stay as they began; of trained methods nothing is asked."""
    if subject.plug_in.metadata.get("family") == "learned":
        raise NotAsked("Its cheapest setting is hardly trained.")
    asked_of = 0
    for name, posed, measure, exact in (_clouds(), _anisotropic()):
        solver = subject.default()
        if posed.equation.name not in subject.cls().solves or solver.unsupported(posed) is not None:
            continue
        setting = solver.ladder(posed)[-1] if name == "clouds" else solver
        propagator = setting.fit(posed, None, 0, "cpu", "float64")
        found = asked(propagator, posed.ensemble, posed.query).trajectory
        if found is None:
            continue
        asked_of += 1
        error, still = (float(np.abs(measure(found, time) - exact).max()) for time in (-1, 0))
        required(
            error <= 0.5 * still,
            f"On the {name} it is off by {error:.2g} at the end; particles that never moved are off by {still:.2g}.",
        )
    if not asked_of:
        raise NotAsked("It returns no particles of a problem whose answer is known.")


def _clouds():
    """Momenta of clouds that blow apart, in the order of the particles, from the exact motion of charged sheets."""
    q, p, _ = clouds(3, 1)
    ensemble = Ensemble(frozen(q[..., None]), frozen(p[..., None]))
    march = sheets.exact(q, p, ensemble.weights, length=BOX.length, charge=BOX.charge, times=TIMES)
    return (
        "clouds",
        Problem(BOX, None, ensemble, Query(TIMES.copy())),
        lambda t, k: t.velocities[k, ..., 0],
        march.momenta[-1],
    )


def _anisotropic():
    """Covariance of an anisotropic plasma of Maxwell molecules: what is anisotropic in it decays as exp(−4 d B W t)."""
    draw = np.random.default_rng(7)
    v = draw.normal(size=(1, 128 * PARTICLES, 2)) * np.sqrt([1.6, 0.4])
    v -= v.mean(axis=1, keepdims=True)
    posed = Problem(
        HomogeneousLandau(2, 0.0, STRENGTH), None, Ensemble(None, frozen(v)), Query(frozen(np.array([0.0, LONG])))
    )

    def covariance(trajectory, time: int) -> np.ndarray:
        there, w = trajectory.velocities[time, 0], trajectory.weights[0]
        return (w[:, None] * there).T @ there / w.sum()

    begun = (v[0].T @ v[0]) / v.shape[1]
    round_part = np.trace(begun) / 2 * np.eye(2)
    exact = round_part + (begun - round_part) * math.exp(-4 * 2 * STRENGTH * LONG)
    return "anisotropic plasma", posed, covariance, exact
