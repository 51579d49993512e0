"""Whether the files of a submission are what their names say; nothing of them is executed."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePosixPath

from pydantic import ValidationError

from .. import catalog
from ..contracts.errors import KineticbenchError
from ..engine.cell import Cell, digest
from ..engine.code import code_hash
from ..engine.fits import FitRecord
from ..files import sha256
from ..results.checkpoint_file import require_sound
from ..results.confined import hidden, unfit_text
from ..results.record import Record, Stored
from ..results.store import first_line
from .source import family_of
from .submission import require_own


@dataclass(frozen=True)
class Content:
    """A file of a submission: "solver", "record", "fit", "weights" or "test"; its path and bytes."""

    kind: str
    path: str
    held: bytes


def faults_of(sent: Sequence[Content], solver: str, source: bytes) -> list[str]:
    """What must be mended in the files of a submission, a sentence each.

    Parameters
    ----------
    sent
        The files.
    solver, source
        Whose they are, and the text of its file.
    """
    with tempfile.TemporaryDirectory(prefix="kineticbench-") as scratch:
        folder = Path(scratch)
        (folder / f"{solver}.py").write_bytes(source)
        codes, family, fault = _codes(folder / f"{solver}.py", sent)
        found = [f"solvers/{solver}.py {fault}"] if fault else []
        weights = {PurePosixPath(it.path).stem: it for it in sent if it.kind == "weights"}
        sheets = {PurePosixPath(it.path).stem: it for it in sent if it.kind == "fit"}
        found += [f"{weights[stem].path} has no JSON beside it" for stem in sorted(weights.keys() - sheets.keys())]
        for it in sent:
            told = None
            if it.kind == "record":
                told = _record(it, solver, codes, family)
            elif it.kind == "fit":
                told = _fit(it, weights.get(PurePosixPath(it.path).stem), solver, folder)
            elif it.kind in ("test", "solver"):
                told = _text(it.held)
            if told:
                found.append(f"{it.path} {told}")
    return found


def _codes(path: Path, sent: Sequence[Content]) -> tuple[dict[str, str], str, str]:
    """Hash of the solver's code with each dataset that records name, its family, and what is wrong with its file."""
    try:
        plug_in = catalog.find("solvers", str(path))
        names = {record.settings.dataset.name for it in sent if (record := _parsed(it)) is not None}
        known = catalog.plug_ins("datasets")
        codes = {name: code_hash([plug_in, known[name]]) for name in names if name in known}
        return codes, family_of(plug_in), ""
    except (KineticbenchError, SyntaxError, ValueError) as error:
        return {}, "", f"cannot be read: {str(error).replace(str(path.parent), '…')[:200]}"
    except (RecursionError, MemoryError):
        return {}, "", "is nested too deeply to be read"


def _parsed(it: Content) -> Record | None:
    if it.kind != "record":
        return None
    try:
        return Record.model_validate_json(it.held)
    except ValidationError:
        return None


def _record(it: Content, solver: str, codes: Mapping[str, str], family: str) -> str | None:
    try:
        record = Record.model_validate_json(it.held)
        require_own(record, solver)
    except ValidationError as error:
        return f"is no record: {first_line(error)}"
    except KineticbenchError as error:
        return f"is not this solver's: {error}"
    name = PurePosixPath(it.path).name
    if name != f"{record.cell}.{record.run}.json":
        return "holds another cell or run than its name says"
    cell = Cell.from_dict(record.settings.model_dump()).id
    if record.cell != cell:
        return f"names the cell {record.cell[:12]}, and its settings are the cell {cell[:12]}"
    if record.codes != {codes.get(record.settings.dataset.name)}:
        return "was made by other code than the solver's file and kineticbench here"
    if record.family != family:
        return f"says {record.family}, and the solver's file says {family}"
    if record.trust != "self-reported":
        return f"says {record.trust}, and nobody has run it here: kineticbench submit writes self-reported"
    if record.stored != Stored():
        return "names files beside it, which are not sent in"
    if _is_of_the_future(record.run):
        return "was made in the future"
    return unfit_text(json.loads(it.held))


def _is_of_the_future(run: str) -> bool:
    try:
        made = datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        return True
    return made > datetime.now(UTC) + timedelta(days=1)


def _fit(it: Content, weights: Content | None, solver: str, folder: Path) -> str | None:
    stem = PurePosixPath(it.path).stem
    try:
        sheet = FitRecord.model_validate_json(it.held)
    except ValidationError as error:
        return f"is no record of a fit: {first_line(error)}"
    if weights is None:
        return "has no weights beside it"
    asked = sheet.settings.get("solver")
    if not isinstance(asked, dict) or asked.get("name") != solver:
        return f"is not a fit of {solver}"
    try:
        own = f"{solver}-{digest(sheet.settings)[:16]}"
    except (ValueError, TypeError, RecursionError):
        return "has settings that are no JSON"
    if stem != own or sheet.fit != own or sheet.file != f"{own}.safetensors":
        return f"has settings whose fit is called {own}"
    path = folder / f"{own}.safetensors"
    path.write_bytes(weights.held)
    if sha256(path) != sheet.sha256:
        return "speaks of other weights than those beside it"
    try:
        require_sound(path, most_bytes=len(weights.held))
    except KineticbenchError as error:
        return f"has weights that cannot be: {error.message.replace(str(folder), '…')}"
    return unfit_text(json.loads(it.held))


def _text(held: bytes) -> str | None:
    try:
        text = held.decode("utf-8")
    except UnicodeDecodeError:
        return "is not text in UTF-8"
    found = next((code for line in text.split("\n") if (code := hidden(line.replace("\t", "").rstrip("\r")))), None)
    return f"hides the character {found}" if found else None
