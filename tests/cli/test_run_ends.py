"""However a run ends, nothing that was finished is lost, nothing is left running, and the exit status tells."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import psutil
import pytest

from kineticbench.results.store import Store

SECOND_SLEEPS = """
        folder = Path({folder!r})
        if not (folder / 'first').exists():
            (folder / 'first').touch()
        elif not (folder / 'begun').exists():
            (folder / 'begun').touch()
            time.sleep({seconds})
"""


def start(shop, seconds: float, *more: str) -> tuple[subprocess.Popen, list[str]]:
    """A run of three cells, of which the first has ended and the second sleeps."""
    body = SECOND_SLEEPS.format(folder=str(shop.folder), seconds=seconds)
    solver = shop.lab.solver("sleepy", body.strip(), top="from pathlib import Path")
    words = shop.run(shop.suite(solver, seeds=(0, 1, 2)), *more)
    process = subprocess.Popen([*shop.command, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    patience = time.monotonic() + 60
    while not (shop.folder / "begun").exists():
        assert time.monotonic() < patience
        assert process.poll() is None
        time.sleep(0.02)
    return process, words


def states(shop) -> list[str]:
    return [record.state for record in Store(shop.results).read().records]


def test_one_interrupt_ends_after_the_running_cell_and_the_same_command_goes_on(shop, call):
    process, words = start(shop, 2.0)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopped; 1 cells are left. The same command goes on." in err
    assert "Traceback" not in err
    assert "sleepy" in out  # the leaderboard
    assert states(shop) == ["ok", "ok"]
    code, _, err = call(*words)
    assert (code, states(shop)) == (0, ["ok"] * 3)
    assert "1 cells to run: 1 ok" in err
    assert list((shop.results / "runs").iterdir()) == []


@pytest.mark.parametrize("how", ["two_interrupts", "terminated"])
def test_what_is_ended_at_once_keeps_what_was_finished(shop, typed, how):
    process, _ = start(shop, 100.0)
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 2
    time.sleep(1.5)  # the file of the run is written every second
    _, out, _ = typed("status", str(shop.results), "--json")
    (run,) = json.loads(out)["runs"]
    assert (run["pid"], run["planned"], run["ended"], run["left"], run["lost"]) == (process.pid, 3, {"ok": 1}, 2, False)
    (cell,) = run["running"]
    assert (cell["dataset"], cell["solver"], cell["phase"]) == ("free", "sleepy", "solve")
    if how == "terminated":
        process.terminate()
    else:
        process.send_signal(signal.SIGINT)
        time.sleep(0.3)
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert err.splitlines()[-1] == (
        "kineticbench: interrupted; what was finished is kept, and the same command goes on."
    )
    assert "Traceback" not in err
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert states(shop) == ["ok"]
    assert list((shop.results / "runs").iterdir()) == []


def test_lanes_are_ended_at_once_too(shop):
    process, _ = start(shop, 100.0, "--lanes", "2")
    children = psutil.Process(process.pid).children(recursive=True)
    patience = time.monotonic() + 60
    while len(list(shop.results.glob("*.json"))) < 2:  # of the other lane
        assert time.monotonic() < patience
        time.sleep(0.05)
    process.terminate()
    process.communicate(timeout=60)
    assert process.returncode == 130
    assert psutil.wait_procs(children, timeout=10)[1] == []
    assert states(shop) == ["ok", "ok"]


def test_fail_fast_stops_after_the_first_failure(shop, call):
    suite = shop.suite(shop.lab.solver("bad", "raise ValueError('no [bold]'+chr(27)+' way')"), seeds=(0, 1, 2))
    code, _, err = call(*shop.run(suite, "--fail-fast"))
    assert code == 1
    assert "Stopped at the first cell that failed; 2 cells are left. The same command goes on." in err
    assert "ValueError: no [bold]⟨001B⟩ way" in err
    assert states(shop) == ["error"]
    code, _, err = call(*shop.run(suite))
    assert (code, states(shop)) == (1, ["error"] * 3)
    assert "2 cells to run: 2 error. Every cell of bad failed." in err


def test_a_solver_of_which_every_cell_failed_gives_one(shop, call):
    good, bad = shop.lab.solver("good"), shop.lab.solver("bad", "raise ValueError")
    mixed = shop.lab.solver("mixed", "if self.seed: raise ValueError")
    no = shop.lab.solver("no", unsupported="return 'never'")
    code, _, err = call(*shop.run(shop.suite(good, mixed, no, seeds=(0, 1))))
    assert (code, "Every cell" in err) == (0, False)
    code, _, err = call(*shop.run(shop.suite(good, bad, mixed, seeds=(0, 1))))
    assert code == 1
    assert err.splitlines()[-2] == "2 cells to run: 2 error. Every cell of bad failed."
    code, _, err = call(*shop.run(shop.suite(good, bad, mixed, seeds=(0, 1)), "--only", " failed ,stale"))
    assert code == 1
    assert "3 cells to run: 3 error. Every cell of bad and mixed failed." in err  # of those run now


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["run", "nowhere.toml"], "There is no suite file nowhere.toml."),
        (["run", "smoke", "--only", "failed,mising"], "Did you mean 'missing'?"),
        (["run", "smoke", "--only", ""], "Unknown value of --only: ''"),
        (["status", "{file}"], "There is no results folder"),
        (["status", "{folder}", "--watch", "--json"], "--watch and --json do not go together."),
        (["rescore", "{file}"], "There is no results folder"),
        (["run", "smoke", "--results", "{file}"], "cannot be written to: File exists. Choose another with --results."),
    ],
)
def test_mistakes_are_one_line(words, message, call, tmp_path: Path):
    (tmp_path / "file").touch()
    places = {"file": str(tmp_path / "file"), "folder": str(tmp_path)}
    code, _, err = call(*(word.format(**places) for word in words))
    assert code == 2
    assert message in err
    assert err.count("\n") == 1


def mounted(folder: Path, options: str, script: str) -> subprocess.CompletedProcess[str]:
    """What a script says that runs where a file system of its own is mounted on a folder."""
    mount = f"mount -t tmpfs -o {options} tmpfs {folder} && "
    done = subprocess.run(["unshare", "-rm", "sh", "-c", f"{mount} true"], capture_output=True, check=False)
    if done.returncode:
        pytest.skip("file systems cannot be mounted here")
    words = ["unshare", "-rm", "sh", "-c", mount + script]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=120)


def test_a_disk_that_fills_up_ends_the_run_and_keeps_the_records(shop):
    shop.results.mkdir()
    fill = f"""
        if Path({str(shop.folder / "first")!r}).exists():
            with open({str(shop.results / "filler")!r}, 'wb') as file:
                try:
                    while True:
                        file.write(bytes(4096)); file.flush()
                except OSError:
                    pass
        Path({str(shop.folder / "first")!r}).touch()
    """
    solver = shop.lab.solver("filling", fill.strip(), top="from pathlib import Path")
    run = " ".join([*shop.command, *shop.run(shop.suite(solver, seeds=(0, 1, 2)))])
    status = " ".join([*shop.command, "status", str(shop.results)])
    done = mounted(
        shop.results,
        "size=2m",
        f"{{ {run}; echo exit $?; rm {shop.results}/filler; {status}; ls {shop.results}/runs; }}",
    )
    assert "exit 2\n1 attempts at 1 cells: 1 ok\n" in done.stdout
    assert done.stdout.endswith("not here\n")  # nothing in the folder of the runs
    last = done.stderr.splitlines()[-1]
    assert last.startswith("kineticbench: Cannot write")
    assert "No space left on device. Free some space" in last
    assert "Traceback" not in done.stderr


def test_a_folder_that_is_read_only_is_an_error(shop):
    folder = shop.results
    folder.mkdir()
    done = mounted(folder, "ro", " ".join([*shop.command, "run", "smoke", "--results", str(folder)]))
    assert done.returncode == 2
    assert done.stderr.startswith(f"kineticbench: The results folder {folder} cannot be written to: Read-only")
    assert done.stderr.count("\n") == 1
