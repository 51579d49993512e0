"""At which times a solver answers: at those it is asked for, whatever they are."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..contracts import KineticbenchError, Query, Solution, VlasovPoisson
from .comparing import farthest, near
from .outcome import NotAsked, required
from .problems import TIMES, problem
from .rules_solver import in_words
from .solver_subject import SolverSubject, asked

ODD = 0.4 * 0.6180339887  # of no step a multiple
LITTLE = 1e-4  # what two times differ by that no step tells apart


def fewer_times(subject: SolverSubject, kind: str) -> None:
    """Fewer times have the answers of many; the last stays, since a solver may count its steps from there."""
    query, full = problem(kind).query, subject.steady(kind)
    few = asked(
        subject.fitted(kind), subject.particles(kind), Query(query.times[[0, 2]], query.series[::2], query.points)
    )
    for path, array in few.arrays().items():
        group = path.partition("/")[0]
        if group in ("trajectory", "density", "score", "point_score") and not path.endswith("weights"):
            expected = full.arrays()[path][[0, 2]]
        elif group == "series":
            expected = full.arrays()[path][:, ::2]
        else:
            continue
        same = near(array, expected, 1e-9, 1e-9)
        required(same, f"Asked at fewer times, {path} is off by {farthest(array, expected):.1e} of the largest.")


def odd_times(subject: SolverSubject, kind: str) -> None:
    """Times that are no multiple of a step are answered as they are, or refused with a reason."""
    posed = problem(kind)
    query = dataclasses.replace(posed.query, times=np.array([0.0, ODD, ODD + LITTLE, TIMES[-1]]))
    reason = subject.cheapest(kind).unsupported(dataclasses.replace(posed, query=query))
    in_words(reason, f"the times {', '.join(f'{time:.5g}' for time in query.times)}")
    if reason is not None:
        return
    subject.answer(kind)
    try:
        found = asked(subject.fitted(kind), subject.particles(kind), query)
    except KineticbenchError as error:
        in_words(error.message, "such times when it was called")
        return
    if subject.cls().family == "classical" and isinstance(posed.equation, VlasovPoisson):
        _drifts(found, posed.equation)
    for path in ("trajectory/velocities", "density"):
        array = found.arrays().get(path)
        if array is not None and not np.array_equal(array[0], array[-1]):
            same = np.array_equal(array[1], array[2])
            required(not same, f"It gives the same {path} at t = {ODD:.5g} and t = {ODD + LITTLE:.5g}.")


def _drifts(found: Solution, equation: VlasovPoisson) -> None:
    """`Broken` unless positions move by momentum × time between two times that differ by little."""
    if found.trajectory is None or found.trajectory.positions is None:
        return
    q, p = found.trajectory.positions, found.trajectory.velocities
    if np.array_equal(q[0], q[-1]):
        raise NotAsked("Nothing moves.")
    half = equation.length / 2
    moved = np.mod(q[2] - q[1] + half, equation.length) - half
    wrong = np.sqrt(np.mean((moved - LITTLE * p[1]) ** 2) / np.mean((LITTLE * p[1]) ** 2))
    required(
        bool(wrong < 0.5),
        f"Between t = {ODD:.5g} and {LITTLE:g} later particles do not move by momentum × time, off by {wrong:.0%}.",
    )
