"""`kineticbench check`: what it prints, its exit statuses, and that it outlives what it checks."""

from __future__ import annotations

import io
import json

import pytest
from faults import SOLVER
from rich.console import Console

from kineticbench.cli import _check_view, main
from kineticbench.conformance.outcome import Finding
from kineticbench.conformance.outside import Limits, Report, report
from kineticbench.conformance.suite import SOLVER_RULES, subject
from kineticbench.contracts import InvalidInput

CALL = "        ensemble = ensemble.astype(self.precision)"
FEEL = SOLVER["cases that feel each other"]


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as exit_:
        main(["check", *arguments])
    return int(exit_.value.code or 0)


def test_a_fault_is_shown_with_what_to_mend_and_status_one(bench, capsys):
    name = bench.write(bench.template("vlasov_poisson").replace(FEEL.old, FEEL.new))
    assert status(name, "--json") == 1
    found = json.loads(capsys.readouterr().out)
    assert (found["schema"], found["kind"], found["name"], found["passed"]) == (
        "kineticbench/check/1",
        "solvers",
        "mine",
        False,
    )
    assert {finding["rule"] for finding in found["findings"]} == {rule.name for rule in SOLVER_RULES}
    (broken,) = (finding for finding in found["findings"] if finding["state"] == "broken")
    assert broken["rule"] == "batch"


def test_a_correct_solver_sees_no_secret_and_has_status_zero(bench, capsys, monkeypatch):
    secrets = ("GITHUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "KINETICBENCH_PASSWORD", "SSH_AUTH_SOCK", "MY_SETTING")
    for secret in secrets:
        monkeypatch.setenv(secret, "hidden")
    text = bench.template("vlasov_poisson")
    looks = f"import numpy as np\n\nimport os\nassert not set(os.environ) & {set(secrets)!r}\n"
    assert status(bench.write(text.replace("import numpy as np\n", looks) + "print('[red]\\x1b[1mhello')\n")) == 0
    shown = capsys.readouterr().out
    assert all(rule.name in shown for rule in SOLVER_RULES)
    assert "solver mine: Leapfrog steps" in shown
    assert "Nothing to mend" in shown


@pytest.mark.parametrize(
    ("line", "limits", "words"),
    [
        ("import os; os._exit(3)", Limits(120), "exit status 3, trying: shapes on given."),
        ("import ctypes; ctypes.string_at(0)", Limits(120), "by SIGSEGV, in line {line} (__call__), trying: shapes"),
        ("import os; os.closerange(0, 256)", Limits(120), "trying: shapes on given."),
        ("a = []\n        while True: a.append(np.ones(10**6))", Limits(120, 1.2e9), "1.2 GB of memory, trying: sh"),
        ("while True: print('on and on')", Limits(15), "It took longer than 15 s"),
    ],
    ids=["exits", "crashes", "closes everything", "takes all memory", "hangs and prints"],
)
def test_what_ends_the_process_is_told_as_a_fault(line, limits, words, bench):
    text = bench.template("vlasov_poisson")
    assert CALL in text
    text = text.replace(CALL, f"        {line}\n{CALL}")
    found = report(bench.write(text), limits)
    (broken,) = found.broken
    number = 1 + text[: text.index(line)].count("\n")
    assert broken.rule == "process"
    assert words.format(line=number) in broken.found
    assert broken.remedy
    assert broken is found.findings[-1]


BAD = {
    "nothing.py": (None, "There is no file"),
    "folder.py": ("/", "There is no file"),
    "broken.py": ("def (:\n", "is not valid Python, line 1"),
    "bytes.py": ("\0", "is not valid Python"),
    "deep.py": ("-" * 200_000 + "1", "is not valid Python"),
    "empty.py": ("x = 1\n", "defines no class derived from Solver"),
    "two.py": ("class A(Solver): ...\nclass B(c.TrainedSolver): ...\n", "has 2 plug-ins: A (solver), B (solver)"),
    "both.py": ("class A(Solver): ...\nclass B(Dataset): ...\n", "A (solver), B (dataset)"),
    "notes.txt": ("class A(Solver): ...\n", "is no Python file"),
    "nobody": (None, "Unknown solver or dataset"),
}


@pytest.mark.parametrize("file", BAD)
def test_what_cannot_be_meant_is_told_in_a_line(file, bench, monkeypatch):
    text, words = BAD[file]
    monkeypatch.chdir(bench.folder)
    if text == "/":
        (bench.folder / file).mkdir()
    elif text is not None:
        bench.write(text, file)
    with pytest.raises(InvalidInput) as error:
        subject(file)
    assert words in str(error.value)
    assert error.value.remedy
    assert "\n" not in str(error.value)


def test_what_cannot_be_meant_has_status_two(bench, capfd):
    assert status(bench.write("class A(Solver): ...\nclass B(Dataset): ...\n")) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n"), "has 2 plug-ins" in err) == ("", 1, True)


def test_the_same_on_several_problems_is_told_once_and_foreign_text_is_plain():
    found = Report(
        {"kind": "solvers", "name": "mine", "summary": "Mine.\x1b[31m", "problems": {"thrown": "Particles."}}
    )
    for problem in ("relaxing", "thrown"):
        found.findings.append(Finding("shapes", "A promise.", problem, "broken", "\x1b[31m[bold]red", "Do it."))
    found.findings.append(Finding("batch", "Another.", "", "not asked", "There is one case."))
    out = io.StringIO()
    _check_view.show(found, Console(file=out, width=100))
    shown = out.getvalue()
    assert "shapes (relaxing, thrown): ⟨001B⟩[31m[bold]red" in shown
    assert "Another. (There is one case.)" in shown
    assert "1 to mend; 0 tries held." in shown
    assert "→ Do it." in shown
    assert "thrown: Particles." in shown
    assert "\x1b" not in shown
