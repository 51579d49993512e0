"""The reference of public Python: names, signatures, shapes and docstrings, as directives of Sphinx's Python domain."""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from functools import cached_property
from types import ModuleType
from typing import Any

from .told import told
from .writing import blocks, code, page, paragraph, table, text

# What people import, in the order of the house: what plug-ins promise, what measures, what is kept, what ranks.
MODULES = (
    "kineticbench.contracts",
    "kineticbench.catalog",
    "kineticbench.metrics",
    "kineticbench.results.record",
    "kineticbench.results.store",
    "kineticbench.results.frame",
    "kineticbench.ranking.boards",
    "kineticbench.ranking.entries",
    "kineticbench.ranking.cost",
    "kineticbench.ranking.frontier",
    "kineticbench.ranking.intervals",
    "kineticbench.ranking.bootstrap",
    "kineticbench.ranking.tiers",
    "kineticbench.ranking.compare",
    "kineticbench.site.build",
)
_SECTIONS = ("Returns", "Raises")


@dataclass(frozen=True)
class Entry:
    """One thing to describe: what it is in Sphinx's words, how it is called, and the lines about it."""

    directive: str
    signature: str
    body: str
    members: tuple[Entry, ...] = ()


def reference() -> dict[str, str]:
    """A page for each module and the one that leads to them, by path."""
    modules = {name: importlib.import_module(name) for name in MODULES}
    made = {f"reference/{name}.md": module_page(module) for name, module in modules.items()}
    rows = [[f"[`{name}`]({name}.md)", text(_summary(module))] for name, module in modules.items()]
    tree = "\n".join(["```{toctree}", ":hidden:", "", *modules, "```"])
    said = (
        "What a plug-in, a notebook or a program of yours may import. Names that begin with an underscore, and modules "
        "that are not listed here, may change without notice. Arrays are annotated with their axes: "
        '`Float[np.ndarray, "time case"]` has one axis of times and one of cases.'
    )
    made["reference/index.md"] = page("# Python reference", said, table(["Module", "What it holds"], rows), tree)
    return made


def module_page(module: ModuleType) -> str:
    """The page of a module."""
    rest = (inspect.getdoc(module) or "").partition("\n")[2]
    return page(
        f"# {module.__name__}",
        text(_summary(module)),
        *blocks(told(f"All.\n{rest}").prose),
        f"```{{py:module}} {module.__name__}\n```",
        *(_directive(_entry(name, held)) for name, held in public(module).items()),
    )


def public(module: ModuleType) -> dict[str, Any]:
    """What a module offers: its `__all__`, else all with a docstring that it defines itself."""
    listed = getattr(module, "__all__", None)
    if listed is not None:
        return {name: getattr(module, name) for name in listed}
    return {
        name: held
        for name, held in vars(module).items()
        if not name.startswith("_")
        and (inspect.isclass(held) or inspect.isfunction(held))
        and held.__module__ == module.__name__
        and inspect.getdoc(held)
    }


def _summary(module: ModuleType) -> str:
    return (inspect.getdoc(module) or "").partition("\n")[0]


def _entry(name: str, held: Any) -> Entry:
    if inspect.isclass(held):
        directive = "py:exception" if issubclass(held, BaseException) else "py:class"
        parameters = _call(held) if directive == "py:class" else ""
        return Entry(directive, f"{name}{parameters}", _body(held, _types(held)), tuple(_members(held)))
    if inspect.isfunction(held) or inspect.isbuiltin(held):
        return Entry("py:function", f"{name}{_call(held)}", _body(held, _types(held)))
    return Entry("py:data", name, code(_written(held)))


def _members(kind: type) -> Iterator[Entry]:
    """Methods and properties that a class defines itself and says something about."""
    for name, held in vars(kind).items():
        if name.startswith("_") and name != "__call__":
            continue
        if isinstance(held, property | cached_property):
            if held.__doc__:
                yield Entry("py:property", name, _body(held, {}))
            continue
        inner = held.__func__ if isinstance(held, classmethod | staticmethod) else held
        if inspect.isfunction(inner) and inner.__doc__:
            directive = {classmethod: "py:classmethod", staticmethod: "py:staticmethod"}.get(type(held), "py:method")
            called = _call(inner, bound=not isinstance(held, staticmethod))
            yield Entry(directive, f"{name}{called}", _body(inner, _types(inner)))


def _directive(entry: Entry) -> str:
    inner = [_directive(member) for member in entry.members]
    body = page(entry.body, *inner).rstrip()
    fence = "`" * (max((len(line) - len(line.lstrip("`")) for line in body.splitlines()), default=2) + 1)
    fence = max(fence, "```", key=len)
    return f"{fence}{{{entry.directive}}} {entry.signature}\n\n{body}\n{fence}"


def _call(held: Any, bound: bool = False) -> str:
    """Names and defaults of what is called; types stand below, where there is room for the shapes."""
    try:
        found = list(inspect.signature(held).parameters.values())
    except (TypeError, ValueError):
        return "()"
    made, keyword_only = [], False
    for parameter in found[1:] if bound else found:
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            made.append("*")
        star = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        keyword_only = keyword_only or star == "*"
        default = "" if parameter.default is parameter.empty else f"={_default(parameter.default)}"
        made.append(f"{star}{parameter.name}{default}")
    return f"({', '.join(made)})"


def _default(value: Any) -> str:
    simple = isinstance(value, bool | int | float | str | None) or value == ()
    return repr(value) if simple else "..."


def _types(held: Any) -> dict[str, str]:
    """Types as they are written."""
    if inspect.isclass(held) and is_dataclass(held):
        return {field.name: _written(field.type) for field in fields(held)}
    found = inspect.get_annotations(held) if callable(held) else {}
    return {name: _written(kind) for name, kind in found.items()}


def _written(kind: Any) -> str:
    if isinstance(kind, str):
        return kind
    return str(kind).replace("typing.", "") if not inspect.isclass(kind) else kind.__name__


def _body(held: Any, types: Mapping[str, str]) -> str:
    doc = inspect.getdoc(held) or ""
    known = told(doc)
    parts = [text(known.summary), *blocks(known.equations), *blocks(known.prose)]
    if known.good:
        parts.append(f"Good values: {text(known.good)}")
    names = list(dict.fromkeys([*known.meanings, *(name for name in types if name != "return")]))
    parts.append("\n".join(_item(name, types.get(name), known.meanings.get(name, "")) for name in names))
    parts += [f"*{heading}.* {paragraph(said)}" for heading, said in _sections(doc).items()]
    if "return" in types and types["return"] != "None":
        parts.append(f"*Type of the answer.* {code(types['return'])}")
    return page(*parts).rstrip()


def _item(name: str, kind: str | None, meaning: str) -> str:
    typed = f" ({code(kind)})" if kind else ""
    return f"- **{text(name)}**{typed}{': ' if meaning else ''}{text(meaning)}"


def _sections(doc: str) -> dict[str, str]:
    """What stands under "Returns" and "Raises", as one paragraph each."""
    from kineticbench.site.prose import blocks as taken_apart

    heading, made = "", {}
    for block in taken_apart(doc):
        heading = block.text if block.kind == "heading" else heading
        if block.kind == "definitions" and heading in _SECTIONS:
            said = "; ".join(f"`{term}`: {meaning}" if meaning else term for term, meaning in block.items)
            made[heading] = f"{made[heading]} {said}" if heading in made else said
    return made
