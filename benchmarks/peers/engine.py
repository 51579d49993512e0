"""What an engine costs: runs that do nothing.

One call is a whole run of so many settings of a solver that does nothing on one dataset, from its start to the last
result on disk. Our engine starts a worker process for it, so that a crash of a solver takes nothing with it, and
writes and syncs a record of every setting; benchopt runs everything in its own process, once for each setting
(`run_once`), without its cache and plots, and writes one file of results at the end. Of a hundred settings the start of
that worker takes the most of our time, of a thousand little. The error is the share of the results that is missing.
"""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from .comparison import Comparison, Task

RUNS = (100, 1000)

_OBJECTIVE = """
from benchopt import BaseObjective


class Objective(BaseObjective):
    name = "Nothing"
    sampling_strategy = "run_once"

    def set_data(self, x):
        self.x = x

    def get_objective(self):
        return dict(x=self.x)

    def evaluate_result(self, x):
        return dict(value=float(x.sum()))

    def get_one_result(self):
        return dict(x=self.x)
"""
_DATASET = """
import numpy as np
from benchopt import BaseDataset


class Dataset(BaseDataset):
    name = "Tiny"

    def get_data(self):
        return dict(x=np.ones(2))
"""
_SOLVER = """
from benchopt import BaseSolver


class Solver(BaseSolver):
    name = "Nothing"
    sampling_strategy = "run_once"
    parameters = {{"steps": list(range({runs}))}}

    def set_objective(self, x):
        self.x = x

    def run(self, _):
        pass

    def get_result(self):
        return dict(x=self.x)
"""


def ours(device: str, runs: int) -> Task:
    """So many settings; every call fills a folder of its own."""
    from kineticbench.engine import run as running
    from kineticbench.engine.executors.local import Local
    from kineticbench.engine.plan import jobs, plan

    from ..engine import Laboratory

    def call() -> int:
        with tempfile.TemporaryDirectory() as folder:
            laboratory = Laboratory(Path(folder))
            suite, store = laboratory.many(runs, 1), laboratory.store
            records = running.run(jobs(plan(suite), suite, store.folder), store, Local(), lambda *_: None)
            return sum(record.state == "ok" for record in records)

    return Task(call, lambda found: 1 - found / runs, runs)


def benchopt(device: str, runs: int) -> Task:
    """The same number of settings."""
    from benchopt import run_benchmark  # pyright: ignore[reportMissingImports]

    folder = tempfile.TemporaryDirectory()
    root = Path(folder.name)
    (root / "objective.py").write_text(_OBJECTIVE)
    for kind, source in (("datasets/tiny.py", _DATASET), ("solvers/nothing.py", _SOLVER.format(runs=runs))):
        (root / kind).parent.mkdir()
        (root / kind).write_text(source)

    def call() -> Any:
        return run_benchmark(
            root, max_runs=1, plot_result=False, display=False, html=False, show_progress=False, no_cache=True
        )

    def error(answer: Any) -> float:
        import pandas

        keep = folder  # the folder lives as long as the task
        read = pandas.read_parquet if Path(answer).suffix == ".parquet" else pandas.read_csv
        return 1 - len(read(answer)) / runs if keep else 1.0

    return Task(call, error, runs)


COMPARISONS = tuple(
    Comparison(
        f"benchopt {runs}",
        f"{runs} settings, from start to end",
        "run",
        "share missing",
        "benchopt",
        "benchopt",
        partial(ours, runs=runs),
        partial(benchopt, runs=runs),
    )
    for runs in RUNS
)
