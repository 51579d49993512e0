"""`kineticbench new`: what it writes works, is in the house's style, and overwrites nothing."""

from __future__ import annotations

import builtins
import keyword
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from kineticbench import catalog
from kineticbench.cli.new import NAME, class_name
from kineticbench.results.confined import OWN_NAME
from kineticbench.results.store import Store

ROOT = Path(__file__).parents[2]
LONG = "m" * 40
WRITTEN = [
    ("solver", "my_method", ()),
    ("solver", "solver", ()),
    ("solver", "z", ("--equation", "landau")),
    ("solver", LONG, ("--equation", "landau")),
    ("solver", "exception", ()),
    ("dataset", "my_problem", ()),
    ("dataset", "false", ()),
]
CLASSES = {"solver": "SolverMethod", "exception": "ExceptionMethod", "false": "FalseMethod"}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("solver", "My"), "'My' cannot be the name"),
        (("solver", "my-method"), "Begin with a small letter"),
        (("solver", "9lives"), "cannot be the name"),
        (("solver", "../mine"), "cannot be the name"),
        (("solver", ""), "cannot be the name"),
        (("solver", "class"), "cannot be the name"),
        (("solver", "m" * 41), "up to 40"),
        (("solver", "pic"), "There is a solver pic already"),
        (("dataset", "pic"), "There is a solver pic already"),
        (("solver", "bkw"), "There is a dataset bkw already"),
        (("solver", "w1_momentum"), "There is a metric w1_momentum already"),
        (("solver", "smoke"), "There is a suite smoke already"),
        (("solver", "random"), "Python has a module random already"),
        (("solver", "numpy"), "Python has a module numpy already"),
        (("solver", "mine", "--equation", "landua"), "Did you mean 'landau'?"),
        (("solver", "mine", "--output", "other.py"), "other and not mine"),
        (("solver", "there"), "there.py is there already"),
        (("solver", "mine", "--output", "there.py/folder"), "Cannot write"),
    ],
)
def test_a_name_or_a_place_that_cannot_be_is_told_in_a_line(words, message, call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there.py").write_text("kept")
    code, out, err = call("new", *words)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert message in err
    assert [path.name for path in tmp_path.iterdir()] == ["there.py"]
    assert (tmp_path / "there.py").read_text() == "kept"


def test_names_are_those_that_the_suite_takes():
    assert OWN_NAME.fullmatch("my_method2")
    assert NAME.pattern.startswith("[a-z][a-z0-9_]")
    assert class_name("my_2d_method", "") == "My2dMethod"
    assert class_name("solver", "class MyMethod(Solver):") == "SolverMethod"
    for word in ("true", "false", "none", "exception", "ellipsis", "value_error"):
        assert class_name(word, "") == f"{class_name(word, '').removesuffix('Method')}Method"
        assert class_name(word, "").removesuffix("Method") in {*keyword.kwlist, *dir(builtins)}


def test_what_it_writes_is_in_the_houses_style(call, tmp_path):
    for kind, name, options in WRITTEN:
        code, out, _ = call("new", kind, name, "--output", str(tmp_path), *options)
        assert (code, f"kineticbench check {tmp_path / name}.py" in out) == (0, True)
        plug_in = catalog.find("solvers" if kind == "solver" else "datasets", str(tmp_path / f"{name}.py"))
        assert plug_in.class_name == CLASSES.get(name, class_name(name, ""))
    for command in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        words = [sys.executable, "-m", "ruff", *command, "--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_what_it_writes_runs_in_a_suite(call, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, equation in (("beams", "vlasov-poisson"), ("drift", "landau")):
        assert call("new", "solver", name, "--equation", equation)[0] == 0
    code, out, err = call("run", "smoke", "--solver", "beams.py", "--solver", "drift.py", "--results", "results")
    assert (code, "6 ok" in err) == (0, True)
    errors = {}
    for record in Store(Path("results")).read().records:
        assert record.metrics is not None
        solver = record.settings.solver
        metric = "w1_momentum" if solver.name == "beams" else "trajectory_error"
        errors[solver.name, solver.parameters["dt"]] = record.metrics.values[metric].mean[-1] or 0.0
    assert errors["beams", 0.02] < errors["beams", 0.1] < 0.2
    assert 0 < errors["drift", 0.02] < 2
    assert "beams" in out


def test_the_suite_that_the_documentation_shows_runs_a_dataset_that_it_writes(call, tmp_path, monkeypatch):
    document = (ROOT / "docs" / "submitting.md").read_text(encoding="utf-8")
    suite = re.findall(r"(?:^ {4}[^\n]*\n|^\n)+", document[document.index("    [[dataset]]") :], flags=re.MULTILINE)[0]
    monkeypatch.chdir(tmp_path)
    Path("mine.toml").write_text(textwrap.dedent(suite))
    assert call("new", "dataset", "my_problem")[0] == 0
    code, out, err = call("run", "mine.toml", "--results", "results")
    assert (code, "1 ok" in err, "my_problem" in out.lower().replace(" ", "_")) == (0, True, True)
