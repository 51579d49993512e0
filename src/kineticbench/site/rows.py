"""A board as a table of text: the same columns in the terminal, in Markdown and on the pages."""

from __future__ import annotations

from dataclasses import dataclass

from ..ranking.boards import Board, Standing
from ..ranking.cost import Cost
from ..ranking.entries import Entry
from . import text
from .labels import metric_label

TRUST = {
    "rescored here": "rescored here: its errors were computed here, its times are what its author reports",
    "self-reported": "self-reported: neither errors nor times were checked here",
}


@dataclass(frozen=True)
class Column:
    """A column.

    Parameters
    ----------
    key
        What it holds.
    title, short
        Its heading where there is room, and where there is not.
    meaning
        One sentence on what it is.
    rank
        0 is shown always; the larger, the sooner it is dropped where the page is narrow.
    numeric
        Whether it is set flush right and sorted by value.
    metric
        The metric that it shows, for errors.
    """

    key: str
    title: str
    short: str
    meaning: str
    rank: int = 0
    numeric: bool = True
    metric: str = ""


@dataclass(frozen=True)
class Cell:
    """What a table shows, what it sorts by (None last), and a remark on it."""

    text: str
    sort: float | str | None = None
    remark: str = ""


def columns(board: Board, headline: int = 2) -> list[Column]:
    """The columns of a board: its first `headline` metrics, costs, memory, totals."""
    n = text.count(board.cases)
    batch = f"a batch of {n} cases" if board.cases > 1 else "the one case"
    made = [
        Column("solver", "Solver", "Solver", "The method.", 0, False),
        Column("setting", "Setting", "Setting", "What tells it from the method's other settings.", 0, False),
        Column("tier", "Tier", "Tier", "Settings of one tier cannot be told from the best of it.", 0),
    ]
    for place, metric in enumerate(board.metrics[:headline]):
        label = metric_label(metric)
        meaning = (
            f"Mean over cases and seeds at the last time{', ranks' if place == 0 else ''}; ± half its 95 % interval."
        )
        made.append(Column(f"error-{place}", label, text.title(metric), meaning, 0 if place == 0 else 3, metric=metric))
    made += [
        Column("data", "Data", "Data", "Making the training data, once.", 4),
        Column("fit", "Fit", "Fit", "Training, or other work before the first query.", 1),
        Column("cold", "Cold", "Cold", f"First call of a new process on {batch}, compilation included.", 3),
    ]
    if board.cases > 1:
        made += [
            Column("warm", "Warm / case", "Warm/1", f"Later calls, a case, in {batch}.", 0),
            Column("batch", "Warm / batch", f"Warm/{n}", f"Later calls on {batch}.", 5),
        ]
    else:
        made.append(Column("warm", "Warm", "Warm", f"Later calls on {batch}.", 0))
    made += [
        Column("memory", "Memory", "Memory", "Peak of the process tree.", 2),
        Column("total-1", "Total, 1 case", "n = 1", "Data, fit and solving one case, from nothing.", 2),
    ]
    if board.cases > 1:
        made.append(Column("total-n", f"Total, {n} cases", f"n = {n}", f"From nothing to {batch} solved.", 1))
    if any(standing.overtakes for standing in board.standings):
        meaning = "Cases from which training pays against the best classical setting that is as accurate."
        made.append(Column("pays", "Pays from", "Pays from", meaning, 6))
    return made


def cell(board: Board, standing: Standing, column: Column) -> Cell:
    """What a standing shows in a column."""
    entry = standing.entry
    match column.key:
        case "solver":
            return Cell(text.plain(entry.solver, 60), text.plain(entry.solver, 60))
        case "setting":
            return Cell(setting(board, entry), setting(board, entry))
        case "tier":
            return Cell(text.NONE if standing.tier is None else str(standing.tier), standing.tier)
        case "memory":
            return Cell(text.memory(entry.memory), entry.memory)
        case "pays":
            return _pays(standing)
    if column.key.startswith("error-"):
        sample = standing.sample if column.key == "error-0" else entry.sample(column.metric)
        if sample is None:
            return Cell(text.NONE, None, text.plain(entry.missing(column.metric)))
        seeds = "one seed" if len(sample.seeds) == 1 else f"{len(sample.seeds)} seeds"
        remark = f"deterministic: the same under {seeds}" if sample.deterministic else seeds
        return Cell(text.error(sample.interval), sample.mean, remark)
    return Cell(text.NONE) if entry.cost is None else _seconds(entry.cost, column.key, board.cases)


def setting(board: Board, entry: Entry) -> str:
    """The setting's name, with the precision where the board has several."""
    precisions = {standing.entry.first.settings.precision for standing in board.standings}
    shown = text.plain(entry.setting, 60)
    return shown if len(precisions) == 1 else f"{shown}, {entry.first.settings.precision}"


def remarks(entry: Entry) -> list[str]:
    """What a reader should know of an entry's figures."""
    found = []
    if entry.noisy:
        found.append("noisy: the machine was busy, do not trust its times")
    if entry.cost is not None and entry.cost.elsewhere is not None:
        found.append(f"fit made on {text.plain(entry.cost.elsewhere, 60)}: its seconds are not added to others")
    trusts = {record.trust for record in entry.records} - {"rerun here"}
    found += [TRUST.get(trust, trust) for trust in sorted(trusts)]
    if entry.good and entry.reason:
        found.append(text.plain(entry.reason))
    return found


def _seconds(cost: Cost, key: str, cases: int) -> Cell:
    values = {
        "data": cost.data,
        "fit": cost.fit,
        "cold": cost.cold,
        "warm": cost.warm / cost.batch,
        "batch": cost.warm,
        "total-1": cost.total(1),
        "total-n": cost.total(cases),
    }
    value = values[key]
    if key in ("warm", "batch") and not cost.warmed:
        return Cell(text.NONE, None, "No warm call was made.")
    elsewhere = cost.elsewhere is not None and key in ("data", "fit") and value
    if elsewhere:
        return Cell(f"{text.seconds(value)}*", value, f"on {text.plain(cost.elsewhere, 60)}")
    return Cell(text.seconds(value), value)


def _pays(standing: Standing) -> Cell:
    if standing.overtakes is None:
        return Cell(text.NONE)
    match standing.overtakes.verdict:
        case "from":
            cases = standing.overtakes.cases or 1
            return Cell(text.count(cases), float(cases))
        case "never":
            return Cell("never", None, "A classical setting as accurate stays cheaper for any number of cases.")
        case "unmatched":
            return Cell("unmatched", 0.0, "No classical setting here is as accurate.")
        case _:
            return Cell(text.NONE, None, "Trained on another machine.")
