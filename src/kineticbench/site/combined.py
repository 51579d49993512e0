"""Settings of many boards in one set of columns, for the pages that show them together."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from .board_data import Data

_BOARD = ("id", "page", "title", "detail", "equation", "device", "place", "machine", "hardware", "cases")
_COLUMNS = (
    *("setting", "record", "tier", "frontier", "error", "low", "high", "floor", "fit", "warm", "one", "all"),
    *("elsewhere", "memory", "family", "state", "reason", "trust", "stale", "noisy", "seeds", "pays"),
)


def combined(boards: Sequence[Data], solver: str | None = None) -> Data:
    """The settings of every board (of one solver), best first within each."""
    boards = [board for board in boards if solver is None or solver in board["solvers"]]
    names = sorted({name for board in boards for name in board["solvers"] if solver in (None, name)})
    places = {name: place for place, name in enumerate(names)}
    columns: dict[str, list[Any]] = {key: [] for key in ("board", "solver", *_COLUMNS)}
    for at, board in enumerate(boards):
        own = board["columns"]
        if solver is None:
            rows: Sequence[int] = range(len(own["solver"]))
        else:
            wanted = board["solvers"].index(solver)
            rows = [row for row, place in enumerate(own["solver"]) if place == wanted]
        columns["board"] += [at] * len(rows)
        columns["solver"] += [places[board["solvers"][own["solver"][row]]] for row in rows]
        for key in _COLUMNS:
            columns[key] += own[key] if solver is None else [own[key][row] for row in rows]
    metrics = [board["metrics"][0]["label"] if board["metrics"] else "" for board in boards]
    heads = [
        {**{key: board[key] for key in _BOARD}, "metric": metric} for board, metric in zip(boards, metrics, strict=True)
    ]
    return {"boards": heads, "solvers": names, "columns": columns}


def site_index(boards: Sequence[Data], style: Mapping[str, int], pictures: Collection[str]) -> Data:
    """What every page knows: each solver's style and page, and which records have pictures."""
    pages = {name: page for board in boards for name, page in zip(board["solvers"], board["pages"], strict=True)}
    shown = {row for board in boards for row in board["columns"]["record"]}
    return {
        "solvers": {name: [number, pages[name]] for name, number in style.items()},
        "pictures": sorted(shown.intersection(pictures)),
    }
