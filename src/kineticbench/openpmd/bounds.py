"""How much a stranger's file may declare, and what is said where it declares more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..contracts.errors import InvalidInput

NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+%-]{0,63}")


class Refused(InvalidInput):
    """A file that is not read any further, with the reason."""


@dataclass(frozen=True)
class Bounds:
    """What a file may declare.

    Parameters
    ----------
    objects, depth
        Groups and data sets in all, and how deep they may lie.
    attributes, attribute_bytes
        Of one object, and the size of one.
    axes
        Of one data set.
    chunk_bytes
        Of one chunk, and of as many as one row of chunks has: what must be unpacked at a time.
    bytes
        Of all data sets together, unpacked.
    packing
        How many times smaller than its contents a file may be. Deflate reaches a thousand on zeros, particle data two.
    """

    objects: int = 50_000
    depth: int = 8
    attributes: int = 64
    attribute_bytes: int = 65_536
    axes: int = 8
    chunk_bytes: int = 1 << 26
    bytes: int = 1 << 40
    packing: int = 100


def confined(name: bytes, where: str) -> str:
    """A name of ASCII letters, digits and a few signs, at most 64 long."""
    text = name.decode("ascii", "replace")
    if NAME.fullmatch(text) is None or not name.isascii():
        shown = ascii(name[:40].decode("utf-8", "replace"))
        raise Refused(f"{where} holds a name that is not allowed: {shown}.", "Use letters, digits and _ only.")
    return text
