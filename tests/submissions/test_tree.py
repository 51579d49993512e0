"""A change is a submission where it adds one solver's own files, and each is what its name says."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from kineticbench.engine.cell import digest
from kineticbench.submissions.tree import look


class Checkout:
    """A repository with a submission on top of its first commit."""

    def __init__(self, folder: Path, submission: Path):
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.git("config", "user.email", "a@example.org")
        self.git("config", "user.name", "A")
        for name in ("solvers/theirs.py", "leaderboard/records/README.md", "src/engine.py"):
            self.put(name, b"there before\n")
        self.commit("base")
        self.base = self.git("rev-parse", "HEAD")
        shutil.copytree(submission, folder, dirs_exist_ok=True)
        self.record = sorted((folder / "leaderboard" / "records").glob("*.json"))[0]

    def git(self, *words: str) -> str:
        done = subprocess.run(["git", "-C", str(self.folder), *words], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def put(self, name: str, held: bytes) -> Path:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(held)
        return path

    def commit(self, message: str) -> None:
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)

    def change(self, change: Callable[[dict[str, Any]], None]) -> None:
        held = json.loads(self.record.read_text())
        change(held)
        self.record.write_text(json.dumps(held))

    def faults(self) -> list[str]:
        self.commit("submission")
        return list(look(self.folder, self.base).faults)


@pytest.fixture
def checkout(honest: Path, tmp_path: Path) -> Checkout:
    return Checkout(tmp_path / "repository", honest)


def test_what_submit_writes_is_a_submission(checkout):
    checkout.put("tests/validation/test_mine.py", "def test_nothing():\n    pass  # 漢字\n".encode())
    assert checkout.faults() == []
    looked = look(checkout.folder, checkout.base)
    assert (looked.solver, looked.count) == ("mine", 4)
    assert looked.notes == ("solvers/mine.py imports time",)


def fitted(checkout: Checkout, stem: str = "", **changes: Any) -> None:
    """A trained fit of the solver."""
    import hashlib

    weights = save({"w": np.zeros(3, np.float32)})
    settings = {"solver": {"name": "mine", "parameters": {}}, "seed": 0}
    own = f"mine-{digest(settings)[:16]}"
    sheet = {
        "fit": own, "settings": settings, "threads": 1, "device": "cpu", "data_seconds": 0.0, "seconds": 1.0,
        "sessions": 1, "created": "2026-01-01", "command": "kineticbench fit mine", "hardware": {"id": "a"},
        "packages": {}, "code": "c", "commit": None, "dirty": False, "file": f"{own}.safetensors",
        "sha256": hashlib.sha256(weights).hexdigest(), "curve": {},
    }  # fmt: skip
    weights = changes.pop("weights", weights)
    checkout.put(f"leaderboard/fits/{stem or own}.safetensors", weights)
    checkout.put(f"leaderboard/fits/{stem or own}.json", json.dumps({**sheet, **changes}).encode())


def test_fits_belong_to_it(checkout):
    fitted(checkout)
    assert checkout.faults() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"weights": b"\x80\x04pickled"}, "speaks of other weights"),
        ({"weights": b"\x80\x04" + b"x" * 20, "sha256": None}, "no record of a fit"),
        ({"stem": "mine-0123456789abcdef"}, "has settings whose fit is called mine-"),
        ({"settings": {"solver": {"name": "theirs"}}}, "is not a fit of mine"),
        ({"file": "../../src/engine.py"}, "has settings whose fit is called"),
        ({"command": "x\u202ey"}, "hides the character U+202E"),
    ],
)
def test_fits_that_are_not_what_they_say(checkout, changes, words):
    fitted(checkout, **changes)
    faults = checkout.faults()
    assert len(faults) == 1
    assert words in faults[0]


def test_weights_that_are_no_safetensors(checkout):
    import hashlib

    rubbish = b"\x80\x04" + b"x" * 20
    fitted(checkout, weights=rubbish, sha256=hashlib.sha256(rubbish).hexdigest())
    (fault,) = checkout.faults()
    assert "has weights that cannot be" in fault


FOREIGN = [
    ("src/engine.py", b"changed\n", "is no file of a submission"),
    ("solvers/theirs.py", b"changed\n", "is of theirs, and this is a submission of mine"),
    ("solvers/mine2.py", b"class A: pass\n", "is of mine2, and this is a submission of mine"),
    (".github/workflows/ci.yml", b"on: push\n", "is no file of a submission"),
    ("Makefile", b"test:\n", "is no file of a submission"),
    ("leaderboard/records/../x.json", b"", ""),
    ("leaderboard/fits/mine-0123456789abcdef.pkl", b"\x80\x04", "is no file of a submission"),
    ("leaderboard/fits/mine-0123456789abcdef.safetensors", b"", "has no JSON beside it"),
    ("solvers/data.npy", b"", "is no file of a submission"),
    ("solvers/a b.py", b"", "is no file of a submission"),
    ("docs/solvers/mine.md", b"<script>", "is no file of a submission"),
    ("tests/solvers/test_mine.py", b"a\xe2\x80\xaeb", "hides the character U+202E"),
    ("tests/solvers/test_mine.py", b"\xff\xfe", "is not text in UTF-8"),
    ("tests/solvers/test_mine.py", b"x" * 100_001, "has 100001 bytes, more than 100000"),
]


@pytest.mark.parametrize(("name", "held", "words"), [it for it in FOREIGN if it[2]], ids=lambda it: str(it)[:30])
def test_other_files_are_refused(checkout, name, held, words):
    checkout.put(name, held)
    faults = checkout.faults()
    assert any(words in fault and name in fault for fault in faults), faults
    assert len(faults) == 1


def test_links_executables_and_removals_are_refused(checkout):
    (checkout.folder / "tests" / "solvers").mkdir(parents=True)
    (checkout.folder / "tests" / "solvers" / "test_mine.py").symlink_to("/etc/passwd")
    (checkout.folder / "solvers" / "mine.py").chmod(0o755)
    (checkout.folder / "src" / "engine.py").unlink()
    faults = checkout.faults()
    assert "tests/solvers/test_mine.py is a symbolic link" in faults
    assert "solvers/mine.py is executable" in faults
    assert "src/engine.py was removed" in faults


def test_records_are_only_added(checkout):
    checkout.commit("submission")
    checkout.base = checkout.git("rev-parse", "HEAD")
    checkout.record.write_text(checkout.record.read_text() + " ")
    assert any("was there before, and is only ever added" in fault for fault in checkout.faults())


EDITS: list[tuple[str, Callable[[dict[str, Any]], None], str]] = [
    ("a cell of other settings", lambda r: r["settings"].update(seed=5), "and its settings are the cell"),
    ("another solver", lambda r: r["settings"]["solver"].update(name="pic"), "is not this solver's"),
    ("an unknown dataset", lambda r: r["settings"]["dataset"].update(name="nowhere"), "Unknown dataset 'nowhere'"),
    ("a path for a dataset", lambda r: r["settings"]["dataset"].update(name="../x.py"), "is not the name of a dataset"),
    ("other code", lambda r: r["code"].update(hash="0" * 64), "other code than the solver's file"),
    ("more trust", lambda r: r.update(trust="rerun here"), "says rerun here"),
    ("another family", lambda r: r.update(family="learned"), "says learned, and the solver's file says classical"),
    ("no family", lambda r: r.update(family=None), "says None, and the solver's file says classical"),
    ("a file beside it", lambda r: r.update(stored={"log": "logs/x.txt"}), "names files beside it"),
    ("hidden text", lambda r: r.update(command="a\u202eb"), "command hides the character U+202E"),
    ("long text", lambda r: r.update(reason="x" * 5000), "reason has 5000 characters"),
    ("no JSON", lambda r: r.update(state="fine"), "is no record: state"),
    ("another run", lambda r: r.update(run="20260102T030405Z-0000"), "another cell or run than its name says"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "words"), [it[1:] for it in EDITS], ids=[it[0] for it in EDITS])
def test_records_that_are_not_what_they_say(checkout, change, words):
    checkout.change(change)
    faults = checkout.faults()
    assert len(faults) == 1
    assert words in faults[0]


def test_a_record_of_the_future_is_refused(checkout):
    held = json.loads(checkout.record.read_text())
    run = "20990102T030405Z-0000"
    checkout.put(f"leaderboard/records/{held['cell']}.{run}.json", json.dumps({**held, "run": run}).encode())
    (fault,) = checkout.faults()
    assert "was made in the future" in fault


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("from kineticbench import datasets.bkw\n", "is not valid Python"),
        ("import kineticbench.datasets.bkw\n", "imports kineticbench.datasets.bkw"),
        ("from kineticbench.engine import scoring\n", "imports kineticbench.engine.scoring"),
        ("import kineticbench\n", "imports kineticbench,"),
        ("import kineticbench.numerics.pic\n", "imports kineticbench.numerics.pic,"),
        ("from kineticbench import *\n", "imports kineticbench.*,"),
        ("from ..engine import scoring\n", "imports ..engine.scoring"),
        ("from .pic import PIC\n", "imports .pic.PIC"),
        ("x = " + "(" * 5000 + "\n", ""),
    ],
)
def test_a_solver_that_reaches_for_the_engine_or_is_no_python(checkout, line, words):
    path = checkout.folder / "solvers" / "mine.py"
    path.write_text(path.read_text() + line)
    faults = checkout.faults()
    assert any(words in fault and "solvers/mine.py" in fault for fault in faults), faults
    assert any("other code" in fault for fault in faults)


def test_records_alone_and_a_solver_alone(checkout):
    shutil.rmtree(checkout.folder / "leaderboard")
    faults = checkout.faults()
    assert "it has no records of its own in leaderboard/records" in faults
    assert any("was removed" in fault for fault in faults)


def test_the_command(checkout, call, monkeypatch):
    monkeypatch.chdir(checkout.folder)
    checkout.commit("submission")
    code, out, _ = call("verify", "--files", checkout.base)
    assert (code, out.splitlines()[-1]) == (0, "3 files of mine: 0 faults.")
    checkout.put("Makefile", b"x")
    checkout.commit("more")
    code, out, _ = call("verify", "--files", checkout.base, "--json")
    assert (code, json.loads(out)["faults"]) == (1, ["Makefile is no file of a submission"])
    for base in ("nowhere", "--output=x", "-x"):
        code, _, err = call("verify", f"--files={base}")
        assert (code, err.count("\n")) == (2, 1)
