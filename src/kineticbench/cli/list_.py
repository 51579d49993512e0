"""`kineticbench list`: what there is."""

from __future__ import annotations

from typing import Annotated

import typer

from ..contracts.errors import UnknownName

app = typer.Typer()
KINDS = ("solvers", "datasets", "metrics", "suites")


@app.command()
def list_(
    kinds: Annotated[list[str] | None, typer.Argument(help="solvers, datasets, metrics, suites; all if none.")] = None,
) -> None:
    """List solvers, datasets, metrics and suites, each with the first line of its description."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for kind in kinds or KINDS:
        if kind not in KINDS:
            raise UnknownName.among("kind", kind, KINDS)
        table = Table("", "", title=kind, title_justify="left", show_header=False, box=None, padding=(0, 2, 0, 0))
        for name, text in entries(kind).items():
            table.add_row(name, text)
        console.print(table, end="\n\n")


def entries(kind: str) -> dict[str, str]:
    """Names of a kind, with one line about each."""
    if kind == "metrics":
        from .. import metrics

        return {name: metrics.load(name).label for name in metrics.names()}
    if kind == "suites":
        from ..engine import suite

        return {name: suite.load(name).description.partition("\n")[0] for name in suite.names()}
    from .. import catalog

    return {name: plug_in.summary for name, plug_in in catalog.plug_ins(kind).items()}  # type: ignore[arg-type]
