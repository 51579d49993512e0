"""What official records say of a solver, a dataset and a metric, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from kineticbench.ranking.boards import Board, Standing
from kineticbench.results.record import Record
from kineticbench.site import labels, markdown, rows, summary
from kineticbench.site import text as figures

from .writing import table, text

NOTHING = "No official record yet."


def of_solver(name: str, boards: Sequence[Board]) -> str:
    """Its most accurate setting on every board that it is ranked on."""
    lines = []
    for board in boards:
        best = next((standing for standing in board.ranked if standing.entry.solver == name), None)
        if best is not None:
            lines.append(_line(board, best))
    if not lines:
        return NOTHING
    head = ["Problem", "Where", "Most accurate setting", "Tier", "Error", "Warm, a case", "From nothing, one case"]
    return table(head, lines, (3, 4, 5, 6))


def _line(board: Board, standing: Standing) -> list[str]:
    entry, cost = standing.entry, standing.entry.cost
    last = board.ranked[-1].tier
    error = f"{figures.error(standing.interval)} ({labels.metric_label(board.metrics[0])})"
    warm = None if cost is None or not cost.warmed else cost.warm / cost.batch
    return [
        problem(board),
        text(summary.device(board)),
        text(rows.setting(board, entry)),
        f"{standing.tier} of {last}",
        text(error),
        text(figures.seconds(warm)),
        text(figures.seconds(None if cost is None else cost.total(1))),
    ]


def of_dataset(name: str, records: Sequence[Record], heading: int = 3) -> str:
    """The best setting of every solver on each of its variants."""
    own = [record for record in records if record.settings.dataset.name == name]
    return markdown.table(own, heading, best=True) if own else NOTHING


def of_metric(name: str, boards: Sequence[Board]) -> str:
    """The smallest value on every board, beside what a perfect solver would score and the error of the truth."""
    lines = []
    for board in boards:
        found = [
            (sample.mean, standing, sample)
            for standing, sample in zip(board.standings, board.samples(name), strict=True)
            if sample is not None
        ]
        if not found:
            continue
        _, best, sample = min(found, key=lambda one: one[0])
        solver = text(f"{best.entry.solver}, {rows.setting(board, best.entry)}")
        shown = [text(figures.error(sample.interval)), figures.number(sample.floor), figures.number(sample.bar)]
        lines.append([problem(board), text(summary.device(board)), solver, *shown])
    if not lines:
        return NOTHING
    return table(["Problem", "Where", "Best setting", "Value", "Floor", "Bar"], lines, (3, 4, 5))


def problem(board: Board) -> str:
    """A board's problem, with the way to its dataset's card."""
    variant = board.variant
    title = text(f"{labels.dataset_title(variant)}: {labels.variant_detail(variant)}")
    known = variant.name in labels.plug_ins("datasets")
    return f"[{title}](../datasets/{variant.name}.md)" if known else title
