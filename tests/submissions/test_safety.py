"""A stranger's file is executed only when asked, apart from everything else, and its crash is a line and a status."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kineticbench import catalog
from kineticbench.catalog import PACKAGE
from kineticbench.engine.code import code_hash
from kineticbench.submissions.gather import gather
from kineticbench.submissions.submission import read


@pytest.fixture
def marked(honest: Path, tmp_path: Path) -> tuple[Path, Path]:
    """A submission whose file leaves a mark where it is executed, and the mark."""
    mark = tmp_path / "executed"
    home = tmp_path / "marked"
    (home / "records").mkdir(parents=True)
    source = (honest / "solvers" / "mine.py").read_text()
    (home / "mine.py").write_text(f"open({str(mark)!r}, 'w')\n{source}")
    old, new = (
        code_hash([catalog.find("solvers", str(path)), catalog.find("datasets", "free_flight")])
        for path in (honest / "solvers" / "mine.py", home / "mine.py")
    )
    for path in (honest / "leaderboard" / "records").glob("*.json"):
        (home / "records" / path.name).write_text(path.read_text().replace(old, new))
    return home, mark


def test_nothing_else_executes_a_file(marked, call, tmp_path):
    home, mark = marked
    solver, records = str(home / "mine.py"), str(home / "records")
    assert read(str(home)).name == "mine"
    dataset = (PACKAGE / "conformance" / "template_dataset.py.txt").read_text(encoding="utf-8")
    (home / "posed.py").write_text(
        f"open({str(mark)!r}, 'w')\n{dataset.replace('from __future__', '# from __future__')}"
    )
    gather(home / "mine.py", home / "records", tmp_path / "gathered")
    for words in (
        ("list", "solvers"),
        ("show", solver),
        ("cite", solver),
        ("status", records),
        ("compare", records, records),
        ("leaderboard", "build", records, "--output", str(tmp_path / "site")),
        ("rescore", records),
        ("export", str(home / "posed.py"), str(tmp_path / "problem.h5")),
    ):
        code, _, err = call(*words)
        assert code in (0, 1, 2), words
        assert "Traceback" not in err
        assert not mark.exists(), words


def test_a_file_that_crashes_a_fit_is_one_line_and_status_two(tmp_path, call, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "planted")
    seen = tmp_path / "seen"
    crash = tmp_path / "crash.py"
    crash.write_text(
        "import os\n"
        f"open({str(seen)!r}, 'w').write(os.environ.get('AWS_SECRET_ACCESS_KEY', 'nothing'))\n"
        "os.kill(os.getpid(), 11)\n"
        "class Crash(Solver):\n    pass\n"
    )
    code, _, err = call("fit", str(crash))
    assert (code, err) == (2, "kineticbench: The process was ended by signal 11. Look at what the file does.\n")
    assert seen.read_text() == "nothing"


def test_solutions_sent_along_are_scored_again_and_read_in_a_worker(desk, honest, tmp_path):
    from kineticbench.results.record import Record
    from kineticbench.submissions.finding import RESCORED
    from kineticbench.submissions.rescoring import rescored

    home = tmp_path / "whole"
    (home / "records" / "solutions").mkdir(parents=True)
    (home / "mine.py").write_bytes((honest / "solvers" / "mine.py").read_bytes())
    for path in (honest.parent / "results").glob("*.json"):
        record = Record.model_validate_json(path.read_bytes())
        (home / "records" / path.name).write_bytes(path.read_bytes())
        assert record.stored.solution is not None
        assert record.stored.solution.file is not None
        held = (honest.parent / "results" / record.stored.solution.file).read_bytes()
        (home / "records" / record.stored.solution.file).write_bytes(held)
    found = rescored(read(str(home)))
    assert [(it.check, it.answer) for it in found] == [(RESCORED, "agrees")] * 2
    first, second = sorted((home / "records").glob("*.json"))
    edited = json.loads(first.read_text())
    edited["metrics"]["values"]["w1_momentum"]["mean"][-1] *= 1.0001
    first.write_text(json.dumps(edited))
    other = json.loads(second.read_text())
    other["stored"]["solution"]["file"] = "../" + other["stored"]["solution"]["file"]
    second.write_text(json.dumps(other))
    found = rescored(read(str(home)))
    assert [it.answer for it in found] == ["differs"] * 2
    reasons = " ".join(it.reason for it in found)
    assert "and what was sent along gives" in reasons
    assert "is no file beside a record" in reasons
