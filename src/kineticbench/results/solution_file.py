"""Solutions as HDF5 files: one data set for each array, of all cases or of the first ones that fit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from ..contracts import CorruptFile, Query, Solution
from ..files import sha256
from .record import Kept

SCHEMA = "kineticbench/solution/1"
MOST_ARRAYS, MOST_BYTES = 10_000, 1 << 33
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
    """Read a solution back.

    Raises
    ------
    CorruptFile
        Where it is not the file with the SHA-256 `expected`, or not one of ours: arrays that lie elsewhere, hold no
        numbers, or declare more than `MOST_BYTES` together.
    """
    import h5py

    if expected is not None and (not path.is_file() or sha256(path) != expected):
        raise CorruptFile(f"{path} is missing or not the file its record speaks of.", "Run the cell again.")
    try:
        with h5py.File(path) as file:
            if file.attrs.get("schema") != SCHEMA:
                raise CorruptFile(f"{path} is not a solution of ours.", f"Its attribute schema should be {SCHEMA}.")
            found: dict[str, Any] = {}
            file.visititems(lambda name, item: _collect(found, name, item))
            _require_own(path, found)
            arrays = {name: item[()] for name, item in found.items()}
        return Solution.from_arrays(arrays)
    except (OSError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise CorruptFile(f"{path} cannot be read as a solution: {error}.", "Run the cell again.") from error


def _collect(found: dict[str, Any], name: str, item: Any) -> None:
    if hasattr(item, "shape") and name.startswith("solution/"):  # links to other files are not visited
        found[name.removeprefix("solution/")] = item


def _require_own(path: Path, found: dict[str, Any]) -> None:
    """Raise `CorruptFile` for what `write` does not write, before any of it is read."""
    declared = sum(item.size * item.dtype.itemsize for item in found.values() if item.shape is not None)
    if len(found) > MOST_ARRAYS or declared > MOST_BYTES:
        raise CorruptFile(f"{path} declares {len(found)} arrays of {declared} bytes.", "Run the cell again.")
    for name, item in found.items():
        if item.shape is None or item.dtype.kind not in "fciub" or item.is_virtual or item.external:
            raise CorruptFile(f"{path}: {name[:80]!r} is no array of numbers in this file.", "Run the cell again.")


def _case_axis(name: str) -> Any:
    return 0 if name.startswith("series/") else _CASE_AXIS.get(name)


def _stored_bytes(array: np.ndarray) -> int:
    return 0 if array.size and not any(array.strides) else array.nbytes
