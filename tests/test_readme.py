"""What the README and CONTRIBUTING show works as written."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from kineticbench.conformance import broken

ROOT = Path(__file__).parents[1]


def blocks(document: str, language: str) -> list[str]:
    """The fenced blocks of a document that are marked with a language; "" for those marked with none."""
    parts = re.split(r"^```", (ROOT / document).read_text(), flags=re.MULTILINE)
    fenced = (part.partition("\n") for part in parts[1::2])
    return [body for mark, _, body in fenced if mark == language]


def test_the_example_runs_and_tells_the_solvers_apart() -> None:
    (code,) = blocks("README.md", "python")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    pic, sheets = (float(error) for error in re.findall(r"at t = 1 is ([\d.]+)", done.stdout))
    assert 0 < sheets < pic < 1


def test_the_solver_in_contributing_runs_in_a_suite(tmp_path: Path) -> None:
    (code,) = blocks("CONTRIBUTING.md", "python")
    (tmp_path / "free_streaming.py").write_text(code)
    command = [sys.executable, "-m", "kineticbench.cli", "run", "smoke", "--solver", "free_streaming.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "free_streaming" in done.stdout
    assert broken(str(tmp_path / "free_streaming.py")) == []


def test_every_verb_that_is_shown_exists() -> None:
    lines = [line for block in blocks("README.md", "") for line in block.splitlines()]
    verbs = {line.split()[1] for line in lines if line.startswith("kineticbench ")}
    helped = subprocess.run([sys.executable, "-m", "kineticbench.cli", "--help"], capture_output=True, text=True)
    assert verbs
    assert all(re.search(rf"\b{verb}\b", helped.stdout) for verb in verbs), verbs


@pytest.mark.parametrize("document", ["README.md", "CONTRIBUTING.md", "docs/methodology.md", "docs/submitting.md"])
def test_links_lead_somewhere(document: str) -> None:
    text = (ROOT / document).read_text()
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert all(((ROOT / document).parent / target).exists() for target in targets), targets
