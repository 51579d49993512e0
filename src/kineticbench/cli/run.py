"""`kineticbench run`: a suite, cell by cell, then the leaderboard."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from ..contracts.errors import InvalidInput, UnknownName

if TYPE_CHECKING:
    from ..engine.executors.local import Local
    from ..engine.plan import Job
    from ..results.record import Record
    from ..results.store import Store

app = typer.Typer()


class _RunCommand(TyperCommand):
    """Takes --pin without a value too."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As any command, once it has a value."""
        pairs = zip(args, [*args[1:], ""], strict=True)
        bare = [word == "--pin" and not (after[:1].isdigit() or "," in after) for word, after in pairs]
        return super().parse_args(ctx, ["--pin=auto" if it else word for word, it in zip(args, bare, strict=True)])


@app.command(cls=_RunCommand)
def run(
    suites: Annotated[list[str], typer.Argument(help="Names of suites, or paths of TOML files.")],
    solver: Annotated[list[str] | None, typer.Option(help="Only this solver; a .py file adds one.")] = None,
    dataset: Annotated[list[str] | None, typer.Option(help="Only this dataset (name or label).")] = None,
    seeds: Annotated[str, typer.Option(help="Seeds instead of the suite's, such as 0,1,2.")] = "",
    device: Annotated[str | None, typer.Option(help="cpu or gpu instead of the suite's.")] = None,
    executor: Annotated[str, typer.Option(help="local.")] = "local",
    lanes: Annotated[int, typer.Option(min=1, help="Cells at a time, where the suite times none.")] = 1,
    only: Annotated[str, typer.Option(help="missing, failed, stale, all; several with commas.")] = "missing",
    pin: Annotated[str | None, typer.Option(metavar="[CORES]", help="Hold workers to cores: 0,1 or the last.")] = None,
    results: Annotated[Path, typer.Option(help="Folder that keeps the records.")] = Path("results"),
) -> None:
    """Run the cells of SUITES that have no record yet on this hardware; print and write the leaderboard.

    Ctrl-C once lets the running cell finish, twice stops at once; the same command goes on from there.
    """
    from ..engine import cores
    from ..engine import plan as planning
    from ..engine import suite as suites_
    from ..engine.environment import hardware
    from ..engine.executors.local import Local
    from ..results.store import Store

    if executor != "local":
        raise UnknownName.among("executor", executor, ("local",))
    filters = planning.Filters(tuple(solver or ()), tuple(dataset or ()), _seeds(seeds), device)
    store = Store(results)
    store.prepare()
    jobs, planned_ids = [], set()
    for name in suites:
        suite = planning.filtered(suites_.load(name), filters)
        if lanes > 1 and suite.timing:
            raise InvalidInput(f"The suite {name} is timed, so its cells run one at a time.", "Leave out --lanes.")
        planned = planning.plan(suite)
        known = store.known({item.cell.id for item in planned})
        left = planning.chosen(planned, known, hardware()["id"], only.split(","))
        left = [item for item in left if item.cell.id not in planned_ids]
        jobs += planning.jobs(left, suite, results, refit=not {"stale", "all"}.isdisjoint(only.split(",")))
        planned_ids |= {item.cell.id for item in planned}
    pinned = () if pin is None else cores.chosen(pin, max((job.cell.threads for job in jobs), default=1), lanes)
    made = _execute(jobs, store, Local(lanes, pinned), command_line(sys.argv[1:]))
    held = store.read().records
    if held:
        _finish([record for record in held if record.cell in planned_ids], store, rebuild=bool(made))


def command_line(arguments: list[str]) -> str:
    """The command that repeats a run, as records keep it: without the results folder, and files by name alone."""
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--results":
            next(words, None)
        elif not word.startswith("--results="):
            kept.append(Path(word).name if "/" in word else word)
    return shlex.join(["kineticbench", *kept])


def _execute(jobs: list[Job], store: Store, executor: Local, command: str) -> list[Record]:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    from ..engine import run as running

    console = Console(stderr=True)
    columns = [BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), TextColumn("{task.description}")]
    records: list[Record] = []
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=len(jobs))

        def listener(job: Job, message: dict[str, Any]) -> None:
            if message["event"] == "phase":
                bar.update(task, description=f"{_name(job)}: {message['phase']}")
            elif message["event"] == "progress":
                figures = "  ".join(f"{name} {value:.4g}" for name, value in message["figures"].items())
                text = f"{_name(job)}: fit {message['done']}/{message['total']}  {figures}"
                bar.update(task, description=text)

        for record in running.run(jobs, store, executor, listener, command):
            records.append(record)
            bar.advance(task)
            settings = record.settings
            line = f"{settings.dataset.name}  {settings.solver.name}  {settings.solver.setting}"
            text = f"{record.state:>13}  {line}  {record.reason or ''}".rstrip()
            console.print(text, markup=False, highlight=False, soft_wrap=True)
    if len(records) < len(jobs):
        console.print(f"Stopped; {len(jobs) - len(records)} cells are left. The same command goes on.")
    console.print(f"{len(jobs)} cells to run: {running.summary(records)}" if jobs else "Nothing is missing.")
    return records


def _finish(suite_records: list[Record], store: Store, rebuild: bool) -> None:
    from rich.console import Console

    from ..site import build, terminal

    terminal.console().print(terminal.table(suite_records))
    site = store.folder / "leaderboard"
    if rebuild or not site.exists():
        Console(stderr=True).print(f"Leaderboard: {build.build(store.folder, site)}", highlight=False)


def _name(job: Job) -> str:
    cell = job.cell
    return f"{cell.dataset.name}  {cell.solver.name}  {cell.solver.label}"


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        seeds = (-1,)
    if any(seed < 0 for seed in seeds):
        raise InvalidInput(f"--seeds takes whole numbers from 0 on, got {text!r}.", "Write for instance 0,1,2.")
    return seeds
