"""Workers, schedulers and engines die: no finished cell is lost or run again, and no process is left."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from dask_cluster import Cluster
from test_dask import PATH, run

from kineticbench.contracts.errors import KineticbenchError
from kineticbench.engine import run as running
from kineticbench.engine.executors.dask import Dask
from kineticbench.engine.plan import chosen, jobs, plan

BEGIN = "Path(__file__).with_suffix('.begun').open('a').write('x')"
KILL = "psutil.Process(os.getppid()).parent().kill(); time.sleep(60)"


def left(marker: str) -> list[int]:
    """Keepers and workers that have inherited a marker, still there."""
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any("kineticbench.engine." in word for word in process.info["cmdline"] or ()):
            with contextlib.suppress(psutil.Error):
                found += [process.pid] if process.environ().get("KINETICBENCH_MARKER") == marker else []
    return found


def wait_until(condition, seconds: float = 60.0) -> None:
    patience = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < patience
        time.sleep(0.05)


def test_a_killed_worker_of_four_costs_no_cell_and_leaves_no_process(lab, monkeypatch):
    monkeypatch.setenv("KINETICBENCH_MARKER", str(lab.folder))
    names = [lab.solver(f"s{i}", f"{BEGIN}; time.sleep(0.5)", top=PATH) for i in range(8)]
    victim = (
        f"{BEGIN}; x = Path(__file__).with_suffix('.begun').read_text(); len(x) > 1 or ({KILL.replace('; ', ', ')})"
    )
    names.append(lab.solver("unlucky", victim, top=f"{PATH}\nimport psutil"))
    with closing(Dask(workers=4)) as dask:
        made = run(lab, dask, *names)
    assert [record.state for record in made] == ["ok"] * 9
    assert (lab.folder / "unlucky.begun").read_text() == "xx"
    assert {(lab.folder / f"s{i}.begun").read_text() for i in range(8)} == {"x"}
    wait_until(lambda: not left(str(lab.folder)), 30)


def test_a_cell_that_kills_its_workers_ends_and_the_others_go_on(lab):
    killer = lab.solver("killer", f"{BEGIN}; {KILL}", top=f"{PATH}\nimport psutil")
    with closing(Dask(workers=2)) as dask:
        made = run(lab, dask, killer, *(lab.solver(f"s{i}") for i in range(3)))
    records = {record.settings.solver.name: record for record in made}
    assert records["killer"].state == "error"
    assert "workers that ran it died" in records["killer"].reason
    assert {records[f"s{i}"].state for i in range(3)} == {"ok"}
    assert (lab.folder / "killer.begun").read_text() == "xxx"
    assert len(lab.store.read().records) == 4


def test_a_record_made_by_a_lost_worker_is_taken_as_it_is(lab):
    """As where a worker dies between writing a record and answering, or the scheduler loses sight of it."""
    name = lab.solver("good", BEGIN, top=PATH)
    suite = lab.suite(name)
    (job,) = jobs(plan(suite), suite, lab.store.folder)
    with closing(Dask()) as dask:
        first, second = (list(running.run([job], lab.store, dask, lambda *_: None)) for _ in range(2))
    assert first == second
    assert (lab.folder / "good.begun").read_text() == "x"


def test_after_the_loss_of_the_scheduler_the_same_command_goes_on(lab, tmp_path: Path):
    names = [lab.solver(f"s{i}", f"{BEGIN}; time.sleep(0.3)", top=PATH) for i in range(4)]
    suite = lab.suite(*names)
    with Cluster(tmp_path) as cluster:
        cluster.scheduler()
        cluster.worker()
        with closing(Dask(str(cluster.file))) as dask:
            planned = jobs(plan(suite), suite, lab.store.folder)
            made = running.run(planned, lab.store, dask, lambda *_: None)
            done = [next(made)]
            cluster.kill_scheduler()
            with pytest.raises(KineticbenchError, match=r"The Dask scheduler is gone\. Start it again\."):
                done += list(made)
    assert 1 <= len(done) < 4
    finished = {record.settings.solver.name for record in lab.store.read().records}
    assert {record.settings.solver.name for record in done} <= finished
    with Cluster(tmp_path) as cluster:
        cluster.scheduler()
        cluster.worker()
        with closing(Dask(str(cluster.file))) as dask:
            missing = chosen(plan(suite), lab.store.known(), dask.hardware())
            assert len(missing) == 4 - len(finished)
            again = list(running.run(jobs(missing, suite, lab.store.folder), lab.store, dask, lambda *_: None))
    assert [record.state for record in again] == ["ok"] * len(missing)
    assert len(lab.store.read().records) == 4
    assert {(lab.folder / f"{name}.begun").read_text() for name in finished} == {"x"}


def test_a_run_that_is_left_without_workers_ends(lab, tmp_path: Path, monkeypatch):
    monkeypatch.setattr("kineticbench.engine.executors.dask_run.WORKERS_SECONDS", 1.0)
    monkeypatch.setenv("KINETICBENCH_MARKER", str(lab.folder))
    suite = lab.suite(lab.solver("slow", "time.sleep(60)"))
    with Cluster(tmp_path) as cluster:
        cluster.scheduler()
        cluster.worker()
        planned = jobs(plan(suite), suite, lab.store.folder)
        with closing(Dask(str(cluster.file))) as dask:

            def listener(_job, message) -> None:
                if message.get("phase") == "solve":
                    assert left(str(lab.folder))
                    cluster.kill_workers()

            with pytest.raises(KineticbenchError, match=r"All Dask workers are gone\. Start new ones\."):
                list(running.run(planned, lab.store, dask, listener))
    wait_until(lambda: not left(str(lab.folder)), 30)


def test_workers_finish_what_a_killed_run_has_begun(lab, tmp_path: Path):
    (tmp_path / "dask").mkdir()
    with Cluster(tmp_path / "dask") as cluster:
        cluster.scheduler()
        for _ in range(2):
            cluster.worker()
        process = start(tmp_path, 2.0, scheduler=str(cluster.file))
        process.kill()
        process.communicate()
        wait_until(lambda: len(lab.store.read().records) == 2)
        time.sleep(1.0)
        assert [record.state for record in lab.store.read().records] == ["ok"] * 2
    assert len(list(tmp_path.glob("*.begun"))) == 2


PARENT = """
import sys
sys.path[:0] = {paths!r}
from contextlib import closing
from pathlib import Path
from conftest import Lab
from test_dask import run
from kineticbench.engine.executors.dask import Dask

if __name__ == "__main__":
    lab = Lab(Path({folder!r}))
    names = [lab.solver(f"s{{i}}", "Path(__file__).with_suffix('.begun').touch(); time.sleep({seconds})",
             top="from pathlib import Path") for i in range(4)]
    try:
        with closing(Dask({scheduler!r}, 2)) as dask:
            made = run(lab, dask, *names)
            print(len(made))
    except KeyboardInterrupt:
        print("interrupted")
"""


def start(folder: Path, seconds: float, scheduler: str | None = None) -> subprocess.Popen:
    here = Path(__file__).parent
    paths = [str(here), str(here.parent / "support")]
    script = folder / "parent.py"
    script.write_text(PARENT.format(scheduler=scheduler, paths=paths, folder=str(folder), seconds=seconds))
    process = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True, start_new_session=True)
    wait_until(lambda: process.poll() is not None or len(list(folder.glob("*.begun"))) == 2)
    assert process.poll() is None
    return process


def test_one_interrupt_finishes_the_running_cells(tmp_path: Path):
    process = start(tmp_path, 1.5)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to the workers too
    output, _ = process.communicate(timeout=60)
    assert output == "2\n"
    assert len(list((tmp_path / "results").glob("*.json"))) == len(list(tmp_path.glob("*.begun"))) == 2


@pytest.mark.parametrize("how", ["two_interrupts", "killed"])
def test_no_process_outlives_the_run(tmp_path: Path, how: str):
    process = start(tmp_path, 60)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 6
    begun = time.monotonic()
    if how == "killed":
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(0.3)
        os.killpg(process.pid, signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    assert time.monotonic() - begun < 30
    assert output == ("" if how == "killed" else "interrupted\n")
    assert not psutil.wait_procs(children, timeout=20)[1]
    assert list((tmp_path / "results").glob("*.json")) == []


def test_workers_of_one_machine_share_the_making_of_a_dataset(lab, monkeypatch):
    monkeypatch.setenv("KINETICBENCH_CACHE", str(lab.folder / "cache"))
    make = "lambda: (time.sleep(0.5), Path(__file__).with_suffix('.made').open('a').write('x'), ({}, {}))[-1]"
    text = lab.dataset.read_text().replace(
        "        random = ", f"        cached('free', {{}}, {make})\n        random = ", 1
    )
    top = "import time\nfrom pathlib import Path\nfrom kineticbench.numerics.cache import cached\n"
    lab.dataset.write_text(text.replace("\n\n\n@dataclass", f"\n{top}\n\n@dataclass", 1))
    with closing(Dask(workers=2)) as dask:
        made = run(lab, dask, *(lab.solver(f"s{i}") for i in range(2)))
    assert [record.state for record in made] == ["ok"] * 2
    assert (lab.folder / "free.made").read_text() == "x"
