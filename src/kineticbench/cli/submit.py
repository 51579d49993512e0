"""`kineticbench submit`: a solver and its records in a folder, as they are sent in."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def submit(
    solver: Annotated[Path, typer.Argument(help="The solver's file.")],
    results: Annotated[Path, typer.Argument(help="Results folder with its records.")],
    folder: Annotated[Path, typer.Argument(help="Where to put them: a new folder, or a checkout of kineticbench.")],
    replace: Annotated[bool, typer.Option("--replace", help="Replace an earlier file of yours there.")] = False,
) -> None:
    """Copy SOLVER, its newest good records and its trained fits from RESULTS into FOLDER, laid out as a pull request.

    Taken are records that the file made as it is now. They say `self-reported` there, since nobody else has run them
    yet. `kineticbench verify` is what becomes of them; try it first.
    """
    from ..site.text import plain
    from ..submissions.gather import gather
    from ..submissions.tree import RECORDS

    gathered = gather(solver, results, folder, replace)
    for path in gathered.paths:
        typer.echo(plain(path, 300))
    if gathered.stale:
        typer.echo(f"{gathered.stale} records were made by other code and are left out.", err=True)
    file, *_ = gathered.paths
    alone = len(list(file.parent.glob("[!_.]*.py"))) == 1
    where = folder if alone else f"{file} --records {folder / RECORDS}"
    typer.echo(f"{len(gathered.paths)} files. Try: kineticbench verify {plain(where, 600)}", err=True)
