"""Data as scripts: what a page fetches where it may not fetch, as from the file system."""

from __future__ import annotations

import json
import math
from typing import Any

_OPENING = b"kineticbench("
_UNSAFE = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


def script(name: str, data: Any) -> bytes:
    """A script that hands data to the page under a name.

    The text is ASCII and holds no `<`, `>` or `&`, so that it means the same inside and outside of markup.
    """
    return f"kineticbench({_json(name)},\n{_json(data)})\n".encode("ascii")


def data_of(content: bytes) -> Any:
    """What a script of ours hands over; ValueError where it is none."""
    opening, _, rest = content.partition(b"\n")
    if not opening.startswith(_OPENING) or not rest.endswith(b")\n"):
        raise ValueError("not a data script")
    return json.loads(rest[:-2])


def number(value: float | None, digits: int = 6) -> float | None:
    """A figure with `digits` significant digits; None for what is not finite."""
    if value is None or not math.isfinite(value):
        return None
    short = float(f"{value:.{digits}g}")
    return int(short) if short.is_integer() and abs(short) < 1e15 else short


def _json(data: Any) -> str:
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(_UNSAFE)
