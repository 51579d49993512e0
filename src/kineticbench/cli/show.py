"""`kineticbench show`: one solver, dataset, metric or suite."""

from __future__ import annotations

import inspect
from typing import Annotated

import typer

from ..contracts.errors import UnknownName

app = typer.Typer()


@app.command()
def show(name: Annotated[str, typer.Argument(help="Name of a solver, dataset, metric or suite.")]) -> None:
    """Describe NAME: equation or method, parameters with their defaults, where it is defined."""
    typer.echo(text(name))


def text(name: str) -> str:
    """What is said about a name; all of it where a solver and a dataset share it.

    Raises
    ------
    UnknownName
        For a name that nothing has.
    """
    from .. import catalog, metrics
    from ..engine import suite

    parts = [_plug_in(known[name]) for kind in ("solvers", "datasets") if name in (known := catalog.plug_ins(kind))]
    if name in metrics.names():
        metric = metrics.load(name)
        parts.append(f"{name} (metric): {metric.label}\n\n{inspect.getdoc(type(metric))}")
    if name in suite.names():
        path = suite.names()[name]
        parts.append(f"{name} (suite)\n\n{path.read_text(encoding='utf-8').rstrip()}\n\ndefined in {path}")
    if not parts:
        everything = [*catalog.plug_ins("solvers"), *catalog.plug_ins("datasets"), *metrics.names(), *suite.names()]
        raise UnknownName.among("name", name, everything)
    return "\n\n".join(parts)


def _plug_in(plug_in) -> str:
    lines = [f"{plug_in.name} ({plug_in.kind.removesuffix('s')})", "", plug_in.doc, "", "Values"]
    for field, (annotation, default) in plug_in.parameters.items():
        lines.append(f"    {field}: {annotation}{'' if default is None else f' = {default}'}")
    for key in ("solves", "equation", "family", "amortised", "metrics"):
        value = plug_in.metadata.get(key)
        if value is not None:
            lines.append(f"    {key}: {', '.join(value) if isinstance(value, tuple) else value}")
    return "\n".join([*lines, "", f"defined in {plug_in.path}"])
