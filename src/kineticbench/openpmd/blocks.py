"""Scores a trajectory that need not fit into memory: some cases at a time, and where need be two snapshots at a time.

A score of one case at one time depends on that case, that time and the start, so it is the same in blocks. Bars and
floors are those of each block's own reference, and what is given is their mean over cases; figures of the whole run
that stand beside a score (`Score.extra`) are left out where there are several blocks of cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .. import metrics
from ..contracts import (
    Dataset,
    InvalidInput,
    KineticbenchError,
    Problem,
    Query,
    Reference,
    Score,
    Solution,
    Trajectory,
)
from ..engine import scoring
from ..results.record import Metrics, MetricValues
from .answer import require_answer
from .source import Source

HEADROOM = 400_000_000  # what libraries take that are loaded when they are first used
FEWEST, LARGE = 64, 2048  # metrics that score the first cases only take at most 64, and one beyond 2048 particles
_SNAPSHOT, _REFERENCE, _AT_ONCE = 2, 3, 10  # arrays of a snapshot's size: each kept, each of the reference, and besides


@dataclass(frozen=True)
class Plan:
    """How it is read.

    Parameters
    ----------
    blocks
        Slices of cases.
    pairs
        Which snapshots together: all, or the first with each of the others.
    bytes
        What that needs at a time.
    """

    blocks: list[slice]
    pairs: list[list[int]]
    bytes: int

    @property
    def whole(self) -> bool:
        """Whether everything is read at once."""
        return len(self.blocks) == len(self.pairs) == 1


def plan(source: Source, problem: Problem, held: int, memory: int) -> Plan:
    """How to read a trajectory within `memory` bytes, of which `held` are taken already.

    Raises
    ------
    InvalidInput
        Where not even two snapshots of one case fit; says what they need.
    """
    cases, times = source.cases, problem.query.times.size
    everything = [list(range(times))]
    pairs = [[0, later] for later in range(1, times)] if times > 2 else everything
    room = memory - held - HEADROOM - 3 * source.table_bytes
    one = 8 * source.particles * (2 * sum(source.dimensions) + 1)

    def needed(snapshots: int) -> int:
        reference = _REFERENCE * times if problem.ensemble is not None else 0
        return one * (_SNAPSHOT * snapshots + reference + _AT_ONCE)

    for together in (everything, pairs):
        each = needed(len(together[0]))
        if each * cases <= max(room, 0):
            return Plan([slice(0, cases)], together, each * cases)
        fit = min(cases, max(room, 0) // max(each, 1))
        if problem.ensemble is not None and fit >= 1:
            return Plan([slice(c, min(c + fit, cases)) for c in range(0, cases, fit)], together, each * fit)
    least = needed(len(pairs[0])) * (1 if problem.ensemble is not None else cases) + held + HEADROOM
    least += 3 * source.table_bytes
    raise InvalidInput(
        f"To score it takes {least / 1e9:.2f} GB of memory at a time, {memory / 1e9:.2f} GB are allowed.",
        f"Give --memory {least / 1e9 + 0.1:.1f}, or return fewer particles.",
    )


def score(dataset: Dataset, problem: Problem, source: Source, chosen: Sequence[int], made: Plan) -> Metrics:
    """Every metric that the dataset reports, block by block, or the reason why there is none.

    `chosen` are the file's snapshots at the query's times.

    Raises
    ------
    Diverged
        For a solution that is not finite.
    InvalidInput
        For one that is empty or lacks the shape and times asked for.
    """
    parts: dict[str, list[tuple[int, Score]]] = {}
    absent: dict[str, str] = {}
    for block in made.blocks:
        here = problem if problem.ensemble is None else replace(problem, ensemble=problem.ensemble.take(block))
        width = block.stop - block.start
        reference = dataset.reference(here)
        found: dict[str, list[Score]] = {}
        for pair in made.pairs:
            asked, truth = _at(here, pair), _of(reference, pair, problem.query.times.size)
            homogeneous = problem.equation.position_dimension == 0
            solution = source.solution([chosen[k] for k in pair], block, homogeneous, rows=pair)
            require_answer(solution, asked)
            for name in dataset.metrics:
                if name not in absent and not _is_complete(parts.get(name)):
                    one = _one(name, solution, truth, asked)
                    if isinstance(one, str):
                        absent[name] = one
                    else:
                        found.setdefault(name, []).append(one)
            del solution
        for name, scores in found.items():
            parts.setdefault(name, []).append((width, _joined(scores)))
    values: dict[str, MetricValues] = {}
    for name in dataset.metrics:
        if name in absent or name not in parts:
            continue
        combined = _combined(parts[name], source)
        if isinstance(combined, str):
            absent[name] = combined
        else:
            values[name] = scoring.summary(combined)
    return Metrics(code=scoring.code(dataset.metrics), names=list(dataset.metrics), values=values, missing=absent)


def _one(name: str, solution: Solution, reference: Reference, problem: Problem) -> Score | str:
    """A score, or the reason why there is none."""
    try:
        metric = metrics.load(name)
        reason = metrics.missing(metric, solution, reference, problem)
        return metric(solution, reference, problem) if reason is None else reason
    except KineticbenchError as error:
        return str(error)
    except Exception as error:
        return f"The metric failed with {type(error).__name__}: {error}"


def _at(problem: Problem, pair: list[int]) -> Problem:
    query = problem.query
    return replace(problem, query=Query(query.times[pair], query.series, query.points))


def _of(reference: Reference, pair: list[int], times: int) -> Reference:
    """A reference at some of its times."""

    def some(array: Any) -> Any:
        return array[pair] if np.ndim(array) == 1 and len(array) == times else array

    found, density = reference.trajectory, reference.density
    return replace(
        reference,
        trajectory=None
        if found is None
        else Trajectory(
            None if found.positions is None else found.positions[pair], found.velocities[pair], found.weights
        ),
        density=None if density is None else density[pair],
        bars={name: some(np.asarray(bar)) for name, bar in reference.bars.items()},
        floors={name: some(np.asarray(floor)) for name, floor in reference.floors.items()},
    )


def _is_complete(parts: list[tuple[int, Score]] | None) -> bool:
    """Whether a metric takes the first cases only, and has had them."""
    return bool(parts) and parts[0][1].value.shape[1] < parts[0][0]


def _joined(scores: list[Score]) -> Score:
    """One score of those of pairs of snapshots: the start and each later time; a figure of the whole run as it is."""
    first = scores[0]
    if len(scores) == 1 or np.array_equal(first.times, scores[1].times):
        return first
    times, value = (
        np.concatenate([getattr(first, name), *(getattr(it, name)[1:] for it in scores[1:])])
        for name in ("times", "value")
    )
    floor, bar = (
        np.concatenate([np.broadcast_to(getattr(first, name), (2,)), *(_last(it, name) for it in scores[1:])])
        for name in ("floor", "bar")
    )
    return Score(times, value, floor, bar, scores[-1].extra)


def _last(score: Score, name: str) -> np.ndarray:
    return np.broadcast_to(getattr(score, name), (2,))[1:]


def _combined(parts: list[tuple[int, Score]], source: Source) -> Score | str:
    """One score of those of blocks of cases, or why there is none."""
    width, first = parts[0]
    if len(parts) == 1:
        if width < min(FEWEST, source.cases) and source.particles <= LARGE:
            return "It takes more cases than were held at a time; give more --memory."
        return first
    shares = np.array([width for width, _ in parts], float) / sum(width for width, _ in parts)
    levels = [
        sum(
            share * np.broadcast_to(getattr(score, name), first.times.shape)
            for share, (_, score) in zip(shares, parts, strict=True)
        )
        for name in ("floor", "bar")
    ]
    value = np.concatenate([score.value for _, score in parts], axis=1)
    return Score(first.times, value, np.asarray(levels[0]), np.asarray(levels[1]))
