"""Which problem a file is about: its description, and what of it is written into the file."""

from __future__ import annotations

import hashlib
import inspect
from typing import Any

import numpy as np
from pydantic import ValidationError

from .. import catalog
from ..contracts import Ensemble, Equation, InvalidInput, Problem, VlasovPoisson
from ..engine.cell import PlugInSetting, canonical_json, digest
from . import wording, writing
from .manifest import PROBLEM, Description

REMEDIES = {
    "dataset": "Call it by up to 64 small letters, digits and _.",
    "split": "Call it by up to 64 small letters, digits and _.",
    "asked": "Ask for fewer.",
    "cases": "Ask for fewer.",
    "seed": "Take one from 0 to 2³² − 1.",
}


def describe(
    dataset: PlugInSetting, split: str, asked: int | None, seed: int, problem: Problem, cases: int
) -> Description:
    """The description of a problem that the dataset posed.

    Raises
    ------
    InvalidInput
        Where a file cannot state it: names of other than small letters, digits and _, numbers out of range.
    """
    given = {"dataset": dataset.name, "parameters": dataset.parameters, "split": split, "asked": asked}
    given |= {"seed": seed, "cases": cases, "digest": digest_of(dataset, split, asked, seed, problem)}
    try:
        return Description.model_validate(given)
    except ValidationError as error:
        detail = error.errors(include_url=False)[0]
        field = str(detail["loc"][0])
        name = {"asked": "number of cases"}.get(field, field)
        raise InvalidInput(
            f"A file cannot state the {name} {str(given[field])[:80]!r}: {detail['msg']}.", REMEDIES.get(field, "")
        ) from None


def digest_of(dataset: PlugInSetting, split: str, asked: int | None, seed: int, problem: Problem) -> str:
    """SHA-256 that two problems share only where everything asked and given is equal to the last bit."""
    query, start = problem.query, problem.ensemble
    arrays = [query.times, query.series, query.points]
    arrays += [None] * 3 if start is None else [start.positions, start.velocities, start.weights]
    equation = [problem.equation.name, wording.parameters_of(problem.equation)]
    return digest(
        [PROBLEM, dataset.name, dataset.parameters, split, asked, seed, equation, [_sum(array) for array in arrays]]
    )


def _sum(array: np.ndarray | None) -> list[Any] | None:
    """Type, shape and SHA-256 of an array; of one that repeats a number by its strides, of that number."""
    if array is None:
        return None
    whole = array.size and not any(array.strides)
    held = hashlib.sha256()
    for part in array[:1, :1] if whole else array:
        held.update(np.ascontiguousarray(part).tobytes())
    return [array.dtype.str, list(array.shape), bool(whole), held.hexdigest()]


def own_dataset(name: str) -> catalog.PlugIn:
    """A dataset that is installed, by its name; never a path, whatever a file says."""
    known = catalog.plug_ins("datasets")
    if name not in known:
        raise InvalidInput(f"The file is about a dataset {name!r}, which is not known here.", "Install it first.")
    return known[name]


def write(
    file: Any, made: Description, problem: Problem, start: str, ensemble: Ensemble | None, doc: str, cite: str
) -> Any:
    """Write the group that describes a problem."""
    group = file.create_group(wording.OURS)
    writing.put(
        group,
        {
            "schema": PROBLEM,
            "dataset": made.dataset,
            "parameters": canonical_json(made.parameters),
            "split": made.split,
            "casesAsked": np.int64(made.asked or 0),
            "cases": np.int64(made.cases),
            "seed": np.int64(made.seed),
            "hash": made.digest,
            "start": start,
            "particles": None if ensemble is None else np.int64(ensemble.particles),
            "units": wording.UNITS,
            "description": doc[:60_000] or None,
            "citation": cite[:60_000] or None,
        },
    )
    _equation(group.create_group(wording.EQUATION), problem.equation)
    asked = group.create_group(wording.QUERY)
    for name, array in (("times", problem.query.times), ("series", problem.query.series)):
        writing.table(asked, name, array)
    if problem.query.points is not None:
        writing.table(asked, "points", problem.query.points)
        if problem.initial_density is not None:
            writing.table(group, "initial_density", problem.initial_density.density(problem.query.points))
    return group


def _equation(group: Any, equation: Equation) -> None:
    periodic = isinstance(equation, VlasovPoisson)
    numbers = {
        name: np.int64(value) if isinstance(value, int) else np.float64(value)
        for name, value in wording.parameters_of(equation).items()
    }
    attributes: dict[str, Any] = {
        "name": equation.name,
        "text": inspect.getdoc(type(equation)) or equation.name,
        "positionDimension": np.int64(equation.position_dimension),
        "velocityDimension": np.int64(equation.velocity_dimension),
    }
    if periodic:
        attributes |= {"domainLower": np.zeros(1), "domainUpper": np.array([equation.length]), "periodic": np.uint8(1)}
    writing.put(group, attributes | numbers)
