"""The folder that keeps records: any number of processes add to it without a lock, nothing is ever edited.

DIR/<cell>.<run>.json                  one attempt
DIR/<cell>.<run>.scores-<hash>.json    the same attempt scored again by newer code
DIR/solutions/<cell>.<run>.h5          what the solver returned
DIR/pictures/<cell>.<run>.json         pictures of it against the truth
DIR/logs/<cell>.<run>.txt              what it printed, capped
DIR/fits/                              trained solvers
DIR/runs/<run>.json                    what goes on, while it does
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
import time
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from ..contracts.errors import InvalidInput
from ..files import remove_old_scratch, write_atomically
from ..garbage import uncollected
from .glance import glance, whole
from .record import Record, Scores
from .trust import rescored as rescored_here

RECORD_NAME = re.compile(r"^([0-9a-f]{64})\.(\d{8}T\d{6}Z-[0-9a-f]{4,16})(?:\.scores-([0-9a-f]+))?\.json\Z")
NO_RECORD, MISNAMED = "its name is not that of a record", "it holds another cell or run than its name says"


def new_run(after: str = "") -> str:
    """An identifier for one attempt: UTC time, then microseconds and chance; later ones sort after earlier ones.

    It sorts behind `after` even where the clock has been set back.
    """
    now = datetime.now(UTC)
    run = f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond:05x}{secrets.token_hex(2)}"
    return run if run > after else next_run(after)


def next_run(run: str) -> str:
    """The identifier behind another.

    Raises
    ------
    InvalidInput
        Where there is none: its time is no time, or the last.
    """
    time, _, count = run.partition("-")
    following = f"{int(count, 16) + 1:0{len(count)}x}"
    if len(following) == len(count):
        return f"{time}-{following}"
    try:
        second = datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(seconds=1)
    except (ValueError, OverflowError):
        raise InvalidInput(f"The record of the attempt {run} has a time that cannot be.", "Remove it.") from None
    return f"{second:%Y%m%dT%H%M%SZ}-{0:0{len(count)}x}"


@dataclass(frozen=True, slots=True)
class Known:
    """What decides whether a cell is run again: its attempt, how that ended, and on what machine with what code.

    `fit` is the code that trained the fit it used; empty where there was none.
    """

    cell: str
    run: str
    state: str
    hardware: str
    code: str
    fit: str


@dataclass(frozen=True)
class Contents:
    """What a results folder holds.

    Parameters
    ----------
    records
        Every attempt, oldest first, with its newest scores.
    skipped
        Why files were passed over, by their name.
    """

    records: list[Record]
    skipped: dict[str, str]


class Store:
    """A results folder.

    Parameters
    ----------
    folder
        Where it lies; made when something is first written.
    """

    def __init__(self, folder: Path):
        self.folder = Path(folder)

    @property
    def fits(self) -> Path:
        """Where trained solvers are kept."""
        return self.folder / "fits"

    def log_path(self, cell: str, run: str) -> Path:
        """Where the log of an attempt is kept."""
        return self.folder / "logs" / f"{cell}.{run}.txt"

    def solution_path(self, cell: str, run: str) -> Path:
        """Where the solution of an attempt is kept."""
        return self.folder / "solutions" / f"{cell}.{run}.h5"

    @property
    def runs(self) -> Path:
        """Where runs that go on say so."""
        return self.folder / "runs"

    def pictures_path(self, cell: str, run: str) -> Path:
        """Where pictures of the solution of an attempt are kept; rescoring makes those that lack."""
        return self.folder / "pictures" / f"{cell}.{run}.json"

    def relative(self, path: Path) -> str:
        """A path as records hold it."""
        return path.relative_to(self.folder).as_posix()

    def prepare(self) -> None:
        """Make the folder, and raise `InvalidInput` where it cannot be written to."""
        try:
            for folder in (self.folder, self.fits, self.folder / "logs", self.folder / "solutions"):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryFile(dir=folder) as file:
                    file.write(b"\0" * 4096)
                    file.flush()
                    os.fsync(file.fileno())
                remove_old_scratch(folder)
            remove_old_scratch(self.folder / "pictures")
            self._remove_what_has_no_record()
        except OSError as error:
            raise InvalidInput(
                f"The results folder {self.folder} cannot be written to: {error.strerror or error}.",
                "Choose another with --results.",
            ) from None

    def _remove_what_has_no_record(self, seconds: float = 86_400.0) -> None:
        """Remove solutions and pictures of attempts that were killed before they had a record, a day later."""
        records = None
        for path in (*(self.folder / "solutions").glob("*.h5"), *(self.folder / "pictures").glob("*.json")):
            if abs(time.time() - path.stat().st_mtime) > seconds:
                records = {name.removesuffix(".json") for name in self.names()} if records is None else records
                if path.stem not in records:
                    path.unlink()

    def new_run(self) -> str:
        """An identifier that sorts behind all in the folder."""
        return new_run(max((match[2] for match in map(RECORD_NAME.match, self.names()) if match), default=""))

    def attempts(self) -> dict[str, tuple[str, ...]]:
        """Every attempt at each cell, by names alone."""
        runs: dict[str, tuple[str, ...]] = {}
        for name in self.names():
            cell, _, rest = name.partition(".")
            run, _, kind = rest.partition(".")
            if kind == "json":
                runs[cell] = (*runs.get(cell, ()), run)
        return runs

    def known(self, cells: Container[str] | None = None) -> list[Known]:
        """A glance at every attempt (at those of `cells`), oldest first; what does not parse is passed over.

        Reads a hundred thousand files in seconds, where `read` checks every figure.
        """
        with uncollected():
            return sorted(self._glances(cells), key=lambda known: known.run)

    def _glances(self, cells: Container[str] | None) -> Iterator[Known]:
        folder = str(self.folder)
        for name in self.names():
            match = RECORD_NAME.match(name)
            if match is None or match[3] or (cells is not None and match[1] not in cells):
                continue
            with contextlib.suppress(OSError):
                seen = glance(whole(f"{folder}/{name}"))
                if seen is not None:
                    yield Known(match[1], match[2], seen.state, seen.hardware, seen.code, seen.fit)

    def names(self) -> list[str]:
        """Names of the JSON files in the folder."""
        if not self.folder.is_dir():
            return []
        with os.scandir(self.folder) as entries:
            return sorted(entry.name for entry in entries if entry.name.endswith(".json"))

    def record_path(self, cell: str, run: str) -> Path:
        """Where the record of an attempt is kept."""
        return self.folder / f"{cell}.{run}.json"

    def holds(self, record: Record) -> bool:
        """Whether a record has been written."""
        return self.record_path(record.cell, record.run).is_file()

    def write(self, record: Record) -> Path:
        """Write a record whole, or not at all (`InvalidInput` where the folder is unwritable or the disk is full)."""
        path = self.record_path(record.cell, record.run)
        write_atomically(path, record.json_text().encode())
        return path

    def write_scores(self, scores: Scores) -> Path:
        """Add new scores beside the record of the same cell and run."""
        path = self.folder / f"{scores.cell}.{scores.run}.scores-{scores.metrics.code[:16]}.json"
        write_atomically(path, scores.json_text().encode())
        return path

    def read(self) -> Contents:
        """Everything in the folder; files that are torn, foreign or misnamed are passed over and named.

        Raises
        ------
        InvalidInput
            Where there is no such folder.
        """
        if not self.folder.is_dir():
            raise InvalidInput(f"There is no results folder {self.folder}.", "Make one with kineticbench run.")
        records: dict[tuple[str, str], Record] = {}
        rescored: list[Scores] = []
        skipped: dict[str, str] = {}
        for entry in self.names():
            match = RECORD_NAME.match(entry)
            if match is None:
                skipped[entry] = NO_RECORD
                continue
            try:
                part = self._part(entry)
            except (ValidationError, OSError) as error:
                skipped[entry] = first_line(error)
                continue
            if (part.cell, part.run) != (match[1], match[2]):
                skipped[entry] = MISNAMED
            elif isinstance(part, Record):
                records[part.cell, part.run] = part
            else:
                rescored.append(part)
        for scores in sorted(rescored, key=lambda scores: scores.created):
            record = records.get((scores.cell, scores.run))
            if record is not None:
                update = {"metrics": scores.metrics, "trust": rescored_here(record.trust)}
                records[scores.cell, scores.run] = record.model_copy(update=update)
        return Contents(sorted(records.values(), key=lambda record: record.run), skipped)

    def attempt(self, cell: str, run: str) -> Record | None:
        """The record of one attempt, as it was written; None where there is none."""
        try:
            part = self._part(f"{cell}.{run}.json")
        except (ValidationError, OSError):
            return None
        return part if isinstance(part, Record) else None

    def fault(self, name: str) -> str | None:
        """What is wrong with the file of a record or of scores; None where it parses."""
        try:
            self._part(name)
        except (ValidationError, OSError) as error:
            return first_line(error)
        return None

    def _part(self, name: str) -> Record | Scores:
        match = RECORD_NAME.match(name)
        kind = Scores if match and match[3] else Record
        return kind.model_validate_json(whole(f"{self.folder}/{name}"))


def current(records: Iterable[Record]) -> list[Record]:
    """The record that counts for each cell and hardware: the newest that is ok, else the newest."""
    best: dict[tuple[str, str], Record] = {}
    for record in sorted(records, key=lambda record: (record.state == "ok", record.run)):
        best[record.cell, record.hardware.id] = record
    return sorted(best.values(), key=lambda record: (record.cell, record.hardware.id))


def first_line(error: Exception) -> str:
    """What is wrong with a file, in one line."""
    if isinstance(error, ValidationError):
        detail = error.errors(include_url=False)[0]
        told = f"{'.'.join(map(str, detail['loc'])) or 'the file'}: {detail['msg']}"
    else:
        told = str(getattr(error, "strerror", None) or error)
    return (told if told.isprintable() else ascii(told)[1:-1])[:300]  # keys of a record are a stranger's
