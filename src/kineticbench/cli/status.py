"""`kineticbench status`: what a results folder holds, and what runs in it now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from ..contracts.errors import InvalidInput

app = typer.Typer()
WATCH_SECONDS = 1.0


@app.command()
def status(
    folder: Annotated[Path, typer.Argument(help="A results folder.")],
    watch: Annotated[bool, typer.Option("--watch", help="Show it until no run goes on; Ctrl-C leaves.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what runs in a results folder now, here or elsewhere, count its cells by state, name what failed or is stale.

    A run is told of by the folder alone; one that is not heard of any more is called lost.
    """
    from ..results.store import Store
    from ..results.survey import Survey
    from . import _status_view as view

    if watch and as_json:
        raise InvalidInput("--watch and --json do not go together.", "Leave out one of them.")
    survey = Survey(Store(folder))
    survey.look()
    if as_json:
        typer.echo(json.dumps(view.as_json(survey, Store(folder)), indent=1))
        return
    if watch:
        view.watch(survey, Store(folder), WATCH_SECONDS)
        survey.look()
    view.print_once(survey, Store(folder))
