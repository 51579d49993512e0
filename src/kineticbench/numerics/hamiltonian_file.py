"""A learned Hamiltonian as a safetensors file: float32, with the architecture in its header."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Float

from ..contracts import CorruptFile, all_finite
from .symmetric_potential import Potential, shapes

FORMAT = "kineticbench/symmetric-hamiltonian/1"


@dataclass(frozen=True, eq=False)
class LearnedHamiltonian:
    """H = a² Σ p²/2 + V(q), and where it comes from.

    Parameters
    ----------
    a
        Square root of the kinetic coefficient.
    potential
        V, float32 NumPy arrays.
    reach
        The largest distance of a particle from the mean position of its case among the states it was learned from.
    loss
        Update numbers and losses, float32.
    """

    a: float
    potential: Potential
    reach: float
    loss: Float[np.ndarray, "two point"]

    @classmethod
    def rounded(
        cls, a: float, potential: Potential, reach: float, loss: Float[np.ndarray, "two point"]
    ) -> LearnedHamiltonian:
        """With everything in float32, as it is stored, so that a fit and its file are the same."""
        weights = Potential(*(np.asarray(leaf, np.float32) for leaf in potential))  # type: ignore[arg-type]
        return cls(float(np.float32(a)), weights, float(np.float32(reach)), np.asarray(loss, np.float32))

    @property
    def parameters(self) -> int:
        """Number of learned parameters, a among them."""
        return 1 + sum(int(np.size(leaf)) for leaf in self.potential)


def write(path: Path, learned: LearnedHamiltonian) -> None:
    """Write the file."""
    from safetensors.numpy import save_file

    arrays: dict[str, Any] = {f"potential/{name}": leaf for name, leaf in learned.potential._asdict().items()}
    arrays |= {"a": learned.a, "reach": learned.reach, "loss": learned.loss}
    architecture = {"hidden": len(learned.potential.w4), "activation": "softplus", "parameters": learned.parameters}
    contiguous = {name: np.ascontiguousarray(array, np.float32) for name, array in arrays.items()}  # scalars: (1,)
    save_file(contiguous, path, {"format": FORMAT, "architecture": json.dumps(architecture)})


def read(path: Path, hidden: int) -> LearnedHamiltonian:
    """Read a file whose layers have `hidden` units.

    Raises
    ------
    CorruptFile
        Where it is not such a file: cut short, of another kind or width, or with values that are not finite.
    """
    from safetensors import SafetensorError, safe_open

    remedy = "Delete the file and train again."
    try:
        with safe_open(path, "numpy") as file:
            kind = (file.metadata() or {}).get("format")
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
    except (SafetensorError, OSError, ValueError) as error:
        raise CorruptFile(f"{path} is not a safetensors file: {error}.", remedy) from None
    if kind != FORMAT:
        raise CorruptFile(f"{path} must have the format {FORMAT!r}, found {kind!r}.", remedy)
    want = {f"potential/{name}": shape for name, shape in shapes(hidden)._asdict().items()}
    want |= {"a": (), "reach": ()}
    for name, shape in want.items():
        if name not in arrays or arrays[name].shape != (shape or (1,)):
            found = arrays[name].shape if name in arrays else "nothing"
            raise CorruptFile(f"{path}: {name} must have shape {shape}, found {found}.", remedy)
    loss = arrays.get("loss", np.empty((2, 0), np.float32))
    if loss.ndim != 2 or not all(all_finite(array) for array in arrays.values()) or arrays["reach"][0] <= 0:
        raise CorruptFile(f"{path} holds values that no training leaves.", remedy)
    potential = Potential(
        *(arrays[f"potential/{name}"].reshape(shape) for name, shape in shapes(hidden)._asdict().items())
    )
    return LearnedHamiltonian(float(arrays["a"][0]), potential, float(arrays["reach"][0]), loss)
