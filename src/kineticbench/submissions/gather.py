"""Puts a solver, its records and its fits into a folder as they are sent in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import catalog
from ..contracts.errors import InvalidInput
from ..engine.code import code_hash
from ..files import write_atomically
from ..results.record import Record, Stored
from ..results.store import Store, current
from ..results.trust import trust
from .submission import MOST_SOLVER, require_own, require_plain, solver_name
from .tree import FITS, RECORDS, SOLVERS


@dataclass(frozen=True)
class Gathered:
    """The paths that were written, and of how many cells the only record is one of other code."""

    paths: tuple[Path, ...]
    stale: int


def gather(solver: Path, results: Path, folder: Path, replace: bool = False) -> Gathered:
    """Copy what belongs to a solver.

    Records are the newest good ones of each cell on this kind of machine that the file as it is has made; logs,
    pictures and solutions stay here.

    Parameters
    ----------
    solver, results, folder
        The solver's file, the results folder, and where to put them.
    replace
        Whether another file of that name in `folder` may be replaced.

    Raises
    ------
    InvalidInput
        For what could not be read as a submission afterwards, and for a folder that has another solver of that name.
    """
    name = solver_name(solver)
    require_plain(solver, MOST_SOLVER)
    source, target = solver.read_bytes(), folder / SOLVERS / solver.name
    if target.is_file() and target.read_bytes() != source and not replace:
        raise InvalidInput(f"{target} is another file.", "Give a new folder, or --replace it where it is your own.")
    store = Store(results)
    ours = [record for record in current(store.read().records) if record.settings.solver.name == name]
    good = [record for record in ours if record.state == "ok"]
    if not good:
        raise InvalidInput(
            f"{results} holds no record of {name} that ended well.",
            f"Make some: kineticbench run smoke --solver {solver}",
        )
    for record in good:
        require_own(record, name)
    plug_in, made = catalog.find("solvers", str(solver)), len(good)
    codes = {it: code_hash([plug_in, catalog.find("datasets", it)]) for it in {r.settings.dataset.name for r in good}}
    good = [record for record in good if record.codes == {codes[record.settings.dataset.name]}]
    if not good:
        raise InvalidInput(
            f"All records of {name} in {results} were made by other code than {solver} and kineticbench now.",
            f"Run them again: kineticbench run smoke --solver {solver}",
        )
    fits = sorted({record.fit.id for record in good if record.fit is not None and record.fit.id is not None})
    paths = [store.fits / f"{name}{ending}" for name in fits for ending in (".safetensors", ".json")]
    written = (
        _put(target, source),
        *(_put(folder / RECORDS / f"{it.cell}.{it.run}.json", _told(it).encode()) for it in good),
        *(_put(folder / FITS / path.name, path.read_bytes()) for path in paths if path.is_file()),
    )
    return Gathered(written, made - len(good))


def _told(record: Record) -> str:
    """A record as its author tells it: nobody else has run it, and nothing lies beside it."""
    told = record.model_copy(update={"trust": trust("elsewhere", "elsewhere"), "stored": Stored()})
    return told.json_text()


def _put(path: Path, content: bytes) -> Path:
    write_atomically(path, content)
    return path
