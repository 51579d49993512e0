"""Stands between the engine and a worker, and ends the worker when a limit passes or the engine is gone.

Run as `python -m kineticbench.engine.keeper ENVIRONMENT ARGUMENTS…`: jobs arrive on standard input and answers leave on
standard output, one JSON message a line. The worker gets a session of its own, two pipes for messages, and one for
what it prints, of which the beginning and the end are kept.

What the keeper adds to the worker's messages: {"event": "ended", "why": "timeout" | "out-of-memory" | "exit", "reason":
…} when the worker is no more, and in that and every "done" the log and the highest memory of the process tree.
"""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import sys

from . import family
from .printed import Log
from .protocol import Lines, Message, encode, write_all
from .watch import Watch


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
        self._kernel_kills = 0

    def run(self) -> None:
        """Pass messages on until either side is gone."""
        with selectors.DefaultSelector() as selector:
            for descriptor in (0, self._from_worker, self._log_end):
                selector.register(descriptor, selectors.EVENT_READ)
            while True:
                for key, _ in selector.select(self._watch.pause()):
                    if key.fd == self._log_end:
                        if not self._log.drain(self._log_end):
                            selector.unregister(self._log_end)
                        continue
                    data = os.read(key.fd, 1 << 16)
                    if key.fd == 0:
                        if not data:
                            return
                        self._command(data)
                    elif not data:
                        self._report_end(*self._epitaph())
                        return
                    else:
                        for message in self._lines.feed(data):
                            self._hear(message)
                passed = self._watch.passed()
                if passed is not None:
                    self.kill()
                    self._report_end(*passed)
                    return

    def _command(self, data: bytes) -> None:
        for message in self._commands.feed(data):
            if "limits" in message:
                self._watch.begin(message["limits"])
                self._kernel_kills = family.kernel_kills()
            with contextlib.suppress(BrokenPipeError):
                write_all(self._to_worker, encode(message))

    def _hear(self, message: Message) -> None:
        event = message["event"]
        if event == "clock":
            self._watch.clock(message["running"])
            return
        if event == "done":
            self._log.drain(self._log_end)
            message |= {"log": self._log.take(), "peak_bytes": self._watch.peak_bytes}
            self._watch.end()
            family.end_strays(self._process.pid)
        write_all(1, encode(message))

    def _report_end(self, why: str, reason: str) -> None:
        self.kill()
        self._log.drain(self._log_end)
        log, peak = self._log.take(), self._watch.peak_bytes
        write_all(1, encode({"event": "ended", "why": why, "reason": reason, "log": log, "peak_bytes": peak}))

    def _epitaph(self) -> tuple[str, str]:
        try:
            code = self._process.wait(1.0)
        except subprocess.TimeoutExpired:
            return "exit", "The worker closed its pipes."
        if code >= 0:
            return "exit", f"The process ended itself with exit status {code}."
        if code == -signal.SIGKILL and family.kernel_kills() > self._kernel_kills:
            return "out-of-memory", "The system killed it because memory had run out."
        names = {value: name for name, value in vars(signal).items() if name.startswith("SIG") and name[3] != "_"}
        return "exit", f"The process was killed by {names.get(-code, -code)}."

    def kill(self) -> None:
        """End the worker and whatever it started, in its process group or elsewhere."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        family.end(self._process.pid)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(1.0)
        family.end()


def main(arguments: list[str]) -> None:
    """Keep the worker that `arguments[1:]` starts, with the variables of `arguments[0]` (JSON) set."""
    family.adopt()
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
