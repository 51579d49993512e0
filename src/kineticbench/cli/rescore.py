"""`kineticbench rescore`: stored solutions under today's metrics."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def rescore(
    folder: Annotated[Path, typer.Argument(help="A results folder.")],
    every: Annotated[bool, typer.Option("--all", help="Also those whose metrics have not changed.")] = False,
) -> None:
    """Score the stored solutions of a results folder again where the metrics have changed; nothing is run again.

    Ctrl-C leaves what was scored; the same command goes on. The exit status is 1 where a solution could not be scored.
    """
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    from ..engine.rescore import IN_ORDER
    from ..engine.rescore import rescore as score_again
    from ..results.store import Store, current
    from ..site.text import plain

    store = Store(folder)
    records = current(store.read().records)
    reasons = Counter[str]()
    scored = 0
    console = Console(stderr=True)
    columns = [BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    shared = Console().is_terminal  # else the bar must not take the lines that go elsewhere
    with Progress(
        *columns, console=console, disable=not console.is_terminal, transient=True, redirect_stdout=shared
    ) as bar:
        for record, reason in bar.track(score_again(store, records, every), total=len(records)):
            if reason is None:
                scored += 1
                settings = record.settings
                names = (settings.dataset.name, settings.solver.name, settings.solver.setting)
                typer.echo(f"scored {'  '.join(map(plain, names))}")
            else:
                reasons[reason] += 1
    typer.echo(f"{scored} scored again")
    for reason, count in reasons.items():
        typer.echo(f"{count} passed over: {plain(reason, 2000)}")
    if reasons.keys() - set(IN_ORDER):
        raise typer.Exit(1)
