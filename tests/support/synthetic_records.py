"""Results folders of any size: valid records of the usual length, written as fast as the disk takes them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from kineticbench.results.record import Record

TOKEN = 7.5e11
SEEDS, SETTINGS = 2, 2
MACHINE = {"id": "0a1b2c3d4e5f", "cpu": "Example CPU 9000", "cores": 2, "memory_bytes": 8 * 2**30, "system": "Linux"}
SIZES = {1_000: (25, 10), 10_000: (100, 25), 100_000: (500, 50)}


@dataclass
class Kind:
    """A kind of dataset: its metrics, their times and the blocks of its cases."""

    metrics: tuple[str, ...]
    times: int
    blocks: int
    cases: int
    pieces: list[str] = field(default_factory=list)

    @property
    def figures(self) -> int:
        """How many figures differ from record to record."""
        return len(self.metrics) * self.times * (1 + self.blocks)


KINDS = (
    Kind(("w1_position", "w1_momentum"), 3, 64, 6384),
    Kind(tuple(f"metric_{k}" for k in range(8)), 4, 1, 1),
)


def write(folder: Path, records: int, start: int = 0) -> None:
    """Write that many records: solvers × datasets as `SIZES` says, each in two settings and under two seeds."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts(records, start):
        (folder / name).write_text(text)


def texts(records: int, start: int = 0) -> Iterator[tuple[str, str]]:
    """Name and text of each record's file; another `start` gives others."""
    solvers, datasets = SIZES.get(records, (25, max(1, records // 100)))
    random = np.random.default_rng(start)
    for number in range(start, start + records):
        rest, seed = divmod(number, SEEDS)
        rest, setting = divmod(rest, SETTINGS)
        rest, solver = divmod(rest, solvers)
        dataset = rest % datasets
        kind = KINDS[dataset % len(KINDS)]
        size = 0.1 * 1.01**solver / 2**setting * random.normal(1, 0.05)
        values = np.abs(size * random.normal(1, 0.2, kind.figures)).tolist()
        pieces = kind.pieces or _pieces(kind)
        told = "".join(piece for pair in zip(pieces, map(repr, values), strict=False) for piece in pair) + pieces[-1]
        cell = hashlib.sha256(str(number).encode()).hexdigest()
        run = f"20261122T{number // 3600 % 24:02d}{number // 60 % 60:02d}{number % 60:02d}Z-{number:08x}"
        family = "learned" if solver % 2 else "classical"
        changed = {
            "@cell": cell,
            "@run": run,
            "@dataset": f"dataset_{dataset}",
            "@solver": f"solver_{solver}",
            "@setting": f"{10 * 2**setting} steps",
            "@family": family,
            '"seed": 77': f'"seed": {seed}',
            '"steps": 88': f'"steps": {10 * 2**setting}',
            '"fit_s": 99.0': f'"fit_s": {solver + 1.5 if family == "learned" else 0.0}',
        }
        for token, value in changed.items():
            told = told.replace(token, value)
        yield f"{cell}.{run}.json", told


def _pieces(kind: Kind) -> list[str]:
    """The text of a record between its figures."""
    plain: dict[str, Any] = {
        "cell": "0" * 64,
        "run": "20261122T000000Z-00000000",
        "state": "ok",
        "reason": None,
        "settings": {
            "dataset": {"name": "@dataset", "parameters": {"n": 3}, "cases": kind.cases},
            "solver": {"name": "@solver", "setting": "@setting", "parameters": {"steps": 88, "width": 192}},
            "seed": 77,
            "device": "cpu",
            "threads": 2,
            "precision": "float64",
        },
        "family": "classical",
        "limits": {"seconds": 600, "bytes": 4_000_000_000},
        "command": "kineticbench run synthetic",
        "code": {"hash": "c" * 64, "commit": "d" * 40},
        "fit": {"id": None, "amortised": True, "data_s": 0.0, "fit_s": 99, "hardware": MACHINE["id"]},
        "solve": {
            "cases": kind.cases,
            "cold_s": 0.8,
            "fresh": True,
            "warm_s": [0.1, 0.098, 0.105, 0.101, 0.099],
            "home_s": [0.001],
            "peak_bytes": 412_000_000,
            "baseline_bytes": 210_000_000,
            "kernel_s": [0.011, 0.0112],
        },
        "metrics": {
            "code": "e" * 64,
            "names": list(kind.metrics),
            "values": {
                name: {
                    "times": [float(k) for k in range(kind.times)],
                    "mean": [TOKEN] * kind.times,
                    "floor": [1e-4] * kind.times,
                    "bar": [1e-5] * kind.times,
                    "blocks": [[TOKEN] * kind.blocks] * kind.times,
                }
                for name in kind.metrics
            },
        },
        "diagnostics": {"loss": [0.5 / (k + 1) for k in range(20)]},
        "hardware": MACHINE,
        "packages": {"python": "3.11.9", "numpy": "2.3.0"},
    }
    text = Record.model_validate(plain).json_text()
    text = text.replace("0" * 64, "@cell").replace(plain["run"], "@run").replace('"classical"', '"@family"')
    kind.pieces[:] = text.split(repr(TOKEN))
    return kind.pieces


def hostile(folder: Path) -> int:
    """Write files that are no good records, and some that are but hold odd figures; the number of bad ones."""
    name, text = next(texts(100, 10**7))
    run = name[65:]
    bad = {
        f"{'a' * 64}.{run}": text,
        f"{'b' * 64}.{run}": text[: len(text) // 2],
        f"{'c' * 64}.{run}": "[" * 100_000,
        f"{'d' * 64}.{run}": "\x00\xff",
        f"{'e' * 64}.{run}": "",
        "notes.json": "{}",
    }
    for file, held in bad.items():
        (folder / file).write_text(held)
    (folder / f"{'f' * 64}.{run}").mkdir()
    (folder / f"{'1' * 64}.{run}").symlink_to("nowhere")
    return len(bad) + 2
