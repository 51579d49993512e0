"""Writes openPMD files: attributes of fixed length, iterations, and records in pieces of bounded size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from .. import __version__
from . import wording

CHUNK = 1 << 22  # numbers that are copied at a time


@contextmanager
def openpmd_file(path: Path) -> Iterator[Any]:
    """A new HDF5 file with openPMD's root attributes."""
    import h5py

    with h5py.File(path, "w", libver=("earliest", "v110")) as file:
        attributes = {
            "openPMD": wording.VERSION,
            "openPMDextension": np.uint32(0),
            "basePath": wording.BASE,
            "particlesPath": wording.PARTICLES,
            "iterationEncoding": "groupBased",
            "iterationFormat": wording.BASE,
            "software": wording.OURS,
            "softwareVersion": __version__,
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S +0000}",
        }
        put(file, attributes)
        file.create_group("data")
        yield file


def put(item: Any, attributes: Mapping[str, Any]) -> None:
    """Write attributes: text as strings of fixed length (UTF-8), numbers and arrays as they are; None is left out."""
    import h5py

    for name, value in attributes.items():
        if isinstance(value, str):
            data = value.encode()
            item.attrs.create(name, np.bytes_(data), dtype=h5py.string_dtype("utf-8", max(len(data), 1)))
        elif value is not None:
            item.attrs.create(name, value)


def iteration(file: Any, number: int, time: float, particles: bool = True) -> Any:
    """A new iteration, and the group of its particles where it has some."""
    group = file.create_group(f"data/{number}")
    put(group, {"time": np.float64(time), "dt": np.float64(1.0), "timeUnitSI": np.float64(1.0)})
    return group.create_group(f"{wording.PARTICLES}{wording.SPECIES}") if particles else None


def vector(species: Any, record: str, array: Any, dimension: int) -> None:
    """A record of several components from an array (case, particle, dimension)."""
    group = species.create_group(record)
    _mark(group, record)
    for axis, name in enumerate(wording.components(dimension)):
        _component(group, name, array[..., axis])


def scalar(species: Any, record: str, array: Any) -> None:
    """A record of one component from an array (case, particle)."""
    _mark(_component(species, record, array), record)


def nowhere(species: Any, record: str, shape: tuple[int, ...], dimension: int) -> None:
    """A vector that is zero for every particle, as openPMD wants one for positions even of a homogeneous plasma."""
    zero = np.broadcast_to(np.float64(0.0), shape)
    vector(species, record, np.broadcast_to(zero[..., None], (*shape, dimension)), dimension)


def _mark(item: Any, record: str) -> None:
    dimension, power, macro = wording.RECORDS[record]
    put(
        item,
        {
            "unitDimension": np.array(dimension, dtype=np.float64),
            "timeOffset": np.float64(0.0),
            "weightingPower": np.float64(power),
            "macroWeighted": np.uint32(macro),
        },
    )


def _component(group: Any, name: str, array: np.ndarray) -> Any:
    """One number where the array repeats one by its strides, else a contiguous data set, written piece by piece."""
    if array.size and not any(array.strides):
        made = group.create_group(name)
        put(made, {"value": array.flat[0], "shape": np.array([array.size], dtype=np.uint64)})
    else:
        made = group.create_dataset(name, shape=(array.size,), dtype=array.dtype)
        cases, particles = array.shape
        step = max(1, CHUNK // particles)
        for begin in range(0, cases, step):
            for first in range(0, particles, CHUNK):
                part = array[begin : begin + step, first : first + CHUNK]
                place = begin * particles + first
                made[place : place + part.size] = np.ascontiguousarray(part).reshape(-1)
    put(made, {"unitSI": np.float64(1.0)})
    return made


def table(group: Any, name: str, array: np.ndarray) -> None:
    """An array of any shape; of complex numbers with a last axis of real and imaginary part."""
    array = np.asarray(array)
    if array.dtype.kind == "c":
        array = np.stack([np.real(array), np.imag(array)], axis=-1)
    elif array.dtype.kind in "biu":
        array = array.astype(np.float64)
    group.create_dataset(name, data=array)
