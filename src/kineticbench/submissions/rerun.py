"""The cells of a submission that are run here: those it has records of, and the same settings under drawn seeds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..engine.cell import Cell, canonical_json
from ..engine.plan import Job, Planned, chosen, jobs
from ..engine.suite import DatasetEntry, LimitSettings, SolverEntry, Suite, TimingSettings
from ..results.record import Record
from ..results.store import Store
from .drawing import Draw
from .submission import Submission

TIMING = TimingSettings(calls=5, seconds=0.5, longest=3.0)


@dataclass(frozen=True)
class Setting:
    """One setting of the solver on one dataset in one place, over its seeds.

    Parameters
    ----------
    claims
        Its records in the submission, one for each cell.
    cells
        The cells of these, in their order.
    drawn
        The cells with drawn seeds.
    """

    claims: tuple[Record, ...]
    cells: tuple[Cell, ...]
    drawn: tuple[Cell, ...]

    @property
    def name(self) -> str:
        """What tables call it."""
        settings = self.claims[0].settings
        return f"{settings.dataset.name}, {settings.solver.setting}"


def settings(submission: Submission, draw: Draw) -> list[Setting]:
    """The settings of a submission, in the order of its records."""
    groups: dict[str, list[Record]] = {}
    for record in submission.records:
        asked = record.settings.model_dump(mode="json")
        del asked["seed"], asked["dataset"]["seed"]
        asked["solver"].pop("setting")
        groups.setdefault(canonical_json(asked), []).append(record)
    found = []
    for claims in groups.values():
        cells = tuple(submission.cell(record) for record in claims)
        drawn = tuple(replace(cells[0], dataset_seed=of_dataset, seed=seed) for of_dataset, seed in draw.seeds)
        found.append(Setting(tuple(claims), cells, drawn))
    return found


def plan(asked: Sequence[Setting], seconds: float, bytes_: int) -> list[Planned]:
    """What is to be run: each cell within the limits of its record, and within ours."""
    found: dict[str, Planned] = {}
    for setting in asked:
        first = setting.claims[0].limits
        limits = LimitSettings(seconds=min(first.seconds, seconds), bytes=min(first.bytes, bytes_))
        for cell in (*setting.cells, *setting.drawn):
            found.setdefault(cell.id, Planned(cell, limits))
    return list(found.values())


def wanted(planned: Sequence[Planned], results: Path, hardware: str, timing: TimingSettings = TIMING) -> list[Job]:
    """Jobs for the cells that have no record of today's code here yet; no solutions and no pictures are kept."""
    store = Store(results)
    known = store.known({item.cell.id for item in planned})
    left = chosen(planned, known, hardware, ("missing", "stale"))
    settings = [DatasetEntry(name="drawn")], [SolverEntry(name="submitted")]
    suite = Suite(dataset=settings[0], solver=settings[1], timing=timing, solution_bytes=0, pictures=False)
    return jobs(left, suite, results)
