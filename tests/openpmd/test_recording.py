"""What stands in a record and where: an answer of wrong shape in none, and a folder that cannot be is told first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stream_answers import AUTHOR, hdf5, stream

from kineticbench.contracts import Diverged, InvalidInput, Solution, Trajectory
from kineticbench.openpmd import submission
from kineticbench.openpmd.answer import require_answer
from kineticbench.results.store import Store

SERIES = "kineticbench/answer/series/field_energy"


def without_particles(file: Any) -> None:
    for name in list(file["data"]):
        del file[f"data/{name}/particles/plasma"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (lambda file: file.create_dataset(SERIES, data=np.zeros((3, 5))), r"series 'field_energy' must have shape"),
        (lambda file: file.create_dataset(SERIES, data=np.full((3, 5), np.nan)), r"must have shape \(case, 0\)"),
        (lambda file: file.create_dataset("kineticbench/answer/density", data=np.zeros((1, 3, 2))), "density must"),
        (without_particles, "The solution is empty. Return a trajectory"),
    ],
    ids=["series", "series of NaN", "density", "nothing"],
)
def test_an_answer_of_another_shape_is_bad_input(change, reason: str, answer, tmp_path: Path):
    results = tmp_path / "results"
    processes = submission.Processes(submission.Room(memory=3_000_000_000, seconds=100.0))
    with pytest.raises(InvalidInput, match=reason):
        submission.score(answer(change), results, processes, say=lambda _: None)
    assert Store(results).read().records == []


def test_shapes_come_before_numbers(posed):
    problem = posed().problem
    solution = stream(posed())
    assert solution.trajectory is not None
    require_answer(solution, problem)
    bad = solution.trajectory.velocities.copy()
    bad[1, 0, 0, 0] = np.inf
    found = Solution(Trajectory(solution.trajectory.positions, bad, solution.trajectory.weights))
    with pytest.raises(Diverged, match="not finite"):
        require_answer(found, problem)
    short = Solution(Trajectory(solution.trajectory.positions[:2], bad[:2], solution.trajectory.weights))
    with pytest.raises(InvalidInput, match="trajectory/positions must have shape"):
        require_answer(short, problem)


def test_the_version_is_the_attribute_and_the_path_is_whole(answer, call, tmp_path: Path):
    results = tmp_path / "results"
    path = answer(parameters={"version": "another", "steps": 3})
    status, out, err = call("score", str(path), "--results", str(results))
    assert (status, err) == (0, "")
    (record,) = Store(results).read().records
    assert record.settings.solver.parameters == {"version": AUTHOR["version"], "steps": 3}
    line = out.splitlines()[-1]
    assert line.endswith("  rescored here, times as reported")
    assert Path(line.partition("  ")[0]).read_bytes() == (results / f"{record.cell}.{record.run}.json").read_bytes()


def test_a_results_folder_that_is_a_file_is_told_before_scoring(answer, call, tmp_path: Path, monkeypatch):
    asked: list[Any] = []
    monkeypatch.setattr(submission.Processes, "rate", lambda _, message: asked.append(message))
    file = tmp_path / "afile"
    file.write_text("")
    status, out, err = call("score", str(answer()), "--results", str(file))
    assert (status, out, asked) == (2, "", [])
    assert err.startswith(f"kineticbench: answer.h5: The results folder {file} cannot be written to: ")
    assert err.endswith(" Choose another with --results.\n")


def test_a_full_disk_is_told_as_what_it_is(answer, tmp_path: Path, monkeypatch):
    from kineticbench.files import CannotWrite

    def full(*_: object) -> None:
        raise CannotWrite("Cannot write it: No space left on device.", "Free some space.")

    monkeypatch.setattr(Store, "write", full)
    processes = submission.Processes(submission.Room(memory=3_000_000_000, seconds=100.0))
    with pytest.raises(CannotWrite, match=r"^Cannot write it: No space"):
        submission.score(answer(), tmp_path / "results", processes, say=lambda _: None)


def test_a_name_that_ends_in_a_new_line_is_none(answer):
    path = answer(lambda file: file.create_dataset("kineticbench/answer/diagnostics/foo\n", data=np.zeros(3)))
    with hdf5(path) as file:
        assert "foo\n" in file["kineticbench/answer/diagnostics"]
    processes = submission.Processes(submission.Room(memory=3_000_000_000, seconds=100.0))
    with pytest.raises(InvalidInput, match="a name that is not allowed"):
        submission.score(path, None, processes, say=lambda _: None)
