"""The lanes of a Dask worker."""

from __future__ import annotations

import os
import tempfile
import threading
from pathlib import Path

import filelock

from ..handle import Listener, Outcome
from ..plan import Job
from .local import Lane

IDLE_SECONDS = 60.0


class Number:
    """Numbers the Dask workers of this machine, by a lock that the system takes back when a process ends."""

    def __init__(self) -> None:
        self._lock: filelock.FileLock | None = None
        self._number = 0

    def __call__(self) -> int:
        """The least that no other process had at the first call."""
        while self._lock is None and self._number < 4096:
            path = Path(tempfile.gettempdir()) / f"kineticbench-{os.getuid()}-{self._number}.lock"
            lock = filelock.FileLock(path, thread_local=False)
            try:
                lock.acquire(timeout=0)
                self._lock = lock
            except (filelock.Timeout, OSError):
                self._number += 1
        return self._number


class Lanes:
    """The lanes of this process: kept warm between the cells of one run, and ended with it.

    A lane that nobody uses for a minute is ended too, since the engine may have died without a word.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[Lane, str] = {}
        self._busy: dict[Lane, str] = {}
        self._ended: set[str] = set()
        self._timer: threading.Timer | None = None
        self._number = Number()

    def run(self, run: str, job: Job, listener: Listener) -> Outcome | None:
        """Run a job; None where its run was ended meanwhile."""
        with self._lock:
            if run in self._ended:
                return None
            others = [lane for lane, its in self._idle.items() if its != run]
            own = [lane for lane, its in self._idle.items() if its == run]
            lane = own[-1] if own else Lane(self._number() + len(self._busy))
            for gone in (*others, lane):
                self._idle.pop(gone, None)
            self._busy[lane] = run
        try:
            for other in others:
                other.close()
            outcome = lane.run(job, listener)
        except BaseException:
            with self._lock:
                del self._busy[lane]
            lane.close()
            raise
        with self._lock:
            del self._busy[lane]
            ended = run in self._ended
            if not ended:
                self._idle[lane] = run
                self._wind()
        if ended:
            lane.close()
            return None
        return outcome

    def end(self, run: str) -> None:
        """End all that belongs to a run, and begin nothing more of it."""
        with self._lock:
            self._ended.add(run)
            for lane in (lane for lane, its in self._busy.items() if its == run):
                lane.kill()
        self.close_idle()

    def close_idle(self) -> None:
        """End the lanes that run nothing."""
        with self._lock:
            idle, self._idle = list(self._idle), {}
        for lane in idle:
            lane.close()

    def _wind(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = threading.Timer(IDLE_SECONDS, self.close_idle)
        self._timer.daemon = True
        self._timer.start()
