"""Sends jobs to Dask's workers as there is room for them, and takes home what becomes of them."""

from __future__ import annotations

import contextlib
import json
import queue
import secrets
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...contracts.errors import InvalidInput, KineticbenchError
from ...files import write_atomically
from ...results.record import Record
from ..environment import Machine
from ..handle import Outcome
from ..plan import Codes, Job
from . import Listener, dask_worker
from .dask_fits import Fits

SLOT, GPU = "kineticbench_slot", "kineticbench_gpu"
DEATHS = 3  # of workers under a cell, after which it is not tried again
WORKERS_SECONDS = 60.0  # without any worker, after which a run ends
_TICK_SECONDS = 0.2
_LOOK_SECONDS = 1.0
_AGAIN = "The same command goes on where it stopped."


@dataclass
class Attempt:
    """A job that has been sent out.

    Parameters
    ----------
    job, future
        What is run, and Dask's promise of it.
    begun
        Whether a worker has said that it began.
    machine
        Where, as far as is known.
    """

    job: Job
    future: Any
    begun: bool = False
    machine: Machine | None = None


@dataclass
class Run:
    """One run of some jobs: what is waiting, what is out, and what has come of it.

    Parameters
    ----------
    client
        Dask's.
    jobs, listener, command
        As an executor gets them.
    """

    client: Any
    jobs: Sequence[Job]
    listener: Listener
    command: str | None
    _out: dict[str, Attempt] = field(default_factory=dict)
    _name: str = field(default_factory=lambda: f"kineticbench-{secrets.token_hex(8)}")
    _codes: Codes = field(default_factory=Codes)
    _looked: float = float("-inf")

    def __post_init__(self) -> None:
        self._news: queue.SimpleQueue[tuple[str, Any]] = queue.SimpleQueue()
        self._results = self.jobs[0].results
        self._fits = Fits(self._results / "fits")
        self._room: dict[str, int] = dict.fromkeys(("cpu", "gpu"), 0)
        self._timed = any(job.timing is not None for job in self.jobs)

    def outcomes(self, stopping: Callable[[], bool]) -> Iterator[tuple[Job, Outcome]]:
        """Send jobs out as there is room for them, and yield what becomes of each."""
        write_atomically(dask_worker.token_path(self._results, self._name), b"")
        seen_there = self.client.run(dask_worker.sees, str(self._results), self._name, on_error="ignore")
        self._fits.travel = not all(seen_there.values())
        self.client.subscribe_topic(self._name, lambda event: self._news.put(("event", event[1])))
        waiting = {device: deque(job for job in self.jobs if job.cell.device == device) for device in self._room}
        self._require_resources(waiting)
        seen = time.monotonic()
        while self._out or any(waiting.values()):
            self._look()
            if stopping():
                waiting = {}
                for attempt in self._out.values():
                    if not attempt.begun:
                        attempt.future.cancel()
            else:
                self._send(waiting)
            if any(self._room.values()):
                seen = time.monotonic()
            elif time.monotonic() - seen > WORKERS_SECONDS:
                raise KineticbenchError("All Dask workers are gone.", f"Start new ones. {_AGAIN}")
            try:
                kind, news = self._news.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                self._require_scheduler()
                continue
            if kind == "event":
                self._hear(news)
            else:
                attempt = self._out.pop(news, None)
                if attempt is not None and not (attempt.future.cancelled() and stopping() and self._alive()):
                    yield attempt.job, self._outcome(attempt)

    def end(self) -> None:
        """Leave nothing running, neither here nor there."""
        dask_worker.token_path(self._results, self._name).unlink(missing_ok=True)
        with contextlib.suppress(Exception):  # whatever is lost by now needs no ending
            if self._alive():
                for attempt in self._out.values():
                    attempt.future.cancel()
                self.client.run(dask_worker.end, self._name, on_error="ignore")
                self.client.unsubscribe_topic(self._name)

    def _require_resources(self, waiting: dict[str, deque[Job]]) -> None:
        """Raise where some jobs would wait for ever, or be timed side by side."""
        workers = workers_of(self.client)
        self._look()
        for device, jobs in waiting.items():
            if jobs and workers and not self._room[device]:
                missing = GPU if device == "gpu" and self._room["cpu"] else SLOT
                raise InvalidInput(f"No Dask worker has the resource {missing}.", how_to_start(self.client, device))
        if self._timed:
            for address, worker in workers.items():
                if worker["resources"].get(SLOT, 0) > 1:
                    slots = worker["resources"][SLOT]
                    text = f"The suite is timed, and the Dask worker {address} would run {slots:g} cells at a time."
                    raise InvalidInput(text, f'Start it with --resources "{SLOT}=1".')

    def _look(self) -> None:
        """See, now and then, for how many cells there is room."""
        if time.monotonic() - self._looked > _LOOK_SECONDS:
            self._looked = time.monotonic()
            try:
                workers = workers_of(self.client).values() if self._alive() else ()
            except OSError:
                raise _gone() from None
            for device in self._room:
                self._room[device] = sum(_room(worker, device) for worker in workers)

    def _send(self, waiting: dict[str, deque[Job]]) -> None:
        for device, jobs in waiting.items():
            out = sum(attempt.job.cell.device == device for attempt in self._out.values())
            for _ in range(min(self._room[device] - out, len(jobs))):
                self._submit(jobs.popleft())

    def _submit(self, job: Job) -> None:
        order = {
            "job": job.message(),
            "run": self._name,
            "command": self.command,
            "engine": dask_worker.engine_code(),
            "code": self._codes.of(job.cell),
        }
        key = f"{self._name}-{job.run}"
        future = self.client.submit(
            dask_worker.attempt,
            json.dumps(order),
            self._fits.wanted(job.cell),
            key=key,
            resources={SLOT: 1, **({GPU: 1} if job.cell.device == "gpu" else {})},
        )
        self._out[key] = Attempt(job, future)
        future.add_done_callback(lambda _future: self._news.put(("done", key)))

    def _hear(self, message: dict[str, Any]) -> None:
        attempt = self._out.get(f"{self._name}-{message.get('attempt')}")
        if attempt is None:
            return
        if message["event"] == "begun":
            attempt.begun, attempt.machine = True, Machine(**message["machine"])
            self._fits.travel = self._fits.travel or not message["shared"]
        else:
            self.listener(attempt.job, message)

    def _outcome(self, attempt: Attempt) -> Outcome:
        from distributed import KilledWorker

        self._require_scheduler()
        if attempt.future.cancelled():  # by whoever lost the scheduler and found it, or another, again
            raise _gone()
        try:
            answer = attempt.future.result()
        except KilledWorker:
            reason = f"The Dask workers that ran it died one after another, {DEATHS} or more of them."
            return Outcome("error", reason, machine=attempt.machine)
        except Exception as error:
            self._require_scheduler()
            text = f"Dask could not run it: {type(error).__name__}: {error}"
            return Outcome("error", text, machine=attempt.machine)
        if "refused" in answer:
            raise refused(answer["worker"], answer["refused"])
        if "impossible" in answer:
            raise InvalidInput(f"On the Dask worker {answer['worker']}: {answer['impossible']}")
        if "ended" in answer:
            return Outcome("error", "It was ended.", machine=attempt.machine)
        if "elsewhere" in answer:
            return Outcome(elsewhere=True)
        for name, content in answer["files"].items():
            path = self._results / name
            if attempt.job.refit or not (name.startswith("fits/") and path.exists()):
                write_atomically(path, content)
        failure = answer.get("failure")
        measured = {"storage_error": {"text": failure}} if failure else {}
        return Outcome(measured=measured, record=Record.model_validate_json(answer["record"]))

    def _alive(self) -> bool:
        return self.client.status == "running"

    def _require_scheduler(self) -> None:
        if not self._alive():
            raise _gone()


def _gone() -> KineticbenchError:
    return KineticbenchError("The Dask scheduler is gone.", f"Start it again. {_AGAIN}")


def workers_of(client: Any) -> dict[str, Any]:
    """What the scheduler knows of each worker, by address."""
    return client.scheduler_info(n_workers=-1)["workers"]


def _room(worker: dict[str, Any], device: str) -> int:
    """Cells that a worker can run at a time."""
    resources = worker["resources"]
    asked = (SLOT, GPU) if device == "gpu" else (SLOT,)
    return int(min(worker["nthreads"], *(resources.get(name, 0) for name in asked)))


def how_to_start(client: Any, device: str = "cpu") -> str:
    """The command that starts a worker for cells on such a device."""
    resources = f"{SLOT}=1 {GPU}=1" if device == "gpu" else f"{SLOT}=1"
    return f'Start some: dask worker {client.scheduler.address} --nthreads 1 --resources "{resources}".'


def refused(worker: str, why: str) -> InvalidInput:
    """The error of a worker that has other code."""
    here = dask_worker.version(Machine.here())
    return InvalidInput(f"The Dask worker {worker} refuses: {why}", f"Bring both to one version; here is {here}.")
