"""Whether a record was made by the code that is here today."""

from __future__ import annotations

from functools import cache

from ..contracts.errors import KineticbenchError
from ..engine.code import code_hash
from ..ranking.entries import Kept
from .labels import plug_ins


def stale(record: Kept) -> bool | None:
    """Whether the code of a record or of its fit differs from today's; None where its plug-ins are not known here."""
    today = _hash(record.settings.solver.name, record.settings.dataset.name)
    return None if today is None else record.codes != {today}


@cache
def _hash(solver: str, dataset: str) -> str | None:
    known = [plug_ins("solvers").get(solver), plug_ins("datasets").get(dataset)]
    try:
        return code_hash([plug_in for plug_in in known if plug_in is not None]) if all(known) else None
    except (KineticbenchError, SyntaxError, OSError):
        return None
