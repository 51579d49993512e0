"""`kineticbench cite`: the BibTeX of what was used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import typer

from ..contracts.errors import UnknownName

app = typer.Typer()


@app.command()
def cite(names: Annotated[list[str], typer.Argument(help="Names of solvers and datasets.")]) -> None:
    """Print the BibTeX of solvers and datasets, each entry once."""
    for entry in citations(names):
        typer.echo(entry + "\n")


def citations(names: Iterable[str]) -> list[str]:
    """BibTeX of solvers and datasets, each text once, in the order asked for.

    Raises
    ------
    UnknownName
        For a name that neither a solver nor a dataset has.
    """
    from .. import catalog

    solvers, datasets = catalog.plug_ins("solvers"), catalog.plug_ins("datasets")
    found: dict[str, None] = {}
    for name in names:
        holders = [known[name] for known in (solvers, datasets) if name in known]
        if not holders:
            raise UnknownName.among("solver or dataset", name, {*solvers, *datasets})
        found |= {text: None for plug_in in holders if (text := str(plug_in.metadata.get("cite") or "").strip())}
    return list(found)
