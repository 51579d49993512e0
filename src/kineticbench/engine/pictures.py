"""Keeps pictures of a solution beside its record."""

from __future__ import annotations

import sys
from pathlib import Path

from .. import pictures
from ..contracts import Problem, Reference, Solution
from ..files import write_atomically
from ..results.store import Store


def keep(results: Path, cell: str, run: str, solution: Solution, reference: Reference, problem: Problem) -> str | None:
    """Draw a solution of NumPy arrays and write the file, whole or not at all; its path as records hold it.

    None where there is nothing to draw, and where it cannot be drawn or kept, which a line on standard error tells:
    pictures are no reason to lose a result.
    """
    store = Store(results)
    path = store.pictures_path(cell, run)
    try:
        made = pictures.draw(solution, reference, problem)
        if made is None:
            return None
        write_atomically(path, made.json_bytes())
    except Exception as error:
        sys.stderr.write(f"No pictures: {type(error).__name__}: {' '.join(str(error).split())}\n")
        return None
    return store.relative(path)
