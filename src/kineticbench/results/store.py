"""The folder that keeps records: any number of processes add to it without a lock, nothing is ever edited.

DIR/<cell>.<run>.json                  one attempt
DIR/<cell>.<run>.scores-<hash>.json    the same attempt scored again by newer code
DIR/solutions/<cell>.<run>.h5          what the solver returned
DIR/logs/<cell>.<run>.txt              what it printed, capped
DIR/fits/                              trained solvers
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import tempfile
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pydantic import ValidationError

from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..garbage import uncollected
from .record import Record, Scores

_OPENINGS = (b'\n "state": "', b'\n "hardware": {\n  "id": "', b'\n "code": {\n  "hash": "')
_FIT = b'\n "fit": {\n  "code": "'
_PIECE = 1 << 16
RECORD_NAME = re.compile(r"^([0-9a-f]{64})\.(\d{8}T\d{6}Z-[0-9a-f]{4,16})(?:\.scores-([0-9a-f]+))?\.json$")
NO_RECORD, MISNAMED = "its name is not that of a record", "it holds another cell or run than its name says"


def new_run(after: str = "") -> str:
    """An identifier for one attempt: UTC time, then microseconds and chance; later ones sort after earlier ones.

    It sorts behind `after` even where the clock has been set back.
    """
    now = datetime.now(UTC)
    run = f"{now:%Y%m%dT%H%M%SZ}-{now.microsecond:05x}{secrets.token_hex(2)}"
    return run if run > after else next_run(after)


def next_run(run: str) -> str:
    """The identifier behind another."""
    time, _, count = run.partition("-")
    following = f"{int(count, 16) + 1:0{len(count)}x}"
    if len(following) == len(count):
        return f"{time}-{following}"
    second = datetime.strptime(time, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC) + timedelta(seconds=1)
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
        except OSError as error:
            raise InvalidInput(
                f"The results folder {self.folder} cannot be written to: {error.strerror or error}.",
                "Choose another with --results.",
            ) from None

    def new_run(self) -> str:
        """An identifier that sorts behind all in the folder."""
        return new_run(max((match[2] for match in map(RECORD_NAME.match, self._names()) if match), default=""))

    def known(self, cells: Container[str] | None = None) -> list[Known]:
        """A glance at every attempt (at those of `cells`), oldest first; what does not parse is passed over.

        Reads a hundred thousand files in seconds, where `read` checks every figure.
        """
        with uncollected():
            return sorted(self._glances(cells), key=lambda known: known.run)

    def _glances(self, cells: Container[str] | None) -> Iterator[Known]:
        folder = str(self.folder)
        for name in self._names():
            match = RECORD_NAME.match(name)
            if match is None or match[3] or (cells is not None and match[1] not in cells):
                continue
            with contextlib.suppress(OSError):
                glance = _glance(_whole(f"{folder}/{name}"))
                if glance is not None:
                    yield Known(match[1], match[2], *glance)

    def _names(self) -> list[str]:
        if not self.folder.is_dir():
            return []
        with os.scandir(self.folder) as entries:
            return sorted(entry.name for entry in entries if entry.name.endswith(".json"))

    def write(self, record: Record) -> Path:
        """Write a record whole, or not at all (`InvalidInput` where the folder is unwritable or the disk is full)."""
        path = self.folder / f"{record.cell}.{record.run}.json"
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
        for entry in self._names():
            match = RECORD_NAME.match(entry)
            if match is None:
                skipped[entry] = NO_RECORD
                continue
            kind = Scores if match[3] else Record
            try:
                part = kind.model_validate_json((self.folder / entry).read_bytes())
            except (ValidationError, OSError) as error:
                skipped[entry] = _first_line(error)
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
                trust = "rescored here" if record.trust == "self-reported" else record.trust
                update = {"metrics": scores.metrics, "trust": trust}
                records[scores.cell, scores.run] = record.model_copy(update=update)
        return Contents(sorted(records.values(), key=lambda record: record.run), skipped)


def current(records: Iterable[Record]) -> list[Record]:
    """The record that counts for each cell and hardware: the newest that is ok, else the newest."""
    best: dict[tuple[str, str], Record] = {}
    for record in sorted(records, key=lambda record: (record.state == "ok", record.run)):
        best[record.cell, record.hardware.id] = record
    return sorted(best.values(), key=lambda record: (record.cell, record.hardware.id))


def _glance(text: bytes) -> tuple[str, str, str, str] | None:
    """State, hardware, code and the fit's code, found by their places in the text that `Record.json_text` writes."""
    found = [_value(text, opening) for opening in _OPENINGS]
    if text.endswith(b"\n}\n") and None not in found:
        state, hardware, code = (value.decode() for value in found if value is not None)
        return state, hardware, code, (_value(text, _FIT) or b"").decode()
    try:
        record = Record.model_validate_json(text)
    except ValidationError:
        return None
    fit = record.fit.code if record.fit else None
    return record.state, record.hardware.id, record.code.hash, fit or ""


def _value(text: bytes, opening: bytes) -> bytes | None:
    """The string behind an opening that only a key of the outermost level can be; None where it has escapes."""
    at = text.find(opening)
    if at < 0:
        return None
    at += len(opening)
    value = text[at : text.find(b'"', at)]
    return None if b"\\" in value else value


def _whole(path: str) -> bytes:
    """All of a file, with as few calls of the system as can be."""
    handle = os.open(path, os.O_RDONLY)
    try:
        parts = [os.read(handle, _PIECE)]
        while len(parts[-1]) == _PIECE:
            parts.append(os.read(handle, _PIECE))
    finally:
        os.close(handle)
    return b"".join(parts)


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        detail = error.errors(include_url=False)[0]
        return f"{'.'.join(map(str, detail['loc'])) or 'the file'}: {detail['msg']}"
    return str(error)
