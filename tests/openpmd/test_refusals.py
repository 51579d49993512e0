"""What a stranger's file may not hold is refused with a reason before any of its data is read."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.openpmd.bounds import Bounds
from kineticbench.openpmd.examine import examined
from kineticbench.openpmd.layout import manifest
from kineticbench.openpmd.unpack import Unpacker

X = "data/1/particles/plasma/momentum/x"
PLASMA = "data/1/particles/plasma"


def opened(path: Path, bounds: Bounds | None = None) -> Any:
    with tempfile.TemporaryFile() as copy, examined(path, bounds) as root:
        return manifest(root, Unpacker(copy))


def replaced(file: Any, name: str, **how: Any) -> None:
    """Another data set, or what `how` makes, in its place."""
    values = file[name][:] if name in file and isinstance(file[name], h5py.Dataset) else np.zeros(12)
    if name in file:
        del file[name]
    file.create_dataset(name, **({"data": values} | how))


def virtual(file: Any) -> None:
    del file[X]
    layout = h5py.VirtualLayout((12,), "f8")
    layout[:] = h5py.VirtualSource("/etc/passwd", "x", (12,))
    file.create_virtual_dataset(X, layout)


def external(file: Any) -> None:
    del file[X]
    file.create_dataset(X, (12,), "f8", external=[("/etc/passwd", 0, 96)])


def deep(file: Any) -> None:
    file.create_group("/".join("abcdefghijkl"))


def cycle(file: Any) -> None:
    file["kineticbench/loop"] = file["/"]


def unwritten(file: Any) -> None:
    del file[X]
    file.create_dataset(X, (12,), "f8")


def half_written(file: Any) -> None:
    del file[X]
    file.create_dataset(X, (12,), "f8", chunks=(4,))[:4] = 1.0


def many_attributes(file: Any) -> None:
    for number in range(100):
        file.attrs[f"a{number}"] = np.float64(1)


def committed(file: Any) -> None:
    file["kineticbench/type"] = np.dtype("f8")


def filtered(code: int) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        del file[X]
        plan = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        plan.set_chunk((12,))
        plan.set_filter(code, h5py.h5z.FLAG_OPTIONAL, (1, 2))
        space = h5py.h5s.create_simple((12,))
        made = h5py.h5d.create(file[f"{PLASMA}/momentum"].id, b"x", h5py.h5t.IEEE_F64LE, space, plan)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ones(12))

    return change


def attribute(name: str, value: Any, where: str = "/", dtype: Any = None) -> Callable[[Any], None]:
    return lambda file: file[where].attrs.create(name, value, dtype=dtype)


def without(where: str, name: str) -> Callable[[Any], None]:
    def change(file: Any) -> None:
        if name in file[where].attrs:
            del file[where].attrs[name]
        else:
            del file[f"{where}/{name}"]

    return change


def of_type(dtype: Any) -> Callable[[Any], None]:
    return lambda file: replaced(file, X, data=None, shape=(12,), dtype=dtype)


OURS = "kineticbench"
DANGERS: dict[str, tuple[Callable[[Any], Any], str]] = {
    "soft link": (lambda f: f.__setitem__("kineticbench/s", h5py.SoftLink("/data")), "soft link"),
    "external link": (lambda f: f.__setitem__("e", h5py.ExternalLink("/etc/passwd", "/x")), "external link"),
    "hard link": (lambda f: f.__setitem__("data/1/again", f[X]), "more than one way"),
    "cycle": (cycle, "more than one way"),
    "virtual": (virtual, "virtual data set"),
    "external storage": (external, "another file"),
    "depth": (deep, "more than 8 deep"),
    "committed type": (committed, "committed type"),
    "compound": (of_type([("a", "f8")]), "compound"),
    "opaque": (of_type(np.dtype("V8")), "opaque"),
    "reference": (of_type(h5py.ref_dtype), "reference"),
    "region": (of_type(h5py.regionref_dtype), "reference"),
    "variable length": (of_type(h5py.vlen_dtype(np.float64)), "variable-length"),
    "text": (of_type(h5py.string_dtype()), "text"),
    "enumeration": (of_type(h5py.enum_dtype({"A": 1})), "enumeration"),
    "complex": (of_type(np.complex128), "compound|complex"),
    "half precision": (of_type("f2"), "unusual format"),
    "integers": (lambda f: replaced(f, X, data=np.arange(12)), "holds integers"),
    "lzf": (filtered(32000), "filter 32000"),
    "scale and offset": (filtered(6), "filter 6"),
    "unwritten": (unwritten, "never written"),
    "half written": (half_written, "not all of it was written"),
    "a name": (lambda f: f.create_group("../../etc"), "name that is not allowed"),
    "a long name": (lambda f: f.create_group("a" * 65), "name that is not allowed"),
    "a name and a new line": (lambda f: f.create_group("foo\n"), "name that is not allowed: 'foo.n'"),
    "a name that is no text": (lambda f: f.create_group("naïve"), "name that is not allowed"),
    "variable text": (attribute("note", "text"), "variable length"),
    "attribute of a reference": (lambda f: f.attrs.__setitem__("r", f["data"].ref), "reference type"),
    "empty attribute": (lambda f: f.attrs.__setitem__("r", h5py.Empty("f8")), "no value"),
    "attribute of two axes": (attribute("m", np.ones((2, 2))), "several axes"),
    "many attributes": (many_attributes, "104|attributes, more than"),
    "no openPMD": (without("/", "openPMD"), "attribute openPMD is None"),
    "versions": (attribute("openPMD", np.array([b"1.1.0", b"1.0.0"])), "attribute openPMD is"),
    "version as numbers": (attribute("openPMD", np.array([1, 1, 0])), "attribute openPMD is array"),
    "base as numbers": (attribute("basePath", np.zeros(2)), "attribute basePath is array"),
    "schema as numbers": (attribute("schema", np.zeros(3), OURS), "has the schema array"),
    "dataset as numbers": (attribute("dataset", np.zeros(3), OURS), "dataset of kineticbench cannot be"),
    "parameters as numbers": (attribute("parameters", np.zeros(3), OURS), "not a plain JSON object"),
    "name as numbers": (attribute("name", np.zeros(3), f"{OURS}/solver"), "name of kineticbench/solver cannot be"),
    "version": (attribute("openPMD", np.bytes_(b"9.9.9")), "should be one of"),
    "file based": (attribute("iterationEncoding", np.bytes_(b"fileBased")), "groupBased"),
    "no problem": (without("/", OURS), "no group kineticbench"),
    "schema": (attribute("schema", np.bytes_(b"x"), OURS), "has the schema 'x'"),
    "dataset as a path": (attribute("dataset", np.bytes_(b"/tmp/evil.py"), OURS), "dataset of kineticbench cannot be"),
    "parameters": (attribute("parameters", np.bytes_(b"[1"), OURS), "not a plain JSON object"),
    "NaN in parameters": (attribute("parameters", np.bytes_(b'{"a": NaN}'), OURS), "not a plain JSON object"),
    "cases": (attribute("cases", np.int64(7), OURS), "7 cases cannot share equally"),
    "no cases": (attribute("cases", np.int64(0), OURS), "cases of kineticbench cannot be '0'"),
    "seed": (attribute("seed", np.int64(-1), OURS), "seed of kineticbench"),
    "hash": (without(OURS, "hash"), "hash of kineticbench is missing"),
    "name of the code": (attribute("name", np.bytes_(b"<b>"), f"{OURS}/solver"), "name of kineticbench/solver"),
    "author": (without(f"{OURS}/solver", "author"), "author of kineticbench/solver is missing"),
    "unknown word": (attribute("speed", np.float64(1), f"{OURS}/solver"), "an attribute speed"),
    "times below zero": (attribute("solveSeconds", np.array([-1.0]), f"{OURS}/solver"), "solveSeconds"),
    "times that are no numbers": (attribute("solveSeconds", np.array([np.nan]), f"{OURS}/solver"), "solveSeconds"),
    "device": (attribute("device", np.bytes_(b"abacus"), f"{OURS}/solver"), "device"),
    "iteration": (lambda f: f.create_group("data/first"), "not an iteration"),
    "time": (attribute("time", np.float64(np.inf), "data/1"), "not a finite number"),
    "unit of time": (attribute("timeUnitSI", np.float64(2), "data/1"), "timeUnitSI 2.0"),
    "unit": (attribute("unitSI", np.float64(1e3), X), "unitSI 1000.0"),
    "two species": (lambda f: f.create_group("data/1/particles/ions"), "2 species"),
    "no momentum": (without(PLASMA, "momentum"), "needs the records position and momentum"),
    "components": (lambda f: f.move(X, f"{PLASMA}/momentum/w"), "They should be x, y, z"),
    "two axes": (lambda f: replaced(f, X, data=np.zeros((3, 4))), "has 2 axes"),
    "fewer particles": (lambda f: replaced(f, X, data=np.zeros(9)), "9 numbers|12 numbers"),
    "no constant": (attribute("value", np.nan, f"{PLASMA}/positionOffset/x"), "not constant zero"),
    "an offset": (attribute("value", 1.0, f"{PLASMA}/positionOffset/x"), "not constant zero"),
    "a table": (lambda f: f.create_dataset("kineticbench/answer/truth", data=np.zeros(3)), "nothing that is asked for"),
}  # fmt: skip


OPTIONAL = {"lzf", "scale and offset"}  # filters that a build of HDF5 may lack


@pytest.mark.parametrize("danger", DANGERS)
def test_it_is_refused(danger: str, answer):
    change, message = DANGERS[danger]
    try:
        path = answer(change)
    except (OSError, ValueError, RuntimeError) as error:
        if danger not in OPTIONAL:
            raise
        pytest.skip(f"this HDF5 cannot write it: {error}")
    with pytest.raises(InvalidInput, match=message) as refusal:
        opened(path)
    assert "\n" not in str(refusal.value)


def test_the_file_itself_is_fine(answer):
    found = opened(answer())
    assert (found.description.cases, len(found.snapshots)) == (3, 3)


def test_bombs(answer, tmp_path: Path):
    def zeros(file: Any) -> None:
        replaced(file, X, data=np.zeros(30_000_000), chunks=(1_000_000,), compression="gzip")

    def one_chunk(file: Any) -> None:
        replaced(file, X, data=np.random.default_rng(0).random(1 << 17), chunks=(1 << 17,), compression="gzip")

    for change, message in ((zeros, "its data sets declare"), (one_chunk, "unpacked by 1048576 bytes")):
        path = answer(change)
        with pytest.raises(InvalidInput, match=message):
            opened(path, Bounds(chunk_bytes=1 << 16) if change is one_chunk else None)
    sparse = tmp_path / "sparse.h5"
    with h5py.File(sparse, "w") as file:
        file.create_dataset("x", (1 << 50,), "f8", chunks=(1 << 20,))
    with pytest.raises(InvalidInput, match="its data sets declare 9007199254740992 bytes"):
        opened(sparse)


def test_objects_and_bytes_of_attributes_are_counted(answer):
    with pytest.raises(InvalidInput, match="more than 10 objects"):
        opened(answer(), Bounds(objects=10))
    path = answer(lambda file: file.attrs.create("much", np.ones(200)))
    with pytest.raises(InvalidInput, match="attribute much of / takes 1600 bytes, more than 1000"):
        opened(path, Bounds(attribute_bytes=1000))


@pytest.mark.parametrize("content", [b"", b"no HDF5", b"\x89HDF\r\n\x1a\n" + b"\xff" * 500])
def test_other_bytes(content: bytes, tmp_path: Path):
    path = tmp_path / "file.h5"
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="cannot be opened as HDF5"):
        opened(path)
