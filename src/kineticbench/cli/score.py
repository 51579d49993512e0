"""`kineticbench score`: the trajectory of a code in any language against the truth."""

from __future__ import annotations

import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ..contracts.errors import InvalidInput
from ._within import GIGABYTES, SECONDS, within

if TYPE_CHECKING:
    from ..results.record import Record

app = typer.Typer()


@app.command()
def score(
    file: Annotated[Path, typer.Argument(help="openPMD file that answers an exported problem.")],
    results: Annotated[Path, typer.Option(help="Folder that keeps the record.")] = Path("results"),
    memory: Annotated[
        float, typer.Option(callback=within(0.1, GIGABYTES), help="GB of memory that scoring may take.")
    ] = 8.0,
    seconds: Annotated[
        float, typer.Option(callback=within(1, SECONDS), help="Seconds that scoring may take.")
    ] = 1800.0,
    keep: Annotated[bool, typer.Option("--keep/--dry-run", help="Whether a record is written.")] = True,
) -> None:
    """Score the trajectory in FILE with the metrics of its dataset; print them and add a record to the results.

    FILE is only opened in processes of their own, which may crash, hang or grow without harm. Errors are computed
    here; times and hardware are what the file says, and are marked so. The exit status is 2 where the file cannot be
    scored, or where its solution is not finite (that is recorded as diverged).
    """
    from ..openpmd.submission import Processes, Room
    from ..openpmd.submission import score as score_file
    from ..results.store import Store
    from ..site.text import plain

    processes = Processes(Room(memory=int(memory * 1e9), seconds=seconds))
    command = shlex.join(["kineticbench", "score", os.fsencode(file.name).decode(errors="replace")])
    try:
        record = score_file(file, results if keep else None, processes, command, say=typer.echo)
    except InvalidInput as error:
        raise InvalidInput(f"{plain(file.name)}: {plain(error, 2000)}") from None
    finally:
        processes.close()
    _show(record)
    if keep:
        path = Store(results).record_path(record.cell, record.run)
        typer.echo(f"{path}  {record.trust}, times as reported")
    if record.state != "ok":
        raise InvalidInput(f"{plain(file.name)}: {record.state}. {plain(record.reason or '', 2000)}")


def _show(record: Record) -> None:
    """The table of scores: each metric at its last time, and why others have none."""
    from rich.table import Table
    from rich.text import Text

    from ..site.labels import metric_label
    from ..site.terminal import console
    from ..site.text import number, plain, seconds

    solver, solve = record.settings.solver, record.solve
    title = f"{plain(solver.name, 60)} {plain(solver.setting, 60)} on {plain(record.settings.dataset.name, 60)}"
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading, justify in (("Metric", "left"), ("Time", "right"), ("Error", "right"), ("Floor", "right")):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for name, values in record.metrics.values.items() if record.metrics else ():
        row: list[Any] = [values.times[-1], values.mean[-1], values.floor[-1]]
        table.add_row(metric_label(name), *map(number, row))
    screen = console()
    screen.print(Text(title, style="bold"))
    if table.rows:
        screen.print(table)
    for name, reason in record.metrics.missing.items() if record.metrics else ():
        screen.print(Text(f"{metric_label(name)}: {plain(reason)}", style="dim"))
    if solve is not None and solve.cold_s is not None and record.fit is not None:
        told = f"fit {seconds(record.fit.fit_s)}, solve {seconds(solve.cold_s)}"
        screen.print(Text(f"As reported: {told} on {plain(record.hardware.cpu)}", style="dim"))
