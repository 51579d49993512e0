"""What a neural particle method learned, as a safetensors file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..contracts import CorruptFile
from .flow_score_networks import Networks
from .particle_residual import Units
from .pinn_certificate import Certificate


@dataclass(frozen=True, eq=False)
class LearnedFlow:
    """Both networks, their units, how they were trained and what vouches for them.

    Parameters
    ----------
    networks
        Weights, NumPy arrays.
    units
        Of velocity and time.
    counts
        Particles in a batch, and distinct particles seen.
    curve
        The loss curve, (2, point).
    certificate
        Or None.
    """

    networks: Networks
    units: Units
    counts: tuple[int, int]
    curve: np.ndarray
    certificate: Certificate | None


def write(path: Path, learned: LearnedFlow) -> None:
    """Write it."""
    from safetensors.numpy import save_file

    arrays = {"curve": learned.curve, "units/mean": learned.units.mean}
    for name, layers in learned.networks._asdict().items():
        for i, (matrix, vector) in enumerate(layers):
            arrays |= {f"{name}/{i}/matrix": matrix, f"{name}/{i}/vector": vector}
    if learned.certificate is not None:
        arrays |= {f"certificate/{name}": curve for name, curve in learned.certificate._asdict().items()}
    sigma, horizon, mass = learned.units[1:]
    metadata = {"sigma": sigma, "horizon": horizon, "mass": mass, "counts": learned.counts}
    save_file(
        {name: np.ascontiguousarray(array) for name, array in arrays.items()}, path, {"learned": json.dumps(metadata)}
    )


def read(path: Path, dimension: int, width: int, depth: int) -> LearnedFlow:
    """Read it again.

    Raises
    ------
    CorruptFile
        Where the file is not of this kind, or its networks are not of this shape.
    """
    from safetensors import SafetensorError, safe_open

    sizes = [1 + dimension, *[width] * depth, dimension * (dimension + 1)]
    try:
        with safe_open(path, "numpy") as file:
            known = json.loads(file.metadata()["learned"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a mapping)
        pairs = {
            name: [(arrays[f"{name}/{i}/matrix"], arrays[f"{name}/{i}/vector"]) for i in range(depth + 1)]
            for name in Networks._fields
        }
        units = Units(arrays["units/mean"], known["sigma"], known["horizon"], known["mass"])
        kept = [arrays.get(f"certificate/{name}") for name in Certificate._fields]
        found = LearnedFlow(Networks(**pairs), units, tuple(known["counts"]), arrays["curve"], None)
    except (SafetensorError, KeyError, TypeError, ValueError, OSError) as error:
        raise CorruptFile(f"{path} holds no fit of pinn_pm ({error}).", "Delete it and train again.") from None
    for layers in pairs.values():
        for (matrix, vector), a, b in zip(layers, sizes, sizes[1:], strict=False):
            if matrix.shape != (a, b) or vector.shape != (b,) or not (np.isfinite(matrix).all()):
                raise CorruptFile(
                    f"{path}: a layer must be finite and map {a} to {b} numbers, got {matrix.shape}.",
                    "Restore it with the width and depth it was trained with, or delete it and train again.",
                )
    if any(curve is None for curve in kept):
        return found
    certificate = Certificate(*(curve for curve in kept if curve is not None))
    return LearnedFlow(found.networks, units, found.counts, found.curve, certificate)
