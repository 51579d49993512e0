"""Pictures of a solution against the truth, small enough to be shown on a page: what `Solution` and `Reference` hold.

One module for each kind of picture, a pure function of (solution, reference, problem) that returns panels or none. All
are of the first case. See `pictures.model` for the plain data that comes out.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from ..contracts import Problem, Reference, Solution

if TYPE_CHECKING:
    from .model import Pictures

__all__ = ["KINDS", "draw"]

KINDS = (
    "phase_space",
    "density_map",
    "distributions",
    "scores",
    "field_energy",
    "entropy",
    "temperatures",
    "drifts",
)
_SERIES = {"field_energy", "entropy", "energy", "momentum"}
_MOST_FRAMES = 6


def draw(solution: Solution, reference: Reference, problem: Problem) -> Pictures | None:
    """All pictures of the first case of a solution of NumPy arrays; None where there is nothing to draw.

    Of more than six snapshots six are shown, the first and the last among them.
    """
    if solution.trajectory is None and solution.density is None and not _SERIES & set(solution.series):
        return None
    from .first_case import first_case
    from .model import SCHEMA, Pictures

    parts = first_case(solution, reference, problem, _MOST_FRAMES)
    panels = [panel for kind in KINDS for panel in getattr(importlib.import_module(f".{kind}", __name__), kind)(*parts)]
    if not panels:
        return None
    return Pictures(schema=SCHEMA, times=parts[2].query.times.tolist(), panels=panels)
