"""`kineticbench compare`: what got worse from one results folder to another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def compare(
    old: Annotated[Path, typer.Argument(help="Results folder to compare with.")],
    new: Annotated[Path, typer.Argument(help="Results folder to judge.")],
    least: Annotated[float, typer.Option(help="Least effect: 0.1 is a tenth more seconds or error.")] = 0.1,
    confidence: Annotated[float, typer.Option(help="That there is no false alarm at all.")] = 0.95,
    every: Annotated[bool, typer.Option("--all", help="Show what is the same too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    markdown: Annotated[Path | None, typer.Option(help="Also write a table in Markdown to this file.")] = None,
) -> None:
    """Compare errors, invariants and seconds, cell by cell; the exit status is 1 where something surely got worse.

    Every run of a cell counts, so run both sides several times, in turn. `--only all` runs again what is there.
    """
    import json

    from ..files import write_atomically
    from ..ranking.compare import compare as sides
    from ..results.store import Store
    from . import _compare_view as view

    found = sides(*(Store(folder).read().records for folder in (old, new)), least=least, confidence=confidence)
    if markdown is not None:
        write_atomically(markdown, view.markdown(found, least).encode())
    if as_json:
        typer.echo(json.dumps(view.as_json(found), indent=1, allow_nan=False))
    else:
        view.show(found, least, every)
    if found.of("worse"):
        raise typer.Exit(1)
