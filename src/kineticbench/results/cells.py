"""Tables as CSV, JSON and Parquet whose text no program takes for anything but text."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from collections.abc import Mapping, Sequence

Value = str | float | int | bool | None
Columns = Mapping[str, Sequence[Value]]

FORMATS = (".csv", ".parquet", ".json")
# what begins a formula in a spreadsheet, also as a full-width character
_FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def clean(text: str, most: int = 4000) -> str:
    """Text without control and invisible characters, in one line, and not longer than `most`."""
    kept = (" " if one in "\t\n\r" else one for one in text[:most] if one in "\t\n\r" or _is_shown(one))
    return "".join(kept).strip()


def harmless(text: str) -> str:
    """Text for a cell of CSV: what a spreadsheet would take for a formula gets an apostrophe in front."""
    cleaned = clean(text)
    return f"'{cleaned}" if cleaned.startswith(_FORMULA) else cleaned


def content(columns: Columns, ending: str) -> bytes:
    """The bytes of a table.

    Every text is one line without control characters; in CSV, text that begins with = + - or @ has an apostrophe in
    front, so that a spreadsheet executes nothing. Numbers and missing values are left alone.

    Parameters
    ----------
    columns
        Values by the names of the columns; all of one length, each of text, of flags or of numbers. None is missing.
    ending
        One of `FORMATS`.
    """
    columns = {clean(name): [_cleaned(value) for value in values] for name, values in columns.items()}
    if ending == ".csv":
        return _csv(columns)
    if ending == ".json":
        rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
        lines = (json.dumps(row, allow_nan=False, ensure_ascii=False) for row in rows)
        return ("[\n" + ",\n".join(lines) + "\n]\n").encode()
    return _parquet(columns)


def _csv(columns: Columns) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([harmless(name) for name in columns])
    for row in zip(*columns.values(), strict=True):
        writer.writerow([harmless(value) if isinstance(value, str) else value for value in row])
    return out.getvalue().encode()


def _parquet(columns: Columns) -> bytes:
    import pyarrow
    import pyarrow.parquet

    arrays = {name: pyarrow.array(values, _type(values)) for name, values in columns.items()}
    out = io.BytesIO()
    pyarrow.parquet.write_table(pyarrow.table(arrays), out, compression="zstd")
    return out.getvalue()


def _type(values: Sequence[Value]):
    import pyarrow

    kinds = {type(value) for value in values if value is not None}
    if kinds <= {bool} and kinds:
        return pyarrow.bool_()
    if kinds and kinds <= {int} and all(abs(int(value)) < 1 << 63 for value in values if value is not None):
        return pyarrow.int64()
    return pyarrow.float64() if kinds <= {int, float} else pyarrow.string()


def _cleaned(value: Value) -> Value:
    return clean(value) if isinstance(value, str) else value


def _is_shown(one: str) -> bool:
    return unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
