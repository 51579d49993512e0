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
) -> None:
    """Copy SOLVER, its newest good records and its trained fits from RESULTS into FOLDER, laid out as a pull request.

    The records say `self-reported` there, since nobody else has run them yet. `kineticbench verify FOLDER` is what
    becomes of them; try it first.
    """
    from ..site.text import plain
    from ..submissions.gather import gather

    written = gather(solver, results, folder)
    for path in written:
        typer.echo(plain(path, 300))
    typer.echo(f"{len(written)} files. Try: kineticbench verify {plain(folder, 300)}", err=True)
