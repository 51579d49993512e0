"""`kineticbench verify`: whether a submission keeps what it claims, under seeds that are drawn now."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..contracts.errors import InvalidInput
from ._within import GIGABYTES, SECONDS, within

app = typer.Typer()


@app.command()
def verify(
    submission: Annotated[
        str | None, typer.Argument(help="Folder with a solver file and its records, or a solver (file or name).")
    ] = None,
    records: Annotated[Path | None, typer.Option(help="Folder of the records, where SUBMISSION is a solver.")] = None,
    draws: Annotated[int, typer.Option(min=1, max=100, help="Runs of each setting with drawn seeds.")] = 5,
    seed: Annotated[str | None, typer.Option(help="Base of an earlier draw, to repeat it.")] = None,
    beacon: Annotated[str | None, typer.Option(help="Public random value, published after the submission.")] = None,
    least: Annotated[float, typer.Option(help="Least effect where chance plays a part: 0.1 is a tenth.")] = 0.1,
    confidence: Annotated[float, typer.Option(help="That chance alone rejects no honest submission.")] = 0.99,
    seconds: Annotated[
        float, typer.Option(callback=within(1, SECONDS), help="Longest that a cell may take, beneath its own limit.")
    ] = 1800,
    memory: Annotated[
        float, typer.Option(callback=within(0.1, GIGABYTES), help="Most memory of a cell in GB, beneath its own limit.")
    ] = 8,
    results: Annotated[Path | None, typer.Option(help="Folder for our records; by default a new one.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    every: Annotated[bool, typer.Option("--all", help="Show what agrees too.")] = False,
    files: Annotated[
        str | None, typer.Option(metavar="BASE", help="Look only at the files changed since BASE.")
    ] = None,
    head: Annotated[str, typer.Option(help="The commit that is compared with BASE.")] = "HEAD",
) -> None:
    """Run the cells of SUBMISSION here, under its seeds and under drawn ones, and say whether its claims hold.

    What is run here is kept as records that are `rerun here`. Its solver is executed, in a worker without secrets: see
    docs/threat_model.md for what that does not protect from. The exit status is 0 where everything agrees, else 1.

    With --files nothing is executed: the exit status is 1 where a change touched what is not its own.
    """
    if files is not None:
        _files(files, head, as_json)
        return
    if submission is None:
        raise InvalidInput("Nothing to verify is given.", "Give a folder, or --files BASE.")
    if not (0 < least < 100 and 0 < confidence < 1):
        raise InvalidInput(
            f"A least effect of {least:g} or a confidence of {confidence:g} cannot be meant.", "Try 0.1 and 0.99."
        )
    from ..engine.environment import hardware
    from ..engine.executors.local import Local
    from ..results.store import Store
    from ..submissions import rerun
    from ..submissions.drawing import draw
    from ..submissions.judge import judge
    from ..submissions.submission import read
    from . import _progress
    from . import _verify_view as view

    sent = read(submission, records)
    taken = {seed for record in sent.records for seed in (record.settings.seed, record.settings.dataset.seed)}
    drawn = draw(sent.digest, draws, seed, beacon, taken)
    view.begin(sent, drawn)
    settings = rerun.settings(sent, drawn)
    planned = rerun.plan(settings, seconds, int(memory * 1e9))
    folder = results or Path("results") / f"verify-{sent.name}-{view.short(sent, drawn)}"
    store = Store(folder)
    store.prepare()
    jobs = rerun.wanted(planned, folder, hardware()["id"])
    ended = _progress.execute(jobs, store, Local(), view.command(sent, drawn, draws), fail_fast=False)
    if ended.status == _progress.INTERRUPTED:
        raise typer.Exit(ended.status)
    cells = {item.cell.id for item in planned}
    made = [record for record in store.read().records if record.cell in cells]
    verdict = judge(sent, settings, made, least, confidence)
    report = view.report(sent, drawn, verdict, confidence, folder)
    view.keep(report, folder)
    view.show(report, verdict, as_json, every)
    if not verdict.accepted:
        raise typer.Exit(1)


def _files(base: str, head: str, as_json: bool) -> None:
    import json

    from ..site.text import plain
    from ..submissions.tree import look

    looked = look(Path.cwd(), base, head)
    if as_json:
        typer.echo(json.dumps({"schema": "kineticbench/files/1", **looked.as_json()}, indent=1))
    else:
        for mark, lines in (("✗", looked.faults), ("·", looked.notes)):
            for line in lines:
                typer.echo(f"{mark} {plain(line, 500)}")
        typer.echo(f"{looked.count} files of {plain(looked.solver or 'no solver')}: {len(looked.faults)} faults.")
    if looked.faults:
        raise typer.Exit(1)
