"""`kineticbench check`: whether a solver keeps what every solver promises."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def check(
    solver: Annotated[str, typer.Argument(help="Name of a solver, or the path of its file.")],
    seconds: Annotated[float, typer.Option(min=1, help="Longest that the whole may take.")] = 900,
    as_json: Annotated[bool, typer.Option("--json", help="Print every finding as a line of JSON.")] = False,
) -> None:
    """Try SOLVER on small problems and say in plain words what to mend; the exit status is 1 where something is.

    Its file is run in a process of its own, which knows nothing of this one's environment but where Python is.
    """
    import json
    from dataclasses import asdict

    from .. import catalog
    from ..conformance.outside import findings

    catalog.find("solvers", solver)  # what is no solver at all is an error of the command
    broken: dict[tuple[str, str], list[str]] = {}
    remedies: dict[tuple[str, str], str] = {}
    kept, passed_over = 0, 0
    for finding in findings(solver, seconds):
        if as_json:
            typer.echo(json.dumps(asdict(finding)))
        kept += finding.state == "holds"
        passed_over += finding.state == "not asked"
        if finding.state == "broken":
            key = finding.promise, finding.found
            broken.setdefault(key, []).append(finding.kind)
            remedies[key] = finding.remedy
    if not as_json:
        _tell(broken, remedies, kept, passed_over)
    if broken:
        raise typer.Exit(1)


def _tell(
    broken: dict[tuple[str, str], list[str]], remedies: dict[tuple[str, str], str], kept: int, passed_over: int
) -> None:
    from ..site.text import plain

    for (promise, found), kinds in broken.items():
        where = ", ".join(kind for kind in kinds if kind)
        typer.echo(f"✗ {plain(promise, 300)}{f' ({where})' if where else ''}")
        typer.echo(f"    {plain(found, 1000)}")
        typer.echo(f"    → {plain(remedies[promise, found], 300)}")
    count = len(broken)
    typer.echo(f"{count or 'Nothing'} to mend; {kept} tries held, {passed_over} did not apply.")
