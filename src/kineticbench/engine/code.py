"""What code made a result: a hash of a plug-in and of every module of ours, or of its own package, that it imports."""

from __future__ import annotations

import ast
import hashlib
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ..catalog import PACKAGE, PlugIn


def code_hash(plug_ins: Iterable[PlugIn]) -> str:
    """SHA-256 over the syntax trees, docstrings removed, of the plug-ins and all they import from kineticbench.

    One that an installed package brings also has in it what it imports from that package.

    Comments, layout and docstrings do not change it; anything that could change a result does.
    """
    files: set[Path] = set()
    for plug_in in plug_ins:
        package = _package_of(plug_in.module)
        _collect(plug_in.path, package, files, _home(plug_in.path, package) | _ours())
    parts = sorted((path.name, _tree_hash(path, path.stat().st_mtime_ns)) for path in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def module_hash(module: str) -> str:
    """The same for a module of ours, such as a metric's."""
    path = _locate(module, _ours())
    assert path is not None, module
    files: set[Path] = set()
    _collect(path, _package_of(module), files, _ours())
    parts = sorted((p.name, _tree_hash(p, p.stat().st_mtime_ns)) for p in files)
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _package_of(module: str) -> str:
    return module.rpartition(".")[0]


def _ours() -> dict[str, Path]:
    """Our package and its folder."""
    return {"kineticbench": PACKAGE}


def _home(path: Path, package: str) -> dict[str, Path]:
    """The top package that a module lies in, and its folder; nothing for a file that lies in none."""
    parts = package.split(".") if package else []
    return {parts[0]: path.resolve().parents[len(parts) - 1]} if parts else {}


def _collect(path: Path, package: str, files: set[Path], homes: Mapping[str, Path]) -> None:
    if path in files:
        return
    files.add(path)
    for module in _imports(path, path.stat().st_mtime_ns, package):
        found = _locate(module, homes)
        if found is not None:
            _collect(found, module if found.name == "__init__.py" else _package_of(module), files, homes)


@cache
def _imports(path: Path, _changed: int, package: str) -> tuple[str, ...]:
    """Names of modules that a file of a package imports, at the top or inside functions."""
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
    return tuple(names)


def _locate(module: str, homes: Mapping[str, Path]) -> Path | None:
    """The file of a module of one of these packages; None for any other, and for what is no module."""
    top, *relative = module.split(".")
    if top not in homes or not relative:
        return None
    folder = homes[top]
    for candidate in (folder.joinpath(*relative).with_suffix(".py"), folder.joinpath(*relative, "__init__.py")):
        if candidate.is_file():
            return candidate
    return None


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
