"""Runs cells on this machine."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence

from ..environment import hardware
from ..handle import Listener, Outcome, Place, WorkerHandle
from ..plan import Job
from . import Executor

_WARM_WORKERS = 2


class Lane:
    """Runs one job after another, keeping the last workers warm; a job that asks for a new process gets one.

    Parameters
    ----------
    number
        Among the lanes of this machine.
    """

    def __init__(self, number: int = 0) -> None:
        self._number = number
        self._workers: OrderedDict[Place, WorkerHandle] = OrderedDict()

    def run(self, job: Job, listener: Listener) -> Outcome:
        """Run a job."""
        place = job.place
        worker = self._workers.pop(place, None)
        if worker is not None and (job.fresh or not worker.alive):
            worker.close()
            worker = None
        if worker is None:
            while len(self._workers) >= _WARM_WORKERS:
                self._workers.popitem(last=False)[1].close()
            worker = WorkerHandle(place, self._number)
        self._workers[place] = worker
        first = worker.jobs == 0
        outcome = worker.run(job.message(), listener)
        if "solve" in outcome.measured:
            outcome.measured["solve"]["fresh"] = first
        return outcome

    def kill(self) -> None:
        """End a job from another thread."""
        for worker in list(self._workers.values()):
            worker.kill()

    def close(self) -> None:
        """End all workers."""
        for worker in self._workers.values():
            worker.close()
        self._workers.clear()


class Local(Executor):
    """Workers on this machine: one for cells that are timed; several side by side only for those that are not.

    Parameters
    ----------
    lanes
        How many cells run at a time.
    """

    def __init__(self, lanes: int = 1):
        self.lanes = lanes

    def hardware(self) -> frozenset[str]:
        """That of this machine."""
        return frozenset({hardware()["id"]})

    def close(self) -> None:
        """Nothing is left to end."""

    def run(
        self, jobs: Sequence[Job], listener: Callable[[Job, dict], None], stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        """Run jobs side by side in as many lanes."""
        if self.lanes == 1:
            lane = Lane()
            try:
                for job in jobs:
                    if stopping():
                        return
                    yield job, lane.run(job, lambda message, job=job: listener(job, message))
            finally:
                lane.close()
        else:
            yield from self._side_by_side(jobs, listener, stopping)

    def _side_by_side(
        self, jobs: Sequence[Job], listener: Callable[[Job, dict], None], stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        finished: queue.SimpleQueue[tuple[Job, Outcome] | BaseException | None] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        lanes = [Lane(number) for number in range(min(self.lanes, max(len(jobs), 1)))]
        ended = threading.Event()

        def work(lane: Lane) -> None:
            try:
                while not stopping() and not ended.is_set():
                    try:
                        job = waiting.get_nowait()
                    except queue.Empty:
                        return
                    finished.put((job, lane.run(job, lambda message, job=job: listener(job, message))))
            except BaseException as error:
                finished.put(error)
            finally:
                lane.close()
                finished.put(None)

        threads = [threading.Thread(target=work, args=(lane,), daemon=True) for lane in lanes]
        for thread in threads:
            thread.start()
        try:
            running = len(threads)
            while running:
                item = finished.get()
                if item is None:
                    running -= 1
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield item
        finally:
            ended.set()
            for lane in lanes:
                lane.kill()
            for thread in threads:
                thread.join(15.0)
