"""Solutions as HDF5 files: one data set for each array, of all cases or of the first ones that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import CorruptFile, Query, Solution
from ..files import sha256
from .record import Kept

SCHEMA = "kineticbench/solution/1"
_CASE_AXIS = {
    "trajectory/positions": 1,
    "trajectory/velocities": 1,
    "trajectory/weights": 0,
    "score": 1,
    "point_score": 1,
    "density": 1,
}


def select(solution: Solution, most_bytes: int) -> tuple[Solution | None, Kept]:
    """All of a solution (of NumPy arrays), or as many first cases as fit into `most_bytes`, or None.

    Diagnostics are kept whole where they take at most a quarter of the room, and dropped where they take more.
    """
    if most_bytes == 0:
        return None, "none"
    arrays = solution.arrays()
    total = sum(_stored_bytes(array) for array in arrays.values())
    if total <= most_bytes:
        return solution, "all"
    batched = {name: array for name, array in arrays.items() if _case_axis(name) is not None}
    others = {name: array for name, array in arrays.items() if name not in batched}
    if sum(array.nbytes for array in others.values()) > most_bytes // 4:
        others = {}
    room = most_bytes - sum(array.nbytes for array in others.values())
    cases = next((array.shape[_case_axis(name)] for name, array in batched.items()), 0)
    each = sum(_stored_bytes(array) for array in batched.values()) / max(cases, 1)
    fit = int(room // each) if each else 0
    if fit < 1:
        return None, "none"
    first = {name: array[(slice(None),) * _case_axis(name) + (slice(fit),)] for name, array in batched.items()}
    return Solution.from_arrays({**first, **others}), "subset"


def write(path: Path, solution: Solution, query: Query) -> None:
    """Write a solution of NumPy arrays, with the times and points it answers."""
    import h5py

    with h5py.File(path, "w", track_order=True) as file:
        file.attrs["schema"] = SCHEMA
        file["query/times"], file["query/series"] = query.times, query.series
        if query.points is not None:
            file["query/points"] = query.points
        for name, array in solution.arrays().items():
            if array.size and not any(array.strides):  # one number for all, such as equal weights
                file.create_dataset(f"solution/{name}", shape=array.shape, fillvalue=array.flat[0], dtype=array.dtype)
            else:
                file[f"solution/{name}"] = array


def read(path: Path, expected: str | None = None) -> Solution:
    """Read a solution back; `CorruptFile` where it is not the file with the SHA-256 `expected`, or not one of ours."""
    import h5py

    if expected is not None and (not path.is_file() or sha256(path) != expected):
        raise CorruptFile(f"{path} is missing or not the file its record speaks of.", "Run the cell again.")
    arrays: dict[str, np.ndarray] = {}
    try:
        with h5py.File(path) as file:
            if file.attrs.get("schema") != SCHEMA:
                raise CorruptFile(f"{path} is not a solution of ours.", f"Its attribute schema should be {SCHEMA}.")
            file.visititems(lambda name, item: _collect(arrays, name, item))
    except (OSError, KeyError) as error:
        raise CorruptFile(f"{path} cannot be read as a solution: {error}.", "Run the cell again.") from error
    return Solution.from_arrays(arrays)


def _collect(arrays: dict[str, np.ndarray], name: str, item: Any) -> None:
    if hasattr(item, "shape") and name.startswith("solution/"):
        arrays[name.removeprefix("solution/")] = item[()]


def _case_axis(name: str) -> Any:
    return 0 if name.startswith("series/") else _CASE_AXIS.get(name)


def _stored_bytes(array: np.ndarray) -> int:
    return 0 if array.size and not any(array.strides) else array.nbytes
