"""What the template of a solver's page is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import labels, prose, text
from .board_data import Data
from .dataset_page import Best, best_settings
from .overview import SolverLine


@dataclass(frozen=True)
class Fate:
    """How a solver fared on a board: its best setting, the tiers there are, what it costs, and what failed."""

    board: Data
    best: Best
    tiers: int
    verdict: str
    dearer: str
    failed: Sequence[str]


@dataclass(frozen=True)
class SolverView:
    """All that the page of a solver shows outside of its table."""

    line: SolverLine
    identifier: str
    doc: Sequence[prose.Block]
    cite: str
    fates: Sequence[Fate]


def solver_view(line: SolverLine, boards: Sequence[Data], style: Mapping[str, int]) -> SolverView:
    """The view of one solver over all boards."""
    known = labels.plug_ins("solvers").get(line.name)
    fates = [_fate(line.name, board, style) for board in boards if line.name in board["solvers"]]
    return SolverView(
        line,
        line.page.removesuffix(".html").rpartition("-")[2],
        prose.blocks(known.doc) if known else [],
        text.paragraph(known.metadata.get("cite", "") or "") if known else "",
        sorted(fates, key=lambda fate: (_ORDER.index(fate.verdict), fate.board["title"], fate.board["detail"])),
    )


_ORDER = ("wins", "on the frontier", "behind", "fails")


def _fate(solver: str, board: Data, style: Mapping[str, int]) -> Fate:
    columns, place = board["columns"], board["solvers"].index(solver)
    own = [row for row, at in enumerate(columns["solver"]) if at == place]
    best = next(one for one in best_settings(board, style) if one.solver == solver)
    if all(columns["state"][row] != "ok" for row in own):
        verdict = "fails"
    elif any(columns["tier"][row] == 1 for row in own):
        verdict = "wins"
    else:
        verdict = "on the frontier" if any(columns["frontier"][row] for row in own) else "behind"
    failed = sorted({columns["state"][row] for row in own} - {"ok"})
    return Fate(
        board, best, max((tier or 0 for tier in columns["tier"]), default=0), verdict, _dearer(board, place), failed
    )


def _dearer(board: Data, place: int) -> str:
    """How many times the least cost it takes to the smallest error that it reaches of those listed."""
    for level, at in reversed(list(zip(board["levels"], board["reach"], strict=True))):
        least = min((cost for cost in at if cost), default=None)
        if at[place] and least:
            times = at[place] / least
            factor = "the least cost" if times < 1.005 else f"{text.number(times, 2)} × the least cost"
            return f"{factor} to ≤\u00a0{text.power(level)}"
    return text.NONE


def citations(boards: Sequence[Data]) -> str:
    """BibTeX of every dataset and solver that is shown and has some, each once."""
    wanted = [("datasets", board["dataset"]) for board in boards]
    wanted += [("solvers", name) for board in boards for name in board["solvers"]]
    found: dict[str, str] = {}
    for kind, name in sorted(set(wanted)):
        known = labels.plug_ins(kind).get(name)
        cite = str(known.metadata.get("cite") or "").strip() if known else ""
        for part in cite.split("\n@"):
            if part:
                found.setdefault(part.partition(",")[0].lstrip("@"), f"@{part.strip().lstrip('@')}")
    return "\n".join(found.values()) + "\n" if found else ""
