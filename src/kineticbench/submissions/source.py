"""What the source of a solver says of itself, without being executed."""

from __future__ import annotations

import ast
from pathlib import Path

from .. import catalog
from .submission import Submission

OPEN = ("contracts", "numerics")
TELLING = frozenset(
    (
        "_thread", "asyncio", "atexit", "builtins", "code", "concurrent", "ctypes", "dill", "faulthandler", "ftplib",
        "gc", "glob", "h5py", "http", "importlib", "inspect", "io", "marshal", "mmap", "multiprocessing", "os",
        "pathlib", "pickle", "platform", "psutil", "requests", "resource", "runpy", "shelve", "shutil", "signal",
        "socket", "sqlite3", "ssl", "subprocess", "sys", "tempfile", "threading", "time", "urllib", "weakref",
    )
)  # fmt: skip
CALLS = frozenset(("eval", "exec", "compile", "__import__", "globals", "open", "setattr", "getattr", "vars", "delattr"))
READERS = frozenset(("fromfile", "load", "loadtxt", "genfromtxt", "memmap", "open_memmap", "read_csv", "tofile"))


def family_of(plug_in: catalog.PlugIn) -> str:
    """What a solver says that it is, by which its records are judged: "classical" or "learned"."""
    return str(plug_in.metadata.get("family", "classical"))


def foreign_imports(submission: Submission) -> list[str]:
    """Modules of kineticbench that a solver file imports, and that solvers are not meant to."""
    if not submission.solver.endswith(".py"):
        return []
    return foreign(Path(submission.solver).read_bytes())


def foreign(source: bytes) -> list[str]:
    """The same for the text of a file.

    Open to solvers are names of the contracts and of what solvers share. Relative imports and the package as a whole,
    through which everything can be reached, are not.
    """
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if _is_foreign(alias.name) or _is_whole(alias)}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
            found |= names if node.level else set(filter(_is_foreign, names))
    return sorted(found)


def telling(source: bytes) -> list[str]:
    """What a reader of the file should look at twice: modules and calls that reach beyond numbers."""
    names = {name.split(".")[0] for name in imported(source)} & TELLING
    called = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name) and node.id in CALLS:
            called.add(node.id)
        elif isinstance(node, ast.Attribute) and (node.attr in READERS or node.attr.startswith("__")):
            called.add(f".{node.attr}")
    return [*(f"imports {name}" for name in sorted(names)), *(f"uses {name}" for name in sorted(called))]


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
    """Whether a dotted name is of kineticbench and not open to solvers."""
    first, _, rest = name.partition(".")
    return first == "kineticbench" and rest.split(".")[0] not in OPEN


def _is_whole(alias: ast.alias) -> bool:
    """Whether an import binds the whole package: `import kineticbench.numerics.pic` does, with `as` it does not."""
    return alias.name.split(".")[0] == "kineticbench" and alias.asname is None
