"""Boards as one table: everything that is ranked, a row a setting."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..results.cells import Value, content
from .boards import Board, Standing
from .entries import Kept, canonical

_PARTS = ("mean", "low", "high", "floor", "bar")
_FIXED = (
    "dataset", "parameters", "split", "dataset_seed", "device", "threads", "hardware", "cpu", "gpu", "cases",
    "solver", "setting", "solver_parameters", "precision", "family", "tier", "frontier", "seeds",
    "data_s", "fit_s", "fit_made_on", "cold_s", "warm_s", "total_one_case_s", "total_all_cases_s",
    "pays", "pays_from_cases", "peak_bytes", "noisy", "state", "reason", "trust", "stale", "record",
)  # fmt: skip


def columns(boards: Sequence[Board], stale: Callable[[Kept], bool | None] | None = None) -> dict[str, list[Value]]:
    """The settings of boards, from best to worst, by column.

    Seconds `cold_s` and `warm_s` are of all `cases` together. A metric has columns "… mean", "… low" and "… high" (its
    95 % interval; empty where nothing varies), "… floor" and "… bar", at the last time.

    Parameters
    ----------
    boards
        Any boards.
    stale
        Whether a record was made by other code than today's; by default that column is empty.
    """
    metrics = list(dict.fromkeys(metric for board in boards for metric in board.metrics))
    names = [*_FIXED, *(f"{metric} {part}" for metric in metrics for part in _PARTS)]
    made: dict[str, list[Value]] = {name: [] for name in names}
    for board in boards:
        for metric in board.metrics:
            board.samples(metric)  # works out all intervals together
        for standing in board.standings:
            row = _row(board, standing, stale)
            for name, held in made.items():
                held.append(row.get(name))
    return made


def table(boards: Sequence[Board], ending: str, stale: Callable[[Kept], bool | None] | None = None) -> bytes:
    """The bytes of that table: ".csv", ".parquet" or ".json", by `results.cells.content`."""
    return content(columns(boards, stale), ending)


def _row(board: Board, standing: Standing, stale: Callable[[Kept], bool | None] | None) -> dict[str, Any]:
    entry, variant, place = standing.entry, board.variant, board.place
    first, cost, overtakes = entry.first, entry.cost, standing.overtakes
    outdated = [] if stale is None else [stale(record) for record in entry.records]
    row: dict[str, Any] = {
        "dataset": variant.name,
        "parameters": variant.parameters,
        "split": variant.split,
        "dataset_seed": variant.seed,
        "device": place.device,
        "threads": place.threads,
        "hardware": place.hardware,
        "cpu": first.hardware.cpu,
        "gpu": first.hardware.gpu,
        "cases": entry.cases if entry.good else variant.cases,
        "solver": entry.solver,
        "setting": entry.setting,
        "solver_parameters": canonical(first.settings.solver.parameters),
        "precision": first.settings.precision,
        "family": "learned" if entry.learned else first.family,
        "tier": standing.tier,
        "frontier": standing.frontier,
        "seeds": len(entry.good),
        "pays": overtakes and overtakes.verdict,
        "pays_from_cases": overtakes and overtakes.cases,
        "peak_bytes": entry.memory,
        "noisy": entry.noisy,
        "state": entry.state,
        "reason": entry.reason,
        "trust": ", ".join(sorted({record.trust for record in entry.records})),
        "stale": True if True in outdated else None if None in outdated or stale is None else False,
        "record": f"{first.cell}.{first.run}",
    }
    if cost is not None:
        row |= {
            "data_s": cost.data,
            "fit_s": cost.fit,
            "fit_made_on": cost.elsewhere,
            "cold_s": cost.cold,
            "warm_s": cost.warm if cost.warmed else None,
            "total_one_case_s": cost.total(1),
            "total_all_cases_s": cost.total(entry.cases),
        }
    for metric in board.metrics:
        sample = entry.sample(metric)
        if sample is not None:
            known = sample.interval
            values = (known.estimate, known.low, known.high, sample.floor, sample.bar)
            row |= {f"{metric} {part}": value for part, value in zip(_PARTS, values, strict=True)}
    return row
