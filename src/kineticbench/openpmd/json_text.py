"""JSON that strangers write: an object of few, plain, finite values, or a reason why it is none."""

from __future__ import annotations

import json
import math
from typing import Any

from ..contracts.errors import InvalidInput

LONGEST, DEEPEST, LARGEST = 20_000, 6, 2**63


def json_object(text: str, what: str) -> dict[str, Any]:
    """The object that a text holds.

    Raises
    ------
    InvalidInput
        For text that is too long, does not parse, or holds anything but an object of strings, numbers of at most 64
        bits, lists and objects, six deep at most.
    """
    if len(text) > LONGEST:
        raise InvalidInput(f"{what} has {len(text)} characters.", f"At most {LONGEST} are read.")
    try:
        found = json.loads(text, parse_constant=_refuse)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or not _is_plain(found, DEEPEST):
        raise InvalidInput(f"{what} is not a plain JSON object.", 'Write for instance {"steps": 25}.')
    return found


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_plain(value: Any, depth: int) -> bool:
    if depth < 0:
        return False
    if isinstance(value, dict):
        return all(_is_plain(key, depth) and _is_plain(held, depth - 1) for key, held in value.items())
    if isinstance(value, list):
        return all(_is_plain(held, depth - 1) for held in value)
    if isinstance(value, str):
        return not any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, bool) or value is None:
        return True
    return math.isfinite(value) and abs(value) < LARGEST if isinstance(value, float) else abs(value) < LARGEST
