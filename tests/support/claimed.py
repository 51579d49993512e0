"""Records of one small cell as they are claimed and as they are found, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from kineticbench.engine.cell import Cell
from kineticbench.results.record import Record
from kineticbench.submissions.errors import errors
from kineticbench.submissions.finding import Finding
from kineticbench.submissions.rerun import Setting
from kineticbench.submissions.seconds import seconds

LEAST, CONFIDENCE = 0.1, 0.99


def record(
    error: float = 0.1,
    seed: int = 0,
    *,
    warm: float = 0.02,
    kernel: float = 0.01,
    machine: str = "a",
    family: str = "classical",
    bar: float = 0.0,
    fit: float = 0.0,
) -> Record:
    """A record of one cell; its 16 blocks scatter by a tenth around the error."""
    random = np.random.default_rng(seed)
    blocks = error * (1 + 0.1 * random.standard_normal(16))
    blocks *= error / blocks.mean() if error else 1
    values = {"times": [1.0], "mean": [error], "floor": [0.0], "bar": [bar], "blocks": [blocks.tolist()]}
    settings = {
        "dataset": {"name": "free", "parameters": {}, "split": "test", "cases": 16, "seed": seed},
        "solver": {"name": "mine", "setting": "default", "parameters": {}},
        "seed": seed, "device": "cpu", "threads": 1, "precision": "float64",
    }  # fmt: skip
    held = {
        "cell": Cell.from_dict(settings).id, "run": "20260102T030405Z-0000", "state": "ok", "reason": None,
        "settings": settings, "family": family, "limits": {"seconds": 1.0, "bytes": 1}, "code": {"hash": "c"},
        "fit": {"id": None, "amortised": False, "data_s": 0.0, "fit_s": fit, "hardware": machine},
        "solve": {"cases": 16, "warm_s": [warm] * 6, "cold_s": 2 * warm, "fresh": True, "kernel_s": [kernel] * 2},
        "metrics": {"code": "m", "names": ["w1"], "values": {"w1": values}},
        "hardware": {"id": machine, "cpu": "a"}, "packages": {},
    }  # fmt: skip
    return Record.model_validate(held)


def judged(claims: list[Record], ours: list[Record], drawn: list[Record], check: str) -> list[Finding]:
    """What is found of one setting, in one check."""
    cells = [[Cell.from_dict(it.settings.model_dump()) for it in side] for side in (claims, drawn)]
    setting = Setting(tuple(claims), tuple(cells[0]), tuple(cells[1]))
    found = {it.cell: it for it in (*ours, *drawn)}
    made = [*errors([setting], found, LEAST, CONFIDENCE), *seconds([setting], found)]
    return [it for it in made if it.check == check]


def answers(*sides: Any) -> set[str]:
    return {it.answer for it in judged(*sides)}


def edited(one: Record, change: Callable[[dict[str, Any]], Any]) -> Record:
    """A record with something changed in its text."""
    held = one.model_dump(mode="json", by_alias=True)
    change(held)
    return Record.model_validate(held)
