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
    """Score the stored solutions of a results folder again where the metrics have changed; nothing is run again."""
    from ..engine.rescore import rescore as score_again
    from ..results.store import Store, current

    store = Store(folder)
    reasons = Counter[str]()
    scored = 0
    for record, reason in score_again(store, current(store.read().records), every):
        if reason is None:
            scored += 1
            settings = record.settings
            typer.echo(f"scored {settings.dataset.name}  {settings.solver.name}  {settings.solver.setting}")
        else:
            reasons[reason] += 1
    typer.echo(f"{scored} scored again")
    for reason, count in reasons.items():
        typer.echo(f"{count} passed over: {reason}")
