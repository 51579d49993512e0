"""Several runs on one results folder divide its cells: each claims a cell before it begins it.

A claim is an advisory lock on an empty file in DIR/.running that is removed with the claim. The system drops the lock
when the process dies, so a claim never outlives its run. Where the file system knows no locks, runs only see what the
others have recorded.
"""

from __future__ import annotations

import contextlib
import os
import time
from functools import cache
from pathlib import Path

from ..results.record import Record
from ..results.store import Store
from .environment import hardware
from .plan import Job

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

FOLDER = ".running"
_SHARE = 10  # looking at a folder takes at most a tenth of the time


class Claim:
    """A cell that this run has to itself until `release`."""

    def __init__(self, path: Path | None = None, descriptor: int | None = None):
        self._path, self._descriptor = path, descriptor

    def __del__(self) -> None:
        self.release()

    def __reduce__(self) -> tuple[type[Claim], tuple[()]]:
        """In another process it is nothing: descriptors do not travel."""
        return Claim, ()

    def release(self) -> None:
        """Let others have the cell; to be called when its record is written."""
        if self._descriptor is not None and self._path is not None:
            with contextlib.suppress(OSError):
                self._path.unlink()
            os.close(self._descriptor)
            self._descriptor = None


def claim(job: Job) -> Claim | None:
    """Claim the cell of a job; None where another run has it, or has recorded it since the job was planned."""
    held = _lock(job)
    if held is not None and recorded(job) is not None:
        held.release()
        return None
    return held


def recorded(job: Job, look: bool = False) -> str | None:
    """The attempt at the cell on this hardware that was recorded by another run since the job was planned.

    Looks into the folder if that was not done just now, or where it must (`look`).
    """
    if not _others(job.results).has(job, look):
        return None
    here = hardware()["id"]
    new = [it.run for it in Store(job.results).known({job.cell.id}) if it.run not in job.known and it.hardware == here]
    return new[-1] if new else None


def record_of_another(job: Job, look: bool) -> Record | None:
    """The record that another run on the folder has made of the cell since the job was planned."""
    run = recorded(job, look)
    if run is None:
        return None
    with contextlib.suppress(OSError, ValueError):
        return Record.model_validate_json((job.results / f"{job.cell.id}.{run}.json").read_bytes())
    return None


def _lock(job: Job) -> Claim | None:
    if fcntl is None:
        return Claim()
    path = job.results / FOLDER / f"{job.cell.id[:32]}.{hardware()['id']}"
    try:
        descriptor = _open(path)
    except OSError:
        return Claim()
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    except OSError:
        os.close(descriptor)
        return Claim()
    return Claim(path, descriptor)


def _open(path: Path) -> int:
    with contextlib.suppress(FileNotFoundError):
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    path.parent.mkdir(exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


class Others:
    """What a folder holds, looked at again as often as costs little."""

    def __init__(self, folder: Path):
        self._store, self._next = Store(folder), 0.0
        self._runs: dict[str, tuple[str, ...]] = {}

    def has(self, job: Job, look: bool) -> bool:
        """Whether there is an attempt at the cell that was not there when the job was planned."""
        begun = time.monotonic()
        if look or begun > self._next:
            self._runs = self._store.attempts()
            now = time.monotonic()
            self._next = now + _SHARE * (now - begun)
        return not set(self._runs.get(job.cell.id, ())) <= set(job.known)


@cache
def _others(folder: Path) -> Others:
    return Others(folder)
