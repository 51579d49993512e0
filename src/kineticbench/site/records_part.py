"""The records' part of a site: one script for all records whose cells begin with the same two digits."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from ..contracts.errors import CorruptFile
from ..pictures.model import MOST_BYTES
from ..ranking.entries import Place, Variant, entries
from ..results.attempt import Attempt
from ..results.reading import Contents
from ..results.store import Store
from . import labels
from .board_data import Data, page_name, record_name, solver_page
from .boards_part import key_of
from .output import Output
from .pictures import pictures_script
from .record_data import record_data
from .scripts import script


def write_records(output: Output, store: Store, contents: Contents) -> set[str]:
    """Write every record's data, and the pictures that lie beside them; names of the records that have pictures."""
    records = contents.records
    logs, pictures = _names(store.folder / "logs", ".txt"), _names(store.folder / "pictures", ".json")
    seeds = _seeds(records)
    shards: dict[str, list[Attempt]] = {f"{place:02x}": [] for place in range(256)}
    for record in records:
        shards[record.cell[:2]].append(record)
    known, drawn = {record_name(record) for record in records}, set()
    for name, size in sorted(pictures.items()):
        key = f"{key_of(())} {size}"
        if size <= MOST_BYTES and name in known:
            cell, _, run = name.partition(".")
            path = store.pictures_path(cell, run)
            with suppress(OSError, CorruptFile):
                output.keyed(
                    f"data/pictures/{name}.js",
                    key,
                    lambda path=path, name=name: pictures_script(path.read_bytes(), name).encode(),
                )
                drawn.add(name)
    for prefix, held in shards.items():
        beside = [(seeds.get(record_name(r)), record_name(r) in logs, record_name(r) in drawn) for r in held]
        key = key_of(held) + hashlib.sha256(repr(beside).encode()).hexdigest()[:12]
        output.keyed(
            f"data/records/{prefix}.js",
            key,
            lambda prefix=prefix, held=held: script(
                f"records/{prefix}", _shard(store, contents, held, seeds, logs, drawn)
            ),
        )
    return drawn


def _shard(
    store: Store,
    contents: Contents,
    held: Sequence[Attempt],
    seeds: Mapping[str, list[tuple[int, str]]],
    logs: Mapping[str, int],
    drawn: set[str],
) -> Data:
    made = {}
    for attempt in held:
        name = record_name(attempt)
        log = _log(store, attempt) if name in logs else ""
        made[name] = record_data(contents.record(attempt), _about(attempt), seeds.get(name, ()), log)
        if name in drawn:
            made[name]["pictures"] = True
    return made


def _about(record: Attempt) -> dict[str, str]:
    variant = Variant.of(record)
    return {
        "dataset": labels.dataset_title(variant),
        "detail": labels.variant_detail(variant),
        "page": page_name(variant),
        "solver_page": solver_page(record.settings.solver.name),
    }


def _seeds(records: Sequence[Attempt]) -> dict[str, list[tuple[int, str]]]:
    """For each record that was merged with others: the seeds and names of all of them."""
    found: dict[str, list[tuple[int, str]]] = {}
    groups: dict[tuple[Variant, Place], list] = entries(records)
    for group in groups.values():
        for entry in group:
            if len(entry.records) > 1:
                own = [(record.settings.seed, record_name(record)) for record in entry.records]
                found |= dict.fromkeys((name for _, name in own), own)
    return found


def _names(folder: Path, ending: str) -> dict[str, int]:
    """Names of the files with an ending, without it, and their sizes."""
    try:
        with os.scandir(folder) as found:
            files = [entry for entry in found if entry.name.endswith(ending) and entry.is_file(follow_symlinks=False)]
            return {entry.name.removesuffix(ending): entry.stat().st_size for entry in files}
    except OSError:
        return {}


def _log(store: Store, record: Attempt) -> str:
    try:
        with store.log_path(record.cell, record.run).open("rb") as file:
            return file.read(40_000).decode("utf-8", "replace")
    except OSError:
        return ""
