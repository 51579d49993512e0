"""`kineticbench check`: whether a solver or a dataset keeps what every one promises."""

from __future__ import annotations

from typing import Annotated

import typer

from ._within import GIGABYTES, SECONDS, within

app = typer.Typer()


@app.command()
def check(
    name: Annotated[str, typer.Argument(help="A solver or a dataset: its name, or the path of its file.")],
    seconds: Annotated[float, typer.Option(callback=within(1, SECONDS), help="Longest that one try may take.")] = 300,
    memory: Annotated[
        float, typer.Option(callback=within(0.5, GIGABYTES), help="Most memory that it may take, in GB.")
    ] = 4,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was found as JSON.")] = False,
) -> None:
    """Try NAME on small problems and say in plain words what to mend.

    The exit status is 0 where every promise holds, 1 where one is broken, and 2 where there is nothing to try: no such
    name or file, no Python, no plug-in in it or several.

    It runs in a process of its own, with limits on time and memory and without the secrets of this one's environment.
    That process is no sandbox: it may read and write what you may. Read a stranger's file before you check it.
    """
    import json
    from contextlib import nullcontext

    from rich.console import Console

    from ..conformance.outside import Limits, report
    from . import _check_view

    err = Console(stderr=True)
    with err.status(f"Checking {name}") if err.is_terminal else nullcontext() as shown:

        def listen(trying: str) -> None:
            if shown is not None:
                shown.update(f"Trying {trying}")

        found = report(name, Limits(seconds, memory * 1e9), listen)
    if as_json:
        typer.echo(json.dumps(_check_view.as_data(found), indent=1, ensure_ascii=False))
    else:
        _check_view.show(found)
    if found.broken:
        raise typer.Exit(1)
