"""Every table of the site as a file: CSV, JSON and Parquet."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .board_data import Data

if TYPE_CHECKING:
    import pyarrow

FORMATS = ("csv", "json", "parquet")
_FORMULA = ("=", "+", "-", "@", "\t")
_COPIED = ("setting", "tier", "frontier", "error", "low", "high", "floor", "data", "fit", "cold", "warm", "one", "all")
_MORE = ("elsewhere", "memory", "device_memory", "family", "state", "reason", "trust", "stale", "noisy", "seeds")
_NAMES = {
    "data": "data_s",
    "fit": "fit_s",
    "cold": "cold_s",
    "warm": "warm_s_per_case",
    "one": "total_s_one_case",
    "all": "total_s_all_cases",
    "elsewhere": "fit_made_on",
    "memory": "peak_bytes",
    "device_memory": "device_peak_bytes",
    "floor": "floor_or_bar",
    "low": "error_low",
    "high": "error_high",
}
_FLAGS = ("frontier", "stale", "noisy")
_NUMBERS = {"error", "low", "high", "floor", "data", "fit", "cold", "warm", "one", "all", "memory", "device_memory"}


def settings_table(boards: Iterable[Data], solver: str | None = None) -> pyarrow.Table:
    """One row a setting of every board (of one solver): where it stands, what it costs, how it ended."""
    import pyarrow

    boards = list(boards)
    picked = [(board, _rows(board, solver)) for board in boards]
    columns: dict[str, Any] = {}
    for name, key in (("dataset", "title"), ("variant", "detail"), ("equation", "equation"), ("device", "place")):
        columns[name] = _text(board[key] for board, rows in picked for _ in rows)
    for name in ("machine", "hardware"):
        columns[name] = _text(board[name] for board, rows in picked for _ in rows)
    columns["cases"] = pyarrow.array([board["cases"] for board, rows in picked for _ in rows], pyarrow.int64())
    columns["solver"] = _text(board["solvers"][board["columns"]["solver"][i]] for board, rows in picked for i in rows)
    metrics = ((board["metrics"][0]["name"] if board["metrics"] else None, rows) for board, rows in picked)
    columns["metric"] = _text(name for name, rows in metrics for _ in rows)
    for key in (*_COPIED, *_MORE, "record"):
        values = [board["columns"][key][i] for board, rows in picked for i in rows]
        columns[_NAMES.get(key, key)] = _array(key, values)
    return pyarrow.table(columns)


def errors_table(board: Data, errors: Sequence[Data]) -> pyarrow.Table:
    """One row for each setting of a board, metric and time."""
    import numpy as np
    import pyarrow

    columns = board["columns"]
    rows = len(columns["solver"])
    solver = _text(board["solvers"][place] for place in columns["solver"])
    setting, record = _text(columns["setting"]), _text(columns["record"])
    parts = []
    for metric, found in zip(board["metrics"], errors, strict=True):
        for t, time in enumerate(metric["times"]):
            values = {key: pyarrow.array(found[key][t], pyarrow.float64()) for key in ("mean", "floor")}
            for key in ("low", "high"):
                known = found[key][t] if key in found else [None] * rows
                values[key] = pyarrow.array(known, pyarrow.float64())
            parts.append(
                pyarrow.table(
                    {
                        "solver": solver,
                        "setting": setting,
                        "metric": pyarrow.array(np.full(rows, metric["name"], dtype=object), pyarrow.string()),
                        "time": pyarrow.array(np.full(rows, time, dtype=float)),
                        "error": values["mean"],
                        "error_low": values["low"],
                        "error_high": values["high"],
                        "floor_or_bar": values["floor"],
                        "record": record,
                    }
                ).filter(values["mean"].is_valid())
            )
    return pyarrow.concat_tables(parts) if parts else pyarrow.table({"solver": _text([])})


def reach_table(board: Data) -> pyarrow.Table:
    """One row for each solver and error to be reached: the least total seconds for all cases."""
    import pyarrow

    pairs = [(name, k) for k, name in enumerate(board["solvers"])]
    rows = [
        (name, level, at[k]) for name, k in pairs for level, at in zip(board["levels"], board["reach"], strict=True)
    ]
    return pyarrow.table(
        {
            "solver": _text(name for name, _, _ in rows),
            "error": pyarrow.array([level for _, level, _ in rows], pyarrow.float64()),
            "total_s_all_cases": pyarrow.array([cost for _, _, cost in rows], pyarrow.float64()),
        }
    )


def content(table: pyarrow.Table, kind: str) -> bytes:
    """The bytes of a table in one of `FORMATS`; the same table gives the same bytes.

    In CSV, text that a spreadsheet would take for a formula gets an apostrophe in front.
    """
    import pyarrow
    import pyarrow.csv
    import pyarrow.parquet

    out = io.BytesIO()
    if kind == "csv":
        pyarrow.csv.write_csv(_harmless(table), out)
    elif kind == "json":
        rows = table.to_pylist()
        out.write(json.dumps(rows, separators=(",", ":"), allow_nan=False).replace("},{", "},\n{").encode() + b"\n")
    else:
        pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue()


def _rows(board: Data, solver: str | None) -> range | list[int]:
    names = board["columns"]["solver"]
    if solver is None:
        return range(len(names))
    return [i for i, place in enumerate(names) if board["solvers"][place] == solver]


def _array(key: str, values: list[Any]) -> Any:
    import pyarrow

    if key in _FLAGS:
        return pyarrow.array([bool(value) for value in values], pyarrow.bool_())
    if key in _NUMBERS:
        return pyarrow.array(values, pyarrow.float64())
    return pyarrow.array(values, pyarrow.int64()) if key in ("tier", "seeds") else _text(values)


def _text(values: Iterable[str | None]) -> Any:
    import pyarrow

    return pyarrow.array(list(values), pyarrow.string())


def _harmless(table: pyarrow.Table) -> pyarrow.Table:
    import pyarrow

    for place, field in enumerate(table.schema):
        if field.type == pyarrow.string():
            values = table.column(place).to_pylist()
            if any(value and value.startswith(_FORMULA) for value in values):
                safe = [f"'{value}" if value and value.startswith(_FORMULA) else value for value in values]
                table = table.set_column(place, field.name, _text(safe))
    return table
