"""Whether a solver solves its equation: four small problems whose answer is known.

clouds               Vlasov–Poisson, particles given: momenta of charged sheets, crossing by crossing
plasma wave          Vlasov–Poisson, density given: the field energy of linear theory
anisotropic plasma   Landau, particles given: the covariance of Maxwell molecules
ring                 Landau, density given: f of Bobylev, Krook and Wu, for methods without particles
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator

import numpy as np

from ..contracts import Ensemble, HomogeneousLandau, Problem, Query, Solution, VlasovPoisson
from ..numerics import bkw, sheets
from .comparing import copied, copied_query
from .outcome import NotAsked, required
from .problems import BEGUN, BOX, MAXWELL, PARTICLES, TIMES, clouds, frozen, problem
from .solver_subject import SolverSubject, asked

LONG = 2.0  # of the Landau problems: a good part of a collision time
SHARE = 0.2  # of the change that there is, which an error may be

Error = tuple[str, float]  # what was compared, and its error relative to the change


def truth(subject: SolverSubject) -> None:
    """A classical method is at most a fifth as wrong as one that changes nothing, where the answer is known."""
    if subject.cls().family == "learned":
        raise NotAsked("Its cheapest setting is hardly trained.")
    if not subject.plug_in.parameters and not subject.plug_in.metadata.get("cite"):
        raise NotAsked("It has neither parameters nor a paper: a yardstick.")
    for kind in subject.kinds():
        subject.answer(kind)
    errors = [found for known in (_clouds, _wave, _anisotropic, _ring) for found in known(subject)]
    if not errors:
        raise NotAsked("It returns nothing of a problem whose answer is known.")
    for what, error in errors:
        required(
            error <= SHARE, f"{what} is off by {error:.0%} of its change; a method that does nothing is off by 100%."
        )


def _clouds(subject: SolverSubject) -> Iterator[Error]:
    """Momenta of clouds that blow apart, in the order of the particles; of the most exact setting."""
    q, p, _ = clouds(3, 1)
    ensemble = Ensemble(frozen(q[..., None]), frozen(p[..., None]))
    posed = Problem(BOX, None, ensemble, Query(TIMES.copy()))
    found = _solved(subject, posed, most_exact=True)
    if found is not None and found.trajectory is not None:
        march = sheets.exact(q, p, ensemble.weights, length=BOX.length, charge=BOX.charge, times=TIMES)
        yield "The momentum of three clouds", _share(found.trajectory.velocities[-1, ..., 0], march.momenta[-1], p)


def _wave(subject: SolverSubject) -> Iterator[Error]:
    """Field energy of a plasma wave; of the cheapest setting."""
    if "drawn" not in subject.kinds() or "field_energy" not in subject.answer("drawn").series:
        return
    posed = problem("drawn")
    assert isinstance(posed.equation, VlasovPoisson)
    amplitude = _linear_wave(posed.query.series, 2 * math.pi / posed.equation.length, posed.equation.plasma_frequency)
    begun = 0.05**2 * posed.equation.length**3 / (16 * math.pi**2)  # ½∫(α sin kq / k)² dq
    found = subject.answer("drawn").series["field_energy"][0]
    yield "The field energy of a plasma wave", _share(found, begun * amplitude**2, np.full(found.shape, begun))


def _linear_wave(times: np.ndarray, k: float, frequency: float, steps: int = 800) -> np.ndarray:
    """n(t)/n(0) of a small wave in a Maxwellian plasma of unit thermal speed (Landau 1946).

    n(t) = e^(−k²t²/2) − ω_p² ∫₀ᵗ (t − s) e^(−k²(t−s)²/2) n(s) ds
    """
    t = np.linspace(0, times[-1], steps + 1)
    free, n = np.exp(-((k * t) ** 2) / 2), np.ones(steps + 1)
    for j in range(1, steps + 1):
        inner = t[j:0:-1] * free[j:0:-1] * n[:j]  # trapezoidal rule; the kernel vanishes at s = t
        n[j] = free[j] - frequency**2 * t[1] * (inner.sum() - inner[0] / 2)
    return np.interp(times, t, n)


def _anisotropic(subject: SolverSubject) -> Iterator[Error]:
    """Covariance of an anisotropic plasma of Maxwell molecules: what is anisotropic in it decays as exp(−4 d B W t)."""
    draw = np.random.default_rng(7)
    v = draw.normal(size=(1, 128 * PARTICLES, 2)) * np.sqrt([1.6, 0.4])
    v -= v.mean(axis=1, keepdims=True)
    equation = HomogeneousLandau(2, 0.0, MAXWELL.strength)
    posed = Problem(equation, None, Ensemble(None, frozen(v)), Query(frozen(np.array([0.0, LONG]))))
    found = _solved(subject, posed)
    if found is not None and found.trajectory is not None:
        there = found.trajectory.velocities[-1, 0].astype(float)
        begun = v[0].T @ v[0] / v.shape[1]
        round_part = np.trace(begun) / 2 * np.eye(2)
        exact = round_part + (begun - round_part) * math.exp(-4 * 2 * equation.strength * LONG)
        yield "The covariance of an anisotropic plasma", _share(there.T @ there / len(there), exact, begun)


def _ring(subject: SolverSubject) -> Iterator[Error]:
    """Density of the exact solution, of methods that return no particles."""
    small = problem("relaxing")
    posed = Problem(MAXWELL, small.initial_density, None, Query(np.array([0.0, LONG]), np.empty(0), small.query.points))
    if "relaxing" not in subject.kinds() or subject.answer("relaxing").trajectory is not None:
        return
    found = _solved(subject, posed)
    if found is not None and found.density is not None:
        law = bkw.law(2, MAXWELL.strength, BEGUN)
        points = small.query.points
        assert law.density is not None
        assert points is not None
        begun, exact = law.density(0.0, points), law.density(LONG, points)
        yield "The density of the Bobylev–Krook–Wu solution", _share(found.density[-1, 0], exact, begun)


def _solved(subject: SolverSubject, posed: Problem, most_exact: bool = False) -> Solution | None:
    """The default's answer, or that of the ladder's last setting; None where it is not supported."""
    solver = subject.default()
    if posed.equation.name not in subject.cls().solves or solver.unsupported(posed) is not None:
        return None
    setting = (solver.ladder(posed) or [solver])[-1] if most_exact else solver
    particles = posed.ensemble
    if particles is None and setting.start is not None and posed.initial_density is not None:
        particles = posed.initial_density.sample(setting.start, setting.particles, 3)
    own = dataclasses.replace(posed, ensemble=copied(posed.ensemble), query=copied_query(posed.query))
    return asked(setting.fit(own, None, 0, "cpu", "float64"), particles, posed.query)


def _share(found: np.ndarray, exact: np.ndarray, begun: np.ndarray) -> float:
    """The largest error over the largest change."""
    return float(np.abs(found - exact).max() / np.abs(exact - begun).max())
