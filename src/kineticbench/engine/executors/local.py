"""Runs cells on this machine."""

from __future__ import annotations

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from .. import claims, cores
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
        Which of several side by side it is; each is held to cores of its own where there are enough.
    pinned
        The cores that all of them are held to; none: whichever there are.
    """

    def __init__(self, number: int = 0, pinned: Sequence[int] = ()):
        self._number, self._pinned = number, pinned
        self._workers: OrderedDict[Place, WorkerHandle] = OrderedDict()

    def run(self, job: Job, listener: Listener) -> Outcome:
        """Run a job, unless another run on the same folder has its cell."""
        held = claims.claim(job)
        if held is None:
            return Outcome(elsewhere=True)
        try:
            outcome = self._attempt(job, listener)
        except BaseException:
            held.release()
            raise
        outcome.release = held.release
        return outcome

    def _attempt(self, job: Job, listener: Listener) -> Outcome:
        worker = self._worker(job)
        outcome = worker.run(job.message(), listener)
        if not outcome.begun and worker.jobs > 1:  # it was ended after its last cell: not the fault of this one
            worker = self._worker(job)
            outcome = worker.run(job.message(), listener)
        if "solve" in outcome.measured:
            outcome.measured["solve"]["fresh"] = worker.jobs == 1
        return outcome

    def _worker(self, job: Job) -> WorkerHandle:
        """A worker of the kind that a job needs: a warm one where it may have that."""
        place = replace(job.place, cores=cores.share(self._pinned, job.place.threads, self._number))
        worker = self._workers.pop(place, None)
        if worker is not None and (job.fresh or not worker.alive or worker.jobs >= job.cells_per_worker):
            worker.close()
            worker = None
        if worker is None:
            while len(self._workers) >= _WARM_WORKERS:
                self._workers.popitem(last=False)[1].close()
            worker = WorkerHandle(place)
        self._workers[place] = worker
        return worker

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
    pinned
        The cores that workers are held to, and everything else kept off; none: the last ones, shared with everything.
    """

    def __init__(self, lanes: int = 1, pinned: Sequence[int] = ()):
        self.lanes, self.pinned = lanes, pinned

    def hardware(self) -> frozenset[str]:
        """That of this machine."""
        return frozenset({hardware()["id"]})

    def close(self) -> None:
        """Nothing is left to end."""

    def run(
        self, jobs: Sequence[Job], listener: Callable[[Job, dict], None], stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        """Run jobs, yielding each with its outcome; none is begun any more once `stopping` says so."""
        with cores.kept_off(self.pinned):
            if self.lanes > 1:
                yield from self._side_by_side(jobs, listener, stopping)
                return
            lane = Lane(0, self.pinned)
            try:
                for job in jobs:
                    if stopping():
                        return
                    yield job, lane.run(job, lambda message, job=job: listener(job, message))
            finally:
                lane.close()

    def _side_by_side(
        self, jobs: Sequence[Job], listener: Callable[[Job, dict], None], stopping: Callable[[], bool]
    ) -> Iterator[tuple[Job, Outcome]]:
        waiting: queue.SimpleQueue[Job] = queue.SimpleQueue()
        finished: queue.SimpleQueue[tuple[Job, Outcome] | BaseException | None] = queue.SimpleQueue()
        for job in jobs:
            waiting.put(job)
        lanes = [Lane(number, self.pinned) for number in range(min(self.lanes, max(len(jobs), 1)))]
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
