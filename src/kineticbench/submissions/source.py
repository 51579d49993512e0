"""What the source of a solver says of itself, without being executed."""

from __future__ import annotations

import ast
from pathlib import Path

from .. import catalog
from .submission import Submission

OPEN = ("contracts", "numerics")
TELLING = frozenset(
    (
        "builtins", "ctypes", "dill", "ftplib", "gc", "http", "importlib", "inspect", "marshal", "multiprocessing",
        "os",
        "pickle", "requests", "runpy", "shelve", "shutil", "signal", "socket", "ssl", "subprocess", "sys", "threading",
        "time", "urllib",
    )
)  # fmt: skip
CALLS = frozenset(("eval", "exec", "compile", "__import__", "globals", "open", "setattr", "getattr"))


def family_of(plug_in: catalog.PlugIn) -> str:
    """What a solver says that it is, by which its records are judged: "classical" or "learned"."""
    return str(plug_in.metadata.get("family", "classical"))


def foreign_imports(submission: Submission) -> list[str]:
    """Modules of kineticbench that a solver file imports, and that solvers are not meant to."""
    if not submission.solver.endswith(".py"):
        return []
    return foreign(Path(submission.solver).read_bytes())


def foreign(source: bytes) -> list[str]:
    """The same for the text of a file: all but the contracts, what solvers share, and the name of the package."""
    return [name for name in imported(source) if _is_foreign(name)]


def telling(source: bytes) -> list[str]:
    """What a reader of the file should look at twice: modules and calls that reach beyond numbers."""
    names = {name.split(".")[0] for name in imported(source)} & TELLING
    called = {
        node.func.id
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
    }
    return [*(f"imports {name}" for name in sorted(names)), *(f"calls {name}" for name in sorted(called))]


def imported(source: bytes) -> list[str]:
    """Every module that a source imports, wherever in it, and every name from one, dotted."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{'.' * node.level}{node.module or ''}.{alias.name}".lstrip(".") for alias in node.names}
    return sorted(found)


def _is_foreign(name: str) -> bool:
    first, _, rest = name.partition(".")
    if first != "kineticbench" or not rest:
        return False
    second = rest.split(".")[0]
    return second not in OPEN and (catalog.PACKAGE / second).exists() | (catalog.PACKAGE / f"{second}.py").exists()
