"""A comparison of two results folders as a table in a terminal, as Markdown and as JSON."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any

from ..ranking.change import STATE, Change
from ..ranking.compare import Comparison
from ..site.text import plain, seconds

ORDER = ("worse", "unclear", "better", "same")
WIDTH = 200  # of a table that no terminal shows
HEADINGS = ("", "dataset", "solver", "quantity", "old", "new", "change")


def as_json(found: Comparison) -> dict[str, Any]:
    """Everything, for other programs."""
    return {
        "schema": "kineticbench/comparison/1",
        "worse": len(found.of("worse")),
        "better": len(found.of("better")),
        "unclear": len(found.of("unclear")),
        "runs": found.runs,
        "same_hardware": found.hardware,
        "old_only": found.old_only,
        "new_only": found.new_only,
        "changes": [asdict(change) for change in found.changes],
    }


def show(found: Comparison, least: float, every: bool) -> None:
    """Print what changed, and the same too with `every`."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console()
    console.width = console.width if console.is_terminal else WIDTH
    rows = _rows(found, every)
    if rows:
        table = Table(box=None, pad_edge=False)
        for heading in HEADINGS:
            table.add_column(heading, justify="right" if heading in ("old", "new", "change") else "left")
        for row in rows:
            table.add_row(*map(Text, row))
        console.print(table)
    for line in _summary(found, least):
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def markdown(found: Comparison, least: float) -> str:
    """A table for a pull request; whatever text records hold stays text."""
    rows = _rows(found, every=False)
    lines = ["### Benchmarks", "", "  \n".join(map(_inert, _summary(found, least)))]
    if rows:
        lines += ["", _line(HEADINGS), _line(["---"] * 4 + ["---:"] * 3), *(_line(map(_inert, row)) for row in rows)]
    return "\n".join(lines) + "\n"


def _rows(found: Comparison, every: bool) -> list[tuple[str, ...]]:
    rows = []
    for verdict in ORDER if every else ORDER[:3]:
        for change in found.of(verdict):
            setting = f"{change.solver}  {change.setting}" + _seeds(change.seeds)
            at = "" if change.time is None else f" at t = {change.time:g}"
            rows.append(
                tuple(
                    plain(text, 200)
                    for text in (verdict, change.dataset, setting, change.quantity + at, *_figures(change))
                )
            )
    return rows


def _seeds(seeds: Sequence[int]) -> str:
    return "" if tuple(seeds) == (0,) else f"  seed {seeds[0]}" if len(seeds) == 1 else f"  {len(seeds)} seeds"


def _figures(change: Change) -> tuple[str, str, str]:
    if change.old is None or change.new is None:
        return "", "", change.note
    number = seconds if change.quantity.startswith("seconds") else "{:.4g}".format
    if change.ratio is None:
        return number(change.old), number(change.new), change.note
    interval = "" if change.low is None or change.high is None else f" [{_times(change.low)}, {_times(change.high)}]"
    note = f", {change.note}" if change.note else ""
    return number(change.old), number(change.new), f"× {_times(change.ratio)}{interval}{note}"


def _times(ratio: float) -> str:
    return f"{ratio:.2f}" if 0.01 <= abs(ratio) < 100 else f"{ratio:.1e}" if math.isfinite(ratio) else "∞"


def _summary(found: Comparison, least: float) -> Sequence[str]:
    settings = len({change.cell for change in found.changes})
    counts = {verdict: len(found.of(verdict)) for verdict in ORDER}
    lines = [
        f"{counts['worse']} worse, {counts['better']} better, {counts['same']} the same, {counts['unclear']} unclear "
        f"in {settings} setting{'s' if settings != 1 else ''} (least effect {least:.0%})."
    ]
    if not found.hardware:
        lines.append("Made on different machines, so no seconds were compared.")
    elif any(change.verdict == "unclear" and change.quantity.startswith("seconds") for change in found.changes):
        times = f"{found.runs[0]} time{'s' if found.runs[0] != 1 else ''}"
        lines.append(f"Unclear may be chance: run both sides in turn more often than {times} (run … --only all).")
    for name, cells_left in (("old", found.old_only), ("new", found.new_only)):
        if cells_left:
            lines.append(f"{len(cells_left)} cells are only in the {name} folder and were not compared.")
    failed = [change for change in found.of("worse") if change.quantity == STATE]
    return [*lines, *(f"{plain(c.dataset)}  {plain(c.solver)}: {plain(c.note, 500)}" for c in failed)]


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _inert(text: str) -> str:
    """Text in which neither HTML nor Markdown means anything."""
    escaped = html.escape(text, quote=False)
    return "".join(f"&#{ord(letter)};" if letter in r"|\`*_[]{}()#+!~@:" else letter for letter in escaped)
