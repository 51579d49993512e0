"""From what lies in a file to what it means: the openPMD layout, checked, as a manifest."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from pydantic import ValidationError

from . import wording
from .bounds import Refused
from .examine import Item
from .json_text import json_object
from .manifest import PROBLEM, Author, Description, Manifest, Snapshot, Table
from .unpack import Unpacker

COPY_IT = "Copy the group kineticbench of the exported file as it is."
OFFSET = "positionOffset"


def manifest(root: Item, unpacker: Unpacker) -> Manifest:
    """What a file holds, as this layout means it.

    Raises
    ------
    Refused
        Where something is missing, or not what the layout says it is.
    """
    _require_openpmd(root)
    ours = root.find(wording.OURS)
    if ours is None or ours.stored is not None:
        raise Refused("It has no group kineticbench, so which problem it is about is not known.", COPY_IT)
    description = _description(ours)
    solver = ours.find(wording.SOLVER)
    species = str(root.attributes.get("particlesPath", wording.PARTICLES)).strip("/")
    snapshots = [_snapshot(number, group, species, description.cases, unpacker) for number, group in _iterations(root)]
    return Manifest(
        description=description,
        author=None if solver is None else _author(solver),
        snapshots=snapshots,
        tables=_tables(ours.find(wording.ANSWER), unpacker),
    )


def _require_openpmd(root: Item) -> None:
    given = root.attributes.get("openPMD")
    if not isinstance(given, str) or given not in wording.VERSIONS:
        raise Refused(f"Its attribute openPMD is {given!r:.60}.", f"It should be one of {', '.join(wording.VERSIONS)}.")
    for name, want in (("basePath", wording.BASE), ("iterationEncoding", "groupBased")):
        given = root.attributes.get(name)
        if not isinstance(given, str) or given != want:
            raise Refused(f"Its attribute {name} is {given!r:.60}.", f"It should be {want!r}.")


def _description(ours: Item) -> Description:
    known = ours.attributes
    schema = known.get("schema")
    if not isinstance(schema, str) or schema != PROBLEM:
        raise Refused(f"The group kineticbench has the schema {schema!r:.60}.", COPY_IT)
    asked = _plain(known.get("casesAsked"))
    return _checked(
        Description,
        "kineticbench",
        {
            "dataset": known.get("dataset"),
            "parameters": json_object(str(known.get("parameters")), "The attribute parameters of kineticbench"),
            "split": known.get("split"),
            "asked": None if asked == 0 else asked,
            "seed": _plain(known.get("seed")),
            "cases": _plain(known.get("cases")),
            "digest": known.get("hash"),
        },
    )


def _author(solver: Item) -> Author:
    where = f"{wording.OURS}/{wording.SOLVER}"
    for name in solver.attributes:
        if name not in wording.AUTHOR:
            raise Refused(f"{where} has an attribute {name}.", f"Known are {', '.join(wording.AUTHOR)}.")
    given: dict[str, Any] = {field: _plain(solver.attributes.get(name)) for name, field in wording.AUTHOR.items()}
    given = {field: value for field, value in given.items() if value is not None and value != ""}
    if "parameters" in given:
        given["parameters"] = json_object(str(given["parameters"]), f"The attribute parameters of {where}")
    if isinstance(given.get("solve_seconds"), int | float):
        given["solve_seconds"] = [given["solve_seconds"]]
    if "amortised" in given:
        given["amortised"] = given["amortised"] == 1
    return _checked(Author, where, given)


def _checked(model: Any, where: str, given: dict[str, Any]) -> Any:
    try:
        return model.model_validate(given)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        field = str(detail["loc"][0]) if detail["loc"] else "?"
        names = {field: name for name, field in wording.AUTHOR.items()} | {"asked": "casesAsked", "digest": "hash"}
        what = "is missing" if given.get(field) is None else f"cannot be {str(given[field])[:60]!r}: {detail['msg']}"
        raise Refused(f"The attribute {names.get(field, field)} of {where} {what}.") from None


def _plain(value: Any) -> Any:
    """NumPy numbers and arrays as Python's own."""
    return value.tolist() if isinstance(value, np.generic | np.ndarray) else value


def _iterations(root: Item) -> list[tuple[str, Item]]:
    data = root.find("data")
    if data is None or data.stored is not None:
        raise Refused("It has no group data with its iterations.")
    for name in data.items:
        if re.fullmatch(r"\d{1,18}", name) is None:
            raise Refused(f"/data/{name} is not an iteration.", "Name iterations by whole numbers.")
    return sorted(data.items.items(), key=lambda pair: int(pair[0]))


def _snapshot(number: str, group: Item, species: str, cases: int, unpacker: Unpacker) -> Snapshot:
    time = _plain(group.attributes.get("time"))
    if not isinstance(time, int | float) or not math.isfinite(time):
        raise Refused(f"/data/{number} has no attribute time, or it is not a finite number.")
    _require_one(group, "timeUnitSI")
    parent = group.find(species)
    if parent is None or not parent.items:
        return Snapshot(time=time)
    if len(parent.items) != 1:
        raise Refused(f"{parent.path} has {len(parent.items)} species.", "Write the one of the problem.")
    (plasma,) = parent.items.values()
    records = {name: plasma.find(name) for name in ("position", "momentum", "velocity", "weighting", "score")}
    momenta = records["momentum"] or records["velocity"]
    if momenta is None or records["position"] is None:
        raise Refused(f"{plasma.path} needs the records position and momentum.")
    _require_no_offset(plasma)
    velocities = _vector(momenta, unpacker, None)
    count = velocities[0].count
    if count == 0 or count % cases:
        raise Refused(f"{momenta.path} has {count} particles, which {cases} cases cannot share equally.")
    weights, density = records["weighting"], plasma.find("density")
    return Snapshot(
        time=time,
        positions=_vector(records["position"], unpacker, count),
        velocities=velocities,
        weights=None if weights is None else _component(weights, unpacker, count),
        score=[] if records["score"] is None else _vector(records["score"], unpacker, count),
        particle_density=None if density is None else _component(density, unpacker, count),
    )


def _vector(record: Item, unpacker: Unpacker, count: int | None) -> list[Any]:
    names = wording.components(len(record.items)) if record.items else ()
    if not names or set(names) != set(record.items):
        raise Refused(
            f"{record.path} has the components {', '.join(list(record.items)[:8]) or '–'}.",
            "They should be x, y, z, or x0, x1, … beyond three dimensions.",
        )
    pieces = []
    for name in names:
        pieces.append(_component(record.items[name], unpacker, count))
        count = pieces[0].count
    return pieces


def _component(item: Item, unpacker: Unpacker, count: int | None) -> Any:
    _require_one(item, "unitSI")
    if item.stored is not None and len(item.stored.shape) != 1:
        raise Refused(f"{item.path} has {len(item.stored.shape)} axes.", "Write all particles in one row.")
    return unpacker.piece(item, count)


def _require_one(item: Item, name: str) -> None:
    if _plain(item.attributes.get(name, 1.0)) != 1:
        raise Refused(f"{item.path} has the {name} {item.attributes[name]!s:.40}.", "Write the problem's own units.")


def _require_no_offset(plasma: Item) -> None:
    offset = plasma.find(OFFSET)
    for component in () if offset is None else offset.items.values():
        if component.stored is not None or _plain(component.attributes.get("value")) != 0:
            raise Refused(f"{component.path} is not constant zero.", "Write whole positions.")


def _tables(answer: Item | None, unpacker: Unpacker) -> dict[str, Table]:
    found: dict[str, Table] = {}
    for name, item in _data_sets(answer):
        if name not in wording.TABLES and name.partition("/")[0] not in ("series", "diagnostics"):
            known = ", ".join((*wording.TABLES, "series/NAME", "diagnostics/NAME"))
            raise Refused(f"{item.path} is nothing that is asked for.", f"Known are {known}.")
        assert item.stored is not None
        found[name] = Table(shape=list(item.stored.shape), piece=unpacker.piece(item))
    return found


def _data_sets(answer: Item | None) -> Iterable[tuple[str, Item]]:
    for name, item in ({} if answer is None else answer.items).items():
        if item.stored is not None:
            yield name, item
            continue
        for below, part in item.items.items():
            if part.stored is None:
                raise Refused(f"{part.path} is not a data set.")
            yield f"{name}/{below}", part
