"""Runs cells on the workers of a Dask scheduler, wherever they are."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from ...contracts.errors import InvalidInput
from ..environment import Machine, hardware
from ..handle import Outcome
from ..plan import Job
from . import Executor, Listener, dask_worker
from .dask_run import DEATHS, GPU, SLOT, Run, how_to_start, refused, workers_of

CONNECT_SECONDS = 10.0


class Dask(Executor):
    """Workers of a Dask scheduler.

    A cell asks for one `kineticbench_slot`, on a GPU for one `kineticbench_gpu` too, and is sent out when one is free.

    Parameters
    ----------
    scheduler
        Its address, or the path of its scheduler file (.json); None for a cluster of worker processes on this machine.
    workers
        How many of those there are.
    command
        What was typed, for the records.

    Raises
    ------
    InvalidInput
        Where Dask is not installed, the scheduler does not answer, or its workers have other code than this process.
    """

    def __init__(self, scheduler: str | None = None, workers: int = 1, command: str | None = None):
        try:
            import distributed  # noqa: F401
        except ImportError:
            remedy = "Install it: pip install 'kineticbench[distributed]'."
            raise InvalidInput("The executor dask needs the package distributed.", remedy) from None
        for name in ("distributed", "distributed.client"):  # what matters is said in one line
            logging.getLogger(name).setLevel(logging.CRITICAL)
        self._address, self._workers, self._command = scheduler, workers, command
        self._client: Any = None
        self._cluster: Any = None
        if scheduler is not None:
            self._client = _connect(scheduler)
            try:
                self._greeted = self._greet()
            except BaseException:
                self.close()
                raise

    def hardware(self) -> frozenset[str]:
        """That of the workers there are."""
        if self._address is None:
            return frozenset({hardware()["id"]})
        return frozenset(answer["machine"]["hardware"]["id"] for answer in self._greeted.values())

    def close(self) -> None:
        """Leave the scheduler, and end the cluster where it is our own."""
        for closing in (self._client, self._cluster):
            if closing is not None:
                with contextlib.suppress(OSError, TimeoutError):
                    closing.close(timeout=5.0)
        self._client = self._cluster = None

    def run(
        self, jobs: Sequence[Job], listener: Listener, stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        """Run jobs on as many workers as there are.

        Raises
        ------
        InvalidInput
            Where no worker has the resources that a job asks for, or one has other code or cannot write.
        KineticbenchError
            Where the scheduler or all workers are lost.
        """
        if not jobs:
            return
        if self._client is None:
            self._start(jobs)
        run = Run(self._client, jobs, listener, self._command)
        try:
            yield from run.outcomes(stopping)
        finally:
            run.end()

    def _start(self, jobs: Sequence[Job]) -> None:
        from distributed import Client, LocalCluster

        resources = {SLOT: 1, **({GPU: 1} if any(job.cell.device == "gpu" for job in jobs) else {})}
        self._cluster = LocalCluster(
            n_workers=self._workers,
            threads_per_worker=1,
            memory_limit=None,
            dashboard_address="127.0.0.1:0",
            silence_logs=logging.CRITICAL,
            scheduler_kwargs={"allowed_failures": DEATHS - 1},
            resources=resources,
            preload=[dask_worker.__name__],
        )
        self._client = Client(self._cluster, set_as_default=False)

    def _greet(self) -> dict[str, Any]:
        """What each worker says of itself, by address."""
        patience = time.monotonic() + CONNECT_SECONDS
        while not (workers := workers_of(self._client)):
            if time.monotonic() > patience:
                raise InvalidInput(f"The scheduler {self._address} has no workers.", how_to_start(self._client))
            time.sleep(0.2)
        answers = self._client.run(dask_worker.greet, workers=list(workers), on_error="return")
        for address, answer in answers.items():
            if isinstance(answer, ImportError | AttributeError):
                remedy = "Install this version of kineticbench where Dask's workers run."
                raise InvalidInput(f"The worker {address} cannot load kineticbench: {answer}.", remedy)
        answers = {address: answer for address, answer in answers.items() if isinstance(answer, dict)}
        for address, answer in answers.items():
            if answer["code"] != dask_worker.engine_code():
                raise refused(address, dask_worker.mismatch(Machine(**answer["machine"])))
        return answers


def _connect(scheduler: str) -> Any:
    from distributed import Client

    if scheduler.endswith(".json"):
        try:
            scheduler = json.loads(Path(scheduler).read_bytes())["address"]
        except (OSError, ValueError, KeyError, TypeError):
            remedy = "Start one with dask scheduler --scheduler-file FILE."
            raise InvalidInput(f"{scheduler} is not the file of a Dask scheduler.", remedy) from None
    try:
        identity = asyncio.run(asyncio.wait_for(_knock(scheduler), CONNECT_SECONDS))
    except Exception as error:  # whatever else may answer there says anything
        reason = f" ({error})" if isinstance(error, ValueError) else ""
        remedy = "Give the address that dask scheduler prints, such as tcp://10.0.0.1:8786."
        raise InvalidInput(f"No Dask scheduler answers at {scheduler}{reason}.", remedy) from None
    if identity["type"] != "Scheduler":
        raise InvalidInput(f"A Dask {identity['type']} answers at {scheduler}.", "Give the address of the scheduler.")
    return Client(scheduler, timeout=CONNECT_SECONDS, set_as_default=False)


async def _knock(address: str) -> dict[str, Any]:
    """Who answers there; a client would wait, and hang, where nobody does."""
    from distributed import Security, rpc

    arguments = Security().get_connection_args("client")
    async with rpc(address, timeout=CONNECT_SECONDS, connection_args=arguments) as there:
        return await there.identity()  # pyright: ignore[reportReturnType] (a method of the other side)
