"""Pieces of a file that is open: bytes that lie there as they are, or a plain copy of what is packed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

import numpy as np

from .bounds import Refused
from .examine import FLOATS, Item, Stored
from .manifest import Piece

STEP = 1 << 22  # bytes that are unpacked at a time, unless a row of chunks is larger


class Unpacker:
    """Makes pieces.

    Parameters
    ----------
    copy
        A file that takes the copies, open for writing.
    """

    def __init__(self, copy: IO[bytes]):
        self._copy = copy
        self._made: dict[str, Piece] = {}

    def piece(self, item: Item, count: int | None = None) -> Piece:
        """The numbers of a data set, or the one number of a constant component; `count` of them where that is given.

        Raises
        ------
        Refused
            Where there are fewer or more, or they are not floats.
        """
        if item.path not in self._made:
            self._made[item.path] = self._constant(item) if item.stored is None else self._stored(item, item.stored)
        made = self._made[item.path]
        if count is not None and made.count != count:
            raise Refused(f"{item.path} has {made.count} numbers where {count} are expected.")
        return made

    def _constant(self, item: Item) -> Piece:
        value: Any = item.attributes.get("value")
        shape: Any = item.attributes.get("shape")
        if isinstance(shape, np.ndarray) and shape.size == 1:
            shape = shape[0]
        if not _is_float(value) or not isinstance(shape, np.integer) or item.items:
            raise Refused(
                f"{item.path} is neither a data set nor a constant component.",
                "Give it the attributes value, a float, and shape, the number of particles.",
            )
        if not 0 <= shape < 2**48 or not np.isfinite(value):
            raise Refused(f"{item.path} stands for {shape} times {value}.", "Write a finite number.")
        number: Any = f"<f{value.dtype.itemsize}"
        return Piece(dtype=number, count=int(shape), value=float(value))

    def _stored(self, item: Item, stored: Stored) -> Piece:
        if (stored.dtype.kind, stored.dtype.itemsize) not in FLOATS:
            raise Refused(f"{item.path} holds integers.", "Write floats of 32 or 64 bits.")
        if stored.offset is not None:
            given: Any = stored.dtype.str
            return Piece(dtype=given, count=stored.size, file="given", offset=stored.offset)
        number: Any = stored.dtype.newbyteorder("<").str
        offset = self._copy.tell()
        for part in _parts(stored, number):
            self._copy.write(part.data)
        return Piece(dtype=number, count=stored.size, file="copy", offset=offset)


def _is_float(value: Any) -> bool:
    return isinstance(value, np.floating) and value.dtype.itemsize in (4, 8)


def _parts(stored: Stored, number: str) -> Iterator[np.ndarray]:
    """All numbers of a packed data set, in order, in pieces of whole chunks."""
    import h5py

    if stored.size == 0:
        return
    if not stored.shape:
        one = np.empty((), number)
        stored.identifier.read(h5py.h5s.ALL, h5py.h5s.ALL, one)
        yield one
        return
    row = stored.bytes // stored.shape[0]
    step = max(1, STEP // max(1, row * stored.rows)) * stored.rows
    for begin in range(0, stored.shape[0], step):
        shape = (min(step, stored.shape[0] - begin), *stored.shape[1:])
        part = np.empty(shape, number)
        space = stored.identifier.get_space()
        space.select_hyperslab((begin, *(0,) * (len(shape) - 1)), shape)
        stored.identifier.read(h5py.h5s.create_simple(shape), space, part)
        yield part
