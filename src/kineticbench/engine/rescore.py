"""Scores stored solutions again, with today's metrics and today's reference, and draws those that lack pictures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from ..contracts.errors import KineticbenchError
from ..results import solution_file
from ..results.confined import plug_in_name, stored_file
from ..results.record import Metrics, Record, Scores
from ..results.store import Store
from . import pictures, scoring
from .cell import Cell
from .problems import Problems

NOT_KEPT = "No solution was kept."
SUBSET = "Only the first cases were kept, whose scores would not compare."
UP_TO_DATE = "Its scores are up to date."
IN_ORDER = (NOT_KEPT, SUBSET, UP_TO_DATE)


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
    Each record with None where it was scored, or the reason why not; one that is not `IN_ORDER` is a fault.

    Raises
    ------
    InvalidInput
        Where the results folder cannot be written to, or its disk is full; what was scored before stays.
    """
    problems = Problems()
    for record in sorted(records, key=lambda record: str(record.settings.dataset)):
        try:
            made = _score(store, record, every, problems)
        except Exception as error:  # of a plug-in, whatever it is; the other records do not suffer from it
            yield record, str(error) if isinstance(error, KineticbenchError) else f"{type(error).__name__}: {error}"
            continue
        if isinstance(made, str):
            yield record, made
            continue
        created = datetime.now(UTC).isoformat(timespec="microseconds")
        store.write_scores(
            Scores(schema="kineticbench/scores/1", cell=record.cell, run=record.run, created=created, metrics=made)
        )
        yield record, None


def score_file(cell: Cell, path: Path, expected: str | None) -> Metrics:
    """Today's scores of a stored solution, whose SHA-256 is `expected`."""
    dataset = cell.dataset.build("datasets")
    solution = solution_file.read(path, expected)
    problem = dataset.problem(cell.split, cell.cases, cell.dataset_seed)
    return scoring.score(dataset, problem, dataset.reference(problem), solution)


def _score(store: Store, record: Record, every: bool, problems: Problems) -> Metrics | str:
    """The scores, or the reason why there is nothing to do."""
    stored = record.stored.solution
    if record.state != "ok" or stored is None or stored.file is None:
        return NOT_KEPT
    plug_in_name(record.settings.dataset.name, "dataset")
    cell = Cell.from_dict(record.settings.model_dump())
    dataset = cell.dataset.build("datasets")
    reason = None
    if stored.kept != "all":
        reason = SUBSET
    elif record.metrics is not None and record.metrics.code == scoring.code(dataset.metrics) and not every:
        reason = UP_TO_DATE
    drawn = store.pictures_path(record.cell, record.run).is_file() and not every
    if reason is not None and drawn:
        return reason
    solution = solution_file.read(stored_file(store.folder, stored.file), stored.sha256)
    problem = problems.problem(cell, dataset)
    reference = problems.reference(dataset, problem)
    if not drawn:
        pictures.keep(store.folder, record.cell, record.run, solution, reference, problem)
    return reason or scoring.score(dataset, problem, reference, solution)
