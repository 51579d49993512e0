"""Boards in sentences: where they were made, and what they say."""

from __future__ import annotations

from ..ranking.boards import Board
from ..results.record import Hardware
from . import text


def machine(hardware: Hardware) -> str:
    """A machine in words."""
    parts = [text.plain(hardware.gpu, 80)] if hardware.gpu else []
    parts.append(text.plain(hardware.cpu, 80))
    if hardware.cores:
        parts.append(f"{hardware.cores} cores")
    if hardware.memory_bytes:
        parts.append(text.memory(hardware.memory_bytes))
    return ", ".join(parts)


def place_line(board: Board) -> str:
    """Where a board was made and how its times are meant."""
    return f"{device(board)}, {batch(board)} · {machine(board.standings[0].entry.first.hardware)}"


def device(board: Board) -> str:
    """The device of a board and its threads."""
    threads = "1 thread" if board.place.threads == 1 else f"{board.place.threads} threads"
    return f"{board.place.device.upper()}, {threads}"


def batch(board: Board) -> str:
    """How many cases one call solves."""
    return "one case a call" if board.cases == 1 else f"{text.count(board.cases)} cases a call"


def winners(board: Board) -> list[str]:
    """Names of the solvers with a setting in the first tier, from cheap to dear for the whole batch."""
    first = [standing.entry for standing in board.ranked if standing.tier == 1]
    priced = [(entry.cost.total(board.cases) if entry.cost else None, entry) for entry in first]
    priced.sort(key=lambda pair: (pair[0] is None, pair[0] or 0.0, pair[1].solver))
    return list(dict.fromkeys(entry.solver for _, entry in priced))
