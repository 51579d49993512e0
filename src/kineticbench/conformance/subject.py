"""The plug-in that is tried, and what it was asked already."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .. import catalog
from ..catalog import Kind, PlugIn
from ..contracts import InvalidInput, UnknownName
from .outcome import Broken, NotAsked

KINDS: tuple[Kind, ...] = ("solvers", "datasets")
BASES: dict[str, Kind] = {"Solver": "solvers", "TrainedSolver": "solvers", "Dataset": "datasets"}


@dataclass(frozen=True)
class Subject:
    """A plug-in, and what was made of it once.

    Parameters
    ----------
    plug_in
        As its file describes it.
    asked_as
        The name or path that it was found under.
    parameters
        Those that it is tried with instead of its defaults.
    """

    plug_in: PlugIn
    asked_as: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    _made: dict[Any, Any] = field(default_factory=dict)

    def cls(self) -> Any:
        """Its class."""
        return self.once("class", self.plug_in.load)

    def default(self) -> Any:
        """With the parameters that it has by itself, or is to be tried with."""
        return self.once("default", self._built)

    def built(self, parameters: Mapping[str, Any]) -> Any:
        """With these parameters, as the engine builds it."""
        return catalog.build(self.plug_in.kind, self.asked_as, parameters)

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` makes, made once; what failed is not tried again, since it was said already."""
        if key not in self._made:
            try:
                self._made[key] = make()
            except (Exception, SystemExit):
                self._made[key] = _FAILED
                raise
        if self._made[key] is _FAILED:
            raise NotAsked("What it would be tried on failed, as is said elsewhere.")
        return self._made[key]

    def _built(self) -> Any:
        cls, name = self.cls(), self.plug_in.class_name
        made_with = getattr(cls, "__dataclass_params__", None)
        if made_with is None or not made_with.frozen:
            raise Broken(f"{name} is no frozen dataclass.", "Write @dataclass(frozen=True) above the class.")
        try:
            return self.built(self.parameters) if self.parameters else cls()
        except TypeError as error:
            abstract = "abstract method" in str(error)
            remedy = "Define what is missing." if abstract else "Give every parameter a default."
            raise Broken(f"{name}() cannot be made without arguments: {error}.", remedy) from None


_FAILED = object()


def located(name: str) -> tuple[Kind, PlugIn]:
    """The one plug-in of that name or in that file, and of which kind it is; its file is read and not executed.

    Raises
    ------
    InvalidInput
        For a name that nothing has, a file that is not there or no Python, and one that has no plug-in or several.
    """
    path = Path(name)
    if path.suffix == ".py":
        kinds: dict[Kind, list[str]] = {kind: classes for kind in KINDS if (classes := _classes(path, kind))}
        told = [f"{found} ({kind.removesuffix('s')})" for kind, classes in kinds.items() for found in classes]
        if len(told) > 1:
            raise InvalidInput(
                f"{name} has {len(told)} plug-ins: {', '.join(told)}.", "Give each a file of its own, named as it is."
            )
        if not told:
            raise InvalidInput(
                f"{name} defines no class derived from {', '.join(list(BASES)[:-1])} or {list(BASES)[-1]}.",
                "Derive yours from one of them; `kineticbench new solver NAME` writes a file to begin from.",
            )
        kind = next(iter(kinds))
        return kind, catalog.find(kind, name)
    known = {kind: catalog.plug_ins(kind) for kind in KINDS}
    for kind in KINDS:
        if name in known[kind]:
            return kind, known[kind][name]
    if path.exists():
        raise InvalidInput(f"{name} is no Python file.", "Give a file that ends in .py, or the name of a plug-in.")
    raise UnknownName.among("solver or dataset", name, {*known["solvers"], *known["datasets"]})


def _classes(path: Path, kind: Kind) -> list[str]:
    """Names of the classes in a file that derive from a base of that kind."""
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", "Give the path of a Python file with one plug-in in it.")
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) and error.lineno else ""
        told = error.msg if isinstance(error, SyntaxError) else error
        raise InvalidInput(f"{path} is not valid Python{where}: {told}.", "Run it through `python` first.") from None
    return [
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef) and any(BASES.get(_last_name(base)) == kind for base in node.bases)
    ]


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
