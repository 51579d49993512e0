"""Stands between the engine and a worker, and ends the worker when a limit passes or the engine is gone.

Run as `python -m kineticbench.engine.keeper ENVIRONMENT ARGUMENTS…`: jobs arrive on standard input and answers leave on
standard output, one JSON message a line. The worker gets a session of its own, two pipes for messages, and one for
what it prints, of which the beginning and the end are kept.

What the keeper adds to the worker's messages: {"event": "ended", "why": "timeout" | "out-of-memory" | "exit", "reason":
…} when the worker is no more, and in that and every "done" the log and the highest memory of the process tree.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import selectors
import signal
import subprocess
import sys
import time

import psutil

from .protocol import Lines, Message, encode, write_all

POLL_SECONDS = 0.05
TREE_SECONDS = 0.5
LOG_BYTES = 32_768
_SET_CHILD_SUBREAPER = 36


class Log:
    """The beginning and the end of what is printed; what lies between is counted and dropped."""

    def __init__(self) -> None:
        self._head, self._tail, self._total = bytearray(), bytearray(), 0

    def add(self, data: bytes) -> None:
        """Take what was printed."""
        self._total += len(data)
        room = LOG_BYTES - len(self._head)
        self._head += data[:room]
        self._tail = (self._tail + data[max(room, 0) :])[-LOG_BYTES:]

    def take(self) -> str:
        """Everything since the last call, as text."""
        dropped = self._total - len(self._head) - len(self._tail)
        gap = f"\n… {dropped} bytes dropped …\n".encode() if dropped else b""
        text = bytes(self._head + gap + self._tail).decode(errors="replace")
        self.__init__()
        return text


class Watch:
    """The clock of a cell, which the worker starts and stops, and the limits on time and memory."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._limits: dict[str, float] | None = None
        self._ran, self._since, self._begun = 0.0, None, 0.0
        self._tree: list[psutil.Process] = []
        self._looked = 0.0

    def begin(self, limits: dict[str, float]) -> None:
        """A cell begins; limits are "seconds" on the clock, "bytes" meanwhile, "setup_seconds" off the clock."""
        self._limits, self._ran, self._since, self.peak_bytes = limits, 0.0, None, 0
        self._begun = time.monotonic()

    def clock(self, running: bool) -> None:
        """The worker starts or stops the clock."""
        now = time.monotonic()
        if self._since is not None:
            self._ran += now - self._since
        self._since = now if running else None
        self._begun = now

    def end(self) -> None:
        """The cell is over."""
        self._limits, self._since = None, None

    @property
    def active(self) -> bool:
        """Whether a cell runs."""
        return self._limits is not None

    def passed(self, worker: int) -> tuple[str, str] | None:
        """Which limit is passed, and a sentence that says so."""
        if self._limits is None:
            return None
        now = time.monotonic()
        if self._since is None:
            most = self._limits["setup_seconds"]
            if now - self._begun > most:
                return "timeout", f"What comes before or after fit and solve took longer than {most:g} s."
            return None
        if self._ran + now - self._since > self._limits["seconds"]:
            return "timeout", f"Fit and solve took longer than the limit of {self._limits['seconds']:g} s."
        used = self._memory(worker, now)
        self.peak_bytes = max(self.peak_bytes, used)
        if used > self._limits["bytes"]:
            limit = self._limits["bytes"]
            return "out-of-memory", f"It used {used / 2**20:.0f} MiB, beyond the limit of {limit / 2**20:.0f} MiB."
        return None

    def _memory(self, worker: int, now: float) -> int:
        if now - self._looked > TREE_SECONDS or not self._tree:
            self._looked = now
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(worker)
                self._tree = [process, *process.children(recursive=True)]
        total = 0
        for process in self._tree:
            with contextlib.suppress(psutil.Error):
                total += process.memory_info().rss
        return total


class Keeper:
    """One worker, from its start to its end."""

    def __init__(self, command: list[str], environment: dict[str, str]):
        to_worker, self._to_worker = os.pipe()
        self._from_worker, from_worker = os.pipe()
        self._log_end, log = os.pipe()
        self._process = subprocess.Popen(
            [*command, str(to_worker), str(from_worker)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=(to_worker, from_worker),
            env={**os.environ, **environment},
            start_new_session=True,
        )
        for descriptor in (to_worker, from_worker, log):
            os.close(descriptor)
        os.set_blocking(self._log_end, False)
        self._log, self._watch, self._lines = Log(), Watch(), Lines()
        self._commands = Lines()

    def run(self) -> None:
        """Pass messages on until either side is gone."""
        with selectors.DefaultSelector() as selector:
            for descriptor in (0, self._from_worker, self._log_end):
                selector.register(descriptor, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(POLL_SECONDS if self._watch.active else None):
                    if key.fd == self._log_end:
                        if not self._drain():
                            selector.unregister(self._log_end)
                        continue
                    data = os.read(key.fd, 1 << 16)
                    if key.fd == 0:
                        if not data:
                            return
                        self._command(data)
                    elif not data:
                        self._report_end("exit", self._epitaph())
                        return
                    else:
                        for message in self._lines.feed(data):
                            self._hear(message)
                passed = self._watch.passed(self._process.pid)
                if passed is not None:
                    self.kill()
                    self._report_end(*passed)
                    return

    def _command(self, data: bytes) -> None:
        for message in self._commands.feed(data):
            if "limits" in message:
                self._watch.begin(message["limits"])
            with contextlib.suppress(BrokenPipeError):
                write_all(self._to_worker, encode(message))

    def _hear(self, message: Message) -> None:
        event = message["event"]
        if event == "clock":
            self._watch.clock(message["running"])
            return
        if event == "done":
            self._drain()
            message |= {"log": self._log.take(), "peak_bytes": self._watch.peak_bytes}
            self._watch.end()
        write_all(1, encode(message))

    def _report_end(self, why: str, reason: str) -> None:
        self.kill()
        self._drain()
        log, peak = self._log.take(), self._watch.peak_bytes
        write_all(1, encode({"event": "ended", "why": why, "reason": reason, "log": log, "peak_bytes": peak}))

    def _epitaph(self) -> str:
        try:
            code = self._process.wait(5.0)
        except subprocess.TimeoutExpired:
            return "The worker closed its pipes."
        if code >= 0:
            return f"The process ended itself with exit status {code}."
        names = {value: name for name, value in vars(signal).items() if name.startswith("SIG") and name[3] != "_"}
        hint = " (the system also does this when memory runs out)" if code == -signal.SIGKILL else ""
        return f"The process was killed by {names.get(-code, -code)}{hint}."

    def _drain(self) -> bool:
        """Read what was printed; False where nothing can come any more."""
        for _ in range(256):  # whoever prints without end must not keep the limits from being watched
            try:
                data = os.read(self._log_end, 1 << 16)
            except BlockingIOError:
                return True
            if not data:
                return False
            self._log.add(data)
        return True

    def kill(self) -> None:
        """End the worker and whatever it started."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):
                process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5.0)


def main(arguments: list[str]) -> None:
    """Keep the worker that `arguments[1:]` starts, with the variables of `arguments[0]` (JSON) set."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    keeper = Keeper(arguments[1:], json.loads(arguments[0]))
    try:
        keeper.run()
    except BrokenPipeError:
        pass
    finally:
        keeper.kill()


if __name__ == "__main__":
    main(sys.argv[1:])
