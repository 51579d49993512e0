"""`status` shows what runs, here or elsewhere, and what a folder holds; whatever the names are, and however wide."""

from __future__ import annotations

import json
import os
import shutil
import socket
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kineticbench.results import run_state
from kineticbench.results.run_state import RunningCell, RunState
from kineticbench.results.store import Store

HOSTILE = "[bold]x[/bold]\x1b[31m\r\u202e[/]"


def state(run: str = "20260102T030405Z-0000", host: str = "elsewhere", heard: float = 0.0, **changes) -> RunState:
    now = datetime.now(UTC)
    cell = RunningCell(
        cell="a", dataset=HOSTILE, solver="pde_nhf", setting="25 steps", seed=3, phase="fit", since=now,
        phase_since=now - timedelta(seconds=90), progress=0.25,
    )  # fmt: skip
    usual = {"pid": os.getpid(), "command": "kineticbench run quick", "begun": now - timedelta(minutes=10)}
    usual |= {"planned": 12, "ended": {"ok": 2, "error": 1}, "running": [cell], "left_s": 240.0}
    heartbeat = now - timedelta(seconds=heard)
    return RunState.model_validate({"run": run, "host": host, "heartbeat": heartbeat, **usual, **changes})


@pytest.fixture(scope="module")
def made(tmp_path_factory, open_shop) -> Path:
    """Two ok cells and two that failed in the same way, of solvers with any name."""
    shop = open_shop(tmp_path_factory.mktemp("shop"))
    shop.lab.run(
        {"name": shop.lab.solver("good"), "seeds": [0, 1]},
        {"name": shop.lab.solver("bad", f"raise ValueError({HOSTILE!r})"), "seeds": [0, 1]},
    )
    for path in shop.results.glob("*.json"):
        text = path.read_text().replace('"setting": "shift=0"', f'"setting": {json.dumps(HOSTILE)}')
        path.write_text(text.replace('"name": "bad"', f'"name": {json.dumps("b" + HOSTILE)}'))
    return shop.results


@pytest.fixture
def results(made, tmp_path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(made, tmp_path / "results"))


def test_what_a_folder_holds(results, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    (results / "notes[x].json").write_text("{}")
    code, out, _ = call("status", str(results))
    assert code == 0
    lines = out.splitlines()
    assert lines[0] == "4 attempts at 4 cells: 2 ok, 2 error"
    (row,) = [line for line in lines if line.startswith("free")]
    shown = "[bold]x[/bold]⟨001B⟩[31m⟨000D⟩⟨202E⟩[/]"
    assert row.split("  ")[0] == "free"
    assert f"b{shown}" in row
    assert f" error  2      ValueError: {shown}" in row
    assert "4 made by a plug-in that is not here" in lines
    assert "passed over notes[x].json: its name is not that of a record" in lines
    assert not {"\x1b", "\r", "\u202e"} & set(out)


@pytest.mark.parametrize("columns", ["1", "7", "40"])
def test_a_narrow_terminal_does_no_harm(results, call, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    run_state.write(results / "runs", state())
    run_state.write(results / "runs", state("20260102T030406Z-0000", heard=100.0))
    code, out, err = call("status", str(results))
    assert (code, err) == (0, "")
    assert out


def test_runs_of_any_machine_are_shown_and_lost_ones_are_called_so(results, call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    run_state.write(results / "runs", state())
    run_state.write(
        results / "runs", state("20260102T030406Z-0000", host=socket.gethostname(), left_s=None, running=[])
    )
    run_state.write(results / "runs", state("20260102T030407Z-0000", host="far[red]", heard=600.0))
    _, out, _ = call("status", str(results))
    lines = out.splitlines()
    place = f"process {os.getpid()}"
    assert lines[0].startswith(f"runs: kineticbench run quick on elsewhere, {place}, for 10 min")
    assert "3 of 12 cells (2 ok, 1 error), about 4 min left" in lines[1]
    assert "pde_nhf  25 steps  seed 3: fit 25%, for 9" in lines[2]
    assert lines[3].startswith(f"runs: kineticbench run quick on {socket.gethostname()}, {place}")
    assert lines[4].rstrip().endswith("3 of 12 cells (2 ok, 1 error)")
    assert lines[5].startswith(f"lost: kineticbench run quick on far[red], {place}")
    assert "last heard of 10 min ago, 2 ok, 1 error ended" in lines[5]
    assert lines[6].startswith("4 attempts at 4 cells")


def test_json_holds_it_all(results, call):
    run_state.write(results / "runs", state(heard=100.0))
    code, out, _ = call("status", str(results), "--json")
    told = json.loads(out)
    assert code == 0
    assert (told["schema"], told["attempts"], told["cells"]) == ("kineticbench/status/1", 4, 4)
    assert told["states"] == {"ok": 2, "error": 2}
    assert (told["stale"], told["foreign"], told["noisy"], told["skipped"]) == (0, 4, 0, {})
    assert [it["reason"] for it in told["failures"]] == [f"ValueError: {HOSTILE}"] * 2
    assert {it["cell"] for it in told["failures"]} < {record.cell for record in Store(results).read().records}
    (run,) = told["runs"]
    assert (run["lost"], run["left"], run["planned"], run["host"]) == (True, 9, 12, "elsewhere")
    assert run["running"][0]["dataset"] == HOSTILE


def test_stale_records_are_counted(call, shop, monkeypatch):
    from kineticbench.engine.plan import Codes

    shop.lab.run(shop.lab.solver("good"))
    (path,) = shop.results.glob("*.json")
    code = json.loads(path.read_text())["code"]["hash"]
    monkeypatch.setattr(Codes, "of", lambda _self, _cell: code)
    assert "stale" not in call("status", str(shop.results))[1]
    monkeypatch.setattr(Codes, "of", lambda _self, _cell: "other")
    assert "1 stale: their code has changed since" in call("status", str(shop.results))[1]


def test_many_kinds_of_failures_are_cut_short(results, call, monkeypatch):
    from kineticbench.cli import _status_view

    monkeypatch.setattr(_status_view, "_MOST_ROWS", 0)
    assert "and 1 more; --json names all" in " ".join(call("status", str(results))[1].split())


def test_watching_ends_with_the_run(results, call, monkeypatch):
    from kineticbench.cli import status

    monkeypatch.setattr(status, "WATCH_SECONDS", 0.05)
    one = state()
    run_state.write(results / "runs", one)
    timer = threading.Timer(0.5, run_state.remove, (results / "runs", one.run))
    begun = time.monotonic()
    timer.start()
    code, out, _ = call("status", str(results), "--watch")
    assert code == 0
    assert time.monotonic() - begun >= 0.5
    assert "4 attempts at 4 cells" in out
    assert "runs:" not in out.splitlines()[0]
    run_state.write(results / "runs", state(heard=100.0))
    assert "lost:" in call("status", str(results), "--watch")[1]  # nothing goes on


def test_ctrl_c_leaves_the_display(results, call, monkeypatch):

    def interrupt(_seconds):
        raise KeyboardInterrupt

    run_state.write(results / "runs", state())
    monkeypatch.setattr("time.sleep", interrupt)
    code, out, err = call("status", str(results), "--watch")
    assert (code, err) == (0, "")
    assert "4 attempts at 4 cells" in out
