"""`kineticbench status`: what a results folder holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from ..contracts.errors import KineticbenchError

app = typer.Typer()


@app.command()
def status(folder: Annotated[Path, typer.Argument(help="A results folder.")]) -> None:
    """Count the cells of a results folder by state, name the failures, and say which records are stale."""
    from rich.console import Console
    from rich.table import Table

    from ..engine.cell import Cell
    from ..engine.plan import FAILED, todays_code
    from ..results.store import Store, current

    contents = Store(folder).read()
    records = current(contents.records)
    console = Console()
    counts = Counter(record.state for record in records)
    console.print(f"{len(contents.records)} attempts at {len(records)} cells:", end=" ")
    console.print(", ".join(f"{count} {state}" for state, count in counts.most_common()) or "none")
    failures = Table("dataset", "solver", "setting", "state", "reason", box=None, pad_edge=False)
    for record in records:
        if record.state in FAILED:
            solver = record.settings.solver
            row = (record.settings.dataset.name, solver.name, solver.setting, record.state, record.reason or "")
            failures.add_row(*row)
    if failures.row_count:
        console.print(failures)
    stale = Counter[str]()
    for record in records:
        try:
            same = {todays_code(Cell.from_dict(record.settings.model_dump()))} == record.codes
        except KineticbenchError:
            stale["made by a plug-in that is not here"] += 1
            continue
        stale["stale: their code has changed since"] += not same
    for what, count in stale.items():
        if count:
            console.print(f"{count} {what}")
    noisy = sum(record.solve is not None and record.solve.noisy for record in records)
    if noisy:
        console.print(f"{noisy} timed on a busy machine")
    for name, reason in contents.skipped.items():
        console.print(f"passed over {name}: {reason}", markup=False)
