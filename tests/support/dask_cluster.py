"""A Dask scheduler and workers, started as a person would start them."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil


class Cluster:
    """Processes of `dask scheduler` and `dask worker`, ended by `close`; usable in a `with` statement."""

    def __init__(self, folder: Path):
        self.folder, self.file = folder, folder / "scheduler.json"
        self.schedulers: list[subprocess.Popen] = []
        self.workers: list[subprocess.Popen] = []

    def _start(self, *words: str, cores: set[int] | None = None) -> subprocess.Popen:
        with (self.folder / "dask.log").open("ab") as log:
            command = [sys.executable, "-m", "dask", *words, "--host", "127.0.0.1", "--no-dashboard"]
            process = subprocess.Popen(command, cwd=self.folder, stdout=log, stderr=log, start_new_session=True)
        if cores:
            os.sched_setaffinity(process.pid, cores)
        return process

    def scheduler(self) -> str:
        """Start one; its address file."""
        self.file.unlink(missing_ok=True)
        self.schedulers.append(
            self._start(
                "scheduler", "--port", "0", "--dashboard-address", "127.0.0.1:0", "--scheduler-file", str(self.file)
            )
        )
        patience = time.monotonic() + 60
        while not self.file.exists():
            assert time.monotonic() < patience
            time.sleep(0.05)
        return str(self.file)

    def worker(self, resources: str = "kineticbench_slot=1", threads: int = 1, cores: set[int] | None = None) -> None:
        """Start one."""
        words = ["worker", "--scheduler-file", str(self.file), "--nthreads", str(threads), "--memory-limit", "0"]
        self.workers.append(self._start(*words, *(["--resources", resources] if resources else []), cores=cores))

    def kill_scheduler(self) -> None:
        """As the system does when memory runs out."""
        self.schedulers[-1].kill()
        self.schedulers[-1].wait()

    def kill_workers(self) -> None:
        """With their nannies, which would start them again."""
        self._kill(self.workers)

    def close(self) -> None:
        """End everything."""
        self._kill([*self.workers, *self.schedulers])

    @staticmethod
    def _kill(processes: list[subprocess.Popen]) -> None:
        for process in processes:
            tree = []
            with contextlib.suppress(psutil.Error):
                tree = psutil.Process(process.pid).children(recursive=True)
            for member in tree:
                with contextlib.suppress(psutil.Error):
                    member.send_signal(signal.SIGKILL)
            process.kill()
            process.wait()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()
