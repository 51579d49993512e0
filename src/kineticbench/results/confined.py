"""Names that strangers give, held to what they may mean: a plug-in, or a file beside a record, and no other place."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from ..contracts.errors import CorruptFile, InvalidInput

LONGEST_NAME, LONGEST_TEXT = 80, 4000
OWN_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_STORED = re.compile(r"[a-z]{1,20}/[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def hidden(text: str) -> str | None:
    """The first control character, direction mark or the like, as its code point; None where there is none."""
    if text.isascii() and text.isprintable():
        return None
    return next((f"U+{ord(one):04X}" for one in text if unicodedata.category(one) in _HIDDEN), None)


def plug_in_name(name: str, kind: str = "plug-in") -> str:
    """The name of a plug-in that a record gives, which must be a name and not the path of a file.

    Raises
    ------
    InvalidInput
        For anything that could mean a file, hides characters or is long.
    """
    if not name or len(name) > LONGEST_NAME or hidden(name) or name.startswith(".") or name.endswith(".py"):
        raise InvalidInput(f"{name[:LONGEST_NAME]!r} is not the name of a {kind}.", "A record names no files.")
    if set(name) & set("/\\:\0"):
        raise InvalidInput(f"{name!r} is not the name of a {kind} but a path.", "A record names no files.")
    return name


def stored_file(folder: Path, name: str) -> Path:
    """The file beside a record that it names, such as "solutions/….h5": one folder deep, and no link.

    Raises
    ------
    CorruptFile
        For any other name, and for a link.
    """
    path = folder / name
    if not _STORED.fullmatch(name) or ".." in name or path.is_symlink() or path.parent.is_symlink():
        raise CorruptFile(f"{name[:200]!r} is no file beside a record.", "Run the cell again.")
    return path


def unfit_text(value: object, place: str = "", depth: int = 0) -> str | None:
    """The first text anywhere in JSON that is too long or hides characters, as a sentence; None where all is fit."""
    if depth > 20:
        return f"{place} is nested too deeply"
    if isinstance(value, str):
        if len(value) > LONGEST_TEXT:
            return f"{place} has {len(value)} characters, more than {LONGEST_TEXT}"
        found = next(filter(None, map(hidden, value.split("\n"))), None)
        return f"{place} hides the character {found}" if found else None
    if isinstance(value, dict):
        parts = [(f"{place}.{key[:40]}".lstrip("."), item) for key, item in value.items()]
        keys = ((f"a key of {place or 'the record'}", key) for key in value)
        found = (unfit_text(item, where, depth + 1) for where, item in [*keys, *parts])
    elif isinstance(value, list):
        found = (unfit_text(item, place, depth + 1) for item in value)
    else:
        return None
    return next(filter(None, found), None)
