"""How `kineticbench status` shows a folder: as text, as a display that is refreshed, as JSON."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from ..contracts.errors import KineticbenchError
from ..engine.cell import Cell, PlugInSetting
from ..engine.plan import FAILED, Codes
from ..results import run_state
from ..results.glance import Glance
from ..results.run_state import RunState
from ..results.store import Store
from ..results.survey import Survey
from ..site.text import plain, span

_MOST_ROWS = 200


@dataclass(frozen=True)
class Counts:
    """What the cells of a folder are."""

    attempts: int
    cells: int
    states: dict[str, int]
    stale: int
    foreign: int
    noisy: int


def counted(attempts: int, cells: Iterable[Glance]) -> Counts:
    """Count cells; `foreign` ones were made by a plug-in that is not here."""
    cells, codes, today = list(cells), Codes(), dict[tuple[str, str], str | None]()
    for key in {(it.solver, it.dataset) for it in cells}:
        today[key] = None
        with suppress(KineticbenchError, SyntaxError, OSError):
            today[key] = codes.of(Cell(solver=PlugInSetting(key[0], {}), dataset=PlugInSetting(key[1], {})))
    made_by = [(it, today[it.solver, it.dataset]) for it in cells]
    return Counts(
        attempts=attempts,
        cells=len(cells),
        states=dict(Counter(it.state for it in cells).most_common()),
        stale=sum(code is not None and it.codes != {code} for it, code in made_by),
        foreign=sum(code is None for _, code in made_by),
        noisy=sum(it.noisy for it in cells),
    )


def print_once(survey: Survey, store: Store) -> None:
    """Runs, counts, failures with their reasons, and what was passed over."""
    console = Console()
    cells = survey.cells
    counts = counted(len(survey.attempts), cells)
    for state in run_state.read(store.runs):
        console.print(_run(state, datetime.now(UTC)))
    console.print(_line(counts))
    rows = Counter((it.dataset, it.solver, it.setting, it.state, it.reason) for it in cells if it.state in FAILED)
    if rows:
        console.print(_failures(rows))
    for number, what in (
        (counts.foreign, "made by a plug-in that is not here"),
        (counts.stale, "stale: their code has changed since"),
        (counts.noisy, "timed on a busy machine"),
    ):
        if number:
            console.print(Text(f"{number} {what}"))
    for name, reason in survey.skipped.items():
        console.print(Text(f"passed over {plain(name)}: {plain(reason)}"))


def watch(survey: Survey, store: Store, interval: float) -> None:
    """Show the runs and the counts until no run goes on any more, or until Ctrl-C."""
    with suppress(KeyboardInterrupt), Live(auto_refresh=False, transient=True) as live:
        while True:
            begun, now = time.monotonic(), datetime.now(UTC)
            states = run_state.read(store.runs)
            if all(state.lost(now) for state in states):
                return
            survey.look()
            attempts, cells = len(survey.attempts), survey.cells
            known = Counts(attempts, len(cells), dict(Counter(it.state for it in cells).most_common()), 0, 0, 0)
            live.update(Group(*(_run(state, now) for state in states), _line(known)), refresh=True)
            time.sleep(max(interval, time.monotonic() - begun))  # a large folder is not looked at all the time


def as_json(survey: Survey, store: Store) -> dict[str, Any]:
    """Everything that `print_once` shows, and every cell that failed."""
    cells, now = survey.cells, datetime.now(UTC)
    counts = asdict(counted(len(survey.attempts), cells))
    failures = [
        {"cell": it.cell, "run": it.run, "hardware": it.hardware, "dataset": it.dataset, "solver": it.solver,
         "setting": it.setting, "state": it.state, "reason": it.reason}
        for it in cells if it.state in FAILED
    ]  # fmt: skip
    runs = [
        {**state.model_dump(mode="json"), "left": state.left, "lost": state.lost(now)}
        for state in run_state.read(store.runs)
    ]
    return {
        "schema": "kineticbench/status/1",
        "runs": runs,
        **counts,
        "failures": failures,
        "skipped": survey.skipped,
    }


def _line(counts: Counts) -> Text:
    states = ", ".join(f"{count} {state}" for state, count in counts.states.items()) or "none"
    return Text(f"{counts.attempts} attempts at {counts.cells} cells: {states}")


def _failures(rows: Counter[tuple[str, str, str, str, str | None]]) -> Table:
    made = Table("dataset", "solver", "setting", "state", "cells", "reason", box=None, pad_edge=False)
    for (dataset, solver, setting, state, reason), count in list(rows.items())[:_MOST_ROWS]:
        made.add_row(*(Text(plain(part, 2000)) for part in (dataset, solver, setting, state, count, reason or "")))
    if len(rows) > _MOST_ROWS:
        made.add_row(Text(f"and {len(rows) - _MOST_ROWS} more; --json names all"))
    return made


def _run(state: RunState, now: datetime) -> RenderableType:
    """Who runs, how far it is, and what runs now."""
    ended = ", ".join(f"{count} {name}" for name, count in state.ended.items())
    since_heard = max((now - state.heartbeat).total_seconds(), 0.0)
    what = f"{plain(state.command or 'a run', 300)} on {plain(state.host)}, process {state.pid}"
    what += f", {_since(state.begun, now)}"
    if state.lost(now):
        return Text(f"lost: {what}; last heard of {span(since_heard)} ago, {ended or 'no cell'} ended", style="red")
    done = f"{state.planned - state.left} of {state.planned} cells"
    done += f" ({ended})" if ended else ""
    if state.left_s is not None:
        done += f", about {span(max(state.left_s - since_heard, 1.0))} left"
    share = Table.grid(padding=(0, 1))
    share.add_row(ProgressBar(total=max(state.planned, 1), completed=state.planned - state.left, width=20), Text(done))
    lines: list[RenderableType] = [Text(f"runs: {what}"), share]
    for cell in state.running:
        names = "  ".join(map(plain, (cell.dataset, cell.solver, cell.setting)))
        trained = "" if cell.progress is None else f" {cell.progress:.0%}"
        phase = f"{plain(cell.phase)}{trained}, {_since(cell.phase_since, now)}"
        lines.append(Text(f"  {names}  seed {cell.seed}: {phase} (cell {_since(cell.since, now)})"))
    return Group(*lines)


def _since(begun: datetime, now: datetime) -> str:
    return f"for {span(max((now - begun).total_seconds(), 0.0))}"
