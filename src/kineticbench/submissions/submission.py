"""A submission: one solver file, and the records that its author made with it."""

from __future__ import annotations

import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from .. import catalog
from ..contracts.errors import InvalidInput
from ..engine.cell import Cell
from ..results.confined import LONGEST_NAME, OWN_NAME, hidden, plug_in_name
from ..results.record import Record
from ..results.store import RECORD_NAME, first_line

MOST_SOLVER, MOST_RECORD, MOST_RECORDS = 200_000, 1 << 20, 2000
_RECORDS = (".", "records", "leaderboard/records")


@dataclass(frozen=True)
class Submission:
    """What was sent in.

    Parameters
    ----------
    name
        The solver's name.
    solver
        What loads it: the path of its file, or the name of a solver that is known here.
    records
        Of each cell the newest record that is ok, oldest first.
    folder
        Where the records lie, and beside them perhaps what the solver returned.
    digest
        SHA-256 of the solver file and of all records.
    """

    name: str
    solver: str
    records: tuple[Record, ...]
    folder: Path
    digest: str

    def cell(self, record: Record) -> Cell:
        """The cell of a record, whose solver is the one sent in."""
        given = record.settings.model_dump()
        source = self.solver if self.solver.endswith(".py") else None
        return Cell.from_dict({**given, "sources": {"solver": source}})


def read(where: str, records: Path | None = None) -> Submission:
    """Read a submission; nothing of it is executed.

    Parameters
    ----------
    where
        A folder with one solver file (in it, or in its folder `solvers`) and records (in it, or in `records` or
        `leaderboard/records`); the path of a solver file; or the name of a solver that is known here.
    records
        The folder of the records, where those of other solvers are passed over; needed where `where` is no folder.

    Raises
    ------
    InvalidInput
        Where there is not one solver or no record that ended well, and for records that do not parse, are not of this
        solver, or name what cannot be a name.
    """
    path = Path(where)
    if path.is_dir():
        solver = _only_solver(path)
        folder = records or _only_folder(path)
    elif records is None:
        raise InvalidInput(
            f"{where} is no folder with a solver and its records." if path.exists() else f"There is no folder {where}.",
            "Give a folder, or a solver file and --records FOLDER.",
        )
    else:
        solver, folder = where, records
    if not folder.is_dir():
        raise InvalidInput(f"There is no folder {folder}.", "Give the folder of the records.")
    plug_in = _plug_in(solver)
    held = {name: (text, _record(name, text)) for name, text in _texts(folder)}
    if records is not None:  # a folder that may hold those of others
        held = {name: it for name, it in held.items() if it[1].settings.solver.name == plug_in.name}
    for _, record in held.values():
        require_own(record, plug_in.name)
    found = [record for _, record in held.values() if record.state == "ok"]
    newest = {record.cell: record for record in sorted(found, key=lambda record: record.run)}
    if not newest:
        raise InvalidInput(f"{folder} holds no record that ended well.", "Make some with kineticbench run --solver.")
    digest = hashlib.sha256(plug_in.path.read_bytes())
    for name, (text, _) in held.items():
        digest.update(f"\n{name} {hashlib.sha256(text).hexdigest()}".encode())
    kept = tuple(sorted(newest.values(), key=lambda record: (record.run, record.cell)))
    return Submission(plug_in.name, solver, kept, folder, digest.hexdigest())


def _only_solver(folder: Path) -> str:
    found = [path for place in (folder, folder / "solvers") for path in sorted(place.glob("[!_.]*.py"))]
    if len(found) != 1:
        named = ", ".join(path.name[:60] for path in found[:5]) or "none"
        raise InvalidInput(f"{folder} must hold one solver file, found {named}.", "Send in one solver at a time.")
    return str(found[0])


def _only_folder(folder: Path) -> Path:
    found = [place for name in _RECORDS if (place := folder / name).is_dir() and any(map(_is_record, _names(place)))]
    if len(found) != 1:
        raise InvalidInput(
            f"{folder} must hold records in one place, found {len(found)} such.", "Put them into its folder records."
        )
    return found[0]


def _plug_in(solver: str) -> catalog.PlugIn:
    if not solver.endswith(".py"):
        return catalog.find("solvers", solver)
    path = Path(solver)
    solver_name(path)
    require_plain(path, MOST_SOLVER)
    try:
        return catalog.find("solvers", solver)
    except (RecursionError, MemoryError):
        raise InvalidInput(f"{path.name} is nested too deeply to be read.", "Write it more plainly.") from None


def solver_name(path: Path) -> str:
    """The name that a file gives its solver; `InvalidInput` where it could mean anything else in any place."""
    if path.suffix != ".py" or not OWN_NAME.fullmatch(path.stem):
        raise InvalidInput(
            f"{path.name[:LONGEST_NAME]!r} is no name of a solver file.",
            "Use up to 60 small letters, digits and underscores, a letter first.",
        )
    return path.stem


def _texts(folder: Path) -> Iterator[tuple[str, bytes]]:
    names = sorted(filter(_is_record, _names(folder)))
    if len(names) > MOST_RECORDS:
        raise InvalidInput(f"{folder} holds {len(names)} records, more than {MOST_RECORDS}.", "Send in fewer.")
    for name in names:
        require_plain(folder / name, MOST_RECORD)
        yield name, (folder / name).read_bytes()


def _names(folder: Path) -> list[str]:
    return os.listdir(folder)


def _is_record(name: str) -> bool:
    match = RECORD_NAME.match(name)
    return match is not None and match[3] is None


def require_plain(path: Path, most: int) -> None:
    """Raise `InvalidInput` unless it is a file, no link, of at most so many bytes."""
    try:
        about = path.lstat()
    except OSError as error:
        raise InvalidInput(f"{path} cannot be read: {error.strerror}.") from None
    if not stat.S_ISREG(about.st_mode):
        raise InvalidInput(f"{path} is a link or no file.", "Send in plain files.")
    if about.st_size > most:
        raise InvalidInput(f"{path} has {about.st_size} bytes, more than {most}.", "Send in less.")


def _record(name: str, text: bytes) -> Record:
    try:
        record = Record.model_validate_json(text)
    except ValidationError as error:
        raise InvalidInput(f"{name} is no record: {first_line(error)}.", "Send records as they were written.") from None
    if not name.startswith(f"{record.cell}.{record.run}."):
        raise InvalidInput(f"{name} holds another cell or run than its name says.", "Leave records as they were.")
    return record


def require_own(record: Record, solver: str) -> None:
    """Raise `InvalidInput` unless a record is of this solver, and holds names and numbers that can be meant."""
    asked = record.settings
    if asked.solver.name != solver:
        raise InvalidInput(
            f"The record {record.cell[:12]} is of {asked.solver.name[:60]!r} and not of {solver!r}.",
            "Send in the records of one solver.",
        )
    catalog.find("datasets", plug_in_name(asked.dataset.name, "dataset"))
    for text in (asked.dataset.split, asked.solver.setting):
        if len(text) > 400 or hidden(text):
            raise InvalidInput(f"The record {record.cell[:12]} has a name that hides characters or is long.")
    for seed in (asked.seed, asked.dataset.seed):
        if not 0 <= seed < 1 << 32:
            raise InvalidInput(f"The record {record.cell[:12]} has the seed {str(seed)[:20]}.", "Use 0 to 2³² − 1.")
    if asked.threads > 1024 or (asked.dataset.cases or 1) not in range(1, 1 << 31):
        raise InvalidInput(f"The record {record.cell[:12]} asks for threads or cases that nobody has.")
    try:
        json.dumps([asked.dataset.parameters, asked.solver.parameters], allow_nan=False).encode()
        Cell.from_dict(asked.model_dump()).id.encode()
    except (ValueError, RecursionError):
        raise InvalidInput(f"The record {record.cell[:12]} has parameters that are no JSON.") from None
