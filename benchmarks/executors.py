"""What more workers gain: the time of the same cells on two Dask workers, over that on one; the less, the better."""

from __future__ import annotations

import statistics
import tempfile
import time
from contextlib import closing
from pathlib import Path

from kineticbench.engine import run as running
from kineticbench.engine.executors.dask import Dask
from kineticbench.engine.plan import jobs, plan

from .engine import Laboratory

SLEEP = "import time; time.sleep(2.0)"
BUSY = """import time
        begun = time.thread_time()
        while time.thread_time() - begun < 1.0:
            np.sort(np.arange(10_000.0)[::-1])"""
_CELLS, _REPEATS = 8, 3


class Executors:
    """Two workers on one machine; the cells are not timed, and each takes a second or two."""

    timeout = 300
    unit = "of one worker's time"

    def track_sleeping(self) -> float:
        """Cells that wait: ½ where the engine costs nothing."""
        return share(SLEEP)

    def track_busy(self) -> float:
        """Cells that compute on one thread: more where the cores are shared with others."""
        return share(BUSY)


def share(work: str) -> float:
    """Median of a few ratios, one and two workers in turn; the workers are warm."""
    with tempfile.TemporaryDirectory() as folder:
        laboratory = Laboratory(Path(folder))
        solver = Path(folder) / "does_nothing.py"
        solver.write_text(
            solver.read_text().replace("        return Solution", f"        {work}\n        return Solution")
        )
        with closing(Dask(workers=1)) as one, closing(Dask(workers=2)) as two:
            for dask in (one, two):
                _seconds(laboratory, dask, 4)
            return statistics.median(
                _seconds(laboratory, two, _CELLS) / _seconds(laboratory, one, _CELLS) for _ in range(_REPEATS)
            )


def _seconds(laboratory: Laboratory, dask: Dask, cells: int) -> float:
    """Time of a run of as many different cells."""
    suite = laboratory.many(1, cells)
    planned = jobs(plan(suite), suite, laboratory.store.folder)
    begun = time.perf_counter()
    records = list(running.run(planned, laboratory.store, dask, lambda _job, _message: None))
    assert [record.state for record in records] == ["ok"] * cells
    return time.perf_counter() - begun
