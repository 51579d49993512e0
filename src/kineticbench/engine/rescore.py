"""Scores stored solutions again, with today's metrics and today's reference, and draws those that lack pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from ..contracts.errors import KineticbenchError
from ..results import solution_file
from ..results.record import Record, Scores
from ..results.store import Store
from . import pictures, scoring
from .cell import Cell
from .problems import Problems


def rescore(store: Store, records: Iterable[Record], every: bool = False) -> Iterator[tuple[Record, str | None]]:
    """Score solutions whose scores were made by other code than today's (or all), and add the scores to the store.

    Stored solutions that lack pictures (or all) are drawn as well, those of which only the first cases were kept too.

    Parameters
    ----------
    store
        The results folder.
    records
        Those of it that are to be scored.
    every
        Score those too whose metrics have not changed, for instance because the reference has.

    Yields
    ------
    Each record with None where it was scored, or the reason why not.
    """
    problems = Problems()
    for record in sorted(records, key=lambda record: str(record.settings.dataset)):
        try:
            yield record, _rescore(store, record, every, problems)
        except KineticbenchError as error:
            yield record, str(error)


def _rescore(store: Store, record: Record, every: bool, problems: Problems) -> str | None:
    stored = record.stored.solution
    if record.state != "ok" or stored is None or stored.file is None:
        return "No solution was kept."
    cell = Cell.from_dict(record.settings.model_dump())
    dataset = cell.dataset.build("datasets")
    code = scoring.code(dataset.metrics)
    reason = None
    if stored.kept != "all":
        reason = "Only the first cases were kept, whose scores would not compare."
    elif record.metrics is not None and record.metrics.code == code and not every:
        reason = "Its scores are up to date."
    drawn = store.pictures_path(record.cell, record.run).is_file() and not every
    if reason is not None and drawn:
        return reason
    solution = solution_file.read(store.folder / stored.file, stored.sha256)
    problem = problems.problem(cell, dataset)
    reference = problems.reference(dataset, problem)
    if not drawn:
        pictures.keep(store.folder, record.cell, record.run, solution, reference, problem)
    if reason is not None:
        return reason
    scores = scoring.score(dataset, problem, reference, solution)
    created = datetime.now(UTC).isoformat(timespec="microseconds")
    store.write_scores(
        Scores(schema="kineticbench/scores/1", cell=record.cell, run=record.run, created=created, metrics=scores)
    )
    return None
