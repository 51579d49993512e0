"""From a suite to the cells that are to be run, and their order."""

from __future__ import annotations

import random
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .. import catalog
from ..contracts.errors import UnknownName
from ..garbage import uncollected
from ..results.store import Known, Store, next_run
from .cell import Cell, PlugInSetting
from .code import code_hash
from .handle import Place
from .resolver import Resolver
from .suite import DatasetEntry, LimitSettings, SolverEntry, Suite, TimingSettings

FAILED = ("diverged", "timeout", "out-of-memory", "error")
ONLY = ("missing", "failed", "stale", "all")


@dataclass(frozen=True)
class Filters:
    """What the command line leaves of a suite; empty leaves all.

    A solver that the suite lacks, known by name or given as a file, is added with its author's ladder.
    """

    solvers: tuple[str, ...] = ()
    datasets: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    device: str | None = None


@dataclass(frozen=True, slots=True)
class Planned:
    """A cell and its limits."""

    cell: Cell
    limits: LimitSettings


@dataclass(frozen=True, slots=True)
class Job:
    """One attempt that is to be made.

    Parameters
    ----------
    cell, limits
        What to run and when to end it.
    timing
        How many warm calls; None for none.
    results
        The results folder, absolute.
    solution_bytes
        Most bytes to keep of the solution.
    fresh
        Whether it must have a new process, so that its cold time is one.
    run
        Identifier of the attempt.
    refit
        Whether a fit that other code made than today's is made again.
    known
        Attempts at this cell that the folder held when this one was planned.
    cells_per_worker
        After how many cells its worker is replaced.
    pictures
        Whether the solution is drawn against the truth.
    """

    cell: Cell
    limits: LimitSettings
    timing: TimingSettings | None
    results: Path
    solution_bytes: int
    fresh: bool
    run: str
    refit: bool = False
    known: tuple[str, ...] = ()
    cells_per_worker: int = 500
    pictures: bool = True

    @property
    def place(self) -> Place:
        """The kind of worker it needs."""
        return Place(self.cell.device, self.cell.threads, self.cell.precision)

    def message(self) -> dict[str, Any]:
        """As it travels to a worker."""
        return {
            "op": "cell",
            "cell": self.cell.to_dict(),
            "run": self.run,
            "limits": self.limits.model_dump(),
            "timing": None if self.timing is None else self.timing.model_dump(),
            "results": str(self.results),
            "solution_bytes": self.solution_bytes,
            "refit": self.refit,
            "fresh": self.fresh,
            "known": self.known,
            "cells_per_worker": self.cells_per_worker,
            "pictures": self.pictures,
        }

    @classmethod
    def of_message(cls, message: dict[str, Any]) -> Job:
        """The inverse of `message`."""
        timing = message["timing"]
        return cls(
            Cell.from_dict(message["cell"]),
            LimitSettings.model_validate(message["limits"]),
            None if timing is None else TimingSettings.model_validate(timing),
            Path(message["results"]),
            message["solution_bytes"],
            message["fresh"],
            message["run"],
            message["refit"],
            tuple(message["known"]),
            message["cells_per_worker"],
            message["pictures"],
        )


def filtered(suite: Suite, filters: Filters) -> Suite:
    """The suite with only what the filters leave.

    Raises
    ------
    UnknownName
        For a dataset that is not in the suite, and for a solver that neither the suite nor the catalog knows.
    """
    datasets, solvers = suite.dataset, suite.solver
    for name in filters.datasets:
        if all(name not in (entry.called, entry.name) for entry in datasets):
            raise UnknownName.among("dataset of this suite:", name, {entry.called for entry in datasets})
    if filters.datasets:
        datasets = [entry for entry in datasets if {entry.called, entry.name} & set(filters.datasets)]
    if filters.solvers:
        there = {entry.name for entry in solvers}
        added = [name for name in filters.solvers if name not in there]
        for name in added:
            catalog.find("solvers", name)
        solvers = [entry for entry in solvers if entry.name in filters.solvers]
        solvers = [*solvers, *(SolverEntry(name=name, ladder=True) for name in added)]
    update: dict[str, Any] = {"dataset": datasets, "solver": solvers}
    if filters.seeds:
        update["seeds"] = list(filters.seeds)
        update["solver"] = [entry.model_copy(update={"seeds": None}) for entry in solvers]
    if filters.device is not None:
        if filters.device not in ("cpu", "gpu"):
            raise UnknownName.among("device", filters.device, ("cpu", "gpu"))
        update["device"] = filters.device
    return suite.model_copy(update=update)


def plan(suite: Suite) -> list[Planned]:
    """Every cell of a suite once, in an order drawn by its `order_seed`.

    Plug-ins are loaded in a worker, so that one that crashes takes nothing with it: its cells are planned with the
    parameters as given, and end in the state that running them gives. Pairs of a solver and a dataset of another
    equation are left out.

    Raises
    ------
    InvalidInput
        For names and parameters that nothing has, and values that do not fit.
    """
    cells: dict[str, Planned] = {}
    with Resolver(suite) as resolver, uncollected():
        datasets = [(entry, resolver.setting("datasets", entry.name, entry.parameters)) for entry in suite.dataset]
        for entry in suite.solver:
            settings = entry.settings or ([] if entry.ladder else [{}])
            resolved = resolver.settings("solvers", entry.name, settings)
            for dataset_entry, dataset in datasets:
                if not _meets(entry, dataset_entry, dataset):
                    continue
                template = _template(suite, entry, dataset_entry, dataset)
                rungs = resolver.ladder(template, entry) if entry.ladder else []
                for solver in [*resolved, *rungs]:
                    for planned in _spread(suite, entry, template, solver):
                        cells.setdefault(planned.cell.id, planned)
    order = sorted(cells.values(), key=lambda planned: planned.cell.id)
    random.Random(suite.order_seed).shuffle(order)
    return order


def _meets(entry: SolverEntry, dataset_entry: DatasetEntry, dataset: PlugInSetting) -> bool:
    if entry.datasets is not None and not {dataset_entry.called, dataset_entry.name} & set(entry.datasets):
        return False
    solves = catalog.find("solvers", entry.name).metadata.get("solves")
    equation = dataset.plug_in("datasets").metadata.get("equation")
    return solves is None or equation is None or equation in solves


def _template(suite: Suite, entry: SolverEntry, dataset_entry: DatasetEntry, dataset: PlugInSetting) -> Cell:
    return Cell(
        dataset=dataset,
        solver=PlugInSetting(entry.name, {}),
        split=dataset_entry.split,
        cases=dataset_entry.cases,
        dataset_seed=dataset_entry.seed,
        device=suite.device,
        precision=entry.precision or suite.precision,
    )


def _spread(suite: Suite, entry: SolverEntry, template: Cell, solver: PlugInSetting) -> Iterable[Planned]:
    for seed in suite.seeds if entry.seeds is None else entry.seeds:
        for threads in entry.threads or suite.threads:
            cell = Cell(
                dataset=template.dataset,
                solver=solver,
                split=template.split,
                cases=template.cases,
                dataset_seed=template.dataset_seed,
                seed=seed,
                device=template.device,
                threads=threads,
                precision=template.precision,
            )
            yield Planned(cell, entry.limits or suite.limits)


def todays_code(cell: Cell) -> str:
    """Hash of the code that would run a cell today."""
    return code_hash([cell.solver.plug_in("solvers"), cell.dataset.plug_in("datasets")])


class Codes:
    """Today's code of many cells, found once for each pair of plug-ins."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], str] = {}

    def of(self, cell: Cell) -> str:
        """As `todays_code`."""
        key = (cell.solver.source or cell.solver.name, cell.dataset.source or cell.dataset.name)
        if key not in self._known:
            self._known[key] = todays_code(cell)
        return self._known[key]


def chosen(
    planned: Sequence[Planned],
    known: Iterable[Known],
    hardware: str | Container[str],
    only: Iterable[str] = ("missing",),
) -> list[Planned]:
    """The cells to run: those without a record on this hardware, and those whose record `only` asks to make again.

    Of several kinds of hardware one that has the record is enough.
    What counts of several attempts is the newest that is ok, else the newest.
    """
    asked = set(only)
    for word in sorted(asked - set(ONLY)):
        raise UnknownName.among("value of --only:", word, ONLY)
    machines = {hardware} if isinstance(hardware, str) else hardware
    here = (attempt for attempt in known if attempt.hardware in machines)
    have = {it.cell: it for it in sorted(here, key=lambda it: (it.state == "ok", it.run))}
    code = Codes()

    def wanted(cell: Cell) -> bool:
        attempt = have.get(cell.id)
        if attempt is None or "all" in asked:
            return bool(asked & {"missing", "all"})
        if "failed" in asked and attempt.state in FAILED:
            return True
        return "stale" in asked and {attempt.code, attempt.fit or attempt.code} != {code.of(cell)}

    return [item for item in planned if wanted(item.cell)]


def jobs(planned: Sequence[Planned], suite: Suite, results: Path, refit: bool = False) -> list[Job]:
    """Jobs in the order planned; timed ones begin each (setting, dataset, device) in a new process.

    With `refit` fits that other code made than today's are made again. The identifiers of the attempts follow each
    other, behind all that the folder holds.
    """
    if not planned:
        return []
    timing, folder = suite.timing or None, results.resolve()
    seen: set[tuple[Any, ...]] = set()
    made, run, attempts = [], Store(folder).new_run(), Store(folder).attempts()
    with uncollected():
        for item in planned:
            cell = item.cell
            key = (cell.solver.canonical, cell.dataset.canonical, cell.device)
            fresh = timing is not None and key not in seen
            seen.add(key)
            known, kept, each = attempts.get(cell.id, ()), suite.solution_bytes, suite.cells_per_worker
            made.append(Job(cell, item.limits, timing, folder, kept, fresh, run, refit, known, each, suite.pictures))
            run = next_run(run)
    return made
