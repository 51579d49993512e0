"""Finds solvers and datasets, and reads what they say of themselves without executing them."""

from __future__ import annotations

import ast
import dataclasses
import hashlib
import importlib
import importlib.metadata
import importlib.util
import inspect
import sys
import typing
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

from .contracts.errors import InvalidInput, UnknownName

Kind = Literal["solvers", "datasets"]
_BASES = {"solvers": {"Solver", "TrainedSolver"}, "datasets": {"Dataset"}}
PACKAGE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class PlugIn:
    """One solver or dataset, as its source file describes it.

    Parameters
    ----------
    kind
        "solvers" or "datasets".
    name
        The file's name without its ending; what suites and records call it.
    path
        The source file.
    module
        The name it is imported under.
    class_name
        The class in it.
    doc
        The class's docstring.
    metadata
        Class variables that are literals: "solves", "family", "metrics", "cite", …
    parameters
        Annotation and default of each field, as written; a default of None means that one must be given.
    """

    kind: Kind
    name: str
    path: Path
    module: str
    class_name: str
    doc: str
    metadata: Mapping[str, Any]
    parameters: Mapping[str, tuple[str, str | None]]

    @property
    def summary(self) -> str:
        """First line of the docstring."""
        return self.doc.partition("\n")[0].strip()

    def load(self) -> type:
        """Import the class."""
        return getattr(self._import(), self.class_name)

    def _import(self) -> ModuleType:
        if not self.module.startswith("kineticbench_file_"):
            return importlib.import_module(self.module)
        if self.module not in sys.modules:
            spec = importlib.util.spec_from_file_location(self.module, self.path)
            assert spec is not None
            assert spec.loader is not None
            module = importlib.util.module_from_spec(spec)
            sys.modules[self.module] = module
            try:
                spec.loader.exec_module(module)
            except BaseException:
                del sys.modules[self.module]
                raise
        return sys.modules[self.module]


def plug_ins(kind: Kind) -> dict[str, PlugIn]:
    """Every plug-in of a kind by its name, ours and those of installed packages.

    Raises
    ------
    InvalidInput
        Where two have one name; names both files.
    """
    found: dict[str, PlugIn] = {}
    for path, module in _sources(kind):
        plug_in = read(kind, path, module)
        if plug_in is None:
            continue
        other = found.setdefault(plug_in.name, plug_in)
        if other.path != plug_in.path:
            raise InvalidInput(
                f"Two {kind} are called {plug_in.name!r}: {other.path} and {plug_in.path}.", "Rename one of the files."
            )
    return dict(sorted(found.items()))


def find(kind: Kind, name: str) -> PlugIn:
    """The plug-in of that name, or in that file where `name` is the path of one."""
    if name.endswith(".py"):
        path = Path(name).resolve()
        if not path.is_file():
            raise InvalidInput(f"There is no file {name}.", "Give the path of a Python file with one solver in it.")
        module = f"kineticbench_file_{hashlib.sha256(str(path).encode()).hexdigest()[:12]}"
        plug_in = read(kind, path, module)
        if plug_in is None:
            bases = " or ".join(sorted(_BASES[kind]))
            raise InvalidInput(f"{name} defines no class derived from {bases}.", "Derive your class from it.")
        return plug_in
    known = plug_ins(kind)
    if name not in known:
        raise UnknownName.among(kind.removesuffix("s"), name, known)
    return known[name]


def read(kind: Kind, path: Path, module: str) -> PlugIn | None:
    """The first plug-in class in a source file, read from its syntax tree; None where there is none."""
    return _read(kind, path, module, path.stat().st_mtime_ns)


@cache
def _read(kind: Kind, path: Path, module: str, _changed: int) -> PlugIn | None:
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except (SyntaxError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(f"{path} is not valid Python: {error}.") from error
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and any(_last_name(base) in _BASES[kind] for base in node.bases):
            metadata, parameters = _class_body(node)
            doc = ast.get_docstring(node) or ""
            return PlugIn(kind, path.stem, path, module, node.name, doc, metadata, parameters)
    return None


def build(kind: Kind, name: str, parameters: Mapping[str, Any]) -> Any:
    """A plug-in with these parameters, numbers coerced to the types of its fields.

    Raises
    ------
    UnknownName
        For a plug-in or a parameter that nothing has.
    InvalidInput
        For a value that does not fit.
    """
    import pydantic

    plug_in = find(kind, name)
    cls = plug_in.load()
    fields = [field.name for field in dataclasses.fields(cls)]
    hints = _hints(cls)
    values = {}
    for key, value in parameters.items():
        if key not in fields:
            raise UnknownName.among(f"parameter of {plug_in.name}", key, fields)
        try:
            values[key] = pydantic.TypeAdapter(hints[key]).validate_python(value)
        except pydantic.ValidationError as error:
            detail = error.errors()[0]["msg"]
            raise InvalidInput(f"{plug_in.name}.{key} = {value!r}: {detail}.", f"It is of type {hints[key]}.") from None
    missing = [f.name for f in dataclasses.fields(cls) if f.name not in values and _default(f) is dataclasses.MISSING]
    if missing:
        raise InvalidInput(f"{plug_in.name} needs a value for {', '.join(missing)}.")
    return cls(**values)


def parameters(instance: Any) -> dict[str, Any]:
    """Every parameter of a plug-in, defaults filled in, as JSON types."""
    values = {field.name: getattr(instance, field.name) for field in dataclasses.fields(instance)}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def setting(instance: Any) -> str:
    """Its first parameter and those that are not as usual, for tables: "5 steps, loading=random"."""
    fields = dataclasses.fields(instance)
    shown = [f for i, f in enumerate(fields) if i == 0 or getattr(instance, f.name) != _default(f)]
    return ", ".join(_shown(field.name, getattr(instance, field.name)) for field in shown) or "default"


def _shown(name: str, value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{name}={value}"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return f"{text} {name}" if name.endswith("s") else f"{name}={text}"


@cache
def _hints(cls: type) -> dict[str, Any]:
    return typing.get_type_hints(cls)


def _default(field: dataclasses.Field) -> Any:
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _sources(kind: Kind) -> list[tuple[Path, str]]:
    ours = [
        (path, f"kineticbench.{kind}.{path.stem}")
        for path in sorted((PACKAGE / kind).glob("*.py"))
        if not path.stem.startswith("_")
    ]
    theirs = []
    for point in importlib.metadata.entry_points(group=f"kineticbench.{kind}"):
        spec = importlib.util.find_spec(point.module)
        if spec is None or spec.origin is None:
            raise InvalidInput(
                f"The installed package's entry point {point.name} = {point.value} leads nowhere.", "Reinstall it."
            )
        theirs.append((Path(spec.origin), point.module))
    return ours + theirs


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _class_body(node: ast.ClassDef) -> tuple[dict[str, Any], dict[str, tuple[str, str | None]]]:
    metadata: dict[str, Any] = {}
    parameters: dict[str, tuple[str, str | None]] = {}
    for item in node.body:
        if isinstance(item, ast.Assign) and len(item.targets) == 1 and isinstance(item.targets[0], ast.Name):
            name, annotation, value = item.targets[0].id, "ClassVar", item.value
        elif isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
            name, annotation, value = item.target.id, ast.unparse(item.annotation), item.value
        else:
            continue
        if "ClassVar" not in annotation:
            parameters[name] = (annotation, None if value is None else ast.unparse(value))
            continue
        try:
            literal = ast.literal_eval(value) if value is not None else None
        except ValueError:
            continue
        metadata[name] = inspect.cleandoc(literal) if isinstance(literal, str) else literal
    return metadata, parameters
