"""The small file in which a run says what it does while it does it, for `kineticbench status` here or elsewhere.

It is written whole, never synced to the disk, and removed when the run ends. Nothing depends on it: what cannot be
written or read is passed over.
"""

from __future__ import annotations

import contextlib
import os
import socket
from datetime import UTC, datetime
from pathlib import Path

import psutil
from pydantic import AwareDatetime, ValidationError

from .record import Count, Part, RunIdentifier, State

LOST_SECONDS = 30.0
_FORGOTTEN_SECONDS = 86_400.0


class RunningCell(Part):
    """A cell that runs now: which, since when, and in which phase; `progress` is that of a training, 0 to 1."""

    cell: str
    dataset: str
    solver: str
    setting: str
    seed: int
    phase: str
    since: AwareDatetime
    phase_since: AwareDatetime
    progress: float | None = None


class RunState(Part):
    """A run that goes on.

    Parameters
    ----------
    run
        The identifier of its first attempt.
    host, pid
        Where it is.
    command
        What was typed.
    begun, heartbeat
        When it began and when it last wrote this.
    planned, ended
        How many cells it set out to run, and how many of them ended, by state.
    running
        Cells that run now.
    left_s
        Estimate of the seconds until its end, at the heartbeat; null where there is none.
    """

    run: RunIdentifier
    host: str
    pid: int
    command: str | None
    begun: AwareDatetime
    heartbeat: AwareDatetime
    planned: Count
    ended: dict[State, Count]
    running: list[RunningCell]
    left_s: float | None

    @property
    def left(self) -> int:
        """How many cells are not ended yet."""
        return max(self.planned - sum(self.ended.values()), 0)

    def lost(self, now: datetime) -> bool:
        """Whether it must have been killed: not heard of for long, or without a process where this is its machine."""
        if (now - self.heartbeat).total_seconds() > LOST_SECONDS:
            return True
        return self.host == socket.gethostname() and not psutil.pid_exists(self.pid)


def write(folder: Path, state: RunState) -> None:
    """Write the file of a run; where that fails there is just no news of it."""
    scratch = folder / f".{state.run}.part"
    with contextlib.suppress(OSError):
        folder.mkdir(exist_ok=True)
        scratch.write_text(state.model_dump_json(indent=1) + "\n", encoding="utf-8")
        scratch.replace(folder / f"{state.run}.json")


def remove(folder: Path, run: str) -> None:
    """Remove the file of a run."""
    for name in (f".{run}.part", f"{run}.json"):
        with contextlib.suppress(OSError):
            (folder / name).unlink(missing_ok=True)


def read(folder: Path) -> list[RunState]:
    """Every run that says of itself that it goes on, the oldest first."""
    found: list[RunState] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for name in sorted(entry.name for entry in entries if entry.name.endswith(".json")):
            with contextlib.suppress(OSError, ValidationError):
                found.append(RunState.model_validate_json((folder / name).read_bytes()))
    return found


def clear(folder: Path) -> None:
    """Remove the files of runs that were killed: those of this machine, and of others a day later."""
    now = datetime.now(UTC)
    for state in read(folder):
        here = state.host == socket.gethostname()
        if state.lost(now) and (here or (now - state.heartbeat).total_seconds() > _FORGOTTEN_SECONDS):
            remove(folder, state.run)
