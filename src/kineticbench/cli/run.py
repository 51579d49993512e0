"""`kineticbench run`: a suite, cell by cell, then the leaderboard."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperCommand

from ..contracts.errors import InvalidInput

if TYPE_CHECKING:
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
    executor: Annotated[str, typer.Option(help="local or dask.")] = "local",
    lanes: Annotated[int, typer.Option(min=1, help="Cells at a time, where the suite times none.")] = 1,
    scheduler: Annotated[
        str | None, typer.Option(help="Dask scheduler (address or file); without, an own one.")
    ] = None,
    workers: Annotated[int, typer.Option(min=1, help="Worker processes of Dask's own cluster.")] = 1,
    only: Annotated[str, typer.Option(help="missing, failed, stale, all; several with commas.")] = "missing",
    fail_fast: Annotated[bool, typer.Option("--fail-fast", help="Stop after the first cell that fails.")] = False,
    pin: Annotated[str | None, typer.Option(metavar="[CORES]", help="Hold workers to cores: 0,1 or the last.")] = None,
    results: Annotated[Path, typer.Option(help="Folder that keeps the records.")] = Path("results"),
) -> None:
    """Run the cells of SUITES that have no record yet on this hardware; print and write the leaderboard.

    Ctrl-C once lets the running cell finish, twice stops at once; the same command goes on from there. The exit status
    is 1 where every cell of a solver failed or --fail-fast stopped, 130 after Ctrl-C.
    """
    from ..engine import cores
    from ..engine import plan as planning
    from ..engine import suite as suites_
    from ..engine.executors import executor as executor_
    from ..results.store import Store
    from . import _progress

    filters = planning.Filters(tuple(solver or ()), tuple(dataset or ()), _seeds(seeds), device)
    store = Store(results)
    store.prepare()
    asked = [word.strip() for word in only.split(",")]
    loaded = {name: planning.filtered(suites_.load(name), filters) for name in suites}
    threads = max(suite.most_threads for suite in loaded.values())
    pinned = () if pin is None else cores.chosen(pin, threads, lanes)
    jobs, planned_ids, command = [], set(), command_line(sys.argv[1:])
    with closing(executor_(executor, lanes, pinned, scheduler, workers, command)) as where:
        for name, suite in loaded.items():
            if max(lanes, workers) > 1 and suite.timing:
                option = "--lanes" if lanes > 1 else "--workers"
                raise InvalidInput(
                    f"The suite {name} is timed, so its cells run one at a time.", f"Leave out {option}."
                )
            planned = planning.plan(suite)
            known = store.known({item.cell.id for item in planned})
            left = planning.chosen(planned, known, where.hardware(), asked)
            left = [item for item in left if item.cell.id not in planned_ids]
            jobs += planning.jobs(left, suite, results, refit=not {"stale", "all"}.isdisjoint(asked))
            planned_ids |= {item.cell.id for item in planned}
        ended = _progress.execute(jobs, store, where, command, fail_fast)
    held = store.read().records
    if held:
        _finish([record for record in held if record.cell in planned_ids], store, rebuild=bool(ended.records))
    if ended.status:
        raise typer.Exit(ended.status)


def command_line(arguments: list[str]) -> str:
    """The command that repeats a run, as records keep it: no results folder, no scheduler, and files by name alone."""
    kept: list[str] = []
    words = iter(arguments)
    for word in words:
        if word in ("--results", "--scheduler"):
            next(words, None)
        elif not word.startswith(("--results=", "--scheduler=")):
            kept.append(Path(word).name if "/" in word else word)
    return shlex.join(["kineticbench", *kept])


def _finish(suite_records: list[Record], store: Store, rebuild: bool) -> None:
    from rich.console import Console

    from ..site import build, terminal

    terminal.console().print(terminal.table(suite_records))
    site = store.folder / "leaderboard"
    if rebuild or not site.exists():
        Console(stderr=True).print(
            f"Leaderboard: {build.build(store.folder, site)}", markup=False, highlight=False, soft_wrap=True
        )


def _seeds(text: str) -> tuple[int, ...]:
    try:
        seeds = tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        seeds = (-1,)
    if any(seed < 0 for seed in seeds):
        raise InvalidInput(f"--seeds takes whole numbers from 0 on, got {text!r}.", "Write for instance 0,1,2.")
    return seeds
