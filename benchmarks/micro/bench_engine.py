"""Time of the engine itself for one cell, outside the solver and the reference kernel."""

from __future__ import annotations

from pathlib import Path

import pytest
from benchmarks.engine import Laboratory, record

from kineticbench.engine import run as running
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs
from kineticbench.results.store import Store


def test_a_cell_that_does_nothing(benchmark, tmp_path: Path):
    laboratory = Laboratory(tmp_path)
    planned = jobs(laboratory.planned * 100, laboratory.suite, laboratory.store.folder)
    made = running.run(planned, laboratory.store, Local(), lambda _job, _message: None)
    next(made)  # starts the worker
    assert benchmark.pedantic(lambda: next(made), rounds=95).state == "ok"
    made.close()


@pytest.mark.parametrize("count", [2000])
def test_reading_records(benchmark, tmp_path: Path, count: int):
    store = Store(tmp_path)
    for number in range(count):
        (tmp_path / f"{number:064x}.{(made := record(number)).run}.json").write_text(made.json_text())
    assert len(benchmark(store.read).records) == count
