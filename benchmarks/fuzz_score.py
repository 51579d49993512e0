"""Ten thousand broken files: whether `kineticbench score` ever crashes, hangs, grows, or answers without a reason.

    python -m benchmarks.fuzz_score                 10 000 inputs, a few minutes
    python -m benchmarks.fuzz_score --inputs 500    fewer; --seed draws others, --keep DIR keeps what failed

Half of the inputs are valid files with mutated bytes, half are valid HDF5 of another structure: links, types, layouts,
filters, shapes, attributes and numbers that do not belong there, drawn by Hypothesis. Each must end as a record or as
an error of one line (exit status 2 on the command line). Counted as faults: any other exception, a process that takes
longer than `SECONDS`, and memory beyond twice what the file declares and `ALLOWANCE`. A process that the HDF5 library
crashes is a refusal, as it is for a user, and is counted apart. The exit status is 1 where there is a fault.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kineticbench.contracts import InvalidInput, Solution, Trajectory

SECONDS = 60.0
MOST_WRITTEN = 1 << 22  # numbers
ALLOWANCE = 48_000_000  # bytes that processes grow by for reasons of their own
AUTHOR = {"name": "fuzzed", "version": "1", "author": "A", "hardware": "H", "solve_seconds": [1.0]}
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


@dataclass
class Tally:
    """What became of the inputs."""

    ends: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)
    slowest: float = 0.0

    @property
    def inputs(self) -> int:
        """How many there were."""
        return sum(self.ends.values())


class Fuzzer:
    """Valid files to begin from, warm processes, and what became of every input.

    Parameters
    ----------
    folder
        For files.
    dataset
        A small one that is installed.
    keep
        Where inputs that failed are kept; None keeps none.
    """

    def __init__(self, folder: Path, dataset: str, keep: Path | None = None):
        from kineticbench.openpmd.submission import Processes, Room, score

        self.folder, self.tally, self._keep, self.score = folder, Tally(), keep, score
        self.processes = Processes(Room(memory=1_500_000_000, seconds=SECONDS, solution_bytes=0), warm=True)
        self.valid = [self._valid(dataset, name, packed) for name, packed in (("plain", False), ("packed", True))]
        for path in self.valid:  # what libraries load at first use is no growth
            score(path, None, self.processes, say=lambda _: None)
        self.held = dict(self.processes.peaks)

    def _valid(self, dataset: str, name: str, packed: bool) -> Path:
        import h5py

        from kineticbench.openpmd.export import Order, pose
        from kineticbench.openpmd.reading import write_solution

        path = self.folder / f"{name}.h5"
        problem = pose(Order(dataset, {}, cases=3))
        start, times = problem.ensemble, problem.problem.query.times
        assert start is not None
        assert start.positions is not None
        positions = np.repeat(start.positions[None], len(times), axis=0)
        velocities = np.repeat(start.velocities[None], len(times), axis=0)
        series = {"mass": np.ones((3, 0))}
        write_solution(path, Solution(Trajectory(positions, velocities, start.weights), series=series), problem, AUTHOR)
        if packed:
            with h5py.File(path, "r+") as file:
                for number in range(len(times)):
                    group: Any = file[f"data/{number}/particles/plasma/momentum"]
                    values = group["x"][:]
                    del group["x"]
                    group.create_dataset("x", data=values, chunks=(5,), compression="gzip", shuffle=True)
        return path

    def close(self) -> None:
        """End the processes."""
        self.processes.close()

    def __enter__(self) -> Fuzzer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def run(self, inputs: int, seed: int = 0) -> Tally:
        """Try so many inputs, every other one with mutated bytes."""
        import hypothesis
        from hypothesis import strategies

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=inputs - inputs // 2,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=[hypothesis.HealthCheck.too_slow, hypothesis.HealthCheck.data_too_large],
        )
        @hypothesis.given(strategies.integers(0, 1), edits())
        def structures(which: int, chosen: list[tuple[Any, ...]]) -> None:
            self.try_edits(self.valid[which], chosen)

        random = np.random.default_rng(seed)
        for number in range(inputs // 2):
            self.try_bytes(mutated(self.valid[number % 2].read_bytes(), random))
        structures()
        return self.tally

    def try_bytes(self, content: bytes) -> None:
        """Try a file of these bytes."""
        path = self.folder / "input.h5"
        path.write_bytes(content)
        self.try_file(path)

    def try_edits(self, valid: Path, chosen: list[tuple[Any, ...]]) -> None:
        """Try a copy of a valid file after some edits; what HDF5 itself cannot write is left out."""
        import h5py

        path = self.folder / "input.h5"
        path.write_bytes(valid.read_bytes())
        with contextlib.suppress(OSError, RuntimeError), h5py.File(path, "r+") as file:
            for edit in chosen:
                with contextlib.suppress(Exception):  # of this library, which refuses many of them
                    apply(file, edit)
        self.try_file(path)

    def try_file(self, path: Path) -> None:
        """Score a file, and note how that ended."""
        from kineticbench.openpmd.outside import Ended

        begun, size = time.perf_counter(), path.stat().st_size
        fault = None
        try:
            record = self.score(path, None, self.processes, say=lambda _: None)
            end, reason = record.state, record.reason or "scored"
        except InvalidInput as error:
            end, reason = (f"ended: {error.why}" if isinstance(error, Ended) else "refused"), str(error)
            if not reason.strip() or "\n" in reason or len(reason) > 2500:
                fault = f"its reason is no line: {reason!r:.200}"
            if isinstance(error, Ended) and error.why != "exit":
                fault = reason
        except Exception as error:
            end, reason = "exception", repr(error)
            fault = reason
        seconds = time.perf_counter() - begun
        if seconds > SECONDS:
            fault = f"it took {seconds:.0f} s"
        for which, held in self.held.items():
            grown = self.processes.peaks.get(which, 0) - held
            if grown > 2 * size + ALLOWANCE:
                fault = f"the process to {which} has grown by {grown / 1e6:.0f} MB"
                self.held[which] += grown
        self.tally.ends[end] += 1
        self.tally.reasons[_kind(reason)] += 1
        self.tally.slowest = max(self.tally.slowest, seconds)
        if fault is not None:
            self._note(path, fault)

    def _note(self, path: Path, fault: str) -> None:
        self.tally.faults.append(fault)
        if self._keep is not None:
            self._keep.mkdir(parents=True, exist_ok=True)
            (self._keep / f"{len(self.tally.faults):04d}.h5").write_bytes(path.read_bytes())


def _kind(reason: str) -> str:
    """A reason without its numbers and names."""
    return " ".join(word for word in reason.split() if word.isalpha())[:60]


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


@contextlib.contextmanager
def small_dataset(folder: Path) -> Iterator[str]:
    """The tests' dataset, installed for the time being, and a cache of its own."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
    from tiny_plug_in import NAME, installed

    os.environ["KINETICBENCH_CACHE"] = str(folder / "cache")
    with installed(folder / "plug_in"):
        yield NAME


def main() -> int:
    """Run and report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--inputs", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--keep", type=Path)
    given = parser.parse_args()
    begun = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as name,
        small_dataset(Path(name)) as dataset,
        Fuzzer(Path(name), dataset, given.keep) as fuzzer,
    ):
        tally = fuzzer.run(given.inputs, given.seed)
    told = [f"{tally.inputs} inputs in {time.perf_counter() - begun:.0f} s, the slowest {tally.slowest:.2f} s"]
    told += [f"{count:7d} {end}" for end, count in tally.ends.most_common()]
    told += [f"        {count:7d} {reason}" for reason, count in tally.reasons.most_common(40)]
    told += [f"fault: {fault}" for fault in tally.faults[:50]]
    sys.stdout.write("\n".join([*told, f"{len(tally.faults)} faults", ""]))
    return 1 if tally.faults else 0


if __name__ == "__main__":
    sys.exit(main())
