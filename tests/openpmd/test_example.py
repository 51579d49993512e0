"""The C program of the documentation is compiled, solves an exported problem, and is as exact as it is said to be."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from kineticbench.results.store import Store

SOURCE = Path(__file__).parents[2] / "docs" / "examples" / "sheets.c"
STATED = 1e-3  # docs/other_languages.md

pytestmark = pytest.mark.skipif(shutil.which("h5cc") is None, reason="no h5cc here; Debian's libhdf5-dev brings it")


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("example") / "sheets"
    words = ["h5cc", "-O2", "-Wall", "-Wextra", "-Werror", str(SOURCE), "-o", str(made), "-lm"]
    done = subprocess.run(words, capture_output=True, text=True, cwd=made.parent, check=False)
    assert done.returncode == 0, done.stderr
    return made


def test_step_by_step(program: Path, call, tmp_path: Path):
    """As docs/other_languages.md has it, and that fewer steps err more."""
    problem, results = tmp_path / "problem.h5", tmp_path / "results"
    status, out, _ = call("export", "gaussian_ensemble", str(problem), "--cases", "8")
    assert (status, "8 cases of 256 particles" in out) == (0, True)
    for steps in ("5", "100"):
        answer = tmp_path / f"answer{steps}.h5"
        shutil.copy(problem, answer)
        done = subprocess.run([program, str(answer), steps], capture_output=True, text=True, check=False, timeout=100)
        assert (done.returncode, done.stderr) == (0, "")
        status, out, err = call("score", str(answer), "--results", str(results))
        assert (status, err) == (0, "")
        assert f"sheets_in_c {steps} steps on gaussian_ensemble" in out
    coarse, fine = Store(results).read().records
    assert fine.metrics is not None
    assert coarse.metrics is not None
    for metric in ("w1_position", "w1_momentum"):
        errors = [float(scores.values[metric].mean[-1] or 0.0) for scores in (coarse.metrics, fine.metrics)]
        assert errors[1] < STATED, metric
        assert errors[1] < 0.5 * errors[0], metric
    assert fine.metrics.values["drift_mass"].mean[-1] == 0.0
    assert fine.solve is not None
    assert fine.solve.cold_s is not None
    assert fine.solve.cold_s > 0
    again = subprocess.run([program, str(tmp_path / "answer5.h5")], capture_output=True, text=True, check=False)
    assert again.returncode == 1


def test_the_page_shows_the_commands(program: Path):
    page = (SOURCE.parents[1] / "other_languages.md").read_text(encoding="utf-8")
    assert "h5cc -O2 docs/examples/sheets.c -o sheets -lm" in page
    assert "below 10⁻³" in page
