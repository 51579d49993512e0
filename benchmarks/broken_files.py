"""Broken openPMD files: bytes of valid ones mutated, and edits that leave valid HDF5 of another structure."""

from __future__ import annotations

from typing import Any

import numpy as np

MOST_WRITTEN = 1 << 22  # numbers
PLASMA = "data/1/particles/plasma"
ARRAYS = (f"{PLASMA}/momentum/x", f"{PLASMA}/position/x", "kineticbench/query/times", "kineticbench/answer/series/mass")
GROUPS = ("/", "data", "data/1", PLASMA, f"{PLASMA}/momentum", "kineticbench", "kineticbench/solver")
ATTRIBUTES = (
    *(("/", name) for name in ("openPMD", "basePath", "particlesPath", "iterationEncoding")),
    *(("kineticbench", name) for name in ("schema", "dataset", "parameters", "split", "casesAsked", "cases", "seed")),
    *(("kineticbench", name) for name in ("hash",)),
    *(("kineticbench/solver", name) for name in ("name", "version", "author", "hardware", "solveSeconds", "threads")),
    *(("kineticbench/solver", name) for name in ("setting", "parameters", "device", "seed", "fitSeconds", "family")),
    *(("data/1", name) for name in ("time", "timeUnitSI")),
    *((f"{PLASMA}/momentum/x", name) for name in ("unitSI", "value", "shape")),
    *((f"{PLASMA}/weighting", name) for name in ("value", "shape", "unitSI")),
)


def mutated(content: bytes, random: np.random.Generator) -> bytes:
    """Some bytes of a file flipped, set, moved, repeated, cut out or cut off."""
    made = bytearray(content)
    for _ in range(int(random.integers(1, 9))):
        if len(made) < 16:
            break
        at, width = int(random.integers(len(made))), int(random.choice([1, 2, 4, 8]))
        if random.random() < 0.7:  # most of the first kilobytes is what the library parses
            at = min(at, int(random.integers(4096)), len(made) - 1)
        match int(random.integers(8)):
            case 0:
                made[at] ^= 1 << int(random.integers(8))
            case 1:
                made[at] = int(random.integers(256))
            case 2 | 3:
                value = int(random.choice([0, 1, 2**7, 2**8, 2**15, 2**31, 2**32, 2**62, -1, -2, 255]))
                made[at : at + width] = (value % 2 ** (8 * width)).to_bytes(width, "little")
            case 4:
                del made[len(made) - int(random.integers(1, len(made))) :]
            case 5:
                other, size = int(random.integers(len(made))), int(random.integers(1, 64))
                made[at : at + size] = made[other : other + size]
            case 6:
                del made[at : at + int(random.integers(1, 32))]
            case 7:
                made[at:at] = random.bytes(int(random.integers(1, 32)))
    if random.random() < 0.9:  # of another length the library reads no further than where it is told
        made = made[: len(content)].ljust(len(content), b"\0")
    return bytes(made)


def edits() -> Any:
    """Hypothesis' lists of edits, each a tuple that `apply` takes."""
    from hypothesis import strategies as s

    numbers = s.one_of(
        s.sampled_from([0, 1, -1, 2**31, 2**62, -(2**63), 1e308, float("nan"), float("inf"), -0.0, 1e-310]),
        s.integers(-(2**63), 2**63 - 1),
        s.floats(),
    )
    texts = s.one_of(s.text(max_size=40), s.sampled_from(["", "x" * 5000, "../../etc/passwd", '{"a": {"b": [1e999]}}']))
    values = s.one_of(numbers, texts, s.lists(numbers, max_size=5), s.lists(texts, min_size=1, max_size=3))
    kinds = (
        "f8",
        "f4",
        "f2",
        ">f8",
        "i1",
        "u8",
        "c16",
        "b1",
        "S3",
        "compound",
        "vlen",
        "text",
        "opaque",
        "enum",
        "ref",
    )
    shapes = s.lists(s.sampled_from([0, 1, 3, 4, 12, 13, 1000, 2**20, 2**40]), max_size=4)
    where = s.sampled_from(GROUPS)
    names = s.one_of(s.sampled_from(["x", "y", "a b", "é", "n" * 300, "..", "0", "17"]), s.text(min_size=1, max_size=9))
    edit = s.one_of(
        s.tuples(s.just("attribute"), s.sampled_from(ATTRIBUTES), values),
        s.tuples(s.just("new attribute"), where, names, values),
        s.tuples(s.just("no attribute"), s.sampled_from(ATTRIBUTES)),
        s.tuples(s.just("delete"), s.sampled_from([*ARRAYS, *GROUPS[1:]])),
        s.tuples(s.just("array"), s.sampled_from(ARRAYS), s.sampled_from(kinds), shapes),
        s.tuples(s.just("packed"), s.sampled_from(ARRAYS), s.sampled_from(kinds[:6]), shapes, s.integers(0, 9)),
        s.tuples(s.just("numbers"), s.sampled_from(ARRAYS), numbers),
        s.tuples(s.just("link"), where, names, s.sampled_from(["soft", "external", "hard", "loop"])),
        s.tuples(s.just("group"), where, names, s.integers(1, 20)),
        s.tuples(s.just("elsewhere"), s.sampled_from(ARRAYS), s.sampled_from(["virtual", "external"])),
        s.tuples(s.just("move"), s.sampled_from([*ARRAYS, *GROUPS[1:]]), where, names),
        s.tuples(s.just("many"), where, s.integers(1, 200)),
    )
    return s.lists(edit, min_size=1, max_size=4)


def apply(file: Any, edit: tuple[Any, ...]) -> None:
    """Change an open file as an edit says."""
    import h5py

    match edit:
        case ("attribute", (where, name), value) | ("new attribute", where, name, value):
            file[where].attrs.create(name, _fixed(value))
        case ("no attribute", (where, name)):
            del file[where].attrs[name]
        case ("delete", where):
            del file[where]
        case ("array", where, kind, shape):
            del file[where]
            file.create_dataset(where, shape=tuple(shape), dtype=_dtype(kind))
        case ("packed", where, kind, shape, level):
            chunks = tuple(min(max(extent, 1), 1 << 12) for extent in shape) or None
            del file[where]
            made = file.create_dataset(where, tuple(shape), kind, chunks=chunks, compression=level or "lzf")
            if made.size <= MOST_WRITTEN:
                made[...] = 1
        case ("numbers", where, value):
            if file[where].size <= MOST_WRITTEN:  # an edit before may have declared any size
                file[where][...] = value
        case ("link", where, name, "soft"):
            file[where][name] = h5py.SoftLink("/data/1")
        case ("link", where, name, "external"):
            file[where][name] = h5py.ExternalLink("/etc/passwd", "/data")
        case ("link", where, name, "hard"):
            file[where][name] = file["kineticbench/query/times"]
        case ("link", where, name, "loop"):
            file[where][name] = file["/"]
        case ("group", where, name, depth):
            file[where].create_group("/".join([name] * depth))
        case ("elsewhere", where, "external"):
            del file[where]
            file.create_dataset(where, (12,), "f8", external=[("/etc/passwd", 0, 96)])
        case ("elsewhere", where, _):
            del file[where]
            layout = h5py.VirtualLayout((12,), "f8")
            layout[:] = h5py.VirtualSource("other.h5", "x", (12,))
            file.create_virtual_dataset(where, layout)
        case ("move", what, where, name):
            file.move(what, f"{where}/{name}")
        case ("many", where, count):
            for number in range(count):
                file[where].create_group(f"g{number}")


def _fixed(value: Any) -> Any:
    """Text as strings of fixed length, as the layout wants them; the rest as it is."""
    if isinstance(value, str):
        return np.bytes_(value.encode("utf-8", "surrogatepass") or b" ")
    if isinstance(value, list) and value and isinstance(value[0], str):
        return np.array([_fixed(text) for text in value])
    return value


def _dtype(kind: str) -> Any:
    import h5py

    made = {
        "compound": [("a", "f8"), ("b", "i4")],
        "vlen": h5py.vlen_dtype(np.float64),
        "text": h5py.string_dtype(),
        "opaque": np.dtype("V5"),
        "enum": h5py.enum_dtype({"A": 1}),
        "ref": h5py.ref_dtype,
    }
    return made.get(kind, kind)
