"""The leaderboard as Markdown, for the README and for `leaderboard/README.md`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..ranking.boards import Board, boards
from ..results.record import Record
from . import text
from .labels import dataset_title, variant_detail
from .rows import cell, columns, remarks
from .summary import place_line

BEGIN, END = "<!-- results:begin -->", "<!-- results:end -->"
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|~&@$:-])")
_HARMLESS = re.compile(r"(?!-)[\w.,;·±∞×/= \u202f⁻–−%-]*")
_EMPHASIS = re.compile(r"(^|\W)_|_(\W|$)|__")


def escape(value: str) -> str:
    """Text in which Markdown and HTML find nothing to act on; figures stay as they are."""
    if _HARMLESS.fullmatch(value) and not _EMPHASIS.search(value):
        return value
    return _SPECIAL.sub(r"\\\1", value).replace("\\<", "&lt;").replace("\\>", "&gt;").replace("\\&", "&amp;")


def table(records: Iterable[Record], heading: int = 2, *, best: bool = False) -> str:
    """Every board as a section with a table, its failures and its remarks.

    Parameters
    ----------
    records
        Any records.
    heading
        Level of the sections' headings.
    best
        Show of each solver its most accurate setting only, and neither failures nor remarks.
    """
    sections = [_section(board, heading, best) for board in boards(records)]
    return "\n\n".join(sections) if sections else "No records yet."


def update_readme(path: Path, records: Iterable[Record], *, check: bool = False) -> bool:
    """Write the tables of the best settings between the markers of a Markdown file; whether they were there already.

    Parameters
    ----------
    path
        A file with a line `<!-- results:begin -->` and after it one `<!-- results:end -->`.
    records
        Any records.
    check
        Only look, write nothing.

    Raises
    ------
    InvalidInput
        Where the file or one of the markers is missing.
    """
    path = Path(path)
    if not path.is_file():
        raise InvalidInput(f"There is no file {path}.", f"Make one that holds the lines {BEGIN} and {END}.")
    before = path.read_text(encoding="utf-8")
    head, found, rest = before.partition(BEGIN)
    _, ended, tail = rest.partition(END)
    if not found or not ended:
        raise InvalidInput(f"{path} does not say where results go.", f"Add the lines {BEGIN} and {END}.")
    after = f"{head}{BEGIN}\n\n{table(records, 3, best=True)}\n\n{END}{tail}"
    current = before == after
    if not (current or check):
        write_atomically(path, after.encode())
    return current


def write_leaderboard(path: Path, records: Iterable[Record], *, check: bool = False) -> bool:
    """Write the leaderboard as a Markdown file of its own; whether it was up to date already."""
    path, after = Path(path), leaderboard(records)
    current = path.is_file() and path.read_text(encoding="utf-8") == after
    if not (current or check):
        write_atomically(path, after.encode())
    return current


def leaderboard(records: Iterable[Record]) -> str:
    """The whole of `leaderboard/README.md`."""
    records = list(records)
    newest = max((record.run[:8] for record in records), default="")
    date = f"Newest record: {newest[:4]}-{newest[4:6]}-{newest[6:]}. " if newest else ""
    return (
        "# Leaderboard\n\n"
        f"{date}Written by `kineticbench leaderboard readme`; do not edit by hand.\n\n"
        "Errors are means over all cases and seeds at the last time, ± half their 95 % interval (paired bootstrap over "
        "cases and seeds). Settings of one tier cannot be told from the best of it. Bold rows have the smallest error "
        "at their total cost, which is data, fit and solving from nothing.\n\n"
        f"{table(records)}\n"
    )


def _section(board: Board, heading: int, best: bool) -> str:
    parts = [
        f"{'#' * heading} {escape(dataset_title(board.variant))}: {escape(variant_detail(board.variant))}",
        escape(place_line(board)),
    ]
    ran = [standing for standing in board.standings if standing.entry.good]
    if best:
        names = [standing.entry.solver for standing in ran]
        ran = [standing for place, standing in enumerate(ran) if names[place] not in names[:place]]
    if ran:
        shown = columns(board)
        lines = [[column.short for column in shown]]
        for standing in ran:
            line = [escape(cell(board, standing, column).text) for column in shown]
            lines.append([f"**{value}**" for value in line] if standing.frontier else line)
        parts.append(_table(lines, [column.numeric for column in shown]))
    if best:
        return "\n\n".join(parts)
    notes = []
    for standing in ran:
        if found := remarks(standing.entry):
            name = f"{text.plain(standing.entry.solver, 60)}, {text.plain(standing.entry.setting, 60)}"
            notes.append(f"- {escape(name)}: {escape('; '.join(found))}")
    if notes:
        parts.append("\n".join(notes))
    if board.failed:
        failed = [["Did not run", "Setting", "State", "Reason"]]
        for standing in board.failed:
            entry = standing.entry
            row = (entry.solver, entry.setting, entry.state, entry.reason)
            failed.append([escape(text.plain(value, 120)) for value in row])
        parts.append(_table(failed, [False] * 4))
    return "\n\n".join(parts)


def _table(lines: Sequence[Sequence[str]], numeric: Sequence[bool]) -> str:
    rule = ["---:" if right else "---" for right in numeric]
    return "\n".join(f"| {' | '.join(line)} |" for line in [lines[0], rule, *lines[1:]])
