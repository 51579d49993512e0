"""The clock of a cell, and its limits on time and memory."""

from __future__ import annotations

import time

from .family import Memory

POLL_SECONDS = 0.05
QUICK_SECONDS = 0.002
FASTEST_BYTES = 20e9  # what no allocator fills in a second


class Watch:
    """The clock of a cell, which the worker starts and stops, and the limits on time and memory.

    Memory is looked at every 50 ms, and the more often the nearer it is to its limit: as soon as a fast allocator could
    be there, but not more often than every 2 ms.
    """

    def __init__(self) -> None:
        self._limits: dict[str, float] | None = None
        self._ran, self._since, self._begun = 0.0, None, 0.0
        self._memory, self._next, self._timed_peak = Memory(), 0.0, 0

    def begin(self, limits: dict[str, float]) -> None:
        """A cell begins; limits are "seconds" on the clock, "setup_seconds" off the clock, "bytes" all the time."""
        self._limits, self._ran, self._since, self._timed_peak = limits, 0.0, None, 0
        self._begun, self._next = time.monotonic(), 0.0
        self._memory.begin()

    def clock(self, running: bool) -> None:
        """The worker starts or stops the clock."""
        now = time.monotonic()
        if self._since is not None:
            self._ran += now - self._since
        if running and self._since is None:
            self._memory.peak = 0
        self._since = now if running else None
        self._begun = now

    def end(self) -> None:
        """The cell is over."""
        self._limits, self._since = None, None

    @property
    def active(self) -> bool:
        """Whether a cell runs."""
        return self._limits is not None

    @property
    def peak_bytes(self) -> int:
        """Highest memory of the process tree that was seen while the clock ran."""
        return self._timed_peak

    def pause(self) -> float | None:
        """Seconds until the limits must be looked at again; None while no cell runs."""
        return None if self._limits is None else max(0.0, min(self._next - time.monotonic(), POLL_SECONDS))

    def passed(self) -> tuple[str, str] | None:
        """Which limit is passed, and a sentence that says so."""
        if self._limits is None:
            return None
        now = time.monotonic()
        if self._since is None:
            most = self._limits["setup_seconds"]
            if now - self._begun > most:
                return "timeout", f"What comes before or after fit and solve took longer than {most:g} s."
        elif self._ran + now - self._since > self._limits["seconds"]:
            return "timeout", f"Fit and solve took longer than the limit of {self._limits['seconds']:g} s."
        return self._full() if now >= self._next else None

    def _full(self) -> tuple[str, str] | None:
        assert self._limits is not None
        limit = self._limits["bytes"]
        used = self._memory.now(limit)
        if self._since is not None:
            self._timed_peak = max(self._timed_peak, self._memory.peak)
        if used > limit:
            doing = "It used" if self._since is not None else "What comes before or after fit and solve used"
            return "out-of-memory", f"{doing} {used / 2**20:.0f} MiB, beyond the limit of {limit / 2**20:.0f} MiB."
        soonest = min(max((limit - used) / FASTEST_BYTES, QUICK_SECONDS), POLL_SECONDS)
        self._next = time.monotonic() + soonest
        return None
