"""What the templates of the overview and of a dataset's pages are given."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ..ranking.boards import Board, Standing
from ..ranking.entries import Entry, Kept, Variant
from . import figures, labels, rows, summary, text
from .chart.canvas import NARROW, PANEL, SMALL, WIDE, Canvas
from .chart.draw import draw
from .chart.figure import Figure
from .chart.markers import marker
from .staleness import stale

CHARTED = 4


@dataclass(frozen=True)
class Chart:
    """A chart in its two sizes, and the choices that show it."""

    wide: Markup
    narrow: Markup
    title: str
    choice: str = ""


@dataclass(frozen=True)
class Row:
    """A line of a table: its entry's page, marks and cells."""

    href: str
    mark: Markup
    tier: int | None
    frontier: bool
    stale: bool
    cells: Sequence[rows.Cell]
    remarks: Sequence[str]
    state: str
    reason: str


@dataclass(frozen=True)
class Reach:
    """What errors cost: levels, and for each solver the seconds at each with whether they are the least."""

    levels: Sequence[str]
    lines: Sequence[tuple[str, Markup, Sequence[tuple[str, bool]]]]
    cases: str


@dataclass(frozen=True)
class BoardView:
    """All that a page shows of a board."""

    identifier: str
    device: str
    machine: str
    cases: str
    metrics: Sequence[str]
    prices: Sequence[str]
    against_cost: Sequence[Chart]
    reach: Reach | None
    columns: Sequence[rows.Column]
    rows: Sequence[Row]
    failed: Sequence[Row]
    others: Sequence[Chart]
    every: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    every_metric: Sequence[str]


def record_name(record: Kept) -> str:
    """The name of a record's page, without its ending; a record's identifiers are checked when it is read."""
    return f"{record.cell}.{record.run}"


def page_name(variant: Variant) -> str:
    """The file name of a variant's page: harmless whatever the dataset is called."""
    clean = re.sub(r"[^a-z0-9_]+", "-", variant.name.lower())[:40].strip("-") or "dataset"
    return f"{clean}-{variant.key}.html"


def mark_of(style: int) -> Markup:
    """The marker of a solver for legends and tables."""
    drawn = marker(style, 8, 8, 4.5)
    return Markup(f'<svg class="key s{style % 8}" viewBox="0 0 16 16" aria-hidden="true">{drawn}</svg>')


def style_of(boards: Sequence[Board], prefix: str = "records/") -> figures.Style:
    """One style for a whole site: solvers numbered in alphabetical order."""
    names = sorted({solver for board in boards for solver in board.solvers})
    numbers = {name: place for place, name in enumerate(names)}
    return figures.Style(numbers, lambda entry: f"{prefix}{record_name(entry.first)}.html")


def chart(figure: Figure, choice: str = "", canvas: Canvas = PANEL) -> Chart:
    """A figure drawn on `canvas` and for narrow screens."""
    wide, narrow = draw(figure, canvas, size="wide"), draw(figure, NARROW, size="narrow")
    return Chart(Markup(wide), Markup(narrow), figure.title, choice)


def thumbnail(board: Board, style: figures.Style, identifier: str) -> Markup:
    """A small error-against-cost chart without labels; empty where nothing was measured."""
    if not board.metrics:
        return Markup()
    figure = figures.error_against_cost(board, board.metrics[0], figures.prices(board)[0], style, identifier)
    return Markup() if figure is None else Markup(draw(figure, SMALL, size="small", bare=True))


def board_view(board: Board, style: figures.Style, place: int) -> BoardView:
    """Everything that a page shows of its `place`-th board."""
    identifier = f"b{place}"
    prices = figures.prices(board)
    charted = [m for m in board.metrics if any(s.entry.sample(m) is not None for s in board.standings)][:CHARTED]
    against_cost = [
        chart(figure, f"m{m} p{p}", WIDE)
        for m, metric in enumerate(charted)
        for p, price in enumerate(prices)
        if (figure := figures.error_against_cost(board, metric, price, style, f"{identifier}-m{m}-p{p}"))
    ]
    others: list[Figure] = []
    if charted:
        over_time = figures.error_against_time(board, charted[0], style, f"{identifier}-time")
        others = [over_time] if over_time else []
        others += figures.convergence(board, charted[0], style, f"{identifier}-by")
    columns = rows.columns(board)
    ran = [standing for standing in board.standings if standing.entry.good]
    return BoardView(
        identifier=identifier,
        device=summary.device(board),
        machine=f"{summary.machine(board.standings[0].entry.first.hardware)}; {summary.batch(board)}",
        cases=text.count(board.cases),
        metrics=[labels.metric_label(metric) for metric in charted],
        prices=[price.name for price in prices],
        against_cost=against_cost,
        reach=_reach(board, style),
        columns=columns,
        rows=[_row(board, standing, columns, style) for standing in ran],
        failed=[_row(board, standing, columns[:2], style) for standing in board.failed],
        others=[chart(figure) for figure in others],
        every=[(_full_name(board, standing.entry), _every(board, standing)) for standing in ran],
        every_metric=[labels.metric_label(metric) for metric in board.metrics],
    )


def _row(board: Board, standing: Standing, columns: Sequence[rows.Column], style: figures.Style) -> Row:
    entry = standing.entry
    return Row(
        href=style.href(entry),
        mark=mark_of(style.numbers.get(entry.solver, 0)),
        tier=standing.tier,
        frontier=standing.frontier,
        stale=any(stale(record) for record in entry.records),
        cells=[rows.cell(board, standing, column) for column in columns],
        remarks=rows.remarks(entry),
        state=entry.state,
        reason=text.plain(entry.reason, 400),
    )


def _full_name(board: Board, entry: Entry) -> str:
    return f"{text.plain(entry.solver, 60)}, {rows.setting(board, entry)}"


def _every(board: Board, standing: Standing) -> list[tuple[str, str]]:
    """Every metric at the last time, with the reason where there is none."""
    made = []
    for metric in board.metrics:
        sample = standing.entry.sample(metric)
        missing = "" if sample is not None else text.plain(standing.entry.missing(metric), 300)
        made.append((text.number(None if sample is None else sample.mean), missing))
    return made


def _reach(board: Board, style: figures.Style) -> Reach | None:
    levels = board.levels()
    costs = [board.reach(level) for level in levels]
    solvers = [solver for solver in board.solvers if any(at.get(solver) is not None for at in costs)]
    if not solvers:
        return None
    least = [min((value for value in at.values() if value is not None), default=None) for at in costs]
    lines = [
        (
            text.plain(solver, 60),
            mark_of(style.numbers.get(solver, 0)),
            [
                (text.seconds(at[solver]), at[solver] is not None and at[solver] == low)
                for at, low in zip(costs, least, strict=True)
            ],
        )
        for solver in solvers
    ]
    return Reach([text.power(level) for level in levels], lines, text.count(board.cases))
