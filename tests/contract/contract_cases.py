"""Small problems that every plug-in is tried on, and what the tests share."""

from __future__ import annotations

import dataclasses
import inspect
import re
from functools import cache
from types import ModuleType
from typing import Any

import numpy as np

from kineticbench import catalog
from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    Problem,
    Query,
    Solution,
    Solver,
    TrainingSet,
    Trajectory,
    VlasovPoisson,
)
from kineticbench.engine.solve import start
from kineticbench.engine.timing import home
from kineticbench.numerics import bkw, sheets
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.numerics.velocity_start import cell_centres

BOX = VlasovPoisson(16.0, 2.0)
PARTICLES = 16
TIMES = np.array([0.0, 0.2, 0.4])
MAXWELL = HomogeneousLandau(2, 0.0, 1 / 16)
BEGUN = 1.0  # of the exact solution, where f is positive at the origin too
KINDS = ("given", "drawn", "relaxing", "thrown")


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


def cheapest(name: str, kind: str) -> Solver:
    """The first setting of a solver's ladder."""
    return catalog.build("solvers", name, {}).ladder(problem(kind))[0]


def supported() -> list[tuple[str, str]]:
    """Every solver with every problem of this module that it can solve."""
    solvers = {name: catalog.build("solvers", name, {}) for name in catalog.plug_ins("solvers")}
    return [
        (name, kind)
        for name, solver in solvers.items()
        for kind in KINDS
        if problem(kind).equation.name in solver.solves and cheapest(name, kind).unsupported(problem(kind)) is None
    ]


def fit(solver: Solver, posed: Problem, precision: Any = "float64", seed: int = 0, device: Any = "cpu") -> Any:
    """As the engine fits it: an amortised solver learns from the training set and sees no start."""
    if solver.amortised:
        return solver.fit(posed.without_start(), training(posed.equation.name), seed, device, precision)
    return solver.fit(posed, None, seed, device, precision)


@cache
def fitted(name: str, kind: str, precision: str = "float64") -> Any:
    """The propagator of a solver's cheapest setting; fitted once."""
    return fit(cheapest(name, kind), problem(kind), precision)


def particles(name: str, kind: str) -> Ensemble | None:
    """What the engine would start it from."""
    return start(cheapest(name, kind), problem(kind), seed=3)


def answer(propagator: Any, ensemble: Ensemble | None, query: Query) -> Solution:
    """A solution of NumPy arrays."""
    return home(propagator(ensemble, query))


def equal(first: Solution, second: Solution) -> bool:
    """Whether two solutions have the same arrays, bit for bit."""
    a, b = first.arrays(), second.arrays()
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


def documented(cls: Any) -> list[str]:
    """What a plug-in's docstring lacks: a name, an equation, and a description of every parameter."""
    doc = inspect.getdoc(cls) or ""
    lacks = []
    if not re.match(r"\S.{5,}[.:]$", doc.partition("\n")[0]):
        lacks.append("a first line that is a sentence")
    if not re.search(r"^    .*[=↦←~]", doc.partition("Parameters\n---")[0], flags=re.MULTILINE):
        lacks.append("an equation, indented")
    _, _, described = doc.partition("Parameters\n----------\n")
    names = {name for line in re.findall(r"^(\w[\w, ]*)$", described, flags=re.MULTILINE) for name in line.split(", ")}
    return lacks + [f"the parameter {field.name}" for field in dataclasses.fields(cls) if field.name not in names]


def reachable(root: Any) -> list[Any]:
    """Every object that can be reached from `root` through attributes, containers and closures."""
    seen: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, ModuleType | type | str | bytes | int | float | None):
            continue
        seen[id(item)] = item
        if isinstance(item, np.ndarray):
            waiting += [item.base] if item.base is not None else []
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            waiting += item
        else:
            waiting += [getattr(item, name, None) for name in getattr(type(item), "__slots__", ())]
            waiting += [cell.cell_contents for cell in getattr(item, "__closure__", None) or ()]
            waiting += [getattr(item, "__self__", None), *vars(item).values()] if hasattr(item, "__dict__") else []
    return list(seen.values())
