"""The commands people type: quick to start, clear when wrong, and whole from suite to table."""

from __future__ import annotations

import inspect
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kineticbench import catalog, metrics
from kineticbench.cli import VERBS, main
from kineticbench.cli.run import command_line
from kineticbench.engine import cores
from kineticbench.results.store import Store

HEAVY = {"jax", "torch", "pandas", "numpy", "pydantic", "h5py", "numba"}
HELP = """
import sys
from kineticbench.cli import main
try:
    main(["--help"])
finally:
    print(*sys.modules, file=sys.stderr)
"""


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as exit_:
        main(list(arguments))
    out, err = capsys.readouterr()
    return int(exit_.value.code or 0), out, err


def test_help_imports_nothing_heavy():
    done = subprocess.run([sys.executable, "-c", HELP], capture_output=True, text=True, check=True)
    assert "leaderboard" in done.stdout
    assert {name.partition(".")[0] for name in done.stderr.split()} & HEAVY == set()


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb, capsys):
    code, out, _ = call(capsys, verb, "--help")
    assert code == 0
    assert f"kineticbench {verb}" in out


def test_the_module_of_a_verb_imports_nothing_heavy():
    code = "import sys, importlib\n" + "\n".join(
        f"importlib.import_module('kineticbench.cli.{module}')" for module, _ in VERBS.values()
    )
    code += "\nprint(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert {name.partition(".")[0] for name in done.stdout.split()} & HEAVY <= {"numpy"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["runn"], "Unknown command 'runn'. Did you mean 'run'?"),
        (["show", "vlasov_gird"], "Unknown name 'vlasov_gird'. Did you mean 'vlasov_grid'?"),
        (["list", "solver"], "Did you mean 'solvers'?"),
        (["cite", "two_steam"], "Did you mean 'two_stream'?"),
        (["run", "smok"], "Unknown suite 'smok'. Did you mean 'smoke'?"),
        (["run", "smoke", "--seeds", "a"], "--seeds takes whole numbers"),
        (["run", "smoke", "--executor", "slurm"], "Unknown executor 'slurm'"),
        (["run", "smoke", "--solver", "pick"], "Unknown solver 'pick'. Did you mean 'pic'?"),
        (["run", "smoke", "--dataset", "gauss"], "Did you mean 'gaussian_ensemble'?"),
        (["run", "smoke", "--results", "/dev/null/x"], "cannot be written to"),
        (["run", "smoke", "--pin", "0,first"], "--pin takes a list of cores, got '0,first'"),
        (["run", "smoke", "--pin", "99999"], "--pin takes each usable core at most once, got 99999. Usable are"),
        (["status", "nowhere"], "There is no results folder nowhere"),
    ],
)
def test_mistakes_are_one_line_and_status_two(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    code, _, err = call(capsys, *arguments)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
    assert "Traceback" not in err


def test_version(capsys):
    from kineticbench import __version__

    assert call(capsys, "--version") == (0, f"{__version__}\n", "")


def test_list_and_show_name_everything(capsys):
    _, listed, _ = call(capsys, "list")
    for kind in ("solvers", "datasets"):
        for name, plug_in in catalog.plug_ins(kind).items():
            assert name in listed
            _, shown, _ = call(capsys, "show", name)
            assert plug_in.doc in shown
            assert all(f"{field}: " in shown for field in plug_in.parameters)
    _, shown, _ = call(capsys, "show", "w1_momentum")
    assert (inspect.getdoc(type(metrics.load("w1_momentum"))) or "no docstring") in shown
    _, shown, _ = call(capsys, "show", "smoke")
    assert tomllib.loads(shown.partition("\n\n")[2].rpartition("\n\n")[0])["description"]


def test_cite_prints_each_entry_once(capsys):
    _, once, _ = call(capsys, "cite", "pic")
    _, twice, _ = call(capsys, "cite", "pic", "pic")
    assert once == twice
    assert once.startswith("@")


def test_cite_knows_the_source_of_every_metric(capsys):
    for name in metrics.names():
        _, printed, _ = call(capsys, "cite", name)
        assert printed.startswith("@"), name
        assert "keywords" not in printed
        assert printed.count("{") == printed.count("}")


def test_from_suite_to_table_and_on_from_there(capsys, tmp_path):
    results = tmp_path / "results"
    smoke = ("run", "smoke", "--dataset", "gaussian_ensemble", "--results", str(results))
    code, out, err = call(capsys, *smoke, "--solver", "identity", "--solver", "sheets")
    assert code == 0
    assert "3 ok" in err
    assert "identity" in out
    assert (results / "leaderboard" / "index.html").is_file()
    code, out, err = call(capsys, *smoke, "--solver", "identity")
    assert (code, "Nothing is missing" in err, "identity" in out) == (0, True, True)
    records = Store(results).read().records
    errors = {
        (record.settings.solver.name, record.settings.solver.parameters.get("steps")): error.mean[-1] or 0.0
        for record in records
        if record.metrics is not None and (error := record.metrics.values["w1_position"])
    }
    assert errors["sheets", 25] < errors["sheets", 1] < errors["identity", None]
    _, out, _ = call(capsys, "status", str(results))
    assert "3 attempts at 3 cells: 3 ok" in out
    _, out, _ = call(capsys, "rescore", str(results))
    assert "3 passed over: Its scores are up to date." in out
    _, out, _ = call(capsys, "rescore", str(results), "--all")
    assert "3 scored again" in out
    for before, after in zip(records, Store(results).read().records, strict=True):
        assert before.metrics is not None
        assert after.metrics is not None
        assert after.metrics.missing == before.metrics.missing
        for name, values in before.metrics.values.items():
            assert after.metrics.values[name].mean == pytest.approx(values.mean, rel=1e-6, abs=1e-9)


def test_a_file_joins_a_suite(capsys, tmp_path: Path):
    mine = tmp_path / "mine.py"
    mine.write_text((catalog.find("solvers", "identity").path).read_text())
    results = tmp_path / "results"
    where = ("--dataset", "gaussian_ensemble", "--results", str(results))
    code, _, err = call(capsys, "run", "--pin", "smoke", *where, "--solver", str(mine))
    assert (code, "1 ok" in err) == (0, True)
    (record,) = Store(results).read().records
    assert record.settings.solver.name == "mine"
    assert record.solve is not None
    given = cores.usable() or ()
    assert record.solve.cores == ([given[-1]] if len(given) > 1 else None)


def test_records_keep_no_path_of_the_machine():
    typed = ["run", "quick", "--results", "/some/where", "--results=/else/where", "--solver", "/folder/mine.py"]
    assert command_line(typed) == "kineticbench run quick --solver mine.py"
