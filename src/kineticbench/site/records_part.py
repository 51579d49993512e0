"""The records' part of a site: their data in 256 scripts, and their pictures."""

from __future__ import annotations

import contextlib
import hashlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..contracts.errors import CorruptFile
from ..pictures.model import MOST_BYTES
from ..ranking.boards import Board
from ..results.attempt import Attempt
from ..results.reading import Contents
from ..results.store import Store
from . import shard_job
from .board_data import record_name
from .boards_part import code_key, key_of
from .output import Output
from .pictures import pictures_script
from .shards import Shard, make, taken

_HELPED_FROM = 4000


class Records:
    """The records' part, of which a second process makes as much as it can while other parts are made.

    Parameters
    ----------
    output
        The site.
    store, contents
        The results folder, and what was read of it.
    boards
        Its boards, which say what records were merged.
    """

    def __init__(self, output: Output, store: Store, contents: Contents, boards: Sequence[Board]):
        self._output, self._folder = output, store.folder
        self.drawn = _write_pictures(output, store, contents.records)
        logs = frozenset(_names(store.folder / "logs", ".txt"))
        seeds = _seeds(boards)
        held: dict[str, list[Attempt]] = {f"{place:02x}": [] for place in range(256)}
        for record in contents.records:
            held[record.cell[:2]].append(record)
        self._shards: list[tuple[Shard, str]] = []
        for prefix, records in held.items():
            names = [record_name(record) for record in records]
            own = {name: seeds[name] for name in names if name in seeds}
            shard = Shard(prefix, tuple(records), own, logs.intersection(names), self.drawn.intersection(names))
            beside = repr((own, sorted(shard.logs), sorted(shard.drawn)))
            key = key_of(records) + hashlib.sha256(beside.encode()).hexdigest()[:12]
            self._shards.append((shard, key))
        self._new = [shard for shard, key in self._shards if not output.kept(_file(shard), key)]

    @contextlib.contextmanager
    def helped(self) -> Iterator[Records]:
        """While the block runs, a second process makes scripts, where there are many and a core for it."""
        helper = None
        with tempfile.TemporaryDirectory(prefix="kineticbench-") as scratch:
            self._scratch = Path(scratch)
            if sum(len(shard.held) for shard in self._new) >= _HELPED_FROM and (os.cpu_count() or 1) > 1:
                helper = _helper(self._scratch, self._folder, self._new)
            try:
                yield self
            finally:
                if helper is not None:
                    helper.kill()
                    helper.wait()

    def write(self) -> None:
        """Write every script: the old one, the one that the other process made, or a new one."""
        for shard in reversed(self._new):  # the other process begins at the front
            done = self._scratch / f"{shard.prefix}.js"
            if not done.exists():
                taken(self._scratch, shard.prefix).touch()
                if not done.exists():
                    make_here = self._scratch / "here"
                    make_here.mkdir(exist_ok=True)
                    make(make_here, self._folder, [shard])
        for shard, key in self._shards:
            self._output.keyed(_file(shard), key, lambda shard=shard: self._made(shard))

    def _made(self, shard: Shard) -> bytes:
        for folder in (self._scratch / "here", self._scratch):
            with contextlib.suppress(OSError):
                return (folder / f"{shard.prefix}.js").read_bytes()
        return shard.script(self._folder)


def _file(shard: Shard) -> str:
    return f"data/records/{shard.prefix}.js"


def _helper(scratch: Path, records: Path, shards: Sequence[Shard]) -> subprocess.Popen | None:
    paths = os.pathsep.join(filter(None, [str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")]))
    job = scratch / "job"
    job.write_bytes(shard_job.job(records.resolve(), shards))
    with job.open("rb") as given, contextlib.suppress(OSError):
        return subprocess.Popen(
            [sys.executable, "-m", "kineticbench.site.shard_helper", str(scratch)],
            stdin=given,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths},
        )
    return None


def _write_pictures(output: Output, store: Store, records: Sequence[Attempt]) -> frozenset[str]:
    """Write the pictures that lie beside records; names of the records that have some."""
    found, drawn = _names(store.folder / "pictures", ".json"), set[str]()
    for record in records if found else ():
        name = record_name(record)
        if found.get(name, MOST_BYTES + 1) > MOST_BYTES:
            continue
        with contextlib.suppress(OSError, CorruptFile):
            content = store.pictures_path(record.cell, record.run).read_bytes()
            key = hashlib.sha256(code_key().encode() + content).hexdigest()[:24]
            output.keyed(
                f"data/pictures/{name}.js",
                key,
                lambda content=content, name=name: pictures_script(content, name).encode(),
            )
            drawn.add(name)
    return frozenset(drawn)


def _seeds(boards: Sequence[Board]) -> dict[str, list[tuple[int, str]]]:
    """For each record that was merged with others: the seeds and names of all of them."""
    found: dict[str, list[tuple[int, str]]] = {}
    for board in boards:
        for entry in board.entries:
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
