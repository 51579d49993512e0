"""How rules compare arrays and read docstrings."""

from __future__ import annotations

import dataclasses
import inspect
import re
from types import ModuleType
from typing import Any

import numpy as np

from ..contracts import Ensemble, Query, Solution


def differ(first: Solution, second: Solution) -> str | None:
    """The first array in which two solutions differ in any bit."""
    a, b = first.arrays(), second.arrays()
    if a.keys() != b.keys():
        return min(a.keys() ^ b.keys())
    return next((name for name in a if not np.array_equal(a[name], b[name])), None)


def farthest(found: Any, expected: Any) -> float:
    """The largest difference of two arrays over the largest of the second; infinite for other shapes."""
    found, expected = (np.asarray(array, complex if np.iscomplexobj(array) else float) for array in (found, expected))
    if found.shape != expected.shape:
        return float("inf")
    if not found.size:
        return 0.0
    scale = float(np.abs(expected).max()) or 1.0
    gap = float(np.abs(found - expected).max())
    return gap / scale if np.isfinite(gap) else float("inf")


def near(found: Any, expected: Any, relative: float, absolute: float) -> bool:
    """Whether every value is within `absolute`, or within `relative` of the largest, of what is expected."""
    found, expected = np.asarray(found), np.asarray(expected)
    if found.shape == expected.shape and float(np.abs(found - expected).max(initial=0.0)) <= absolute:
        return True
    return farthest(found, expected) <= relative


def copied(ensemble: Ensemble | None) -> Ensemble | None:
    """The same particles in arrays of their own, which may be written to; equal weights stay stored once."""
    if ensemble is None:
        return None
    positions = None if ensemble.positions is None else ensemble.positions.copy()
    weights = ensemble.weights if ensemble.equal_weights else ensemble.weights.copy()
    return Ensemble(positions, ensemble.velocities.copy(), weights)


def copied_query(query: Query) -> Query:
    """The same query in arrays of its own."""
    return Query(query.times.copy(), query.series.copy(), None if query.points is None else query.points.copy())


def lacking(cls: Any) -> list[str]:
    """What a plug-in's docstring lacks: a first sentence, an equation, and a description of every parameter."""
    doc = inspect.getdoc(cls) or ""
    lacks = []
    if not re.match(r"\S.{5,}[.:]$", doc.partition("\n")[0]):
        lacks.append("a first line that is a sentence")
    if not re.search(r"^    .*[=↦←~]", doc.partition("Parameters\n---")[0], flags=re.MULTILINE):
        lacks.append("an equation, indented")
    _, _, parameters = doc.partition("Parameters\n----------\n")
    lines = re.findall(r"^(\w[\w, ]*)$", parameters, flags=re.MULTILINE)
    names = {name for line in lines for name in line.split(", ")}
    return lacks + [f"the parameter {field.name}" for field in dataclasses.fields(cls) if field.name not in names]


def reachable(root: Any) -> list[Any]:
    """Every object that can be reached from `root` through attributes, containers and closures."""
    seen: dict[int, Any] = {}
    waiting = [root]
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, ModuleType | type | str | bytes | int | float | None):
            continue
        seen[id(item)] = item
        if isinstance(item, np.ndarray):
            waiting += [item.base] if item.base is not None else []
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list | tuple | set | frozenset):
            waiting += item
        else:
            waiting += [getattr(item, name, None) for name in getattr(type(item), "__slots__", ())]
            waiting += [cell.cell_contents for cell in getattr(item, "__closure__", None) or ()]
            waiting += [getattr(item, "__self__", None), *vars(item).values()] if hasattr(item, "__dict__") else []
    return list(seen.values())
