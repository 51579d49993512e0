"""Files that are written whole or not at all, and their check sums."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from .contracts.errors import InvalidInput

_FULL = os.strerror(errno.ENOSPC)


class CannotWrite(InvalidInput):
    """A file that cannot be written: its folder is not writable, or the disk is full."""


def write_atomically(path: Path, content: bytes | Callable[[Path], None]) -> None:
    """Write a file so that a reader, a crash or a full disk never meets half of it.

    Parameters
    ----------
    path
        Where it shall stand; its folder is made where it is missing.
    content
        The bytes, or a function that writes them to the path it is given.

    Raises
    ------
    CannotWrite
        Where the folder cannot be written to or the disk is full; nothing is left behind.
    """
    path = Path(path)
    scratch: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:40]}.", suffix=".part")
        scratch = Path(name)
        os.fchmod(handle, 0o644)
        with os.fdopen(handle, "wb") as file:
            if callable(content):
                content(scratch)
            else:
                file.write(content)
                file.flush()
            os.fsync(file.fileno())
        if callable(content):
            _sync(scratch)
        scratch.replace(path)
        _sync(path.parent)
    except Exception as error:
        if not isinstance(error, OSError) and _FULL not in str(error):  # safetensors has an error of its own
            raise
        reason = _FULL if _FULL in str(error) else getattr(error, "strerror", None) or error
        raise CannotWrite(
            f"Cannot write {path}: {reason}.", "Free some space or choose a folder you may write to."
        ) from error
    finally:
        if scratch is not None:
            scratch.unlink(missing_ok=True)


def remove_old_scratch(folder: Path, seconds: float = 3600.0) -> None:
    """Remove what processes that were killed had half written, if it has not changed for so many seconds."""
    for scratch in folder.glob(".*.part"):
        with contextlib.suppress(OSError):
            if abs(time.time() - scratch.stat().st_mtime) > seconds:
                scratch.unlink()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """SHA-256 of a file's bytes, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
