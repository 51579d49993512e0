"""Tries a solver in another process, without the secrets of this one's environment, and outlives whatever it does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator

from .suite import Finding

KEPT = ("PATH", "HOME", "LANG", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "VIRTUAL_ENV", "PYTHONPATH", "LD_LIBRARY_PATH")
KEPT_BEGINNINGS = ("LC_", "KINETICBENCH_", "OMP_", "OPENBLAS_", "NUMBA_", "JAX_", "XLA_", "CUDA_")
RUNS = "It runs through the suite without ending the process or hanging.", "Look at what it printed, below."


def environment() -> dict[str, str]:
    """What the process may know of ours."""
    return {name: value for name, value in os.environ.items() if name in KEPT or name.startswith(KEPT_BEGINNINGS)}


def findings(name: str, seconds: float) -> Iterator[Finding]:
    """What the suite finds of a solver; a process that dies or takes more than `seconds` is a finding too."""
    command = [sys.executable, "-m", "kineticbench.conformance.run", name]
    with tempfile.TemporaryFile() as printed:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=printed, stdin=subprocess.DEVNULL, env=environment(),
            start_new_session=True,
        )  # fmt: skip
        late = threading.Event()

        def end() -> None:
            late.set()
            _kill(process)

        timer = threading.Timer(seconds, end)
        timer.start()
        try:
            assert process.stdout is not None
            for line in process.stdout:
                yield Finding(**json.loads(line))
            code = process.wait()
        finally:
            timer.cancel()
            _kill(process)
        printed.seek(max(0, printed.seek(0, os.SEEK_END) - 4000))
        last = printed.read().decode(errors="replace").strip()
    if late.is_set():
        yield _ended(f"It took more than {seconds:g} s.", last)
    elif code:
        how = f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
        yield _ended(f"The process ended with {how}.", last)


def _ended(found: str, printed: str) -> Finding:
    promise, remedy = RUNS
    tail = f" It printed: {printed.splitlines()[-1]}" if printed else ""
    return Finding("runs", promise, remedy, "", "broken", found + tail)


def _kill(process: subprocess.Popen[bytes]) -> None:
    """End the process and all that it started in its session."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    process.wait()
