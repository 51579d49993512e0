"""Looks at the declared sizes of a safetensors file before anything else reads it.

    8 bytes     length of the header, little-endian
    header      JSON: for each array its dtype, shape and where its bytes begin and end; "__metadata__", of texts
    arrays      one behind the other, without gaps

The library that reads the arrays checks much of this too; here nothing but the header is read, whatever it declares.
"""

from __future__ import annotations

import json
import math
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..contracts.errors import CorruptFile

MOST_BYTES = 1 << 30
MOST_HEADER = 1 << 20
MOST_ARRAYS, MOST_AXES, LONGEST_NAME = 10_000, 16, 200
BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "U16": 2, "I16": 2, "F16": 2, "BF16": 2,
    "U32": 4, "I32": 4, "F32": 4, "U64": 8, "I64": 8, "F64": 8,
}  # fmt: skip


@dataclass(frozen=True)
class Declared:
    """An array as the header declares it; `begin` and `end` count from the end of the header."""

    name: str
    dtype: str
    shape: tuple[int, ...]
    begin: int
    end: int


def require_sound(path: Path, most_bytes: int = MOST_BYTES, most_header: int = MOST_HEADER) -> list[Declared]:
    """The arrays that a file declares, in the order of their bytes.

    Raises
    ------
    CorruptFile
        Where it is no file, larger than `most_bytes`, or declares what it does not hold: a header beyond its end,
        unknown dtypes, sizes that do not fit the shapes, arrays that overlap or leave gaps.
    """
    try:
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(handle, "rb") as file:
            about = os.fstat(handle)
            _require(stat.S_ISREG(about.st_mode), path, "it is not a file")
            size = about.st_size
            _require(8 <= size <= most_bytes, path, f"it has {size} bytes, and must have from 8 to {most_bytes}")
            length = int.from_bytes(file.read(8), "little")
            _require(length <= min(size - 8, most_header), path, f"it declares a header of {length} bytes")
            header = file.read(length)
    except OSError as error:
        raise CorruptFile(f"{path} cannot be read: {error.strerror or error}.", _REMEDY) from None
    return _arrays(path, _parsed(path, header), size - 8 - length)


_REMEDY = "Delete it and train again."


def _require(holds: bool, path: Path, found: str) -> None:
    if not holds:
        raise CorruptFile(f"{path} is not a sound safetensors file: {found}.", _REMEDY)


def _parsed(path: Path, header: bytes) -> dict[str, Any]:
    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            raise ValueError("a name twice")
        return found

    try:
        found = json.loads(header.decode("utf-8"), object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        raise CorruptFile(
            f"{path} is not a sound safetensors file: its header is not JSON ({str(error)[:80]}).", _REMEDY
        ) from None
    _require(isinstance(found, dict), path, "its header is no table")
    return found


def _arrays(path: Path, header: dict[str, Any], size: int) -> list[Declared]:
    metadata = header.pop("__metadata__", {})
    texts = isinstance(metadata, dict) and all(isinstance(value, str) for value in metadata.values())
    _require(texts, path, "its metadata are not texts")
    _require(len(header) <= MOST_ARRAYS, path, f"it declares {len(header)} arrays")
    found = sorted((_declared(path, name, held) for name, held in header.items()), key=lambda it: (it.begin, it.end))
    behind = 0
    for array in found:
        where = f"{array.name!r} begins at byte {array.begin}, and the one before it ends at {behind}"
        _require(array.begin == behind, path, where)
        behind = array.end
    _require(behind == size, path, f"it declares {behind} bytes of arrays and holds {size}")
    return found


def _declared(path: Path, name: str, held: Any) -> Declared:
    shown = repr(name[:40])
    fit = len(name) <= LONGEST_NAME and name.isprintable()
    _require(fit, path, f"the name {shown} is too long or hides characters")
    known = isinstance(held, dict) and held.keys() == {"dtype", "shape", "data_offsets"}
    _require(known, path, f"{shown} declares something else than dtype, shape and data_offsets")
    dtype, shape, offsets = held["dtype"], held["shape"], held["data_offsets"]
    _require(isinstance(dtype, str) and dtype in BYTES, path, f"{shown} has the dtype {str(dtype)[:20]!r}")
    _require(_are_counts(shape) and len(shape) <= MOST_AXES, path, f"the shape of {shown} is not of whole numbers")
    _require(_are_counts(offsets) and len(offsets) == 2, path, f"the offsets of {shown} are not two whole numbers")
    want, declared = BYTES[dtype] * math.prod(shape), offsets[1] - offsets[0]
    _require(want == declared, path, f"{shown} declares {declared} bytes, and its shape takes {want}")
    return Declared(name, dtype, tuple(shape), offsets[0], offsets[1])


def _are_counts(numbers: Any) -> bool:
    return isinstance(numbers, list) and all(type(number) is int and 0 <= number < 1 << 48 for number in numbers)
