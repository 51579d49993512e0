"""The leaderboard as tables for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from ..ranking.boards import Board, Standing, boards
from ..results.record import Record
from . import text
from .labels import dataset_title, variant_detail
from .rows import Column, cell, columns, remarks
from .summary import place_line

WIDE = 160


def table(records: Iterable[Record]) -> RenderableType:
    """A table for every board, as wide as the terminal allows: columns are dropped, never figures cut short."""
    made = boards(records)
    if not made:
        return Text("No records yet.")
    return Group(*(_BoardTable(board) for board in made))


def console() -> Console:
    """Standard output; where that is a file or a pipe, wide enough for every column."""
    terminal = Console()
    return terminal if terminal.is_terminal else Console(width=WIDE)


class _BoardTable:
    """One board; chooses its columns when it learns how wide the terminal is."""

    def __init__(self, board: Board):
        self.board = board

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        board = self.board
        yield Text()
        yield Text.assemble((dataset_title(board.variant), "bold"), "  ", (variant_detail(board.variant), "dim"))
        yield Text(place_line(board), style="dim")
        if board.ranked or any(standing.entry.good for standing in board.standings):
            yield self._fitting(console, options)
        yield from self._remarks()
        if board.failed:
            yield self._failures()

    def _fitting(self, console: Console, options: ConsoleOptions) -> Table:
        shown = columns(self.board)
        for rank in range(max(column.rank for column in shown), -1, -1):
            shown = [column for column in shown if column.rank <= rank]
            made = self._table(shown, 20 if options.max_width < WIDE else 48)
            if Measurement.get(console, options.update(width=10_000), made).maximum <= options.max_width:
                break
        return made

    def _table(self, shown: Sequence[Column], most: int) -> Table:
        made = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="dim")
        for column in shown:
            if column.numeric:
                made.add_column(Text(column.short), justify="right", no_wrap=True)
            else:
                made.add_column(Text(column.short), overflow="fold", max_width=most)
        for standing in self.board.standings:
            if standing.entry.good:
                made.add_row(*(self._cell(standing, column) for column in shown))
        return made

    def _cell(self, standing: Standing, column: Column) -> Text:
        shown = cell(self.board, standing, column).text
        if column.numeric:
            shown = "".join(shown.split(" "))
        elif column.key == "setting" and remarks(standing.entry):
            shown += " !"
        return Text(shown, style="bold" if standing.frontier else "")

    def _remarks(self) -> Iterable[Text]:
        if any(standing.frontier for standing in self.board.standings):
            yield Text("n: data, fit and that many cases solved from nothing. Bold: least error for it.", style="dim")
        for standing in self.board.standings:
            if standing.entry.good and (found := remarks(standing.entry)):
                name = f"{text.plain(standing.entry.solver, 60)}, {text.plain(standing.entry.setting, 60)}"
                yield Text(f"! {name}: {'; '.join(found)}", style="dim")

    def _failures(self) -> Table:
        made = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
        for _ in range(4):
            made.add_column(overflow="fold")
        for standing in self.board.failed:
            entry = standing.entry
            style = "dim" if entry.state == "unsupported" else "red"
            made.add_row(
                Text(text.plain(entry.solver, 60)),
                Text(text.plain(entry.setting, 60)),
                Text(entry.state, style=style),
                Text(text.plain(entry.reason), style="dim"),
            )
        return made
