"""A run records what it measures, survives interruption and goes on where it stopped."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import psutil
import pytest

from kineticbench.engine import claims
from kineticbench.engine import run as running
from kineticbench.engine.cell import Cell
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import jobs, plan
from kineticbench.engine.rescore import rescore
from kineticbench.engine.scoring import summary
from kineticbench.results import solution_file


def test_everything_is_measured_and_kept(lab):
    good = lab.solver("good", "time.sleep(0.02)")
    record = lab.run(
        {"name": good, "settings": [{"shift": 0.5}]}, timing={"calls": 3, "seconds": 0.01, "longest": 0.0}
    )["good"]
    assert (record.state, record.reason, record.trust) == ("ok", None, "rerun here")
    assert Cell.from_dict(record.settings.model_dump()).id == record.cell
    solve = record.solve
    assert len(solve.warm_s) == 3
    assert len(solve.home_s) == 4
    assert min(solve.cold_s, *solve.warm_s) >= 0.02
    assert (solve.cases, solve.fresh, len(solve.kernel_s)) == (70, True, 2)
    assert 0 < solve.baseline_bytes <= solve.peak_bytes
    assert (record.fit.id, record.fit.restored, record.fit.data_s) == (None, False, 0.0)
    assert record.diagnostics == {"calls": 1.0}
    values = record.metrics.values["w1_momentum"]
    assert values.mean == pytest.approx([0.5, 0.5])
    assert np.shape(values.blocks) == (2, 64)
    assert record.metrics.names == ["w1_momentum", "growth_rate"]
    assert "growth_rate" in record.metrics.missing["growth_rate"]
    stored = record.stored.solution
    assert stored.kept == "all"
    solution = solution_file.read(lab.store.folder / stored.file, stored.sha256)
    assert solution.arrays()["trajectory/velocities"].shape == (2, 70, 8, 1)
    assert lab.store.read().records == [record]


def test_blocks_are_means_of_cases_modulo_64(lab):
    from kineticbench.contracts import Score

    value = np.random.default_rng(0).normal(size=(2, 150))
    value[1, 3] = np.nan
    made = summary(Score(np.arange(2.0), value, np.zeros(2), np.zeros(2)))
    for time_, block in ((0, 0), (0, 63), (1, 21), (1, 22)):
        assert made.blocks[time_][block] == pytest.approx(value[time_, np.arange(150) % 64 == block].mean())
    assert made.blocks[1][3] is None
    assert made.mean[1] is None


def test_the_worker_stays_warm_between_seeds(lab):
    pid = lab.solver("pid", "diagnostics['pid'] = np.array([os.getpid()])")
    suite = lab.suite(pid, seeds=[0, 1, 2], timing={"calls": 1, "seconds": 0.0, "longest": 0.0})
    made = list(running.run(jobs(plan(suite), suite, lab.store.folder), lab.store, Local(), lambda *_: None))
    assert len({str(record.diagnostics["pid"]) for record in made}) == 1
    assert [record.solve is not None and record.solve.fresh for record in made] == [True, False, False]


def test_a_worker_is_replaced_after_a_number_of_cells(lab):
    pid = lab.solver("pid", "diagnostics['pid'] = np.array([os.getpid()])")
    suite = lab.suite(pid, seeds=list(range(5)), cells_per_worker=2)
    made = list(running.run(jobs(plan(suite), suite, lab.store.folder), lab.store, Local(), lambda *_: None))
    pids = [record.diagnostics["pid"] for record in made]
    assert pids[0] == pids[1] != pids[2] == pids[3] != pids[4] != pids[1]
    assert [record.solve is not None and record.solve.fresh for record in made] == [True, False, True, False, True]


def test_a_cell_that_another_run_recorded_is_not_run_again(lab):
    suite = lab.suite(lab.solver("good", "open('/dev/null')"), seeds=[0, 1, 2])
    ours, theirs = (jobs(plan(suite), suite, lab.store.folder) for _ in range(2))
    made = list(running.run(theirs[:2], lab.store, Local(), lambda *_: None))
    begun = []
    seen = list(running.run(ours, lab.store, Local(), lambda job, _: begun.append(job.cell.id)))
    assert set(begun) == {ours[2].cell.id}
    assert {record.run for record in made} < {record.run for record in seen}
    assert len(seen) == len(lab.store.read().records) == 3
    again = jobs(plan(suite), suite, lab.store.folder)  # planned in spite of the records, as with --only all
    assert len(list(running.run(again, lab.store, Local(), lambda *_: None))) == 3
    assert len(lab.store.read().records) == 6


def test_a_cell_that_another_run_is_at_is_left_to_it(lab):
    suite = lab.suite(lab.solver("good"), seeds=[0, 1])
    ours = jobs(plan(suite), suite, lab.store.folder)
    lab.store.prepare()
    held = claims.claim(ours[0])
    assert held is not None
    (record,) = running.run(ours, lab.store, Local(), lambda *_: None)
    assert record.cell == ours[1].cell.id
    held.release()
    (record,) = running.run(ours[:1], lab.store, Local(), lambda *_: None)
    assert record.cell == ours[0].cell.id
    assert list((lab.store.folder / ".running").iterdir()) == []


def test_seeds_of_every_library_are_the_same_in_every_process(lab):
    body = (
        "import random; diagnostics['hash'] = np.array([hash('kinetic') % 2**31]); "
        "diagnostics['drawn'] = np.array([np.random.random(), random.random()])"
    )
    suite = lab.suite(lab.solver("draws", body), seeds=[0, 0, 1], cells_per_worker=1)
    made = [
        record.diagnostics
        for _ in range(2)
        for record in running.run(jobs(plan(suite), suite, lab.store.folder), lab.store, Local(), lambda *_: None)
    ]
    assert made[:2] == made[2:]
    assert made[0]["drawn"] != made[1]["drawn"]
    assert made[0]["hash"] == made[1]["hash"]


def test_cells_that_are_not_timed_run_side_by_side(lab):
    lab.run(*(lab.solver(f"s{i}", "raise ValueError" if i == 1 else "") for i in range(4)), lanes=2)
    records = lab.store.read().records
    assert sorted(record.state for record in records) == ["error", "ok", "ok", "ok"]


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="needs a second core")
def test_lanes_side_by_side_have_cores_of_their_own(lab):
    body = (
        "Path(__file__).with_suffix('.begun').touch()\n"
        "        while len(list(Path(__file__).parent.glob('*.begun'))) < 2: time.sleep(0.02)\n"
        "        diagnostics['core'] = np.array(list(os.sched_getaffinity(0)))"
    )
    records = lab.run(*(lab.solver(f"s{i}", body, top="from pathlib import Path") for i in range(2)), lanes=2)
    cores = [record.diagnostics["core"] for record in records.values()]
    assert sorted(cores) == sorted(os.sched_getaffinity(0))[-2:]


def test_threads_and_precision_are_fixed_before_imports(lab):
    body = (
        "diagnostics['threads'] = np.array([int(os.environ['OMP_NUM_THREADS'])]); "
        "diagnostics['x64'] = np.array([int(os.environ['JAX_ENABLE_X64'])]); "
        "diagnostics['preallocate'] = np.array([os.environ['XLA_PYTHON_CLIENT_PREALLOCATE'] != 'false']); "
        "diagnostics['cores'] = np.array([len(os.sched_getaffinity(0))])"
    )
    record = lab.run({"name": lab.solver("env", body), "precision": "float32"})["env"]
    assert record.diagnostics == {"calls": 1.0, "threads": 1.0, "x64": 0.0, "preallocate": 0.0, "cores": 1.0}
    assert record.fit.hardware == record.hardware.id


def test_a_dataset_of_which_only_the_file_is_there_is_not_looked_for(lab):
    record = lab.run({"name": lab.solver("good"), "settings": [{"shift": 0.5}]})["good"]
    assert [reason for _, reason in rescore(lab.store, [record], every=True)] != [None]


def test_new_scores_are_those_of_the_run(lab, listed):
    record = lab.run({"name": lab.solver("good"), "settings": [{"shift": 0.5}]})["good"]
    assert [reason for _, reason in rescore(lab.store, [record])] == ["Its scores are up to date."]
    assert [reason for _, reason in rescore(lab.store, [record], every=True)] == [None]
    (again,) = lab.store.read().records
    assert again.metrics == record.metrics


PARENT = """
import sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from conftest import Lab
lab = Lab(Path({folder!r}))
first = lab.solver("first", "Path('begun').touch(); time.sleep({seconds})", top="from pathlib import Path")
try:
    lab.run(first, lab.solver("second", "Path('begun').touch(); time.sleep({seconds})", top="from pathlib import Path"))
except KeyboardInterrupt:
    print("interrupted")
"""


def start(tmp_path: Path, seconds: float) -> subprocess.Popen:
    code = PARENT.format(tests=str(Path(__file__).parent), folder=str(tmp_path), seconds=seconds)
    process = subprocess.Popen([sys.executable, "-c", code], cwd=tmp_path, stdout=subprocess.PIPE, text=True)
    patience = time.monotonic() + 60
    while not (tmp_path / "begun").exists():
        assert time.monotonic() < patience
        assert process.poll() is None
        time.sleep(0.02)
    return process


def gone(processes: list[psutil.Process]) -> bool:
    return not psutil.wait_procs(processes, timeout=10)[1]


def test_one_interrupt_finishes_the_running_cell(tmp_path: Path):
    process = start(tmp_path, 1.5)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert output == ""
    (name,) = [path.name for path in (tmp_path / "results").glob("*.json")]
    assert '"state": "ok"' in (tmp_path / "results" / name).read_text()


@pytest.mark.parametrize("how", ["two_interrupts", "killed"])
def test_no_process_outlives_the_run(tmp_path: Path, how: str):
    process = start(tmp_path, 60)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    if how == "killed":
        process.kill()
    else:
        process.send_signal(signal.SIGINT)
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=30)
    assert output == ("" if how == "killed" else "interrupted\n")
    assert gone(children)
    assert list((tmp_path / "results").glob("*.json")) == []


def test_a_full_disk_stops_the_run_and_keeps_what_was_there(lab, monkeypatch):
    from kineticbench.contracts import InvalidInput

    lab.run(lab.solver("good"))
    suite = lab.suite(lab.solver("next"))
    planned = jobs(plan(suite), suite, lab.store.folder)
    generator = running.run(planned, lab.store, Local(), lambda *_: None)
    lab.store.prepare()
    real = os.fsync

    def full(descriptor):
        if os.readlink(f"/proc/self/fd/{descriptor}").endswith(".part"):
            raise OSError(28, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidInput, match="No space left"):
        list(generator)
    monkeypatch.undo()
    assert len(lab.store.read().records) == 1
