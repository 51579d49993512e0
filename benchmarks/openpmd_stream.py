"""Ten gigabytes of trajectory written, looked into and scored: how long that takes and how much memory.

    python -m benchmarks.openpmd_stream                       10 GB; needs twice that on the disk while it runs
    python -m benchmarks.openpmd_stream --gigabytes 1 --memory 2

The dataset streams freely, so that its truth costs next to nothing and what is measured is this package. The answer is
true but for a shift of the momenta, and scores that shift; anything else is a fault, as is memory beyond --memory: exit
status 1.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.fuzz_score import AUTHOR, small_dataset

PARTICLES, SNAPSHOTS, SHIFT, BLOCK = 16_384, 5, 0.25, 64


def write_answer(path: Path, particles: int) -> None:
    """Add iterations to an exported file, some cases at a time."""
    import h5py

    from kineticbench.openpmd import wording, writing

    with h5py.File(path, "r+") as file:
        start: Any = file["data/0/particles/plasma"]
        times: Any = file["kineticbench/query/times"]
        for number, moment in enumerate(times[1:], 1):
            plasma = writing.iteration(file, number, float(moment))
            made = [
                plasma.create_group(name).create_dataset("x", shape=start[f"{name}/x"].shape, dtype="f8")
                for name in ("position", "momentum")
            ]
            for begin in range(0, made[0].size, BLOCK * particles):
                part = slice(begin, begin + BLOCK * particles)
                momenta = start["momentum/x"][part]
                made[0][part] = np.mod(start["position/x"][part] + moment * momenta, 64.0)
                made[1][part] = momenta + SHIFT
        solver = file.create_group(f"{wording.OURS}/{wording.SOLVER}")
        writing.put(solver, {name: AUTHOR[name] for name in ("name", "version", "author", "hardware")})


def main() -> int:
    """Run and report as JSON."""
    from kineticbench.openpmd.export import Order, export
    from kineticbench.openpmd.submission import Processes, Room, score

    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--gigabytes", type=float, default=10.0)
    parser.add_argument("--memory", type=float, default=8.0)
    parser.add_argument("--folder", type=Path, help="where the file is written")
    given = parser.parse_args()
    cases = max(1, round(given.gigabytes * 1e9 / (16 * PARTICLES * (SNAPSHOTS + 1))))
    with tempfile.TemporaryDirectory(dir=given.folder) as name, small_dataset(Path(name)) as dataset:
        path, clock = Path(name) / "answer.h5", [time.perf_counter()]
        export(Order(dataset, {"particles": PARTICLES, "snapshots": SNAPSHOTS}, cases=cases), path)
        clock.append(time.perf_counter())
        write_answer(path, PARTICLES)
        clock.append(time.perf_counter())
        processes = Processes(Room(memory=int(given.memory * 1e9), seconds=3600.0))
        record = score(path, None, processes, say=lambda _: None)
        clock.append(time.perf_counter())
        told = {
            "bytes": path.stat().st_size,
            "cases": cases,
            "particles": PARTICLES,
            **dict(zip(("export_s", "answer_s", "score_s"), np.diff(clock).round(2).tolist(), strict=True)),
            "peak_bytes": processes.peaks,
            "allowed_bytes": processes.room.memory,
        }
    assert record.metrics is not None
    found = record.metrics.values["w1_momentum"].mean[-1]
    sys.stdout.write(json.dumps(told | {"w1_momentum": found, "wanted": SHIFT}, indent=1) + "\n")
    right = found is not None and abs(found - SHIFT) < 1e-9
    return 0 if right and max(processes.peaks.values()) <= processes.room.memory else 1


if __name__ == "__main__":
    sys.exit(main())
