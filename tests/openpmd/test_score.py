"""From a stranger's file to a record, its line on the leaderboard, or an exit status of 2 with a reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stream_answers import stream

from kineticbench.contracts import InvalidInput
from kineticbench.engine import scoring
from kineticbench.engine.cell import PlugInSetting
from kineticbench.openpmd import submission
from kineticbench.openpmd.export import Order
from kineticbench.openpmd.outside import Outside
from kineticbench.results.store import Store

MOMENTA = "data/{}/particles/plasma/momentum/x"


@pytest.fixture(scope="module")
def warm():
    """Processes that several tests share; the command line starts its own each time."""
    processes = submission.Processes(submission.Room(memory=3_000_000_000, seconds=100.0), warm=True)
    yield processes
    processes.close()


@pytest.fixture
def scored(warm, tmp_path: Path):
    return lambda path, results=None: submission.score(path, results, warm, "kineticbench score", say=lambda _: None)


def test_the_command(answer, call, tmp_path: Path):
    path, results = answer(), tmp_path / "results"
    status, out, err = call("score", str(path), "--results", str(results))
    assert (status, err) == (0, "")
    assert "W1 of momenta" in out
    assert "0.125" in out
    assert "As reported: fit 0, solve 500 ms on Some CPU, 1 core" in out
    assert "The reference has no values.growth_rate" in out
    (record,) = Store(results).read().records
    assert (record.state, record.trust, record.hardware.cpu) == ("ok", "rescored here", "Some CPU, 1 core")
    assert record.hardware.id.startswith("reported-")
    assert record.solve is not None
    assert (record.solve.cold_s, record.solve.warm_s, record.solve.cases) == (0.5, [0.25], 3)
    assert record.reported is not None
    assert (record.reported.author, record.reported.licence, record.reported.file) == (
        "A. Stranger",
        "MIT",
        "answer.h5",
    )
    solver = record.settings.solver
    assert (solver.name, solver.parameters, record.settings.dataset.cases) == ("stream_in_c", {"version": "1.2"}, 3)
    stored = record.stored.solution
    assert stored is not None
    assert stored.kept == "all"
    status, out, _ = call("leaderboard", "build", str(results), "--output", str(tmp_path / "site"))
    assert status == 0
    pages = "".join(
        page.read_text(errors="replace") for page in (tmp_path / "site").rglob("*") if page.suffix in (".html", ".js")
    )
    for shown in ("stream_in_c", "rescored here", "A. Stranger"):
        assert shown in pages, shown


def test_scores_are_those_of_a_run(answer, posed, scored, dataset):
    problem = posed()
    record = scored(answer())
    instance = PlugInSetting(dataset, problem.description.parameters).build("datasets")
    reference = instance.reference(problem.problem)
    wanted = scoring.score(instance, problem.problem, reference, stream(problem, 0.125))
    assert record.metrics == wanted


def test_records_are_added_and_never_edited(answer, scored, tmp_path: Path):
    results = tmp_path / "results"
    first = scored(answer(), results)
    before = {path: path.read_bytes() for path in results.glob("*.json")}
    second = scored(answer(version="1.3"), results)
    again = scored(answer(), results)
    assert len({first.cell, second.cell, again.cell}) == 2
    assert again.run > second.run > first.run
    assert {path: path.read_bytes() for path in before} == before
    assert len(list(results.glob("*.json"))) == 3


def test_a_file_that_was_only_exported(dataset, call, tmp_path: Path):
    path = tmp_path / "problem.h5"
    status, out, _ = call("export", dataset, str(path), "--cases", "2", "--parameters", "particles=5")
    assert status == 0
    assert "2 cases of 5 particles" in out
    status, _, err = call("score", str(path), "--dry-run")
    assert status == 2
    assert err == (
        "kineticbench: problem.h5: It has no group kineticbench/solver, so nobody has solved it. "
        "See docs/other_languages.md.\n"
    )


def change_hash(file: Any) -> None:
    file["kineticbench"].attrs.modify("hash", np.bytes_(b"0" * 64))


def late(file: Any) -> None:
    file["data/2"].attrs.modify("time", np.float64(9.0))


def fewer(file: Any) -> None:
    for name in list(file["data"]):
        for record in ("position", "momentum"):
            group = file[f"data/{name}/particles/plasma/{record}"]
            values = group["x"][:9]
            del group["x"]
            group["x"] = values
        if "weighting" in file[f"data/{name}/particles/plasma"]:
            file[f"data/{name}/particles/plasma/weighting"].attrs.modify("shape", np.array([9], np.uint64))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (change_hash, "answers another problem than tiny_stream poses here today"),
        (late, "no iteration at the time 1"),
        (fewer, "3 particles a case, the problem 4"),
        (lambda file: file["kineticbench"].attrs.modify("dataset", np.bytes_(b"nothing")), "not known here"),
        (lambda file: file["kineticbench/solver"].attrs.modify("name", np.bytes_(b"pic")), "pic is a solver of ours"),
    ],
)
def test_what_cannot_be_scored(change, reason: str, answer, scored):
    with pytest.raises(InvalidInput, match=reason):
        scored(answer(change))


def test_a_solution_that_is_not_finite_is_recorded(answer, call, tmp_path: Path):
    def change(file: Any) -> None:
        file[MOMENTA.format(1)][3] = np.nan

    results = tmp_path / "results"
    status, _, err = call("score", str(answer(change)), "--results", str(results))
    assert status == 2
    assert err == (
        "kineticbench: answer.h5: diverged. trajectory/velocities has values that are not finite. Try a smaller step.\n"
    )
    (record,) = Store(results).read().records
    assert (record.state, record.metrics, record.trust) == ("diverged", None, "rescored here")


@pytest.mark.parametrize("name", ["nowhere.h5", "."])
def test_no_file(name: str, call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    status, _, err = call("score", name)
    assert status == 2
    assert "Give the path of an openPMD file." in err
    assert err.count("\n") == 1


def test_a_library_that_crashes(answer, call, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    (tmp_path / "crashing.py").write_text("import ctypes; ctypes.string_at(0)\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(submission, "WORKER", "crashing")
    status, _, err = call("score", str(answer()), "--results", str(tmp_path / "results"))
    assert (status, err) == (2, "kineticbench: answer.h5: The process was killed by SIGSEGV.\n")
    assert not (tmp_path / "results").exists()


def test_what_the_process_hands_on_is_checked(answer, monkeypatch: pytest.MonkeyPatch, warm):
    class Lying(Outside):
        def ask(self, message: Any) -> Any:
            return json.loads('{"description": {"dataset": "../../evil.py"}}')

    monkeypatch.setattr(submission, "Outside", Lying)
    processes = submission.Processes(submission.Room())
    with pytest.raises(InvalidInput, match="holds what cannot be meant"):
        submission.score(answer(), None, processes, say=lambda _: None)


def test_a_dataset_of_the_density(warm, tmp_path: Path):
    from kineticbench.contracts import Solution, Trajectory
    from kineticbench.openpmd.export import pose
    from kineticbench.openpmd.reading import write_solution

    problem = pose(Order("bkw", {"cells": 8}, particles=64))
    assert problem.ensemble is not None
    still = np.broadcast_to(problem.ensemble.velocities, (4, 1, 64, 2)).copy()
    author = {"name": "still", "version": "1", "author": "A", "hardware": "H"}
    path = tmp_path / "still.h5"
    write_solution(path, Solution(Trajectory(None, still, problem.ensemble.weights)), problem, author)
    record = submission.score(path, None, warm, say=lambda _: None)
    assert record.metrics is not None
    assert record.metrics.values["trajectory_error"].mean[-1] == pytest.approx(1.0)
    assert record.solve is not None
    assert record.solve.cold_s is None
