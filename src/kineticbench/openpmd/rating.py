"""Poses the problem again that a trajectory answers, and scores it against the truth; runs outside, on plain bytes."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..contracts import Dataset, Diverged, InvalidInput, Problem, Random
from ..engine import pictures, scoring
from ..engine.cell import PlugInSetting
from ..engine.protocol import Message
from ..numerics import cache
from ..results import solution_file
from ..results.record import Metrics
from . import blocks, description
from .answer import require_answer
from .manifest import Description, Manifest
from .outside import as_json
from .source import Source

AGAIN = "Export the problem again and solve that."


def rate(message: Message) -> dict[str, Any]:
    """Scores of a manifest's trajectory.

    Parameters
    ----------
    message
        "manifest"; "file" and "copy", which its pieces speak of; "memory", the bytes to keep within; "scratch", a
        folder for what is to be kept, and "solution_bytes", how much of the solution that is at most.
    """
    manifest = Manifest.model_validate(message["manifest"])
    source = Source(manifest, Path(message["file"]), Path(message["copy"]))
    setting, dataset, problem = posed(manifest.description)
    _require_same(source, problem)
    chosen = source.matching(problem.query.times.tolist())
    made = blocks.plan(source, problem, _resident(), int(message["memory"]))
    told: dict[str, Any] = {
        "parameters": setting.parameters,
        "precision": source.precision,
        "needs": made.bytes,
        "blocks": len(made.blocks) * len(made.pairs),
        "state": "ok",
        "reason": None,
    }
    try:
        scores, diagnostics, kept = _scored(dataset, problem, source, chosen, made, message)
    except Diverged as error:
        return told | {"state": "diverged", "reason": str(error)}
    return told | {"metrics": as_json(scores), "diagnostics": diagnostics, **kept}


def posed(about: Description) -> tuple[PlugInSetting, Dataset, Problem]:
    """The dataset with all its parameters, and the problem.

    Raises
    ------
    InvalidInput
        Where it is not the one that was exported, to the last bit.
    """
    description.own_dataset(about.dataset)
    setting = PlugInSetting.of("datasets", about.dataset, about.parameters)
    dataset = setting.build("datasets")
    problem = dataset.problem(about.split, about.asked, about.seed)
    if description.digest_of(setting, about.split, about.asked, about.seed, problem) != about.digest:
        raise InvalidInput(f"It answers another problem than {about.dataset} poses here today.", AGAIN)
    return setting, dataset, problem


def _require_same(source: Source, problem: Problem) -> None:
    """Cases, particles and dimensions of the file are those of the problem."""
    start, equation = problem.ensemble, problem.equation
    known = problem.initial_density.sample(Random(), 1, 0) if start is None and problem.initial_density else start
    cases = source.cases if known is None else known.cases
    if source.cases != cases:
        raise InvalidInput(f"It has {source.cases} cases, the problem {cases}.", AGAIN)
    if source.particles == 0:
        return
    if start is not None and source.particles != start.particles:
        raise InvalidInput(f"It has {source.particles} particles a case, the problem {start.particles}.", AGAIN)
    found = source.dimensions
    wanted = (equation.position_dimension, equation.velocity_dimension)
    if found[1] != wanted[1] or (wanted[0] and found[0] != wanted[0]):
        raise InvalidInput(f"Its particles have {found[0]} + {found[1]} dimensions, the problem {wanted}.", AGAIN)


def _scored(
    dataset: Dataset, problem: Problem, source: Source, chosen: list[int], made: blocks.Plan, message: Message
) -> tuple[Metrics, dict[str, Any], dict[str, Any]]:
    scratch, most = Path(message["scratch"]), int(message["solution_bytes"])
    homogeneous = problem.equation.position_dimension == 0
    if made.whole:
        solution = source.solution(chosen, made.blocks[0], homogeneous)
        require_answer(solution, problem)
        reference = dataset.reference(problem)
        scores = scoring.score(dataset, problem, reference, solution)
        chosen_part, kept = solution_file.select(solution, most)
        drawn = pictures.keep(scratch, "0", "0", solution, reference, problem) if most else None
    else:
        with _own_cache():
            scores = blocks.score(dataset, problem, source, chosen, made)
        first = source.cases * most // max(1, made.bytes * len(made.blocks))
        solution = chosen_part = source.solution(chosen, slice(0, first), homogeneous, False) if first else None
        kept, drawn = ("subset" if first else "none"), None
    if chosen_part is not None:
        solution_file.write(scratch / "solution.h5", chosen_part, problem.query)
    diagnostics = {} if solution is None else scoring.diagnostics(solution)
    return scores, diagnostics, {"kept": kept, "pictures": drawn}


@contextmanager
def _own_cache() -> Iterator[None]:
    """A cache for references of blocks, which nobody asks for again and which may be as large as the file."""
    before = os.environ.get(cache.VARIABLE)
    with tempfile.TemporaryDirectory(prefix="kineticbench-") as folder:
        os.environ[cache.VARIABLE] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ[cache.VARIABLE]
            else:
                os.environ[cache.VARIABLE] = before


def _resident() -> int:
    """Memory of this process."""
    if sys.platform == "linux":
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    import psutil

    return psutil.Process().memory_info().rss
