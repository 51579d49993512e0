"""What is seen of a run while it goes on, and how it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeElapsedColumn
from rich.text import Text

from ..engine import run as running
from ..engine.estimate import Estimate, earlier
from ..engine.executors import Executor
from ..engine.interrupts import Interrupts
from ..engine.plan import FAILED, Job
from ..results.record import Record
from ..results.store import Store
from ..site.text import plain, span

INTERRUPTED = 130


@dataclass(frozen=True)
class Ended:
    """The records that a run made, and the exit status that it deserves."""

    records: list[Record]
    status: int


class _Left(ProgressColumn):
    """The time left, looked at once a second."""

    def __init__(self, estimate: Estimate):
        super().__init__()
        self._estimate, self._looked, self._shown = estimate, float("-inf"), Text()

    def render(self, task: Task) -> Text:
        """As text; empty where nothing is known yet."""
        now = task.get_time()
        if now - self._looked >= 1.0:
            left = self._estimate.seconds()
            self._looked, self._shown = now, Text("" if left is None else f"{span(left)} left")
        return self._shown


def execute(jobs: Sequence[Job], store: Store, executor: Executor, command: str, fail_fast: bool) -> Ended:
    """Run jobs with a line for each that ends, and a bar where standard error is a terminal."""
    console = Console(stderr=True)
    estimate = Estimate(jobs, earlier(store, jobs, executor.hardware()) if jobs else None)
    interrupts, records = Interrupts(), list[Record]()
    columns = [BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(), _Left(estimate)]
    columns += [TextColumn("{task.description}", markup=False)]
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as bar:
        task = bar.add_task("", total=len(jobs))

        def listener(job: Job, message: dict[str, Any]) -> None:
            if not console.is_terminal:
                return
            if message["event"] == "phase":
                bar.update(task, description=f"{_name(job)}: {message['phase']}")
            elif message["event"] == "progress":
                figures = "  ".join(f"{plain(name, 40)} {value:.4g}" for name, value in message["figures"].items())
                text = f"{_name(job)}: fit {plain(message['done'])}/{plain(message['total'])}  {figures}"
                bar.update(task, description=text)

        for record in running.run(jobs, store, executor, listener, command, estimate, interrupts):
            records.append(record)
            if fail_fast and record.state in FAILED:
                interrupts.stop()
            bar.advance(task)
            settings = record.settings
            names = (settings.dataset.name, settings.solver.name, settings.solver.setting)
            line = f"{record.state:>13}  {'  '.join(map(plain, names))}  {plain(record.reason or '', 2000)}".rstrip()
            console.print(line, markup=False, highlight=False, soft_wrap=True)
    status, left = 0, len(jobs) - len(records)
    failed = fail_fast and any(record.state in FAILED for record in records)
    if left and interrupts():
        status, why = (INTERRUPTED, "") if interrupts.pressed else (1, " at the first cell that failed")
        console.print(f"Stopped{why}; {left} cells are left. The same command goes on.", soft_wrap=True)
    closing = f"{len(jobs)} cells to run: {running.summary(records)}" if jobs else "Nothing is missing."
    names = hopeless(records)
    if names:
        closing += f". Every cell of {' and '.join(map(plain, names))} failed."
    console.print(closing, markup=False, soft_wrap=True)
    return Ended(records, status or int(failed or bool(names)))


def hopeless(records: Sequence[Record]) -> list[str]:
    """Solvers of which every cell failed, apart from those that they do not support."""
    tried = [record for record in records if record.state != "unsupported"]
    fine = {record.settings.solver.name for record in tried if record.state not in FAILED}
    return sorted({record.settings.solver.name for record in tried} - fine)


def _name(job: Job) -> str:
    cell = job.cell
    return "  ".join(map(plain, (cell.dataset.name, cell.solver.name, cell.solver.label)))
