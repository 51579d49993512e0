"""From a stranger's trajectory to a record: looked into and scored outside, checked again here, and written.

What the record says of errors was computed by this process's own children; what it says of times, memory and hardware
is the author's word. Its trust is therefore "rescored here", its part `reported` names the author and the file, and its
hardware is one of its own, so that these seconds never stand in a column with measured ones.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from .. import catalog
from ..contracts.errors import InvalidInput
from ..engine.cell import Cell, PlugInSetting
from ..engine.environment import Machine
from ..files import sha256, write_atomically
from ..results import record as records
from ..results.store import Store
from ..results.trust import trust
from .bounds import Bounds
from .manifest import Author, Manifest
from .outside import Limits, Outside

WORKER = "kineticbench.openpmd.worker"
PARSING_BYTES = 1_000_000_000
SLOWEST = 2e7  # bytes a second that are unpacked at least
Say = Callable[[str], None]


@dataclass(frozen=True)
class Room:
    """What scoring may take.

    Parameters
    ----------
    memory
        Bytes.
    seconds
        For the scores; looking into the file has a minute, and more for a large one.
    solution_bytes
        How much of the solution is kept beside the record.
    """

    memory: int = 8_000_000_000
    seconds: float = 1800.0
    solution_bytes: int = 64_000_000


@dataclass
class Processes:
    """The two processes that work on files; kept warm from file to file where `warm`, else each has one file.

    `peaks` tells the most memory that each of the last ones has held: "parse", "rate".
    """

    room: Room
    warm: bool = False
    peaks: dict[str, int] = field(default_factory=dict)
    _parsing: Outside | None = None
    _rating: Outside | None = None

    def parse(self, path: Path, copy: Path, size: int) -> Manifest:
        """What a file holds; what is packed in it is copied to `copy`."""
        limits = Limits(60.0 + size / SLOWEST, PARSING_BYTES)
        self._parsing = self._ready(self._parsing, limits)
        most = min(shutil.disk_usage(copy.parent).free // 2, Bounds().packing * size)
        try:
            answer = self._parsing.ask({"op": "open", "file": str(path), "copy": str(copy), "copy_bytes": most})
            return Manifest.model_validate(answer)
        except ValidationError as error:
            raise InvalidInput(f"It holds what cannot be meant: {error.errors()[0]['msg']}.") from None
        finally:
            self._done("parse", self._parsing)

    def rate(self, message: dict[str, Any]) -> dict[str, Any]:
        """The scores of a manifest."""
        self._rating = self._ready(self._rating, Limits(self.room.seconds, self.room.memory))
        try:
            return self._rating.ask({"op": "score", **message})
        finally:
            self._done("rate", self._rating)

    def _ready(self, process: Outside | None, limits: Limits) -> Outside:
        if process is None or not process.alive:
            return Outside(WORKER, limits)
        process.limits = limits
        return process

    def _done(self, which: str, process: Outside) -> None:
        self.peaks[which] = process.peak_bytes
        if not self.warm:
            process.close()

    def close(self) -> None:
        """End them."""
        for process in (self._parsing, self._rating):
            if process is not None:
                process.close()


def score(path: Path, results: Path | None, processes: Processes, command: str | None = None, say: Say = print) -> Any:
    """Score a file, and add a record to a results folder.

    Parameters
    ----------
    path
        The stranger's file.
    results
        The folder; None writes nothing.
    processes
        What looks into it and scores it.
    command
        What was typed.
    say
        Told what is in the file, and in how many parts it was scored.

    Returns
    -------
    The record; its state is "ok", or "diverged" where the solution is not finite.

    Raises
    ------
    InvalidInput
        For a file that cannot be scored, with the reason; a process that crashes, hangs or takes too much is one.
    """
    path, size = _require_file(path)
    with tempfile.TemporaryDirectory(prefix="kineticbench-") as folder:
        scratch = Path(folder)
        copy = scratch / "copy"
        manifest = processes.parse(path, copy, size)
        author = _require_author(manifest)
        store = None if results is None else Store(results)
        if store is not None:
            store.prepare()  # rather now than when all is scored
        say(f"{manifest.description.cases} cases in {len(manifest.snapshots)} iterations, {size / 1e6:.1f} MB")
        told = processes.rate(
            {
                "manifest": manifest.model_dump(mode="json"),
                "file": str(path),
                "copy": str(copy),
                "memory": processes.room.memory,
                "scratch": str(scratch),
                "solution_bytes": processes.room.solution_bytes if store is not None else 0,
            }
        )
        if told.get("blocks", 1) != 1:
            say(f"scored in {told['blocks']} parts of {told['needs'] / 1e6:.0f} MB of memory")
        try:
            return _record(path, size, manifest, author, told, scratch, store, processes.room, command)
        except InvalidInput:
            raise
        except (ValidationError, KeyError, TypeError, ValueError) as error:
            raise InvalidInput(f"Its scores cannot be recorded: {type(error).__name__}: {error}.") from None


def _require_file(path: Path) -> tuple[Path, int]:
    try:
        about = Path(path).stat()
    except OSError as error:
        raise InvalidInput(f"It cannot be read: {error.strerror}.", "Give the path of an openPMD file.") from None
    if not stat.S_ISREG(about.st_mode) or about.st_size == 0:
        raise InvalidInput("It is not a file, or an empty one.", "Give the path of an openPMD file.")
    return Path(path).resolve(), about.st_size


def _require_author(manifest: Manifest) -> Author:
    author = manifest.author
    if author is None:
        raise InvalidInput(
            "It has no group kineticbench/solver, so nobody has solved it.", "See docs/other_languages.md."
        )
    if author.name in catalog.plug_ins("solvers"):
        raise InvalidInput(f"{author.name} is a solver of ours.", "Give your code another name.")
    return author


def _record(
    path: Path,
    size: int,
    manifest: Manifest,
    author: Author,
    told: dict[str, Any],
    scratch: Path,
    store: Store | None,
    room: Room,
    command: str | None,
) -> records.Record:
    about = manifest.description
    parameters = {**author.parameters, "version": author.version}
    cell = Cell(
        PlugInSetting(about.dataset, told["parameters"]),
        PlugInSetting(author.name, parameters, author.setting or author.version),
        about.split,
        about.asked,
        about.seed,
        author.seed,
        author.device,
        author.threads,
        told["precision"],
    )
    run = Store(Path()).new_run() if store is None else store.new_run()
    machine = Machine.here()
    digest = sha256(path)
    there = reported_hardware(author.hardware)
    made = records.Record(
        schema="kineticbench/record/1",
        cell=cell.id,
        run=run,
        state=told["state"],
        reason=told["reason"],
        trust=trust("elsewhere", "here"),
        settings=records.Settings.model_validate(cell.settings()),
        family=author.family,
        limits=records.Limits(seconds=room.seconds, bytes=room.memory),
        command=command,
        code=records.Code(hash=digest),
        fit=records.Fit(
            id=None,
            amortised=author.amortised,
            data_s=author.data_seconds,
            fit_s=author.fit_seconds,
            hardware=there.id,
        ),
        solve=records.Solve(
            cases=about.cases,
            cold_s=author.solve_seconds[0] if author.solve_seconds else None,
            fresh=bool(author.solve_seconds),
            warm_s=author.solve_seconds[1:],
            peak_bytes=author.peak_bytes,
        ),
        metrics=None if told["state"] != "ok" else records.Metrics.model_validate(told["metrics"]),
        diagnostics=told.get("diagnostics", {}),
        hardware=there,
        packages=machine.packages,
        stored=_kept(store, cell.id, run, told, scratch),
        reported=records.Reported(
            author=author.author,
            version=author.version,
            licence=author.licence,
            citation=author.citation,
            hardware=author.hardware,
            file=os.fsencode(path.name).decode(errors="replace")[:200],
            sha256=digest,
            bytes=size,
            scored_on=machine.hardware["id"],
        ),
    )
    if store is not None:
        store.write(made)
    return made


def reported_hardware(words: str) -> records.Hardware:
    """The machine that an author names: never one of those whose times were measured."""
    digest = hashlib.sha256(" ".join(words.split()).casefold().encode()).hexdigest()[:12]
    return records.Hardware(id=f"reported-{digest}", cpu=words)


def _kept(store: Store | None, cell: str, run: str, told: dict[str, Any], scratch: Path) -> records.Stored:
    """Solution and pictures, moved from the scratch folder to where records keep them."""
    if store is None:
        return records.Stored()
    pictures, solution = None, records.StoredSolution(file=None, sha256=None, kept="none")
    drawn, made = scratch / "pictures" / "0.0.json", scratch / "solution.h5"
    if told.get("pictures") and drawn.is_file():
        write_atomically(store.pictures_path(cell, run), drawn.read_bytes())
        pictures = store.relative(store.pictures_path(cell, run))
    if told.get("kept") in ("all", "subset") and made.is_file():
        where = store.solution_path(cell, run)
        write_atomically(where, lambda part: _copy(made, part))
        solution = records.StoredSolution(file=store.relative(where), sha256=sha256(where), kept=told["kept"])
    return records.Stored(solution=solution, pictures=pictures)


def _copy(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
