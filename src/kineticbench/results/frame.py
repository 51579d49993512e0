"""Records as a pandas table, for a notebook and for whoever wants to do their own statistics."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from ..contracts import InvalidInput
from ..files import write_atomically
from .cells import FORMATS, content
from .packing import fitting
from .record import Record

if TYPE_CHECKING:
    import pandas


def frame(records: Iterable[Record]) -> pandas.DataFrame:
    """One row for each record, metric and time; one row with no metric where nothing was scored.

    Seconds are of the whole batch of `cases`; `warm_s` is the median of the raw samples.
    """
    import pandas

    return pandas.DataFrame.from_records([row for record in records for row in _rows(record)])


def write(records: Iterable[Record], path: Path) -> None:
    """Write the table as CSV, Parquet or JSON, by the ending of `path`; see `cells.content` for what becomes of text.

    Raises
    ------
    InvalidInput
        For another ending, or where the file cannot be written.
    """
    kind = ending(path)
    rows = [row for record in records for row in _rows(record)]
    write_atomically(path, content({name: [row[name] for row in rows] for name in rows[0]} if rows else {}, kind))


def ending(path: Path) -> str:
    """The ending of a table's file; `InvalidInput` where it is none of `FORMATS`."""
    if path.suffix not in FORMATS:
        raise InvalidInput(f"Cannot tell the format of {path.name}.", f"End it with one of {', '.join(FORMATS)}.")
    return path.suffix


def _rows(record: Record) -> list[dict[str, Any]]:
    settings, fit, solve = record.settings, record.fit, record.solve
    row: dict[str, Any] = {
        "dataset": settings.dataset.name,
        "dataset_parameters": str(settings.dataset.parameters),
        "split": settings.dataset.split,
        "solver": settings.solver.name,
        "setting": settings.solver.setting,
        "family": record.family,
        "seed": settings.seed,
        "device": settings.device,
        "threads": settings.threads,
        "precision": settings.precision,
        "state": record.state,
        "reason": record.reason,
        "cases": solve.cases if solve else None,
        "data_s": fit.data_s if fit else None,
        "fit_s": fit.fit_s if fit else None,
        "cold_s": solve.cold_s if solve else None,
        "warm_s": median(solve.warm_s) if solve and solve.warm_s else None,
        "peak_bytes": solve.peak_bytes if solve else None,
        "noisy": solve.noisy if solve else None,
        "hardware": record.hardware.id,
        "commit": record.code.commit,
        "cell": record.cell,
        "run": record.run,
        "metric": None,
        "time": None,
        "error": None,
        "floor": None,
        "bar": None,
    }
    scored = record.metrics.values if record.metrics else {}
    rows = [
        {**row, "metric": name, "time": time, "error": error, "floor": floor, "bar": bar}
        for name, values in scored.items()
        if fitting(values) is not None
        for time, error, floor, bar in zip(values.times, values.mean, values.floor, values.bar, strict=True)
    ]
    return rows or [row]
