"""What the file of every plug-in promises, of a solver's and of a dataset's alike."""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from pathlib import Path
from typing import Any

from .. import catalog
from ..results.confined import OWN_NAME
from .comparing import lacking
from .outcome import Broken, NotAsked, required
from .subject import KINDS, Subject

OTHERS = re.compile(r"(kineticbench\.|\.\.+)(solvers|datasets)\b")


def name(subject: Subject) -> None:
    """The file has a name that can be a plug-in's, and no other plug-in has it."""
    plug_in = subject.plug_in
    required(OWN_NAME.fullmatch(plug_in.name) is not None, f"The file is called {plug_in.path.name}.")
    for kind in KINDS:
        other = catalog.plug_ins(kind).get(plug_in.name)
        if other is not None and other.path.resolve() != plug_in.path.resolve():
            raise Broken(f"There is a {kind.removesuffix('s')} {plug_in.name} already, {other.path}.")


def imports(subject: Subject) -> None:
    """The file imports kineticbench and no other plug-in."""
    found = []
    for node in ast.walk(ast.parse(subject.plug_in.path.read_bytes())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names if OTHERS.match(alias.name)]
        elif isinstance(node, ast.ImportFrom):
            begun = "." * node.level + (f"{node.module}." if node.module else "")
            named = [begun + alias.name for alias in node.names]
            found += [module for module in named if OTHERS.match(module) or _is_beside(module, subject.plug_in.path)]
    required(not found, f"It imports {', '.join(found)}.")


def _is_beside(module: str, path: Path) -> bool:
    """Whether a relative import is of a plug-in in the same folder."""
    plug_ins = (one for kind in KINDS for one in catalog.plug_ins(kind).values())
    beside = {one.path.stem for one in plug_ins if one.path.parent.resolve() == path.parent.resolve()}
    return re.match(r"\.\w", module) is not None and module.split(".")[1] in beside


def class_(subject: Subject) -> None:
    """The class is a frozen dataclass, and every parameter has a default."""
    subject.default()


def citation(subject: Subject) -> None:
    """A method with parameters, and a dataset, has an author: cite is BibTeX."""
    cite = subject.plug_in.metadata.get("cite", "")
    if subject.plug_in.kind == "solvers" and not cite and not dataclasses.fields(subject.cls()):
        raise NotAsked("It has no parameters.")
    required(bool(cite), "cite is missing, or is no literal text in the class.")
    required(isinstance(cite, str) and cite.strip().startswith("@"), f"cite is no BibTeX entry: {str(cite)[:40]!r}.")
    required(cite.count("{") == cite.count("}"), "The braces of cite do not match.")


def card(subject: Subject) -> None:
    """The docstring of the class says what it is, shows its equation, indented, and describes every parameter."""
    lacks = lacking(subject.cls())
    required(not lacks, f"The docstring of {subject.plug_in.class_name} lacks {', '.join(lacks)}.")


def one_parameter_set(subject: Subject, instance: Any) -> None:
    """`Broken` unless the parameters of `instance` survive JSON, and it can be hashed."""
    try:
        text = json.dumps(catalog.parameters(instance), allow_nan=False)
        again = subject.built(json.loads(text))
    except (TypeError, ValueError, NameError) as error:
        raise Broken(f"{instance} does not survive JSON: {error}") from error
    required(again == instance, f"{instance} came back from JSON as {again}.")
    try:
        hash(instance)
    except TypeError as error:
        raise Broken(f"{instance} cannot be hashed: {error}.") from None
