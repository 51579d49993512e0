"""Cells run on Dask's workers as they do here: isolated, recorded where they ran, and never timed side by side."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from dask_cluster import Cluster

from kineticbench.contracts.errors import InvalidInput
from kineticbench.engine import run as running
from kineticbench.engine.environment import hardware
from kineticbench.engine.executors import dask_worker, executor
from kineticbench.engine.executors.dask import Dask
from kineticbench.engine.executors.dask_lanes import Number
from kineticbench.engine.plan import Codes, chosen, jobs, plan
from kineticbench.results import solution_file

MARK = "Path(__file__).with_name(f'{time.time_ns()}."
SPAN = f"{MARK}begun').touch(); time.sleep(0.2); {MARK}done').touch()"
PATH = "from pathlib import Path"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory):
    """One worker of one slot, two threads and one core."""
    with Cluster(tmp_path_factory.mktemp("dask")) as cluster:
        cluster.scheduler()
        cluster.worker(threads=2, cores={0})
        yield cluster


def run(lab, dask, *solvers, events=None, **settings) -> list[Any]:
    suite = lab.suite(*solvers, **settings)
    left = chosen(plan(suite), lab.store.known(), dask.hardware())
    heard = [] if events is None else events
    planned = jobs(left, suite, lab.store.folder)
    return list(running.run(planned, lab.store, dask, lambda job, message: heard.append((job, message))))


def test_cells_end_as_they_do_here(lab, cluster):
    names = [lab.solver("good"), lab.solver("dies", "os._exit(3)"), lab.solver("loud", "print('hello')")]
    names.append(lab.solver("hangs", "time.sleep(60)"))
    events = []
    limits = {"seconds": 2.0, "bytes": 2_000_000_000}
    with closing(Dask(str(cluster.file), command="the command")) as dask:
        made = run(lab, dask, *names, events=events, limits=limits)
    records = {record.settings.solver.name: record for record in made}
    assert {name: record.state for name, record in records.items()} == {
        "good": "ok",
        "dies": "error",
        "loud": "ok",
        "hangs": "timeout",
    }
    assert "exit status 3" in records["dies"].reason
    assert (lab.store.folder / records["loud"].stored.log).read_text() == "hello\n"
    stored = records["good"].stored.solution
    assert solution_file.read(lab.store.folder / stored.file, stored.sha256).arrays()
    assert records["good"].command == "the command"
    assert {message["phase"] for _, message in events if message["event"] == "phase"} >= {"problem", "fit", "solve"}
    assert sorted(lab.store.read().records, key=lambda it: it.run) == sorted(made, key=lambda it: it.run)
    assert {path.name for path in lab.store.folder.iterdir() if path.is_file()} == {
        f"{record.cell}.{record.run}.json" for record in made
    }


@pytest.mark.skipif(hardware()["cores"] < 2, reason="needs a second core")
def test_the_record_is_of_the_machine_that_ran_the_cell_and_is_found_there(lab, cluster):
    name = lab.solver("good", "diagnostics['trim'] = np.array([len(os.environ.get('MALLOC_TRIM_THRESHOLD_', ''))])")
    with closing(Dask(str(cluster.file))) as dask:
        (record,) = run(lab, dask, name)
        assert record.diagnostics["trim"] == 0.0  # which Dask sets for its own process
        assert record.hardware.cores == 1 != hardware()["cores"]
        assert record.fit.hardware == record.hardware.id
        assert dask.hardware() == {record.hardware.id}
        assert run(lab, dask, name) == []


def test_timed_cells_never_share_a_slot(lab, cluster):
    with closing(Dask(str(cluster.file))) as dask:
        made = run(
            lab,
            dask,
            *(lab.solver(f"s{i}", SPAN, top=PATH) for i in range(4)),
            timing={"calls": 2, "seconds": 0.0, "longest": 0.0},
        )
    assert [record.state for record in made] == ["ok"] * 4
    assert all(record.solve.fresh for record in made)
    marks = [path.suffix for path in sorted(lab.folder.glob("[0-9]*"))]
    assert marks == [".begun", ".done"] * 12


def test_where_the_folder_is_not_seen_files_travel_and_fits_are_shared(lab, cluster, monkeypatch):
    elsewhere = lab.folder / "elsewhere"
    monkeypatch.setattr(dask_worker, "token_path", lambda results, run: elsewhere / run)  # where no worker looks
    from test_fits import SOLVER

    learner = lab.folder / "learner.py"
    text = SOLVER.replace("progress.save(state)", "(Path(__file__).with_name('trained')).touch(exist_ok=False)", 1)
    learner.write_text(text.replace("< 10:", "< 1:").replace("[bool] = True", "[bool] = False"))
    entry = {"name": str(learner), "settings": [{"steps": 25}]}
    with closing(Dask(str(cluster.file))) as dask:
        first = run(lab, dask, entry, lab.solver("loud", "print('hello')"))
        entry["settings"] = [{"steps": 25}, {"steps": 5}]
        second = run(lab, dask, entry, lab.solver("other"))  # a new folder over there
    assert {record.state for record in (*first, *second)} <= {"ok", "diverged"}, first
    fits = [record.fit for record in (*first, *second) if record.fit.id]
    assert [fit.restored for fit in fits] == [False, True]
    assert (lab.store.fits / f"{fits[0].id}.safetensors").is_file()
    for record in (*first, *second):
        if record.stored.solution:
            assert solution_file.read(lab.store.folder / record.stored.solution.file, record.stored.solution.sha256)
    (loud,) = [record for record in first if record.settings.solver.name == "loud"]
    assert (lab.store.folder / loud.stored.log).read_text() == "hello\n"


def test_other_code_is_refused(lab, cluster, monkeypatch):
    name = lab.solver("good")
    with closing(Dask(str(cluster.file))) as dask:
        monkeypatch.setattr(Codes, "of", lambda _self, _cell: "other")
        with pytest.raises(InvalidInput, match="The code of good or of free is another there"):
            run(lab, dask, name)
        monkeypatch.undo()
        assert [record.state for record in run(lab, dask, name)] == ["ok"]
    monkeypatch.setattr(dask_worker, "engine_code", lambda: "other")
    with pytest.raises(InvalidInput, match=r"127\.0\.0\.1.*other code of kineticbench \(version .* here is version"):
        Dask(str(cluster.file))


def test_a_gpu_that_no_worker_has_is_named(lab, cluster):
    with (
        closing(Dask(str(cluster.file))) as dask,
        pytest.raises(InvalidInput, match=r'No Dask worker has the resource kineticbench_gpu.*--resources "kinetic'),
    ):
        run(lab, dask, lab.solver("good"), device="gpu")


def test_workers_without_slots_and_with_too_many_are_named(lab, tmp_path):
    with Cluster(tmp_path) as cluster:
        cluster.scheduler()
        cluster.worker(resources="")
        with closing(Dask(str(cluster.file))) as dask:
            with pytest.raises(
                InvalidInput, match=r"No Dask worker has the resource kineticbench_slot.*dask worker tcp"
            ):
                run(lab, dask, lab.solver("good"))
            cluster.worker(resources="kineticbench_slot=2", threads=2)
            while len(dask._client.scheduler_info(n_workers=-1)["workers"]) < 2:
                pass
            with pytest.raises(InvalidInput, match=r"is timed, and the Dask worker .* would run 2 cells at a time"):
                run(lab, dask, lab.solver("good"), timing={"calls": 1, "seconds": 0.0})


def test_a_scheduler_that_does_not_answer_is_named(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("kineticbench.engine.executors.dask.CONNECT_SECONDS", 1.0)
    for address in ("tcp://127.0.0.1:9", "nonsense://x", "127.0.0.1"):
        with pytest.raises(InvalidInput, match="No Dask scheduler answers at"):
            Dask(address)
    with pytest.raises(InvalidInput, match="is not the file of a Dask scheduler"):
        Dask(str(tmp_path / "none.json"))
    with Cluster(tmp_path) as cluster:
        cluster.scheduler()
        with pytest.raises(InvalidInput, match=r"has no workers\. Start some: dask worker tcp"):
            Dask(str(cluster.file))


def test_workers_of_one_machine_have_numbers_of_their_own(tmp_path: Path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    several = [Number() for _ in range(3)]
    assert [number() for number in (*several, *several)] == [0, 1, 2, 0, 1, 2]


def test_options_of_another_executor_are_refused(monkeypatch):
    cases: tuple[tuple[dict[str, Any], str], ...] = (
        ({"name": "dusk"}, "Did you mean 'dask'"),
        ({"name": "local", "workers": 2}, "--workers is of the executor dask"),
        ({"name": "local", "scheduler": "tcp://x"}, "--scheduler is of the executor dask"),
        ({"name": "dask", "lanes": 2}, "--lanes is of the executor local"),
        ({"name": "dask", "scheduler": "tcp://x", "workers": 2}, "Leave out one"),
    )
    for arguments, match in cases:
        with pytest.raises(InvalidInput, match=match):
            executor(**arguments)
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InvalidInput, match=r"pip install 'kineticbench\[distributed\]'"):
        executor("dask")
