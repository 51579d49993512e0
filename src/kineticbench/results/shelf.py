"""Rows about many files in one file, and all their figures behind one another.

    line        kineticbench-shelf <length of the JSON> <length of the figures> <CRC-32 of both>
    JSON        files with their stamps and rows, and a table of the texts that rows share
    figures     float64, little-endian, from a multiple of 64 bytes on

A file that is torn, altered or of another version is no shelf; nobody need keep one.
"""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import tempfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

_OPENING = b"kineticbench-shelf"
_ALIGNED = 64
_PIECE = 1 << 20
Stamp = tuple[int, ...]


class Packer:
    """Makes a shelf.

    Parameters
    ----------
    version
        Of the code that made the rows.
    shared
        For each kind of row, which is its second entry, the places of texts that many have in common.
    """

    def __init__(self, version: str, shared: Mapping[str, Iterable[int]]):
        self._version, self._shared = version, {kind: list(places) for kind, places in shared.items()}
        self._texts: dict[str, int] = {}
        self._files: list[Any] = []
        self._figures: list[np.ndarray] = [np.zeros(0)]
        self._at = 0

    def skip(self, name: str, stamp: Stamp, why: str) -> None:
        """Note a file that is passed over."""
        self._files.append([name, stamp, why])

    def add(self, name: str, stamp: Stamp, row: list[Any], figures: np.ndarray) -> None:
        """Add what a file holds."""
        packed = list(row)
        for place in self._shared[row[1]]:
            if packed[place] is not None:
                packed[place] = self._texts.setdefault(packed[place], len(self._texts))
        self._files.append([name, stamp, [*packed, self._at, len(figures)]])
        self._figures.append(figures)
        self._at += len(figures)

    def pieces(self) -> list[bytes]:
        """The bytes of the shelf, one after the other."""
        held = {
            "version": self._version,
            "shared": self._shared,
            "texts": list(self._texts),
            "files": self._files,
        }
        text = json.dumps(held, separators=(",", ":")).encode()
        figures = np.concatenate(self._figures).astype("<f8").tobytes()
        check = zlib.crc32(figures, zlib.crc32(text))
        opening = b"%s %d %d %d\n" % (_OPENING, len(text), len(figures), check)
        return [opening, text, b" " * (-(len(opening) + len(text)) % _ALIGNED), figures]


class Shelf:
    """What a shelf holds.

    Parameters
    ----------
    data
        Its bytes, whole.
    """

    def __init__(self, data: bytes | mmap.mmap):
        opening = bytes(data[:128]).partition(b"\n")[0]
        text_length, length, _ = _numbers(opening + b"\n")
        start = len(opening) + 1
        held = json.loads(data[start : start + text_length])
        self.version: str = held["version"]
        self._shared: dict[str, list[int]] = held["shared"]
        self._texts: list[str] = held["texts"]
        self._files: list[list[Any]] = held["files"]
        behind = start + text_length
        self._figures = np.frombuffer(data, "<f8", length // 8, behind + -behind % _ALIGNED)

    @classmethod
    def read(cls, path: Path, version: str) -> Shelf | None:
        """The shelf in a file, its figures left on the disk until they are asked for; None where there is none."""
        try:
            with path.open("rb") as file:
                opening = file.readline(128)
                text_length, length, check = _numbers(opening)
                found = zlib.crc32(file.read(text_length))
                file.seek(-(len(opening) + text_length) % _ALIGNED, 1)
                while piece := file.read(_PIECE):
                    found, length = zlib.crc32(piece, found), length - len(piece)
                if length or found != check:
                    return None
                shelf = cls(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        except (OSError, ValueError, OverflowError):
            return None
        return shelf if shelf.version == version else None

    @property
    def stamps(self) -> dict[str, Stamp]:
        """The stamp of every file."""
        return {name: tuple(stamp) for name, stamp, _ in self._files}

    def __iter__(self) -> Iterator[tuple[str, Stamp, list[Any] | str, np.ndarray]]:
        """Every file's name, stamp, row (or why it is passed over) and figures."""
        nothing = np.zeros(0)
        for name, stamp, packed in self._files:
            if isinstance(packed, str):
                yield name, tuple(stamp), packed, nothing
                continue
            *row, at, count = packed
            for place in self._shared[row[1]]:
                if row[place] is not None:
                    row[place] = self._texts[row[place]]
            yield name, tuple(stamp), row, self._figures[at : at + count]


def write(path: Path, pieces: Iterable[bytes]) -> bool:
    """Write a shelf whole or not at all; whether it could be. It need not outlive a crash, so nothing is synced."""
    scratch: str | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, scratch = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
        with os.fdopen(handle, "wb") as file:
            file.writelines(pieces)
        os.replace(scratch, path)
        scratch = None
    except OSError:
        return False
    finally:
        if scratch is not None:
            with contextlib.suppress(OSError):
                Path(scratch).unlink()
    return True


def _numbers(opening: bytes) -> tuple[int, int, int]:
    name, *numbers = opening.split()
    if name != _OPENING or len(numbers) != 3 or not opening.endswith(b"\n"):
        raise ValueError("This is no shelf.")
    text_length, length, check = (int(number) for number in numbers)
    return text_length, length, check
