"""`kineticbench export`: a problem as an openPMD file, for codes in any language."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._within import within

app = typer.Typer()
MOST = 10_000_000_000  # cases, or particles of each


@app.command()
def export(
    dataset: Annotated[str, typer.Argument(help="Name of a dataset.")],
    file: Annotated[Path, typer.Argument(help="HDF5 file to write.")],
    cases: Annotated[
        int | None, typer.Option(callback=within(1, MOST), help="The first so many cases; without, all of them.")
    ] = None,
    seed: Annotated[
        int, typer.Option(callback=within(0, 2**32 - 1), help="Seed of the dataset, and of particles that are drawn.")
    ] = 0,
    split: Annotated[str, typer.Option(help="Part of the dataset.")] = "test",
    particles: Annotated[int | None, typer.Option(callback=within(1, MOST), help="Particles of each case.")] = None,
    start: Annotated[
        str | None, typer.Option(help="How they are drawn from a density: random, quiet, quiet-weighted, mesh.")
    ] = None,
    parameters: Annotated[list[str] | None, typer.Option(help="Dataset parameter, NAME=VALUE; repeatable.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it is there already.")] = False,
) -> None:
    """Write initial states, equation, query and description of DATASET to FILE, never the truth.

    The file follows openPMD 1.1. docs/other_languages.md shows step by step how a code answers it.
    """
    from ..openpmd.export import GIVEN, Order
    from ..openpmd.export import export as write
    from .fit import parse_parameters

    order = Order(dataset, parse_parameters(parameters or []), split, cases, seed, particles, start)
    made = write(order, file, force)
    times = made.problem.query.times
    typer.echo(f"{file}: {dataset}, {made.problem.equation.name}, {file.stat().st_size / 1e6:.1f} MB")
    if made.ensemble is not None:
        drawn = "" if made.start == GIVEN else f", drawn: {made.start}"
        typer.echo(f"{made.ensemble.cases} cases of {made.ensemble.particles} particles{drawn}")
    typer.echo(f"wanted at the times {', '.join(f'{time:g}' for time in times[:12])}{', …' if len(times) > 12 else ''}")
