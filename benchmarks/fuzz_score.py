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

from benchmarks.broken_files import apply, edits, mutated
from kineticbench.contracts import InvalidInput, Solution, Trajectory

SECONDS = 60.0
ALLOWANCE = 48_000_000  # bytes that processes grow by for reasons of their own
AUTHOR = {"name": "fuzzed", "version": "1", "author": "A", "hardware": "H", "solve_seconds": [1.0]}


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
