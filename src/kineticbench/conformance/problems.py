"""Small problems that every solver is tried on: of either equation, with particles given or a density to draw from."""

from __future__ import annotations

from functools import cache

import numpy as np

from ..contracts import Ensemble, HomogeneousLandau, Problem, Query, TrainingSet, Trajectory, VlasovPoisson
from ..numerics import bkw, sheets
from ..numerics.maxwellians import Maxwellians
from ..numerics.perturbed_plasma import PerturbedPlasma
from ..numerics.velocity_start import cell_centres

BOX = VlasovPoisson(16.0, 2.0)
PARTICLES = 16
TIMES = np.array([0.0, 0.2, 0.4])
MAXWELL = HomogeneousLandau(2, 0.0, 1 / 16)
BEGUN = 1.0  # of the exact solution, where f is positive at the origin too
KINDS = {
    "given": "Vlasov–Poisson, three clouds of 16 given particles; asks for snapshots",
    "drawn": "Vlasov–Poisson, a plasma wave given by its density; asks for snapshots, series and density",
    "relaxing": "Landau, the Bobylev–Krook–Wu solution given by its density; asks for snapshots, series and density",
    "thrown": "Landau, three plasmas of 64 given particles of unequal weight; asks for snapshots and series",
}


def frozen(array: np.ndarray) -> np.ndarray:
    """The array, which from now on nothing can write to."""
    array.flags.writeable = False
    return array


def clouds(cases: int, seed: int) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """Positions and momenta (case, particle) of Gaussian clouds in the middle of the box, and their conditions."""
    draw = np.random.default_rng(seed)
    std_q, std_p = draw.uniform(0.5, 1.5, size=(2, cases))
    q = np.clip(8 + std_q[:, None] * draw.normal(size=(cases, PARTICLES)), 0.1, 15.9)
    p = std_p[:, None] * draw.normal(size=(cases, PARTICLES))
    conditions = {"mean_position": np.full(cases, 8.0), "std_position": std_q}
    return q, p, {**conditions, "mean_momentum": np.zeros(cases), "std_momentum": std_p}


def given() -> Problem:
    """Three clouds of given particles; snapshots are asked for."""
    q, p, _ = clouds(3, 1)
    return Problem(BOX, None, Ensemble(frozen(q[..., None]), frozen(p[..., None])), Query(frozen(TIMES.copy())))


def drawn() -> Problem:
    """A plasma wave given by its density; snapshots, series and the density are asked for."""
    plasma = PerturbedPlasma(Maxwellians(), 0.5, 0.05)
    q, p = np.meshgrid(np.linspace(0, 10, 4), np.linspace(-3, 3, 5), indexing="ij")
    points = frozen(np.stack([q.ravel(), p.ravel()], axis=-1))
    series = frozen(0.2 * np.arange(5))
    return Problem(VlasovPoisson(plasma.length, plasma.length), plasma, None, Query(TIMES.copy(), series, points))


def relaxing() -> Problem:
    """A homogeneous plasma given by its density, the exact solution's; snapshots, series, density and score."""
    points, series = frozen(cell_centres(3.0, 6, 2)), frozen(0.1 * np.arange(5))
    return Problem(MAXWELL, bkw.start(2, MAXWELL.strength, BEGUN, 4.0), None, Query(TIMES.copy(), series, points))


def thrown() -> Problem:
    """Three homogeneous plasmas of given particles of unequal weight; snapshots and series are asked for."""
    draw = np.random.default_rng(4)
    velocities = draw.normal(size=(3, 4 * PARTICLES, 2)) * [[[1.3, 0.5]], [[1.0, 1.0]], [[0.7, 1.1]]]
    weights = draw.uniform(0.5, 1.5, size=velocities.shape[:2])
    weights /= weights.sum(axis=1, keepdims=True)
    series = frozen(0.1 * np.arange(5))
    return Problem(MAXWELL, None, Ensemble(None, frozen(velocities), frozen(weights)), Query(TIMES.copy(), series))


@cache
def problem(kind: str) -> Problem:
    """One of the problems of this module."""
    return {"given": given, "drawn": drawn, "relaxing": relaxing, "thrown": thrown}[kind]()


@cache
def training(equation: str) -> TrainingSet:
    """What a solver of this equation may learn from, exact."""
    return {"vlasov_poisson": taught_clouds, "homogeneous_landau": taught_relaxation}[equation]()


def taught_relaxation() -> TrainingSet:
    """512 particles of the exact solution at the query's times."""
    law = bkw.law(2, MAXWELL.strength, BEGUN)
    assert law.sample is not None
    assert law.flow is not None
    begin = law.sample(0.0, 512, 5)
    states = frozen(np.stack([law.flow(t, begin) for t in TIMES])[:, None])
    return TrainingSet(TIMES.copy(), Trajectory(None, states, frozen(np.full((1, 512), 1 / 512))), {}, seconds=1.0)


def taught_clouds() -> TrainingSet:
    """64 clouds at 0 and at the last time, solved exactly."""
    q, p, conditions = clouds(64, 2)
    weights = np.full(q.shape, 1 / PARTICLES)
    times = frozen(TIMES[[0, -1]])
    march = sheets.exact(q, p, weights, length=BOX.length, charge=BOX.charge, times=times)
    states = frozen(march.positions[..., None]), frozen(march.momenta[..., None])
    return TrainingSet(times, Trajectory(*states, frozen(weights)), conditions, seconds=1.0)
