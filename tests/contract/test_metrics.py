"""What every metric promises, tried on every metric that there is."""

from __future__ import annotations

import dataclasses
import inspect
import re
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    Problem,
    Query,
    Random,
    Reference,
    Score,
    Solution,
    Trajectory,
    VlasovPoisson,
)
from kineticbench.metrics import load, missing, names
from kineticbench.numerics import bkw, sheets

each = pytest.mark.parametrize("name", names())
CASES, PARTICLES = 4, 12
BOX = VlasovPoisson(12.0, 3.0)
RATE, FREQUENCY = -0.05, 1.4
LATER = np.linspace(0, 40, 201)
OF_HOMOGENEOUS = {
    *("density_particles", "score_error", "trajectory_error", "w1_marginals", "sliced_w2", "w2_velocity"),
    *("covariance", "fourth_moment", "entropy_nn", "entropy_own", "dissipation", "entropy_violation"),
}


def posed(name: str, cases: int = CASES) -> tuple[Solution, Reference, Problem]:
    """What a metric is tried on."""
    return (homogeneous if name in OF_HOMOGENEOUS else everything)(cases)


def homogeneous(cases: int = CASES) -> tuple[Solution, Reference, Problem]:
    """Exact particles of the Bobylev–Krook–Wu solution, with all that a method can know of them."""
    law, start = bkw.law(2, 1 / 16, 0.0), bkw.start(2, 1 / 16, 0.0, 4.0)
    times, series = np.array([0.0, 0.5, 1.0]), np.linspace(0, 1, 9)
    axis = np.linspace(-3.5, 3.5, 8)
    points = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    v = np.concatenate([start.sample(Random(), PARTICLES, seed).velocities for seed in range(cases)])
    true: Any = law
    flow = np.stack([[true.flow(t, x) for x in v] for t in times.tolist()])
    density = np.stack([np.tile(true.density(t, points), (cases, 1)) for t in times.tolist()])
    own = {name: np.tile(getattr(true, name)(series), (cases, 1)) for name in ("entropy", "dissipation")}
    trajectory = Trajectory(None, flow, np.full(v.shape[:2], 1 / PARTICLES))
    solution = Solution(
        trajectory,
        score=np.stack([[true.score(t, x) for x in row] for t, row in zip(times.tolist(), flow, strict=True)]),
        point_score=np.stack([np.tile(true.score(t, points), (cases, 1, 1)) for t in times.tolist()]),
        particle_density=np.stack(
            [[true.density(t, x) for x in row] for t, row in zip(times.tolist(), flow, strict=True)]
        ),
        series=own,
    )
    query = Query(times, series, points)
    return solution, Reference(density=density, law=law), Problem(HomogeneousLandau(2, 0.0, 1 / 16), start, None, query)


def everything(cases: int = CASES) -> tuple[Solution, Reference, Problem]:
    """A perfect solution of a problem that asks for all there is, beside its reference."""
    draw = np.random.default_rng(0)
    q, p = draw.uniform(0, 12, size=(CASES, PARTICLES)), draw.normal(size=(CASES, PARTICLES))
    points = draw.normal(size=(7, 2))
    density = draw.uniform(1, 2, size=(3, CASES, 7))
    q, p, density = q[:cases], p[:cases], density[:, :cases]
    weights = np.full(q.shape, 1 / PARTICLES)
    times = np.array([0.0, 0.5, 1.0])
    march = sheets.exact(q, p, weights, length=BOX.length, charge=BOX.charge, times=times)
    trajectory = Trajectory(march.positions[..., None], march.momenta[..., None], weights)
    size = 1.0 + np.arange(cases)[:, None]
    wave = size * np.exp(RATE * LATER - 1j * FREQUENCY * LATER)
    series = {
        "field_mode": wave + np.conj(wave),
        "field_energy": np.abs(wave) ** 2,
        "mass": np.ones(wave.shape),
        "momentum": np.zeros(wave.shape),
        "energy": np.ones(wave.shape),
    }
    force = sheets.forces(q, weights, BOX.length, BOX.charge)
    diagnostics = {"force": force, "kinetic_coefficient": np.ones(1)}
    values = {"growth_rate": np.full(cases, RATE), "frequency": np.full(cases, FREQUENCY)}
    windows = {"growth_rate": (0.0, 40.0), "frequency": (0.0, 40.0)}
    reference = Reference(trajectory, density, series=series, values=values, windows=windows, paired=True)
    problem = Problem(BOX, None, Ensemble(q[..., None], p[..., None]), Query(times, LATER, points))
    return Solution(trajectory, density=density, series=series, diagnostics=diagnostics), reference, problem


def worse(solution: Solution) -> Solution:
    """The solution with every array of it changed by a few per cent, differently in each case."""
    draw = np.random.default_rng(1)
    arrays = {
        name: array * (1 + 0.05 * draw.uniform(0.5, 1, size=array.shape)) for name, array in solution.arrays().items()
    }
    if "trajectory/positions" not in arrays:  # weights of a homogeneous plasma stay equal, as some metrics want
        arrays["trajectory/weights"] = solution.arrays()["trajectory/weights"].copy()
        return Solution.from_arrays(arrays)
    arrays["trajectory/positions"] = np.mod(arrays["trajectory/positions"], BOX.length)
    other = np.exp(1.1 * RATE * LATER) * np.cos(1.02 * FREQUENCY * LATER)
    arrays["series/field_mode"] = np.outer(arrays["series/field_mode"][:, 0], other)
    return Solution.from_arrays(arrays)


@each
def test_it_says_what_it_is(name):
    metric = load(name)
    assert metric.name == name
    assert len(metric.label) > 4
    doc = inspect.getdoc(type(metric)) or ""
    assert re.match(r".{8,}\.$", doc.replace("\n", " "))
    assert metric.requires
    for path in metric.requires:
        assert all(part.strip().partition(".")[0] in ("solution", "reference", "problem") for part in path.split("|"))


@each
def test_perfect_scores_its_floor_in_the_promised_shape(name):
    """Zero, where the metric does not compare particles with a law."""
    solution, reference, problem = posed(name)
    assert missing(load(name), solution, reference, problem) is None
    score = load(name)(solution, reference, problem)
    assert isinstance(score, Score)
    times, cases = score.value.shape
    assert 1 <= cases <= CASES
    for array in (score.times, score.floor, score.bar):
        assert array.shape == (times,)
        assert np.isfinite(array).all()
    assert (np.diff(score.times) > 0).all()
    assert (score.floor >= score.bar).all()
    assert (score.bar >= 0).all()
    assert (score.value >= 0).all()
    assert (score.value.mean(axis=1) <= score.floor * (1 + 1e-9) + 1e-6).all()
    assert all(np.isfinite(figure) for figure in score.extra.values())


@each
def test_worse_scores_more(name):
    solution, reference, problem = posed(name)
    score = load(name)(worse(solution), reference, problem)
    assert np.isfinite(score.value).all()
    assert (score.value >= 0).all()
    assert score.value.max(axis=0).min() > 1e-3


@each
def test_what_lacks_is_named(name):
    _, _, problem = everything()
    empty = dataclasses.replace(problem, ensemble=None, query=Query(np.ones(1)))
    sentence = missing(load(name), Solution(), Reference(), empty)
    assert sentence is not None
    assert re.fullmatch(r"The (solution|reference|problem)( and the \w+)? (has|have) no \S.*\.", sentence)


@each
def test_cases_are_scored_one_by_one(name):
    """Those of a larger batch score what they score alone."""
    full, few = posed(name), posed(name, 2)
    all_cases = load(name)(worse(full[0]), *full[1:]).value
    part: Any = worse(full[0]).arrays()
    case_axis = {
        "trajectory/positions": 1,
        "trajectory/velocities": 1,
        "density": 1,
        "score": 1,
        "point_score": 1,
        "particle_density": 1,
        "diagnostics/kinetic_coefficient": None,
    }
    cut = {}
    for path, array in part.items():
        axis = case_axis.get(path, 0)
        cut[path] = array if axis is None else np.take(array, [0, 1], axis=axis)
    two_cases = load(name)(Solution.from_arrays(cut), *few[1:]).value
    np.testing.assert_allclose(two_cases, all_cases[:, :2], rtol=1e-9, atol=1e-12)


@each
def test_arguments_stay_as_they_were_and_the_same_call_scores_the_same(name):
    solution, reference, problem = posed(name)
    solution = worse(solution)
    for array in solution.arrays().values():
        array.flags.writeable = False
    first, again = (load(name)(solution, reference, problem).value for _ in range(2))
    np.testing.assert_array_equal(first, again)
