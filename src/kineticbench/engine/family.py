"""The processes that descend from this one: their memory, and their end.

The keeper adopts whatever its worker leaves behind (`adopt`), so that a child in a session of its own, forked twice,
still is its descendant.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import time
from pathlib import Path

_SET_CHILD_SUBREAPER = 36
_LOOK_SECONDS = 0.2
_WEIGH_SECONDS = 0.5
_END_SECONDS = 1.5


def adopt() -> None:
    """Become the parent of descendants whose own parent ends, where the system allows it (Linux)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def children(process: int) -> list[int]:
    """Processes that a process started or adopted."""
    try:
        tasks = list(Path(f"/proc/{process}/task").iterdir())
        return [int(child) for task in tasks for child in (task / "children").read_text().split()]
    except OSError:
        return [] if Path("/proc/self/task").exists() else _listed_children(process)


def _listed_children(process: int) -> list[int]:
    import psutil

    with contextlib.suppress(psutil.Error):
        return [child.pid for child in psutil.Process(process).children()]
    return []


def descendants() -> list[int]:
    """All processes below this one, parents before their children."""
    found = children(os.getpid())
    for process in found:
        found += [child for child in children(process) if child not in found]
    return found


def end(worker: int | None = None) -> None:
    """Kill every descendant, over and over until none is left or time is up, and reap all but `worker`."""
    patience = time.monotonic() + _END_SECONDS
    while time.monotonic() < patience:
        left = descendants()
        for process in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        reap(worker)
        if not [process for process in left if process != worker]:
            return
        time.sleep(0.002)


def end_strays(worker: int) -> None:
    """Kill what was adopted: children of the worker that gave up their parent so as to outlive it."""
    for _ in range(100):
        strays = [child for child in children(os.getpid()) if child != worker]
        if not strays:
            return
        for process in strays:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(process, signal.SIGKILL)
        reap(worker)
        time.sleep(0.001)


def reap(worker: int | None) -> None:
    """Forget adopted children that have ended; the worker's own end is left to whoever waits for it."""
    for process in children(os.getpid()):
        if process != worker:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(process, os.WNOHANG)


class Memory:
    """Memory of the descendants together, looked at in microseconds.

    Of one process it is the resident memory. Of several it is the sum of proportional shares (PSS), in which pages that
    forked children share count once: the system takes milliseconds to find these, so they are asked for now and then
    and where the limit may be near, and in between what the resident memories grow by is added. Where the system knows
    no shares, shared pages count as often as they are shared.
    """

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget the peak."""
        self.peak = 0
        self._processes: list[int] = []
        self._looked = self._weighed = 0.0
        self._shares = self._resident_then = 0

    def now(self, limit: float) -> int:
        """What they hold now, exactly where it is beyond the limit."""
        moment = time.monotonic()
        if moment - self._looked > _LOOK_SECONDS:
            self._looked, self._processes = moment, descendants()
        resident = {process: _resident(process) for process in self._processes}
        total = sum(resident.values())
        if len(resident) < 2:
            self.peak, self._weighed = max(self.peak, total), 0.0
            return total
        estimate = self._shares + max(total - self._resident_then, 0)
        if self._weighed == 0.0 or moment - self._weighed > _WEIGH_SECONDS or estimate > limit:
            estimate = sum(_proportional(process, pages) for process, pages in resident.items())
            self._weighed, self._shares, self._resident_then = time.monotonic(), estimate, total
            self.peak = max(self.peak, estimate)
        return estimate


def _resident(process: int) -> int:
    try:
        return int(Path(f"/proc/{process}/statm").read_bytes().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0 if Path("/proc/self/statm").exists() else _listed_resident(process)


def _listed_resident(process: int) -> int:
    import psutil

    with contextlib.suppress(psutil.Error):
        return psutil.Process(process).memory_info().rss
    return 0


def _proportional(process: int, resident: int) -> int:
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_bytes().splitlines():
            if line.startswith(b"Pss:"):
                return int(line.split()[1]) * 1024
    return resident


def kernel_kills() -> int:
    """How many processes the system has ended for want of memory since it started; 0 where it does not say."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = Path("/proc/vmstat").read_text()
        return int(text.partition("\noom_kill ")[2].split(maxsplit=1)[0])
    return 0


def end_marked(variable: str, value: str) -> None:
    """Kill the processes that were started with an environment variable: those whose keeper is no more."""
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            if process.pid != os.getpid() and process.environ().get(variable) == value:
                process.kill()
