"""What the engine itself costs: a cell that does nothing, thousands of records, and a start of the command line."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from kineticbench.engine import run as running
from kineticbench.engine import suite as suites
from kineticbench.engine.environment import hardware
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import chosen, jobs, plan
from kineticbench.results.record import Code, Hardware, Limits, Record, Settings
from kineticbench.results.store import Store, new_run
from kineticbench.results.survey import Survey

_DATASET = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import Dataset, Ensemble, Problem, Query, Reference, VlasovPoisson


@dataclass(frozen=True)
class Tiny(Dataset):
    """Two particles."""

    equation: ClassVar[str] = "vlasov_poisson"
    metrics: ClassVar[tuple[str, ...]] = ()
    cite: ClassVar[str] = ""

    def problem(self, split="test", cases=None, seed=0):
        ensemble = Ensemble(np.ones((1, 2, 1)), np.zeros((1, 2, 1)))
        return Problem(VlasovPoisson(4.0, 1.0), None, ensemble, Query(np.ones(1)))

    def training(self, seed=0):
        return None

    def reference(self, problem):
        return Reference()
'''
_SOLVER = '''
from dataclasses import dataclass
from typing import ClassVar
import numpy as np
from kineticbench.contracts import Propagator, Solution, Solver


class Nothing(Propagator):
    def __call__(self, ensemble, query):
        return Solution(series={"zero": np.zeros((1, 0))})


@dataclass(frozen=True)
class DoesNothing(Solver):
    """Does nothing."""

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    steps: int = 1
    start = None

    def unsupported(self, problem):
        return None

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        return Nothing()
'''


class Laboratory:
    """A folder with a solver that does nothing, for this and for the micro benchmark."""

    def __init__(self, folder: Path):
        self.store = Store(folder / "results")
        dataset, solver = folder / "tiny.py", folder / "does_nothing.py"
        dataset.write_text(_DATASET)
        solver.write_text(_SOLVER)
        data = {"dataset": [{"name": str(dataset)}], "solver": [{"name": str(solver)}], "timing": False}
        if "pictures" in suites.Suite.model_fields:  # commits before it drew none
            data["pictures"] = False
        self.suite = suites.parse({**data, "solution_bytes": 0}, "the benchmark")
        self.planned = plan(self.suite)

    def many(self, settings: int, seeds: int) -> suites.Suite:
        """A suite of as many cells as the product says."""
        (entry,) = self.suite.solver
        entry = entry.model_copy(update={"settings": [{"steps": number} for number in range(1, settings + 1)]})
        return self.suite.model_copy(update={"solver": [entry], "seeds": list(range(seeds))})

    def run(self, cells: int) -> list[Record]:
        """Run cells that differ in their seeds in one worker."""
        return list(self.records(cells))

    def records(self, cells: int) -> Iterator[Record]:
        """The same, one by one."""
        suite = self.many(1, cells)
        yield from running.run(jobs(plan(suite), suite, self.store.folder), self.store, Local(), lambda *_: None)


def record(number: int, blocks: int = 64, times: int = 6) -> Record:
    """A record of usual size."""
    setting = {"name": "pic", "setting": "default", "parameters": {"cells": number}}
    dataset = {"name": "gaussian_ensemble", "parameters": {}, "split": "test", "cases": 512, "seed": 0}
    place = {"seed": 0, "device": "cpu", "threads": 1, "precision": "float64"}
    row = [0.123456789 * (number + 1)] * times
    metric = {"times": row, "mean": row, "floor": row, "bar": row, "blocks": [[0.1 * number] * blocks] * times}
    return Record.model_validate(
        {
            "cell": f"{number:064x}",
            "run": new_run(),
            "state": "ok",
            "reason": None,
            "settings": Settings.model_validate({"dataset": dataset, "solver": setting, **place}),
            "limits": Limits(seconds=1.0, bytes=1),
            "code": Code(hash="c"),
            "metrics": {"code": "m", "values": dict.fromkeys(("w1_position", "w1_momentum"), metric)},
            "hardware": Hardware(id="here", cpu="a cpu"),
            "packages": {},
        }
    )


class Engine:
    """The engine's own time."""

    timeout = 120
    repeat = (3, 5, 2.0)
    number = 1

    def setup_cache(self) -> str:
        """A folder of a thousand records, where this runs; asv removes it."""
        full = Store(Path.cwd() / "full")
        for number in range(1000):
            full.write(record(number))
        return str(full.folder)

    def setup(self, full: str) -> None:
        """A solver that does nothing."""
        self.folder = tempfile.TemporaryDirectory()
        self.laboratory = Laboratory(Path(self.folder.name))
        self.full = Store(Path(full))

    def teardown(self, full: str) -> None:
        """Remove the folder."""
        self.folder.cleanup()

    def time_hundred_cells_that_do_nothing(self, full: str) -> None:
        """One worker, from its start to its end."""
        self.laboratory.run(100)

    def track_cell(self, full: str) -> float:
        """Median time between the records of cells that do nothing, each written and fsynced."""
        return statistics.median(self._between_records(200)) * 1e3

    track_cell.unit = "ms"

    def track_cell_without_fsync(self, full: str) -> float:
        """The same where the disk need not be waited for; the difference is the share of fsync."""
        sync, os.fsync = os.fsync, lambda _descriptor: None
        try:
            return statistics.median(self._between_records(200)) * 1e3
        finally:
            os.fsync = sync

    track_cell_without_fsync.unit = "ms"

    def _between_records(self, cells: int) -> list[float]:
        moments = [time.perf_counter() for _ in self.laboratory.records(cells)]
        return [after - before for before, after in pairwise(moments)]

    def time_read_a_thousand_records(self, full: str) -> None:
        """Parsed and checked."""
        self.full.read()

    def time_survey_a_thousand_records(self, full: str) -> None:
        """As `kineticbench status` looks at them."""
        Survey(self.full).look()

    def time_help(self, full: str) -> None:
        """`kineticbench --help`."""
        subprocess.run([sys.executable, "-m", "kineticbench.cli", "--help"], capture_output=True, check=True)


class Plan:
    """Many cells: from a suite to jobs, and finding that all of them are done."""

    params = [10_000, 100_000]
    param_names = ["cells"]
    timeout = 300
    repeat = (3, 5, 3.0)
    number = 1
    warmup_time = 0

    def setup_cache(self) -> str:
        """Folders that hold a record of every cell."""
        for cells in self.params:
            suite, done = _suite(cells, Path.cwd()), Store(Path.cwd() / str(cells))
            done.prepare()
            made = record(0, blocks=1, times=1)
            here = made.hardware.model_copy(update={"id": hardware()["id"]})
            made = made.model_copy(update={"hardware": here, "cell": "0" * 64})
            text, run = made.json_text(), made.run
            for planned in plan(suite):
                (done.folder / f"{planned.cell.id}.{run}.json").write_text(text.replace("0" * 64, planned.cell.id))
        return str(Path.cwd())

    def setup(self, folder: str, cells: int) -> None:
        """The suite."""
        self.suite, self.done = _suite(cells, Path(folder)), Store(Path(folder) / str(cells))

    def time_plan(self, folder: str, cells: int) -> None:
        """Cells, their order, and jobs for a folder that holds none."""
        jobs(plan(self.suite), self.suite, Path(folder) / "results")

    def time_resume(self, folder: str, cells: int) -> None:
        """As a run that finds everything done."""
        planned = plan(self.suite)
        left = chosen(planned, self.done.known({item.cell.id for item in planned}), hardware()["id"])
        assert not jobs(left, self.suite, self.done.folder)

    def peakmem_plan(self, folder: str, cells: int) -> None:
        """Resident memory of `time_plan`."""
        self.time_plan(folder, cells)


def _suite(cells: int, folder: Path) -> suites.Suite:
    """As many cells, of a solver that does nothing."""
    return Laboratory(folder).many(cells // 400, 400)
