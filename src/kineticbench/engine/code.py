"""What code made a result: a hash of a plug-in and of every module of ours that it imports."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog import PACKAGE, PlugIn


def code_hash(plug_ins: Iterable[PlugIn]) -> str:
    """SHA-256 over the syntax trees, docstrings removed, of the plug-ins and all they import from kineticbench.

    Comments, layout and docstrings do not change it; anything that could change a result does.
    """
    files: set[Path] = set()
    for plug_in in plug_ins:
        _collect(plug_in.path, _package_of(plug_in.module), files)
    parts = sorted((path.name, _tree_hash(path, path.stat().st_mtime_ns)) for path in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def module_hash(module: str) -> str:
    """The same for a module of ours, such as a metric's."""
    path = _locate(module)
    assert path is not None, module
    files: set[Path] = set()
    _collect(path, _package_of(module), files)
    parts = sorted((p.name, _tree_hash(p, p.stat().st_mtime_ns)) for p in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _package_of(module: str) -> str:
    return module.rpartition(".")[0]


def _collect(path: Path, package: str, files: set[Path]) -> None:
    if path in files:
        return
    files.add(path)
    if path.name == "__init__.py":
        package = _module_of(path)
    for module in _imports(path, path.stat().st_mtime_ns, package):
        found = _locate(module)
        if found is not None:
            _collect(found, _package_of(_module_of(found)), files)


@cache
def _imports(path: Path, _changed: int, package: str) -> tuple[str, ...]:
    """Names of modules of ours that a file imports, at the top or inside functions."""
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, *([base] if base else [])])
            names += [base, *(f"{base}.{alias.name}" for alias in node.names)]
    return tuple(name for name in names if name.split(".")[0] == "kineticbench")


def _locate(module: str) -> Path | None:
    relative = module.split(".")[1:]
    if not relative:
        return None
    for candidate in (PACKAGE.joinpath(*relative).with_suffix(".py"), PACKAGE.joinpath(*relative, "__init__.py")):
        if candidate.is_file():
            return candidate
    return None


def _module_of(path: Path) -> str:
    relative = path.relative_to(PACKAGE).with_suffix("")
    parts = relative.parts[:-1] if relative.name == "__init__" else relative.parts
    return ".".join(["kineticbench", *parts])


_SHOWING_ALL: dict[str, Any] = {"show_empty": True} if sys.version_info >= (3, 13) else {}  # as older ones do


@cache
def _tree_hash(path: Path, _changed: int) -> str:
    tree = ast.parse(path.read_bytes())
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and (
            ast.get_docstring(node, clean=False) is not None
        ):
            node.body = node.body[1:]
        if not getattr(node, "type_params", True):
            delattr(node, "type_params")  # Python 3.12 and newer write it where there are none
    return hashlib.sha256(ast.dump(tree, **_SHOWING_ALL).encode()).hexdigest()
