"""The picture of a board for the README: an SVG that stands alone."""

from __future__ import annotations

from pathlib import Path

from ..catalog import PACKAGE
from ..contracts.errors import InvalidInput
from ..files import write_atomically
from ..ranking.boards import boards
from ..ranking.entries import Variant
from ..results import reading
from . import figures
from .chart.canvas import WIDE
from .chart.draw import draw
from .marks import styles


def picture(records: Path, path: Path, dataset: str | None = None) -> None:
    """Write the error against cost of one board as an SVG that stands alone.

    Parameters
    ----------
    records
        The results folder.
    path
        The file.
    dataset
        Name of the dataset, or "name:parameter=value" for one of its variants; by default that of the board with the
        most ranked settings.

    Raises
    ------
    InvalidInput
        Where no board has an error and a cost.
    """
    made = [
        board
        for board in boards(reading.read(records, reading.default_cache(records)).records)
        if _is_chosen(board.variant, dataset)
    ]
    made.sort(key=lambda board: -len(board.ranked))
    for board in made:
        if board.metrics:
            plain = figures.Style(styles(solver for board in made for solver in board.solvers))
            price = figures.prices(board)[0]
            figure = figures.error_against_cost(board, board.metrics[0], price, plain, "picture")
            if figure is not None:
                css = (PACKAGE / "static" / "chart.css").read_text(encoding="utf-8").replace("\n", "")
                write_atomically(Path(path), draw(figure, WIDE, style=css).encode())
                return
    raise InvalidInput("There is nothing to draw: no record has an error and a cost.", "Run a suite first.")


def _is_chosen(variant: Variant, dataset: str | None) -> bool:
    name, _, choice = (dataset or variant.name).partition(":")
    key, _, value = choice.partition("=")
    return variant.name == name and (not choice or str(variant.values.get(key)) == value)
