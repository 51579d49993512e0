"""`kineticbench cite`: the BibTeX of what was used."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

import typer

from ..contracts.errors import UnknownName

app = typer.Typer()
_KEYWORDS = re.compile(r",\s*keywords = \{([^}]*)\}")


@app.command()
def cite(names: Annotated[list[str], typer.Argument(help="Names of solvers, datasets and metrics.")]) -> None:
    """Print the BibTeX of solvers, datasets and metrics, each entry once."""
    for entry in citations(names):
        typer.echo(entry + "\n")


def citations(names: Iterable[str]) -> list[str]:
    """BibTeX of solvers, datasets and metrics, each text once, in the order asked for.

    Raises
    ------
    UnknownName
        For a name that none of them has.
    """
    from .. import catalog, metrics

    solvers, datasets = catalog.plug_ins("solvers"), catalog.plug_ins("datasets")
    found: dict[str, None] = {}
    for name in names:
        holders = [known[name] for known in (solvers, datasets) if name in known]
        if not holders and name not in metrics.REGISTRY:
            raise UnknownName.among("solver, dataset or metric", name, {*solvers, *datasets, *metrics.REGISTRY})
        found |= {text: None for plug_in in holders if (text := str(plug_in.metadata.get("cite") or "").strip())}
        found |= dict.fromkeys(of_metric(name))
    return list(found)


def of_metric(name: str) -> list[str]:
    """BibTeX of a metric: the entries of `metrics/references.bib` that have its name among their keywords."""
    from ..catalog import PACKAGE

    entries = (PACKAGE / "metrics" / "references.bib").read_text(encoding="utf-8").split("\n\n")
    named = ((_KEYWORDS.search(entry), entry.strip()) for entry in entries)
    return [
        _KEYWORDS.sub("", entry) for keywords, entry in named if keywords and name in re.split(r",\s*", keywords[1])
    ]
