"""Looks through a stranger's HDF5 file without reading any data: what is there, of what type, and how large.

Everything is refused that this layout has no use for and that has been a way to do harm: links other than hard ones,
objects reached twice, virtual data sets, external storage, committed, compound, variable-length, opaque, reference and
unknown types, filters other than deflate, shuffle and the Fletcher checksum. Run this in a process of its own
(`openpmd.outside`): the library underneath may still crash on what it parses.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .bounds import Bounds, Refused, confined

LINKS = {1: "a soft link", 64: "an external link"}
FILTERS = {1: "deflate", 2: "shuffle", 3: "fletcher32"}
FLOATS = {("f", 4), ("f", 8)}
NUMBERS = FLOATS | {(kind, size) for kind in "iu" for size in (1, 2, 4, 8)}
_CLASSES = {
    2: "time", 4: "bit field", 5: "opaque", 6: "compound", 7: "reference", 8: "enumeration", 9: "variable-length",
    10: "array", 11: "complex",
}  # fmt: skip


@dataclass(frozen=True, eq=False)
class Stored:
    """A data set: its type and shape, and where its bytes lie.

    Parameters
    ----------
    dtype
        Of its numbers.
    shape
        Empty for a single number.
    offset
        Of the first byte in the file where all follow one another as they are; None where they are packed.
    rows
        Rows of the first axis that are unpacked together.
    identifier
        What reads it, while the file is open.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    offset: int | None
    rows: int
    identifier: Any

    @property
    def size(self) -> int:
        """How many numbers."""
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        """Declared size."""
        return self.size * self.dtype.itemsize


@dataclass(frozen=True, eq=False)
class Item:
    """A group or a data set (`stored`), with its attributes as text, NumPy numbers and arrays of one axis."""

    path: str
    attributes: dict[str, Any]
    items: dict[str, Item] = field(default_factory=dict)
    stored: Stored | None = None

    def find(self, path: str) -> Item | None:
        """What lies at a relative path, or None."""
        found: Item | None = self
        for part in filter(None, path.split("/")):
            found = None if found is None else found.items.get(part)
        return found


@contextmanager
def examined(path: Path, bounds: Bounds | None = None) -> Iterator[Item]:
    """The root of a file, whose data can be read while the block runs.

    Raises
    ------
    Refused
        For anything but groups and data sets of plain numbers within the bounds.
    """
    import h5py

    try:
        file = h5py.File(path, "r", locking=False, rdcc_nbytes=1 << 20, driver="sec2")
    except OSError as error:
        raise Refused(f"It cannot be opened as HDF5: {first_line(error)}.") from error
    with file:
        walk = _Walk(bounds or Bounds(), Path(path).stat().st_size)
        yield walk.item(file.id, "/", 0)


def first_line(error: BaseException) -> str:
    """What the library says, on one line."""
    return " ".join(str(error).split())[:300].rstrip(".") or type(error).__name__


def _library() -> Any:
    """h5py, whose lower half has no types."""
    import h5py

    return h5py


class _Walk:
    """Visits every object once."""

    def __init__(self, bounds: Bounds, file_bytes: int):
        self._bounds, self._file_bytes = bounds, file_bytes
        self._seen: set[int] = set()
        self._bytes = 0

    def item(self, identifier: Any, path: str, depth: int) -> Item:
        h5py = _library()
        bounds = self._bounds
        if depth > bounds.depth:
            raise Refused(f"Its groups lie more than {bounds.depth} deep.")
        about = h5py.h5o.get_info(identifier)
        if about.addr in self._seen or (path != "/" and about.rc != 1):
            raise Refused(f"{path} is reached in more than one way.", "Give every object one name.")
        self._seen.add(about.addr)
        if len(self._seen) > bounds.objects:
            raise Refused(f"It holds more than {bounds.objects} objects.")
        attributes = self._attributes(identifier, path)
        if about.type == h5py.h5o.TYPE_DATASET:
            return Item(path, attributes, stored=self._stored(identifier, path))
        if about.type != h5py.h5o.TYPE_GROUP:
            raise Refused(f"{path} is a committed type.", "Only groups and data sets are read.")
        items = {}
        for name in self._names(identifier, path):
            below = f"{path.rstrip('/')}/{confined(name, path)}"
            kind = identifier.links.get_info(name).type
            if kind != h5py.h5l.TYPE_HARD:
                raise Refused(f"{below} is {LINKS.get(kind, 'a link of unknown type')}.", "Write the data itself.")
            items[name.decode()] = self.item(h5py.h5o.open(identifier, name), below, depth + 1)
        return Item(path, attributes, items)

    def _names(self, identifier: Any, path: str) -> list[bytes]:
        most = self._bounds.objects
        if identifier.get_num_objs() > most:
            raise Refused(f"{path} holds more than {most} objects.")
        names: list[bytes] = []

        def take(name: bytes) -> int | None:
            names.append(name)
            return 1 if len(names) > most else None

        identifier.links.iterate(take)
        return names

    def _attributes(self, identifier: Any, path: str) -> dict[str, Any]:
        h5py = _library()
        number = h5py.h5a.get_num_attrs(identifier)
        if number > self._bounds.attributes:
            raise Refused(f"{path} has {number} attributes, more than {self._bounds.attributes}.")
        found = {}
        for index in range(number):
            attribute = h5py.h5a.open(identifier, index=index)
            name = confined(attribute.name, f"The list of attributes of {path}")
            found[name] = self._value(attribute, f"The attribute {name} of {path}")
        return found

    def _value(self, attribute: Any, what: str) -> Any:
        """Text, a number, or an array of one axis."""
        dtype = plain_type(attribute.get_type(), what, strings=True)
        shape = attribute.shape
        if shape is None or len(shape) > 1:
            raise Refused(f"{what} has no value or several axes.", "Write a number, a text or a list of them.")
        size = math.prod(shape) * dtype.itemsize
        if size > self._bounds.attribute_bytes:
            raise Refused(f"{what} takes {size} bytes, more than {self._bounds.attribute_bytes}.")
        held = np.zeros(shape, dtype)
        if held.size:
            attribute.read(held, mtype=attribute.get_type() if dtype.kind == "S" else None)
        if dtype.kind == "S":
            texts = [_text(text, what) for text in held.reshape(-1).tolist()]
            return texts if shape else texts[0]
        return held if shape else held[()]

    def _stored(self, identifier: Any, path: str) -> Stored:
        h5py = _library()
        bounds, plan = self._bounds, identifier.get_create_plist()
        dtype = plain_type(identifier.get_type(), path)
        shape = identifier.shape
        if shape is None:
            raise Refused(f"{path} has no data.")
        layout = plan.get_layout()
        if layout == h5py.h5d.VIRTUAL:
            raise Refused(f"{path} is a virtual data set.", "Write the data itself.")
        if plan.get_external_count():
            raise Refused(f"{path} lies in another file.", "Write the data into this one.")
        if len(shape) > bounds.axes:
            raise Refused(f"{path} has {len(shape)} axes, more than {bounds.axes}.")
        found = Stored(dtype, shape, None, 0, identifier)
        self._bytes += found.bytes
        if found.bytes >= bounds.bytes or self._bytes > min(bounds.bytes, bounds.packing * self._file_bytes):
            raise Refused(
                f"At {path} its data sets declare {self._bytes} bytes, and the file has {self._file_bytes}.",
                "Leave the data unpacked, and write equal numbers as a constant component.",
            )
        if layout == h5py.h5d.CHUNKED:
            return self._chunked(found, plan, path)
        if layout == h5py.h5d.COMPACT or found.bytes == 0:
            return Stored(dtype, shape, None, shape[0] if shape else 1, identifier)
        offset = identifier.get_offset()
        if layout != h5py.h5d.CONTIGUOUS or offset is None or identifier.get_storage_size() < found.bytes:
            raise Refused(f"{path} was declared but never written.")
        if offset + found.bytes > self._file_bytes:
            raise Refused(f"{path} goes on behind the end of the file.")
        return Stored(dtype, shape, offset, 0, identifier)

    def _chunked(self, found: Stored, plan: Any, path: str) -> Stored:
        for number in range(plan.get_nfilters()):
            code = plan.get_filter(number)[0]
            if code not in FILTERS:
                raise Refused(f"{path} uses the filter {code}.", f"Use none but {', '.join(FILTERS.values())}.")
        chunk = plan.get_chunk()
        if len(chunk) != len(found.shape) or not all(chunk):
            raise Refused(f"{path} has chunks of the shape {chunk}, and the shape {found.shape}.")
        row = chunk[0] * math.prod(max(pair) for pair in zip(chunk[1:], found.shape[1:], strict=True))
        size = row * found.dtype.itemsize
        if size > self._bounds.chunk_bytes or size > 2 * found.bytes + self._bounds.attribute_bytes:
            raise Refused(f"{path} must be unpacked by {size} bytes at a time.", "Make its chunks smaller.")
        wanted = math.prod(-(-extent // part) for extent, part in zip(found.shape, chunk, strict=True))
        if found.size and found.identifier.get_num_chunks() != wanted:
            raise Refused(f"{path} was declared but not all of it was written.")
        return Stored(found.dtype, found.shape, None, chunk[0], found.identifier)


def plain_type(given: Any, what: str, strings: bool = False) -> np.dtype:
    """The NumPy type of plain numbers, or of text of fixed length where `strings`."""
    import h5py

    kind = given.get_class()
    if kind == h5py.h5t.STRING and strings:
        if given.is_variable_str():
            raise Refused(f"{what} is a string of variable length.", "Write a string of fixed length.")
        return np.dtype(f"S{given.get_size()}")
    if kind not in (h5py.h5t.INTEGER, h5py.h5t.FLOAT):
        name = _CLASSES.get(kind, "text" if kind == h5py.h5t.STRING else "unknown")
        raise Refused(f"{what} is of {name} type.", "Write plain numbers.")
    for dtype, usual in _usual_types():
        if given.equal(usual):
            return dtype
    raise Refused(f"{what} has numbers of an unusual format.", "Write IEEE floats or integers of up to 64 bits.")


@cache
def _usual_types() -> list[tuple[np.dtype, Any]]:
    import h5py

    known = [np.dtype(f"{order}{code}{size}") for order in "<>" for code, size in sorted(NUMBERS)]
    return [(dtype, h5py.h5t.py_create(dtype)) for dtype in known]


def _text(given: bytes, what: str) -> str:
    """Text without the zeros or blanks that fill it up."""
    try:
        return given.rstrip(b"\0").decode().rstrip(" ")
    except UnicodeDecodeError:
        raise Refused(f"{what} is not text in UTF-8.") from None
