"""What the template of the overview is given."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from ..ranking.boards import Board
from . import figures, labels, summary, text
from .views import mark_of, page_name, thumbnail


@dataclass(frozen=True)
class Said:
    """A short answer and the marker of the solver it names."""

    text: str
    mark: Markup = field(default_factory=Markup)


@dataclass(frozen=True)
class Card:
    """A board in a few lines."""

    href: str
    title: str
    detail: str
    place: str
    thumbnail: Markup
    said: Sequence[tuple[str, Said]]


@dataclass(frozen=True)
class SolverLine:
    """A solver over all boards: counts of settings and of boards."""

    name: str
    mark: Markup
    kind: str
    summary: str
    settings: int
    first: int
    frontier: int
    failed: int


def groups(boards: Sequence[Board], style: figures.Style) -> list[tuple[str, list[Card]]]:
    """Cards of every board under the name of its equation."""
    made: dict[str, list[Card]] = {}
    for place, board in enumerate(boards):
        equation = labels.equation(board.variant)
        made.setdefault(equation or "Other datasets", []).append(_card(board, style, place))
    return sorted(made.items(), key=lambda group: (group[0] == "Other datasets", group[0]))


def solver_lines(boards: Sequence[Board], style: figures.Style) -> list[SolverLine]:
    """Every solver, in alphabetical order."""
    return [_solver_line(solver, boards, style) for solver in sorted({s for board in boards for s in board.solvers})]


def facts(boards: Sequence[Board], records: int) -> list[tuple[str, str]]:
    """What the site holds, in figures."""
    standings = [(standing, board) for board in boards for standing in board.standings]
    settings = {
        (board.variant, s.entry.solver, s.entry.setting, s.entry.first.settings.precision) for s, board in standings
    }
    return [
        ("Solvers", text.count(len({standing.entry.solver for standing, _ in standings}))),
        ("Problems", text.count(len({board.variant for board in boards}))),
        ("Settings", text.count(len(settings))),
        ("Machines", text.count(len({board.place.hardware for board in boards}))),
        ("Records", text.count(records)),
        ("Did not run", text.count(sum(not standing.entry.good for standing, _ in standings))),
    ]


def _card(board: Board, style: figures.Style, place: int) -> Card:
    said: list[tuple[str, Said]] = []

    def mark(solver: str) -> Markup:
        return mark_of(style.numbers.get(solver, 0))

    if board.ranked:
        winners = summary.winners(board)
        shown = ", ".join(text.plain(solver, 40) for solver in winners[:4]) + (" …" if len(winners) > 4 else "")
        said.append(("Most accurate", Said(shown, mark(winners[0]))))
        label = labels.metric_label(board.metrics[0])
        said.append((f"{label}, least", Said(text.error(board.ranked[0].interval))))
    levels = board.levels(3)
    for level in levels[1:]:
        reached = {name: cost for name, cost in board.reach(level).items() if cost is not None}
        if reached:
            name = min(reached, key=lambda solver: (reached[solver], solver))
            answer = f"{text.plain(name, 40)}, {text.seconds(reached[name])}"
            said.append((f"Cheapest to ≤\u00a0{text.power(level)}", Said(answer, mark(name))))
    return Card(
        href=page_name(board.variant),
        title=labels.dataset_title(board.variant),
        detail=labels.variant_detail(board.variant),
        place=summary.place_line(board),
        thumbnail=thumbnail(board, style, f"card-{place}"),
        said=said,
    )


def _solver_line(solver: str, boards: Sequence[Board], style: figures.Style) -> SolverLine:
    own = [[s for s in board.standings if s.entry.solver == solver] for board in boards]
    flat = [standing for standings in own for standing in standings]
    known = labels.plug_ins("solvers").get(solver)
    return SolverLine(
        name=text.plain(solver, 60),
        mark=mark_of(style.numbers.get(solver, 0)),
        kind="learned" if any(standing.entry.learned for standing in flat) else "classical",
        summary=text.plain(known.summary, 200) if known else "",
        settings=len({standing.entry.setting for standing in flat}),
        first=sum(any(s.tier == 1 for s in standings) for standings in own),
        frontier=sum(any(s.frontier for s in standings) for standings in own),
        failed=sum(not standing.entry.good for standing in flat),
    )
