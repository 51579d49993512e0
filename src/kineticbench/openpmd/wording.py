"""The names of the layout, in one place: what is written and what is looked for.

    /                                   attributes of openPMD 1.1
    /data/K                             an iteration: time, dt, timeUnitSI
    /data/K/particles/plasma            position, positionOffset, momentum, weighting; also score, density
    /kineticbench                       which problem; copied as it is into the file that answers it
    /kineticbench/equation              the equation and its parameters
    /kineticbench/query                 times, series, points
    /kineticbench/initial_density       f₀ at the points, (case, point)
    /kineticbench/solver                what the author of a trajectory says of it
    /kineticbench/answer                density, point_score, series/NAME, diagnostics/NAME

A record's component is one array of all particles of all cases, particle i of case c at c · N + i. A component whose
numbers are all equal may be a group with the attributes value and shape, as openPMD has it.
"""

from __future__ import annotations

from typing import Any

VERSION = "1.1.0"
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")
BASE, PARTICLES, SPECIES = "/data/%T/", "particles/", "plasma"
OURS, EQUATION, QUERY, SOLVER, ANSWER = "kineticbench", "equation", "query", "solver", "answer"
AXES = ("x", "y", "z")
TABLES = ("density", "point_score")
COMPLEX = ("field_mode",)  # series of complex numbers: a last axis of real and imaginary part
UNITS = (
    "Positions, momenta and times are in the units of the equation, in which particles have unit mass, so momentum is "
    "velocity. Every unitSI is 1: the numbers are to be used as they are."
)

# (unitDimension, weightingPower, macroWeighted) of each record: length, mass, time, current, temperature, amount, light
RECORDS: dict[str, tuple[tuple[float, ...], float, int]] = {
    "position": ((1, 0, 0, 0, 0, 0, 0), 0.0, 0),
    "positionOffset": ((1, 0, 0, 0, 0, 0, 0), 0.0, 0),
    "momentum": ((1, 1, -1, 0, 0, 0, 0), 1.0, 0),
    "weighting": ((0, 0, 0, 0, 0, 0, 0), 1.0, 1),
    "score": ((-1, 0, 1, 0, 0, 0, 0), 0.0, 0),
    "density": ((-1, 0, 1, 0, 0, 0, 0), 0.0, 0),
}

# attribute of /kineticbench/solver: field of `manifest.Author`
AUTHOR: dict[str, str] = {
    "name": "name",
    "version": "version",
    "author": "author",
    "hardware": "hardware",
    "setting": "setting",
    "parameters": "parameters",
    "licence": "licence",
    "citation": "citation",
    "family": "family",
    "dataSeconds": "data_seconds",
    "fitSeconds": "fit_seconds",
    "amortised": "amortised",
    "solveSeconds": "solve_seconds",
    "threads": "threads",
    "device": "device",
    "seed": "seed",
    "peakBytes": "peak_bytes",
}


def components(dimension: int) -> tuple[str, ...]:
    """Names of the components of a vector: x, y, z, or x0, x1, … beyond three dimensions."""
    return AXES[:dimension] if dimension <= len(AXES) else tuple(f"x{axis}" for axis in range(dimension))


def parameters_of(equation: Any) -> dict[str, float | int]:
    """An equation's parameters by name."""
    import dataclasses

    return {field.name: getattr(equation, field.name) for field in dataclasses.fields(equation)}
