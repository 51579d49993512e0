"""Small converged solutions that are kept with the source, each with its recipe and check sum.

A file is safetensors: named arrays, and as metadata the recipe (canonical JSON) and the SHA-256 of recipe and arrays.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

import kineticbench
from kineticbench.contracts import CorruptFile
from kineticbench.files import write_atomically

FOLDER = Path(kineticbench.__file__).parent / "datasets" / "references"


def location(dataset: str, parameters: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Where the reference of a dataset with these parameters is kept."""
    key = hashlib.sha256(_canonical({"dataset": dataset, "parameters": dict(parameters)}).encode()).hexdigest()[:12]
    return folder / f"{dataset}-{key}.safetensors"


def store(path: Path, arrays: Mapping[str, np.ndarray], recipe: Mapping[str, Any]) -> None:
    """Write arrays and how they were made, whole or not at all.

    Raises
    ------
    InvalidInput
        Where the folder cannot be written to.
    """
    from safetensors.numpy import save

    arrays = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    text = _canonical(recipe)
    write_atomically(path, save(arrays, {"recipe": text, "sha256": _digest(arrays, text)}))


def load(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the recipe that `store` wrote.

    Raises
    ------
    CorruptFile
        Where the file is not readable as such, or does not match its check sum.
    """
    from safetensors import SafetensorError, safe_open

    remedy = "Restore it from the repository, or make it again with the command in datasets/references/README.md."
    try:
        with safe_open(path, framework="numpy") as file:
            metadata = file.metadata() or {}
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 — not a mapping
        recipe = json.loads(metadata["recipe"])
        intact = metadata["sha256"] == _digest(arrays, metadata["recipe"])
    except (SafetensorError, KeyError, ValueError, OSError) as error:
        raise CorruptFile(f"{path} is not a reference file: {error}.", remedy) from error
    if not intact:
        raise CorruptFile(f"{path} does not match its check sum.", remedy)
    return arrays, recipe


def _canonical(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _digest(arrays: Mapping[str, np.ndarray], recipe: str) -> str:
    state = hashlib.sha256(recipe.encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        state.update(f"{name}:{array.dtype.str}:{array.shape}".encode())
        state.update(array.tobytes())
    return state.hexdigest()
