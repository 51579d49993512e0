"""Pictures beside records: made, left out, made later, and never a reason to lose a result."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import Problem, Query, Reference, Solution, VlasovPoisson
from kineticbench.engine import pictures
from kineticbench.engine.rescore import rescore
from kineticbench.pictures.figures import unpacked
from kineticbench.pictures.model import Pictures
from kineticbench.results.record import Record


def read(lab, record: Record) -> Pictures:
    assert record.stored.pictures is not None
    return Pictures.model_validate_json((lab.store.folder / record.stored.pictures).read_bytes())


def test_a_cell_keeps_pictures_of_its_solution(lab):
    record = lab.run({"name": lab.solver("good"), "settings": [{"shift": 0.5}]})["good"]
    made = read(lab, record)
    assert record.stored.pictures == f"pictures/{record.cell}.{record.run}.json"
    assert made.times == [0.0, 1.0]
    momenta = next(panel for panel in made.panels if panel.name == "distribution_p")
    assert momenta.measures[0].values == [0.5, 0.5]
    points: Any = next(panel for panel in made.panels if panel.name == "phase_space")
    truth, solver = points.frames[0]
    assert (truth.role, solver.role) == ("truth", "solver")
    assert np.abs(unpacked(solver.y) - unpacked(truth.y) - 0.5).max() < 0.01


def test_a_suite_may_do_without(lab):
    record = lab.run({"name": lab.solver("good"), "settings": [{}]}, pictures=False)["good"]
    assert (record.state, record.stored.pictures) == ("ok", None)
    assert not (lab.store.folder / "pictures").exists()


def test_pictures_that_cannot_be_kept_change_no_state(lab):
    lab.store.prepare()
    (lab.store.folder / "pictures").write_text("a file where a folder should be")
    record = lab.run({"name": lab.solver("good"), "settings": [{}]})["good"]
    assert (record.state, record.reason, record.stored.pictures) == ("ok", None, None)
    assert record.metrics is not None
    assert record.metrics.values["w1_momentum"].mean == [0.0, 0.0]
    assert record.stored.log is not None
    log = (lab.store.folder / record.stored.log).read_text()
    assert "No pictures: CannotWrite: Cannot write" in log
    assert "Traceback" not in log


@pytest.mark.parametrize("error", [ValueError("two\nlines"), MemoryError(), ZeroDivisionError()])
def test_pictures_that_cannot_be_drawn_are_none(lab, monkeypatch, capsys, error):
    def fail(*_):
        raise error

    monkeypatch.setattr(pictures.pictures, "draw", fail)
    problem = Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.ones(1)))
    assert pictures.keep(lab.store.folder, "a" * 64, "run", Solution(), Reference(), problem) is None
    assert capsys.readouterr().err == f"No pictures: {type(error).__name__}: {' '.join(str(error).split())}\n"


def test_rescoring_draws_what_lacks_pictures(lab, listed):
    record = lab.run({"name": lab.solver("good"), "settings": [{}]}, pictures=False)["good"]
    assert [reason for _, reason in rescore(lab.store, [record])] == ["Its scores are up to date."]
    path = lab.store.pictures_path(record.cell, record.run)
    assert Pictures.model_validate_json(path.read_bytes()).panels
    before = path.stat().st_mtime_ns
    list(rescore(lab.store, [record]))
    assert path.stat().st_mtime_ns == before
    assert not list(lab.store.folder.glob("*.scores-*.json"))


def test_rescoring_draws_solutions_of_which_the_first_cases_were_kept(lab, listed):
    solver = {"name": lab.solver("good"), "settings": [{}]}
    record = lab.run(solver, pictures=False, solution_bytes=4000)["good"]
    assert record.stored.solution is not None
    assert record.stored.solution.kept == "subset"
    ((_, reason),) = rescore(lab.store, [record])
    assert reason is not None
    assert reason.startswith("Only the first cases were kept")
    assert lab.store.pictures_path(record.cell, record.run).is_file()


def test_later_pictures_are_those_of_the_run(lab, listed):
    record = lab.run({"name": lab.solver("good"), "settings": [{"shift": 0.25}]})["good"]
    path = lab.store.folder / record.stored.pictures
    first = hashlib.sha256(path.read_bytes()).hexdigest()
    path.unlink()
    list(rescore(lab.store, [record]))
    assert hashlib.sha256(path.read_bytes()).hexdigest() == first
