"""The boards' part of a site: data scripts and tables, made again only where their records changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from ..catalog import PACKAGE
from ..ranking.boards import Board
from ..ranking.entries import Kept
from ..results.attempt import Attempt
from . import tables
from .board_data import Data, board_data, board_id, errors, record_name
from .output import Output
from .scripts import data_of, script
from .staleness import stale

_SOURCES = ("site", "ranking", "results", "metrics", "contracts", "solvers", "datasets")
INTERVALS = 4_000  # errors of a board beyond which only those that rank get an interval


def write_board(output: Output, board: Board) -> tuple[Data, str]:
    """Write the data scripts and tables of a board, and return its data and its key."""
    name = board_id(board)
    key = key_of(record for entry in board.entries for record in entry.records)
    shown = f"data/boards/{name}.js"
    metrics = [f"data/boards/{name}.{place}.js" for place in range(len(board.metrics))]
    kinds = [(part, kind) for part in ("settings", "errors", "reach") for kind in tables.FORMATS]
    files = [shown, *metrics, *(f"data/tables/{name}.{part}.{kind}" for part, kind in kinds)]
    if all(output.kept(file, key) for file in files):
        data = data_of(output.old(shown))
        for file in files:
            output.keep(file)
        return data, key

    data = board_data(board)
    samples = len(board.standings) * sum(len(metric["times"]) for metric in data["metrics"])
    found = [errors(board, metric, samples <= INTERVALS) for metric in board.metrics]
    output.keyed(shown, key, lambda: script(f"boards/{name}", data))
    for place, (file, one) in enumerate(zip(metrics, found, strict=True)):
        output.keyed(file, key, lambda place=place, one=one: script(f"boards/{name}.{place}", one))
    made = {
        "settings": tables.settings_table([data]),
        "errors": tables.errors_table(data, found),
        "reach": tables.reach_table(data),
    }
    for part, kind in kinds:
        file = f"data/tables/{name}.{part}.{kind}"
        output.keyed(file, key, lambda part=part, kind=kind: tables.content(made[part], kind))
    return data, key


def write_table(output: Output, name: str, boards: Sequence[Data], key: str, solver: str | None = None) -> None:
    """Write the settings of several boards (of one solver) in every format."""
    made = None
    for kind in tables.FORMATS:

        def content(kind: str = kind) -> bytes:
            nonlocal made
            made = tables.settings_table(boards, solver) if made is None else made
            return tables.content(made, kind)

        output.keyed(f"data/tables/{name}.{kind}", key, content)


def key_of_all(keys: Iterable[str]) -> str:
    """What all that is made from several boards follows from, by their keys."""
    return hashlib.sha256(" ".join(keys).encode()).hexdigest()[:24]


def key_of(records: Iterable[Kept]) -> str:
    """What all that is shown of some records follows from: themselves, their scores, and today's code."""
    digest = hashlib.sha256(code_key().encode())
    for record in records:
        content = (
            record.content if isinstance(record, Attempt) else hashlib.sha256(record.json_text().encode()).hexdigest()
        )
        digest.update(f"{record_name(record)} {content} {record.trust} {stale(record)}\n".encode("utf-8", "replace"))
    return digest.hexdigest()[:24]


@cache
def code_key() -> str:
    """A hash of the code that decides what a site shows."""
    digest = hashlib.sha256()
    for folder in _SOURCES:
        for path in sorted(Path(PACKAGE / folder).rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
