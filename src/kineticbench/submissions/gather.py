"""Puts a solver, its records and its fits into a folder as they are sent in."""

from __future__ import annotations

from pathlib import Path

from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..results.record import Record, Stored
from ..results.store import Store, current
from ..results.trust import trust
from .submission import require_own, solver_name
from .tree import FITS, RECORDS, SOLVERS


def gather(solver: Path, results: Path, folder: Path) -> list[Path]:
    """Copy what belongs to a solver; the paths that were written.

    Records are the newest good ones of each cell on this kind of machine; logs, pictures and solutions stay here.

    Raises
    ------
    InvalidInput
        For what could not be read as a submission afterwards.
    """
    store = Store(results)
    ours = [record for record in current(store.read().records) if record.settings.solver.name == solver.stem]
    good = [record for record in ours if record.state == "ok"]
    if not good:
        raise InvalidInput(
            f"{results} holds no record of {solver.stem} that ended well.",
            f"Make some: kineticbench run smoke --solver {solver}",
        )
    for record in good:
        require_own(record, solver_name(solver))
    fits = sorted({record.fit.id for record in good if record.fit is not None and record.fit.id is not None})
    paths = [store.fits / f"{name}{ending}" for name in fits for ending in (".safetensors", ".json")]
    return [
        _put(folder / SOLVERS / solver.name, solver.read_bytes()),
        *(_put(folder / RECORDS / f"{it.cell}.{it.run}.json", _told(it).encode()) for it in good),
        *(_put(folder / FITS / path.name, path.read_bytes()) for path in paths if path.is_file()),
    ]


def _told(record: Record) -> str:
    """A record as its author tells it: nobody else has run it, and nothing lies beside it."""
    told = record.model_copy(update={"trust": trust("elsewhere", "elsewhere"), "stored": Stored()})
    return told.json_text()


def _put(path: Path, content: bytes) -> Path:
    write_atomically(path, content)
    return path
