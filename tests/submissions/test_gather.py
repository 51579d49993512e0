"""What `kineticbench submit` takes, refuses and says of what comes next."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.submissions.gather import gather


@pytest.fixture
def home(honest: Path, tmp_path: Path) -> Path:
    """The solver, its results and nothing sent yet."""
    shutil.copytree(honest.parent, tmp_path / "home")
    shutil.rmtree(tmp_path / "home" / "sent")
    return tmp_path / "home"


def test_records_of_the_file_as_it_is_are_taken(home):
    found = gather(home / "mine.py", home / "results", home / "sent")
    assert (len(found.paths), found.stale) == (3, 0)


def test_records_of_other_code_are_no_part_of_a_submission(home):
    (home / "mine.py").write_text((home / "mine.py").read_text() + "\nMORE = 1\n")
    with pytest.raises(InvalidInput, match="made by other code"):
        gather(home / "mine.py", home / "results", home / "sent")
    assert not (home / "sent").exists()


def test_a_file_of_somebody_else_is_replaced_only_if_asked(home):
    theirs = home / "sent" / "solvers" / "mine.py"
    theirs.parent.mkdir(parents=True)
    theirs.write_text("theirs")
    with pytest.raises(InvalidInput, match="another file"):
        gather(home / "mine.py", home / "results", home / "sent")
    assert theirs.read_text() == "theirs"
    assert theirs in gather(home / "mine.py", home / "results", home / "sent", replace=True).paths
    assert theirs.read_text() == (home / "mine.py").read_text()


@pytest.mark.parametrize("name", ["missing.py", "folder.py", "Not-A-Name.py", "mine.txt"])
def test_what_is_no_solver_file_is_told(home, call, name):
    (home / "folder.py").mkdir()
    code, _, told = call("submit", str(home / name), str(home / "results"), str(home / "sent"))
    assert code == 2
    assert len(told.strip().splitlines()) == 1


def test_the_next_command_is_told_also_among_other_solvers(home, call):
    words = ("submit", str(home / "mine.py"), str(home / "results"), str(home / "sent"))
    code, _, told = call(*words)
    assert (code, told.strip().splitlines()[-1]) == (0, f"3 files. Try: kineticbench verify {home / 'sent'}")
    (home / "sent" / "solvers" / "pic.py").touch()
    code, _, told = call(*words)
    place = f"{home / 'sent' / 'solvers' / 'mine.py'} --records {home / 'sent' / 'leaderboard' / 'records'}"
    assert (code, told.strip().splitlines()[-1]) == (0, f"3 files. Try: kineticbench verify {place}")
