"""Build the leaderboard from very many records, and again after one more: `python benchmarks/site_scale.py 100000`.

Records are synthetic: 20 datasets, 20 solvers, 5 seeds, and as many settings as it takes.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "site"))
DATASETS, SOLVERS, SEEDS = 20, 20, 5
BUILD = """
import resource, sys
from kineticbench.site.build import make
built = make(sys.argv[1], sys.argv[2])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
size = f"{built.bytes / 1e9:.3f} GB in {built.files} files, {built.written} new"
print(f"{built.seconds:.1f} s, peak {peak:.2f} GB, {size}")
"""


def write_records(folder: Path, number: int) -> None:
    """Write about `number` records, each setting's figures shared by all datasets."""
    factory = importlib.import_module("record_factory")
    both, record = factory.both, factory.record
    folder.mkdir()
    for rung in range(max(1, number // (DATASETS * SOLVERS * SEEDS))):
        for solver in range(SOLVERS):
            for seed in range(SEEDS):
                errors = both(0.3 * (1 + solver / 7) / (1 + rung) ** 1.2 * (1 + 0.02 * seed), 1.4)
                warm = 1e-3 * (1 + solver) * (1 + rung)
                made = record(
                    f"s{solver:02d}", f"{rung} steps", {"steps": rung + 1}, errors=errors, warm=warm, seed=seed
                )
                text = made.json_text()
                for dataset in range(DATASETS):
                    name = f"problem_{dataset:02d}"
                    cell = hashlib.sha256(f"{name} {made.cell}".encode()).hexdigest()
                    own = text.replace('"gaussian_ensemble"', json.dumps(name)).replace(made.cell, cell, 1)
                    (folder / f"{cell}.{made.run}.json").write_text(own)


def main() -> None:
    """Write the records, build twice, and once more after one more record."""
    with tempfile.TemporaryDirectory() as scratch:
        records, site = Path(scratch) / "records", Path(scratch) / "site"
        begun = time.monotonic()
        write_records(records, int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
        files = sorted(records.iterdir())
        size = sum(path.stat().st_size for path in files) / 1e9
        sys.stdout.write(f"{len(files)} records, {size:.2f} GB, written in {time.monotonic() - begun:.0f} s\n")
        for title in ("first build", "nothing new", "one more record"):
            if title == "one more record":
                old = files[0].read_text()
                run = re.search(r'"run": "([^"]+)"', old)
                assert run is not None
                later = run[1].replace("20261122", "20261123")
                (records / files[0].name.replace(run[1], later)).write_text(old.replace(run[1], later, 1))
            done = subprocess.run(
                [sys.executable, "-c", BUILD, str(records), str(site)], check=True, capture_output=True, text=True
            )
            sys.stdout.write(f"{title}: {done.stdout}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
