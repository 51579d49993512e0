"""What the template of the overview is given, made from the data of the boards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..ranking.intervals import Interval
from . import labels, text
from .board_data import Data
from .marks import mark_of
from .thumbnail import thumbnail


@dataclass(frozen=True)
class Cell:
    """How a solver fares on a board: its best tier with its error, or the state of what did not run, or nothing."""

    tier: int | None
    error: str
    state: str
    note: str


@dataclass(frozen=True)
class Line:
    """A board in the table of who wins where."""

    href: str
    title: str
    detail: str
    cells: Sequence[Cell]
    cheapest: Markup


@dataclass(frozen=True)
class Group:
    """The boards of one equation, and the solvers that were tried on them."""

    equation: str
    identifier: str
    solvers: Sequence[tuple[str, str, Markup]]
    lines: Sequence[Line]
    cards: Sequence[Card]


@dataclass(frozen=True)
class Card:
    """A board in a few lines."""

    href: str
    title: str
    detail: str
    place: str
    thumbnail: Markup
    said: Sequence[tuple[str, Markup]]


@dataclass(frozen=True)
class SolverLine:
    """A solver over all boards: counts of settings and of boards."""

    name: str
    page: str
    mark: Markup
    kind: str
    summary: str
    settings: int
    first: int
    frontier: int
    failed: int


def groups(boards: Sequence[Data], style: Mapping[str, int], most: int = 60) -> list[Group]:
    """Every equation with its boards, at most `most` of each drawn."""
    found: dict[str, list[Data]] = {}
    for board in boards:
        found.setdefault(board["equation"], []).append(board)
    ordered = sorted(found.items(), key=lambda pair: (pair[0] == "Other", pair[0]))
    return [_group(place, equation, group, style, most) for place, (equation, group) in enumerate(ordered)]


def _group(place: int, equation: str, group: Sequence[Data], style: Mapping[str, int], most: int) -> Group:
    pages = {name: page for board in group for name, page in zip(board["solvers"], board["pages"], strict=True)}
    wins = dict.fromkeys(sorted(pages), 0)
    for board in group:
        for name, row in _best(board).items():
            tier = board["columns"]["tier"][row]
            wins[name] += 0 if tier is None else 1000 if tier == 1 else 1
    ordered = sorted(wins, key=lambda name: (-wins[name], name))[:24]
    return Group(
        equation if equation != "Other" else "Other datasets",
        f"equation-{place}",
        [(name, pages[name], mark_of(style.get(name, 0))) for name in ordered],
        [_line(board, _detail(board, group), ordered, style) for board in group[: 5 * most]],
        [_card(board, style, f"card-{place}-{k}") for k, board in enumerate(group[:most])],
    )


def _best(board: Data) -> dict[str, int]:
    """The row of each solver's most accurate setting; of its first failure where none ran."""
    rows: dict[str, int] = {}
    for row, place in enumerate(board["columns"]["solver"]):
        rows.setdefault(board["solvers"][place], row)
    return rows


def _detail(board: Data, group: Sequence[Data]) -> str:
    """What tells a board from the others of its equation, with its place where the same was solved elsewhere too."""
    same = [other for other in group if (other["title"], other["detail"]) == (board["title"], board["detail"])]
    if len(same) == 1:
        return board["detail"]
    alike = [other for other in same if other["place"] == board["place"]]
    return f"{board['detail']} · {board['place'] if len(alike) == 1 else _place(board)}"


def _line(board: Data, detail: str, solvers: Sequence[str], style: Mapping[str, int]) -> Line:
    best, columns = _best(board), board["columns"]
    cells = []
    for solver in solvers:
        row = best.get(solver)
        if row is None:
            cells.append(Cell(None, "", "", "not tried"))
            continue
        state = columns["state"][row]
        flags = [word for word in ("stale", "noisy") if columns[word][row]]
        note = ", ".join([columns["setting"][row], *flags, *([columns["reason"][row]] if state != "ok" else [])])
        cells.append(Cell(columns["tier"][row], text.number(columns["error"][row]), state, note))
    return Line(board["page"], board["title"], detail, cells, _cheapest(board, style, _middle(board)))


def _middle(board: Data) -> int | None:
    return len(board["levels"]) // 2 if board["levels"] else None


def _cheapest(board: Data, style: Mapping[str, int], at: int | None) -> Markup:
    """Who reaches the `at`-th level of a board at the least total cost."""
    if at is None:
        return Markup()
    costs = {name: cost for name, cost in zip(board["solvers"], board["reach"][at], strict=True) if cost is not None}
    if not costs:
        return Markup()
    name = min(costs, key=lambda solver: (costs[solver], solver))
    return Markup("{}{}, {}").format(mark_of(style.get(name, 0)), text.plain(name, 40), text.seconds(costs[name]))


def _place(board: Data) -> str:
    return f"{board['place']}, {board['batch']} · {board['machine']}"


def _card(board: Data, style: Mapping[str, int], identifier: str) -> Card:
    said: list[tuple[str, Markup]] = []
    columns = board["columns"]
    first = [row for row, tier in enumerate(columns["tier"]) if tier == 1]
    if first:
        names = list(dict.fromkeys(board["solvers"][columns["solver"][row]] for row in first))
        shown = ", ".join(names[:3]) + (" …" if len(names) > 3 else "")
        said.append(("First tier", Markup("{}{}").format(mark_of(style.get(names[0], 0)), shown)))
        between = Interval(columns["error"][0], columns["low"][0], columns["high"][0])
        said.append((f"{board['metrics'][0]['label']}, least", Markup("{}").format(text.error(between))))
    levels = board["levels"]
    said += [
        (f"Cheapest to ≤\u00a0{text.power(levels[at])}", answer)
        for at in sorted({len(levels) // 2, len(levels) - 1} if levels else ())
        if (answer := _cheapest(board, style, at))
    ]
    return Card(
        board["page"],
        board["title"],
        board["detail"],
        _place(board),
        thumbnail(board, style, identifier),
        said,
    )


def solver_lines(boards: Sequence[Data], style: Mapping[str, int]) -> list[SolverLine]:
    """Every solver, in alphabetical order."""
    pages = {name: page for board in boards for name, page in zip(board["solvers"], board["pages"], strict=True)}
    made = []
    for name in sorted(pages):
        rows = [
            (
                board["columns"],
                [row for row, at in enumerate(board["columns"]["solver"]) if board["solvers"][at] == name],
            )
            for board in boards
            if name in board["solvers"]
        ]
        known = labels.plug_ins("solvers").get(name)
        families = {columns["family"][row] for columns, own in rows for row in own}
        made.append(
            SolverLine(
                name,
                pages[name],
                mark_of(style.get(name, 0)),
                "learned" if "learned" in families else "classical",
                text.plain(known.summary, 200) if known else "",
                len({columns["setting"][row] for columns, own in rows for row in own}),
                sum(any(columns["tier"][row] == 1 for row in own) for columns, own in rows),
                sum(any(columns["frontier"][row] for row in own) for columns, own in rows),
                sum(columns["state"][row] != "ok" for columns, own in rows for row in own),
            )
        )
    return made


def facts(boards: Sequence[Data], records: int) -> list[tuple[str, str]]:
    """What the site holds, in figures."""
    states = [state for board in boards for state in board["columns"]["state"]]
    return [
        ("Solvers", text.count(len({name for board in boards for name in board["solvers"]}))),
        ("Problems", text.count(len({board["page"] for board in boards}))),
        ("Settings", text.count(len(states))),
        ("Machines", text.count(len({board["hardware"] for board in boards}))),
        ("Records", text.count(records)),
        ("Did not run", text.count(sum(state != "ok" for state in states))),
    ]
