"""The notebooks run from their first cell to their last on a few records, and answer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("nbclient", reason="needs kineticbench[docs]")
ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "docs" / "notebooks").glob("*.ipynb"))
WRITE = "import sys, pathlib; from handbook import notebooks; path = pathlib.Path(sys.argv[1]); "
WRITE += (
    "[(pathlib.Path(sys.argv[2]) / name).write_bytes(content) for name, content in notebooks.rendered(path).items()]"
)
FEW = {
    "pde_nhf_or_pic": lambda s: s["dataset"]["name"] == "gaussian_ensemble" and s["dataset"]["cases"] == 512,
    "pinn_pm_particles": lambda s: s["dataset"]["name"] == "bkw" and s["solver"]["name"] in ("pinn_pm", "blob"),
}


@pytest.fixture(scope="module")
def settings() -> dict[Path, dict]:
    records = (ROOT / "leaderboard" / "records").glob("*.json")
    return {path: json.loads(path.read_bytes())["settings"] for path in records if ".scores-" not in path.name}


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_answers_from_a_few_records(path, settings, tmp_path):
    records, pages = tmp_path / "records", tmp_path / "pages"
    for folder in (records, pages):
        folder.mkdir()
    for record in [record for record, said in settings.items() if FEW[path.stem](said)]:
        (records / record.name).symlink_to(record)
    paths = os.pathsep.join([str(ROOT / "docs"), str(ROOT / "src")])
    environment = os.environ | {"KINETICBENCH_RECORDS": str(records), "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(path), str(pages)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    page = (pages / f"{path.stem}.md").read_text(encoding="utf-8")
    answer = "".join(page.partition("## The answer")[2].split("\n```")[::2])  # without the code that gives it
    assert "There are no records" not in answer
    assert "times the classical seconds" in answer or "is as accurate" in answer or "comparisons" in answer
    assert list(pages.glob("*.svg"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_kept_without_outputs(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    assert cells[0]["source"][0].startswith("# ")
    for cell in cells:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None


def test_a_cell_that_fails_fails_the_build(tmp_path):
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1/0", "execution_count": None, "outputs": []}
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    book = {"cells": [cell], "metadata": kernel, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "wrong.ipynb").write_text(json.dumps(book))
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT / "docs"), str(ROOT / "src")])}
    done = subprocess.run(
        [sys.executable, "-c", WRITE, str(tmp_path / "wrong.ipynb"), str(tmp_path)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode != 0
    assert "ZeroDivisionError" in done.stderr


def test_an_answer_is_asked_again_only_where_something_changed(tmp_path):
    from handbook.notebooks import fingerprint

    book, record = tmp_path / "a.ipynb", tmp_path / "r.json"
    book.write_text("one")
    record.write_text("two")
    before = fingerprint(book, [record])
    assert fingerprint(book, [record]) == before
    record.write_text("three")
    assert fingerprint(book, [record]) != before
