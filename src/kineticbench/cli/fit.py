"""`kineticbench fit`: train a solver on a dataset and keep the fit with the record of what it cost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from ..contracts.errors import InvalidInput

app = typer.Typer()
APART = "KINETICBENCH_APART"  # set where it is that process


def parse_parameters(pairs: list[str]) -> dict[str, Any]:
    """["steps=5", "loading=quiet"] as {"steps": 5, "loading": "quiet"}: values are JSON, or else text."""
    parsed: dict[str, Any] = {}
    for pair in pairs:
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise InvalidInput(f"{pair!r} is not NAME=VALUE.", "Write for instance steps=25.")
        try:
            parsed[name] = json.loads(text)
        except ValueError:
            parsed[name] = text
    return parsed


@app.command()
def fit(
    solver: Annotated[str, typer.Argument(help="Name of a solver that learns, or the path of its file.")],
    dataset: Annotated[str, typer.Option(help="Name of the dataset to learn from.")] = "gaussian_ensemble",
    parameter: Annotated[list[str] | None, typer.Option("--set", help="Solver parameter, NAME=VALUE.")] = None,
    data_parameter: Annotated[list[str] | None, typer.Option("--data", help="Dataset parameter, NAME=VALUE.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the fit.")] = 0,
    precision: Annotated[str, typer.Option(help="float32 or float64.")] = "float32",
    device: Annotated[str, typer.Option(help="cpu or gpu.")] = "cpu",
    threads: Annotated[int, typer.Option(min=1, help="Threads to use.")] = 2,
    output: Annotated[Path, typer.Option(help="Folder for the weights and the record.")] = Path("results/fits"),
    again: Annotated[bool, typer.Option("--again", help="Train even where the fit is kept, here or packaged.")] = False,
) -> None:
    """Train SOLVER, or go on where a killed training stopped; the fit is kept under the hash of its settings."""
    from ..engine.environment import hardware
    from ..engine.threads import limit

    if solver.endswith(".py") and APART not in os.environ:
        options = [("--set", pair) for pair in parameter or []] + [("--data", pair) for pair in data_parameter or []]
        options += [("--dataset", dataset), ("--seed", str(seed)), ("--precision", precision), ("--device", device)]
        options += [("--threads", str(threads)), ("--output", str(output))]
        _apart([solver, *(word for option in options for word in option), *(["--again"] if again else [])])
        return
    hardware()  # before the process is held to some of the cores
    limit(threads, precision)
    _fit(solver, dataset, parameter or [], data_parameter or [], seed, precision, device, threads, output, again)


def _apart(words: list[str]) -> None:
    """The same command in a process without secrets, since it executes a file; its crash is an error with a line."""
    from ..engine.inherited import inherited

    command = [sys.executable, "-m", "kineticbench.cli", "fit", *words]
    ended = subprocess.run(command, env={**inherited(os.environ), APART: "1"}, check=False).returncode
    if ended < 0:
        raise InvalidInput(f"The process was ended by signal {-ended}.", "Look at what the file does.")
    if ended:
        raise typer.Exit(ended)


def _fit(
    solver: str,
    dataset: str,
    parameter: list[str],
    data_parameter: list[str],
    seed: int,
    precision: Any,
    device: Any,
    threads: int,
    output: Path,
    again: bool,
) -> None:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from ..contracts import TrainedSolver
    from ..engine.cell import Cell, PlugInSetting
    from ..engine.fits import obtain

    if precision not in ("float32", "float64") or device not in ("cpu", "gpu"):
        raise InvalidInput(f"precision {precision!r} or device {device!r} is unknown.", "See kineticbench fit --help.")
    cell = Cell(
        dataset=PlugInSetting.of("datasets", dataset, parse_parameters(data_parameter)),
        solver=PlugInSetting.of("solvers", solver, parse_parameters(parameter)),
        seed=seed,
        device=device,
        threads=threads,
        precision=precision,
    )
    data, method = cell.build()
    if not isinstance(method, TrainedSolver):
        raise InvalidInput(f"{solver} keeps no fits.", "Run it with kineticbench run.")
    columns = [TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()]
    with Progress(*columns, TextColumn("{task.fields[figures]}"), disable=not os.isatty(2)) as bar:
        task = bar.add_task(f"{solver} on {dataset}", total=None, figures="")

        def report(done: int, total: int, figures: Mapping[str, float]) -> None:
            text = "  ".join(f"{name} {value:.5g}" for name, value in figures.items())
            bar.update(task, completed=done, total=total, figures=text)

        problem = data.problem(cell.split, 1 if method.amortised else cell.cases, cell.dataset_seed)
        got = obtain(cell, data, method, problem, output, report, "always" if again else "never")
    assert got.record is not None
    did = "was there already" if got.restored else f"took {got.seconds:.0f} s"
    typer.echo(f"{got.record.fit} {did}.")
