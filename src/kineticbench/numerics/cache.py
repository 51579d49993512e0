"""Arrays kept on disk under a hash of what they were made from.

An entry is a folder of NumPy files beside `entry.json`, which holds the parameters, the SHA-256 of every file, what it
cost to make, and notes. It is written to a temporary folder, flushed and renamed, so it is there whole or not at all.
A file lock for each entry lets one process make it while the others wait. Every array is checked against its sum when
it is read, which reads every byte, so nothing is mapped into memory.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import os
import shutil
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import CorruptFile

VARIABLE = "KINETICBENCH_CACHE"
MANIFEST = "entry.json"
FORMAT = 1  # of the files; a change makes every entry anew


class CacheWarning(UserWarning):
    """The cache could not be used, or an entry was damaged and is made again. The results are right all the same."""


@dataclass(frozen=True, eq=False)
class Entry:
    """Arrays, and what they cost.

    Parameters
    ----------
    arrays
        By name.
    notes
        What the maker wanted kept beside them; JSON.
    seconds
        Wall time of making them, however long ago.
    hardware
        Identifier of the machine that took those seconds.
    """

    arrays: dict[str, np.ndarray]
    notes: dict[str, Any]
    seconds: float
    hardware: str


Made = tuple[dict[str, np.ndarray], dict[str, Any]]


def folder() -> Path:
    """Where entries lie: $KINETICBENCH_CACHE, or the user's cache folder of this system."""
    import platformdirs

    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else Path(platformdirs.user_cache_dir("kineticbench", appauthor=False))


def cached(
    kind: str,
    parameters: Mapping[str, Any],
    make: Callable[[], Made],
    hardware: str = "",
    prepare: Callable[[], None] | None = None,
) -> Entry:
    """The entry for these parameters, read from the cache or made and kept there.

    Parameters
    ----------
    kind
        A readable prefix of the entry's name.
    parameters
        Everything that the arrays depend on, a version of the code among it; JSON.
    make
        Makes (arrays, notes); called at most once, and timed.
    hardware
        Identifier of this machine, kept beside the seconds.
    prepare
        Called before `make`, outside the clock; to compile, say.

    Warns
    -----
    CacheWarning
        Where an entry is damaged (it is made again) or the folder cannot be used (the arrays are made, not kept).
    """
    canonical = json.dumps([FORMAT, kind, parameters], sort_keys=True, separators=(",", ":"), allow_nan=False)
    path = folder() / f"{kind}-{hashlib.sha256(canonical.encode()).hexdigest()[:24]}"
    found = _read_or_warn(path, canonical)
    if found is not None:
        return found
    with _locked(path):
        found = _read_or_warn(path, canonical)
        if found is not None:
            return found
        if prepare is not None:
            prepare()
        begin = time.perf_counter()
        arrays, notes = make()
        entry = Entry(arrays, notes, time.perf_counter() - begin, hardware)
        try:
            _write(path, canonical, entry)
        except OSError as error:
            _complain(path, error)
        return entry


def read(path: Path, canonical: str | None = None) -> Entry | None:
    """The entry in this folder, or None where there is none.

    Raises
    ------
    CorruptFile
        Where a file is missing, does not parse, has another check sum, or belongs to other parameters.
    """
    try:
        text = (path / MANIFEST).read_text()
    except FileNotFoundError:
        if path.exists():
            raise CorruptFile(f"The cache entry {path} has no {MANIFEST}.", "Delete it.") from None
        return None
    try:
        manifest = json.loads(text)
        if canonical is not None and manifest["made_from"] != canonical:
            raise ValueError("it was made from other parameters")
        arrays = {name: _load(path / f"{name}.npy", sum_) for name, sum_ in manifest["sha256"].items()}
        return Entry(arrays, manifest["notes"], float(manifest["seconds"]), manifest["hardware"])
    except (ValueError, KeyError, TypeError, AttributeError, EOFError, FileNotFoundError) as error:
        raise CorruptFile(f"The cache entry {path} is damaged: {error}.", "Delete it.") from error


def _load(path: Path, expected: str) -> np.ndarray:
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != expected:
        raise ValueError(f"{path.name} fails its check sum")
    return np.load(io.BytesIO(content), allow_pickle=False)


def _read_or_warn(path: Path, canonical: str) -> Entry | None:
    try:
        return read(path, canonical)
    except CorruptFile as error:
        warnings.warn(f"{error.message} It is made again.", CacheWarning, stacklevel=4)
    except OSError as error:
        _complain(path, error)
    return None


def _complain(path: Path, error: OSError) -> None:
    full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    reason = "the disk is full" if full else error.strerror or str(error)
    warnings.warn(
        f"{path.name} is not kept in the cache {path.parent}: {reason}. Set {VARIABLE} to another folder.",
        CacheWarning,
        stacklevel=5,
    )


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold the entry's lock where the folder can be written to; go on without one where it cannot."""
    import filelock

    lock = filelock.FileLock(path.with_name(f"{path.name}.lock"))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except OSError:
        yield  # writing will fail likewise, and say why
        return
    try:
        yield
    finally:
        lock.release()


def _write(path: Path, canonical: str, entry: Entry) -> None:
    """Write an entry whole or not at all; the caller holds the lock."""
    for left in path.parent.glob(f"{path.name}.part-*"):  # of a process that was killed while it wrote
        shutil.rmtree(left, ignore_errors=True)
    part = path.with_name(f"{path.name}.part-{os.getpid()}-{time.time_ns():x}")
    part.mkdir()
    try:
        sums = {name: _save(part / f"{name}.npy", array) for name, array in entry.arrays.items()}
        manifest = {
            "made_from": canonical,
            "sha256": sums,
            "seconds": entry.seconds,
            "hardware": entry.hardware,
            "notes": entry.notes,
        }
        with (part / MANIFEST).open("w") as file:
            json.dump(manifest, file, indent=1)
            _flush(file)
        if path.exists():  # damaged
            shutil.rmtree(path)
        part.rename(path)
        _flush_folder(path.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


class _Summing(io.RawIOBase):
    """A file to write to that keeps the sum of what it is given."""

    def __init__(self, file: Any):
        self.file, self.sum = file, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.sum.update(data)
        return self.file.write(data)


def _save(path: Path, array: np.ndarray) -> str:
    with path.open("wb") as file:
        summing = _Summing(file)
        np.lib.format.write_array(summing, np.ascontiguousarray(array), allow_pickle=False)
        _flush(file)
    return summing.sum.hexdigest()


def _flush(file: Any) -> None:
    file.flush()
    os.fsync(file.fileno())


def _flush_folder(path: Path) -> None:
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
