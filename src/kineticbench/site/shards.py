"""One data script for all records whose cells begin with the same two digits; also made by a second process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ..ranking.entries import Variant
from ..results.attempt import Attempt
from ..results.reading import Contents
from ..results.store import Store
from . import labels
from .board_data import Data, page_name, record_name, solver_page
from .record_data import record_data
from .scripts import script


@dataclass(frozen=True)
class Shard:
    """Some records and what lies beside them.

    Parameters
    ----------
    prefix
        The first two digits of their cells.
    held
        The records.
    seeds
        For those that were merged with others: the seeds and names of all of them.
    logs, drawn
        Names of the records that have a log, and pictures.
    """

    prefix: str
    held: tuple[Attempt, ...]
    seeds: Mapping[str, list[tuple[int, str]]]
    logs: frozenset[str]
    drawn: frozenset[str]

    def script(self, folder: Path) -> bytes:
        """The script, made from the records in a results folder."""
        contents, store, abouts = Contents([], {}, folder), Store(folder), dict[int, dict[str, str]]()
        made: Data = {}
        for attempt in self.held:
            name = record_name(attempt)
            about = abouts.get(id(attempt.settings.dataset)) or abouts.setdefault(
                id(attempt.settings.dataset), _about(attempt)
            )
            own = {**about, "solver_page": solver_page(attempt.settings.solver.name)}
            log = _log(store, attempt) if name in self.logs else ""
            made[name] = record_data(contents.record(attempt), own, self.seeds.get(name, ()), log)
            if name in self.drawn:
                made[name]["pictures"] = True
        return script(f"records/{self.prefix}", made)


def make(folder: Path, records: Path, shards: Iterable[Shard]) -> None:
    """Write scripts whole into a folder, except those that somebody else has taken."""
    for shard in shards:
        if not taken(folder, shard.prefix).exists():
            scratch = folder / f"{shard.prefix}.part"
            scratch.write_bytes(shard.script(records))
            scratch.replace(folder / f"{shard.prefix}.js")


def taken(folder: Path, prefix: str) -> Path:
    """The mark on a shard that somebody else makes."""
    return folder / f"{prefix}.taken"


def _about(attempt: Attempt) -> dict[str, str]:
    variant = Variant.of(attempt)
    return {
        "dataset": labels.dataset_title(variant),
        "detail": labels.variant_detail(variant),
        "page": page_name(variant),
    }


def _log(store: Store, attempt: Attempt) -> str:
    try:
        with store.log_path(attempt.cell, attempt.run).open("rb") as file:
            return file.read(40_000).decode("utf-8", "replace")
    except OSError:
        return ""
