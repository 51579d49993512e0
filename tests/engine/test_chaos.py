"""Whatever is killed, whenever: the same command again ends with the records of a run that nobody disturbed."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from pathlib import Path

import psutil
import pytest

from kineticbench.engine import run as running
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import chosen, jobs, plan
from kineticbench.results import solution_file
from kineticbench.results.record import Record
from kineticbench.results.store import Store

HERE = Path(__file__).parent
KILLS = 50
MEASURED = {"problem_s", "cold_s", "home_s", "warm_s", "peak_bytes", "baseline_bytes", "fresh", "kernel_s"}


class Server:
    """A process that starts runs (`chaos_server`)."""

    def __init__(self, folder: Path, cells: int, seconds: float):
        command = [sys.executable, str(HERE / "chaos_server.py"), str(folder), str(cells), str(seconds)]
        self.mark = f"chaos-{random.getrandbits(64):x}"
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "CHAOS": self.mark}
        )
        assert self._line() == ["ready"]

    def _line(self) -> list[str]:
        assert self.process.stdout is not None
        return self.process.stdout.readline().split()

    def begin(self, results: str) -> int:
        """Begin a run; its process."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{results}\n")
        self.process.stdin.flush()
        word, number = self._line()
        assert word == "pid"
        return int(number)

    def end(self) -> int:
        """Wait for the end of the run; its exit status."""
        word, status = self._line()
        assert word == "ended"
        return int(status)

    def left(self) -> list[psutil.Process]:
        """What still runs of all that was started, the server aside."""
        found = []
        for process in psutil.process_iter():
            try:
                ours = process.environ().get("CHAOS") == self.mark and process.status() != psutil.STATUS_ZOMBIE
            except psutil.Error:
                continue
            if ours and process.pid != self.process.pid:
                found.append(process)
        return found

    def close(self) -> None:
        """End the server."""
        self.process.kill()
        self.process.communicate()


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def essence(record: Record) -> dict:
    """A record without what differs between any two runs."""
    data = record.model_dump(exclude={"run"})
    data["solve"] = {key: value for key, value in data["solve"].items() if key not in MEASURED | {"noisy"}}
    data["fit"].pop("fit_s")
    data["stored"]["solution"]["file"] = data["stored"]["solution"]["file"].replace(record.run, "")
    data["stored"]["pictures"] = data["stored"]["pictures"].replace(record.run, "")
    return data


def disturbed(server: Server, calls: Path, moments: random.Random) -> int:
    """Run and kill, again and again, until the run ends of itself; how often it was killed."""
    kills = 0
    while True:
        begun, before = time.monotonic(), len(lines(calls))
        process = server.begin("disturbed")
        if kills < KILLS:
            cells = moments.randint(0, 5)  # how many have begun by then
            while len(lines(calls)) < before + cells and time.monotonic() - begun < 30:
                time.sleep(0.002)
            time.sleep(moments.uniform(0, 0.02))
            os.kill(process, signal.SIGKILL)
            kills += 1
        if server.end() == 0:
            return kills


@pytest.mark.slow
def test_killed_fifty_times_a_run_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    server, calls = Server(tmp_path, 200, 0.008), tmp_path / "calls"
    try:
        kills = disturbed(server, calls, random.Random(7))
        begun = [line.split()[0] for line in lines(calls)]
        calls.unlink()
        server.begin("undisturbed")
        assert server.end() == 0
        patience = time.monotonic() + 5
        while server.left() and time.monotonic() < patience:
            time.sleep(0.05)
        assert server.left() == []
    finally:
        server.close()
    assert kills == KILLS
    store = Store(tmp_path / "disturbed")
    contents, undisturbed = store.read(), Store(tmp_path / "undisturbed").read()
    assert contents.skipped == {}
    key = {record.cell: essence(record) for record in contents.records}
    assert key == {record.cell: essence(record) for record in undisturbed.records}
    assert len(contents.records) == len(key) == 200
    assert all(record.state == "ok" for record in contents.records)
    assert len(begun) <= 200 + KILLS  # a kill costs the cell that was running, never one that had its record
    assert max(Counter(begun).values()) <= KILLS // 2
    for record in contents.records[::10]:
        stored = record.stored.solution
        assert stored is not None
        assert stored.file is not None
        solution_file.read(store.folder / stored.file, stored.sha256)
    require_little_left(store, {record.run for record in contents.records})


def require_little_left(store: Store, runs: set[str]) -> None:
    """Check that kills left little behind, and that this goes when it is old."""
    scratch = list(store.folder.rglob(".*.part"))
    unrecorded = [path for path in (store.folder / "solutions").glob("*.h5") if path.stem.split(".")[1] not in runs]
    drawn = [path for path in (store.folder / "pictures").glob("*.json") if path.stem.split(".")[1] not in runs]
    assert len(scratch) + len(unrecorded) <= 2 * KILLS
    assert len(drawn) <= KILLS
    assert len(list((store.folder / ".running").iterdir())) <= KILLS
    for path in [*scratch, *unrecorded, *drawn]:
        os.utime(path, (0, 0))
    store.prepare()
    assert not any(path.exists() for path in [*scratch, *unrecorded, *drawn])
    assert len(list((store.folder / "solutions").glob("*.h5"))) == 200


@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "keeper"])
def test_workers_and_keepers_may_be_killed_at_any_moment(lab, victim):
    moments, ended, killed = random.Random(3), threading.Event(), []

    def kill() -> None:
        while len(killed) < 6 and not ended.wait(moments.uniform(0.2, 1.5)):
            for process in psutil.Process().children(recursive=True):
                try:
                    if f"kineticbench.engine.{victim}" in process.cmdline()[:3]:
                        process.kill()
                        killed.append(process)
                        break
                except psutil.Error:
                    continue

    suite = lab.suite(lab.solver("tiny", "time.sleep(0.1)"), seeds=list(range(40)))
    planned = plan(suite)
    killer = threading.Thread(target=kill, daemon=True)
    killer.start()
    records = list(running.run(jobs(planned, suite, lab.store.folder), lab.store, Local(), lambda *_: None))
    ended.set()
    killer.join()
    assert killed
    assert len(records) == len({record.cell for record in records}) == 40
    failed = [record for record in records if record.state != "ok"]
    assert len(failed) <= len(killed)
    for record in failed:
        assert record.state == "error"
        assert "killed" in (record.reason or "")
    again = chosen(planned, lab.store.known(), records[0].hardware.id, ["failed"])
    assert len(again) == len(failed)
    repeated = running.run(jobs(again, suite, lab.store.folder), lab.store, Local(), lambda *_: None)
    assert all(record.state == "ok" for record in repeated)
    assert not psutil.wait_procs(killed, timeout=5)[1]


def test_two_runs_on_one_folder_divide_the_cells(tmp_path: Path) -> None:
    servers = [Server(tmp_path, 40, 0.05) for _ in range(2)]
    try:
        for server in servers:
            server.begin("shared")
        assert {server.end() for server in servers} <= {0, 3}  # 3: the last cell was left to the other
    finally:
        for server in servers:
            server.close()
    contents = Store(tmp_path / "shared").read()
    assert contents.skipped == {}
    assert len({record.cell for record in contents.records}) == 40
    by_worker = Counter(line.split()[1] for line in lines(tmp_path / "calls"))
    assert sum(by_worker.values()) == len(contents.records) <= 42
    assert len(by_worker) == 2
    assert min(by_worker.values()) >= 5
