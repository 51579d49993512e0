"""Nothing that is read from a file is ever unpickled, evaluated or executed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from kineticbench.catalog import PACKAGE

MODULES = {"pickle", "cPickle", "_pickle", "dill", "cloudpickle", "joblib", "shelve", "marshal", "yaml", "ruamel"}
CALLS = {"eval", "exec", "execfile", "compile"}
METHODS = {("torch", "load"), ("jnp", "load"), ("pandas", "read_pickle"), ("pd", "read_pickle")}
ROOT = PACKAGE.resolve().parents[1]
FOLDERS = ("src", "solvers", "datasets", "benchmarks", "asv")


def offences(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.split(".")[0] in MODULES)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            yield str(node.module)
        elif isinstance(node, ast.Call):
            yield from filter(None, [_offence(node)])


def _offence(call: ast.Call) -> str | None:
    function = call.func
    if any(word.arg == "allow_pickle" and not _is_false(word.value) for word in call.keywords):
        return "allow_pickle"
    if isinstance(function, ast.Name):
        return function.id if function.id in CALLS else None
    if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Name):
        called = function.value.id, function.attr
        if called in (("np", "load"), ("numpy", "load")):
            return None if any(word.arg == "allow_pickle" for word in call.keywords) else "np.load"
        return ".".join(called) if called in METHODS else None
    return None


def _is_false(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is False


def sources() -> list[Path]:
    found = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    return [path for path in found if not path.is_relative_to(PACKAGE) or path.resolve().is_relative_to(PACKAGE)]


def test_no_source_unpickles_or_executes():
    looked = sources()
    assert len(looked) > 200 or not (ROOT / "pyproject.toml").exists()
    found = {str(path.relative_to(ROOT)): told for path in looked if (told := list(offences(path.read_text())))}
    assert found == {}


@pytest.mark.parametrize(
    "line",
    ["import pickle", "from pickle import loads", "import yaml.loader", "np.load(f)", "np.load(f, allow_pickle=True)",
     "torch.load(f)", "eval(x)", "exec(x)", "x(allow_pickle=y)", "def f():\n    import joblib"],
)  # fmt: skip
def test_each_way_is_found(line):
    assert list(offences(line))


@pytest.mark.parametrize(
    "line", ["ast.literal_eval(x)", "np.load(f, allow_pickle=False)", "model.eval()", "re.compile(x)"]
)
def test_what_is_harmless_is_not(line):
    assert not list(offences(line))
