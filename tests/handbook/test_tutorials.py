"""The tutorials word by word: every command and every line of Python in them is run, in their order."""

from __future__ import annotations

import html
import os
import shlex
import subprocess
import sys
from pathlib import Path

import pandas
import pytest
from handbook.documents import ROOT, blocks

TUTORIALS = ROOT / "docs" / "tutorials"
# what cannot be run in a test: setting up an environment, and asv, which has tests of its own
SHOWN_ONLY = {"make .venv/ready", "source .venv/bin/activate", "make asv"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder like a checkout after it was installed."""
    for name in ("docs", "benchmarks"):
        (tmp_path / name).symlink_to(ROOT / name)
    commands = tmp_path / "bin"
    commands.mkdir()
    python = shlex.quote(sys.executable)
    for name, words in (("kineticbench", f"{python} -m kineticbench"), ("python", python)):
        (commands / name).write_text(f'#!/bin/sh\nexec {words} "$@"\n')
        (commands / name).chmod(0o755)
    return tmp_path


def run(command: list[str], place: Path) -> str:
    environment = os.environ | {
        "PATH": f"{place / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "COLUMNS": "200",
    }
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, f"{command[-1]}\n{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr


def followed(name: str, place: Path) -> dict[str, str]:
    """What each block printed, by its first line."""
    said, python = {}, ""
    for block in blocks(TUTORIALS / f"{name}.md"):
        first = block.body.partition("\n")[0]
        if block.name is not None:
            (place / block.name).write_text(block.body)
        elif block.language == "bash":
            said[first] = run(["bash", "-euo", "pipefail", "-c", block.body], place)
        elif block.language == "python":
            python += block.body
            said[first] = run([sys.executable, "-W", "error", "-c", python], place)
    return said


@pytest.mark.slow
def test_run_a_comparison(place: Path) -> None:
    said = followed("compare", place)
    ranked = said["from pathlib import Path"]
    assert ranked.count("tier ") == 5
    assert ranked.startswith("tier 1: sheets, 25 steps")
    assert "'pic': " in ranked
    assert said["from kineticbench.results.frame import frame"].count("pic") >= 2
    assert (place / "site" / "index.html").is_file()
    ranked = pandas.read_csv(place / "ranked.csv")
    assert set(ranked.solver) == {"sheets", "pic"}


@pytest.mark.slow
def test_submit_a_solver(place: Path) -> None:
    said = followed("submit", place)
    checks = {line: text for line, text in said.items() if "check" in line or "cp " in line or "new" in line}
    begun, copied = (text for line, text in checks.items() if not line.startswith("sed"))
    assert "Nothing to mend" in begun
    assert "Nothing to mend" in copied
    broken = next(text for line, text in said.items() if line.startswith("sed"))
    assert "exit status 1" in broken
    assert "drift_kick_drift" in next(text for line, text in said.items() if "run smoke" in line)
    assert "Accepted." in next(text for line, text in said.items() if "kineticbench submit" in line)


@pytest.mark.slow
@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="needs a git checkout to compare with another commit")
def test_guard_against_regressions(place: Path) -> None:
    said = followed("guard", place)
    compared = next(text for line, text in said.items() if "kineticbench compare" in line)
    assert "exit status 1" in compared
    assert "drift_kick_drift" in html.unescape((place / "worse.md").read_text())
    assert "Change(" in said["from pathlib import Path"]


@pytest.mark.parametrize("name", [path.stem for path in sorted(TUTORIALS.glob("*.md"))])
def test_what_is_shown_and_not_run_is_little(name: str) -> None:
    found = blocks(TUTORIALS / f"{name}.md")
    assert any(block.language == "bash" for block in found)
    shown = [
        line.removeprefix("$ ") for block in found if block.language == "console" for line in block.body.split("\n")
    ]
    assert {line for line in shown if line and not line.startswith("asv continuous")} <= SHOWN_ONLY
    assert {block.language for block in found} <= {"bash", "python", "console", "toml", "yaml"}


def test_every_tutorial_has_a_test() -> None:
    assert {path.stem for path in TUTORIALS.glob("*.md")} == {"compare", "submit", "guard"}
