"""Shards as JSON, for the process that makes some of them; what many records share stands in it once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..results.attempt import Attempt, AttemptCode, AttemptSettings
from ..results.record import DatasetSetting, Hardware, SolverSetting
from .shards import Shard

_SHARED = {"dataset": DatasetSetting, "solver": SolverSetting, "hardware": Hardware}


def job(records: Path, shards: Sequence[Shard]) -> bytes:
    """The job of making these shards from a results folder, without the figures, which are read anew."""
    shared: dict[str, dict[int, int]] = {kind: {} for kind in _SHARED}
    texts: dict[str, list[str]] = {kind: [] for kind in _SHARED}

    def place(kind: str, part: Any) -> int:
        known = shared[kind]
        if id(part) not in known:  # the attempts hold it, so that no other has its id
            known[id(part)] = len(texts[kind])
            texts[kind].append(part.model_dump_json())
        return known[id(part)]

    def row(one: Attempt) -> list[Any]:
        own, code = one.settings, one.code
        return [
            *(one.cell, one.run, one.content, one.state, one.reason, one.trust, one.family),
            *(place("dataset", own.dataset), place("solver", own.solver), place("hardware", one.hardware)),
            *(own.seed, own.device, own.threads, own.precision, code.hash, code.commit, code.dirty),
        ]

    held = [
        [shard.prefix, list(map(row, shard.held)), dict(shard.seeds), sorted(shard.logs), sorted(shard.drawn)]
        for shard in shards
    ]
    return json.dumps({"records": str(records), "shared": texts, "shards": held}).encode()


def shards_of(text: bytes) -> tuple[Path, list[Shard]]:
    """The results folder and the shards of a job."""
    given = json.loads(text)
    parts = {kind: [model.model_validate_json(one) for one in given["shared"][kind]] for kind, model in _SHARED.items()}

    def attempt(row: list[Any]) -> Attempt:
        cell, run, content, state, reason, trust, family, dataset, solver, hardware, *rest = row
        seed, device, threads, precision, *code = rest
        settings = AttemptSettings(parts["dataset"][dataset], parts["solver"][solver], seed, device, threads, precision)
        return Attempt(
            cell=cell,
            run=run,
            content=content,
            state=state,
            reason=reason,
            trust=trust,
            settings=settings,
            family=family,
            code=AttemptCode(*code),
            fit=None,
            solve=None,
            metrics=None,
            hardware=parts["hardware"][hardware],
        )

    made = []
    for prefix, rows, seeds, logs, drawn in given["shards"]:
        pairs = {name: [(seed, other) for seed, other in own] for name, own in seeds.items()}
        made.append(Shard(prefix, tuple(map(attempt, rows)), pairs, frozenset(logs), frozenset(drawn)))
    return Path(given["records"]), made
