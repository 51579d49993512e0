"""Makes records: what was asked, what became of it, and with what code on what machine."""

from __future__ import annotations

from typing import Any

from ..results.record import Code, Fit, Hardware, Limits, Metrics, Record, Settings, Solve, Stored, StoredSolution
from ..results.store import Store
from . import timing
from .cell import Cell
from .environment import Machine
from .handle import Outcome
from .plan import Job, todays_code


class Recorder:
    """Makes the records of what one machine runs.

    Parameters
    ----------
    store
        Where logs are to be written.
    command
        What was typed.
    """

    def __init__(self, store: Store, command: str | None):
        self._store, self._command = store, command
        self._best_kernel = float("inf")
        self.provenance = Provenance()

    def record(self, job: Job, outcome: Outcome) -> Record:
        """The record of an attempt, marked as noisy by the best time that the reference kernel has had so far."""
        kernel = outcome.measured.get("solve", {}).get("kernel_s", [])
        self._best_kernel = min([self._best_kernel, *kernel])
        if "solve" in outcome.measured:
            outcome.measured["solve"]["noisy"] = timing.noisy(kernel, self._best_kernel)
        return to_record(job, outcome, self._store, self._command, self.provenance)


class Provenance:
    """Code hash and family of what runs, found once for each solver and dataset and again for each new process."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], tuple[str, Any]] = {}

    def of(self, cell: Cell, fresh: bool) -> tuple[str, Any]:
        """Hash of the code, and "classical" or "learned"."""
        key = (cell.solver.name, cell.solver.source, cell.dataset.name, cell.dataset.source)
        if fresh or key not in self._known:
            family = cell.solver.plug_in("solvers").metadata.get("family", "classical")
            self._known[key] = (todays_code(cell), family)
        return self._known[key]


def to_record(job: Job, outcome: Outcome, store: Store, command: str | None, provenance: Provenance) -> Record:
    """The record of an attempt, which names the file beside it that its log is to be written to."""
    measured, cell = outcome.measured, job.cell
    code, family = provenance.of(cell, measured.get("solve", {}).get("fresh", True))
    log = None
    if outcome.log.strip():
        log = store.relative(store.log_path(cell.id, job.run))
    machine = outcome.machine or Machine.here()
    solution = measured.get("solution")
    return Record(
        schema="kineticbench/record/1",
        cell=cell.id,
        run=job.run,
        state=outcome.state,  # pyright: ignore[reportArgumentType] (validated)
        reason=outcome.reason,
        settings=Settings.model_validate(cell.settings()),
        family=family,
        limits=Limits(seconds=job.limits.seconds, bytes=job.limits.bytes),
        command=command,
        code=Code(hash=code, commit=machine.commit, dirty=machine.dirty),
        fit=Fit(**measured["fit"]) if "fit" in measured else None,
        solve=Solve(**measured["solve"]) if "solve" in measured else None,
        metrics=Metrics.model_validate(measured["metrics"]) if "metrics" in measured else None,
        diagnostics=measured.get("diagnostics", {}),
        hardware=Hardware(**machine.hardware),
        packages=machine.packages,
        stored=Stored(
            solution=StoredSolution(**solution) if solution else None,
            log=log,
            pictures=measured.get("pictures", {}).get("file"),
        ),
    )
