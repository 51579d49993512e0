"""What an attempt draws on: problems that cells share, and datasets that make training data off the clock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..contracts import Dataset, Problem, Reference, Solver
from .cell import Cell, canonical_json


class Problems:
    """The last problem and its reference, so that cells of one dataset share them; and plug-ins already built."""

    def __init__(self) -> None:
        self._key, self._problem, self._reference = "", None, None
        self._built: dict[str, tuple[Dataset, Solver]] = {}

    def build(self, cell: Cell) -> tuple[Dataset, Solver]:
        """The dataset and the solver of a cell."""
        key = canonical_json(cell.to_dict())
        if key not in self._built:
            self._built[key] = cell.build()
        return self._built[key]

    def problem(self, cell: Cell, dataset: Dataset) -> Problem:
        """The problem of a cell."""
        settings = cell.settings()["dataset"]
        key = canonical_json([settings, cell.dataset.source])
        if key != self._key or self._problem is None:
            self._key, self._problem, self._reference = "", None, None
            self._problem = dataset.problem(cell.split, cell.cases, cell.dataset_seed)
            self._key = key
        return self._problem

    def reference(self, dataset: Dataset, problem: Problem) -> Reference:
        """The reference of the last problem."""
        if self._reference is None:
            self._reference = dataset.reference(problem)
        return self._reference


class OffTheClock(Dataset):
    """A dataset that stops the clock while it makes training data, whose seconds are a figure of their own."""

    equation, metrics, cite = "", (), ""

    def __init__(self, dataset: Dataset, clock: Callable[[bool], None]):
        self._dataset, self._clock = dataset, clock

    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """As the dataset."""
        return self._dataset.problem(split, cases, seed)

    def training(self, seed: int = 0) -> Any:
        """As the dataset, off the clock."""
        self._clock(False)
        try:
            return self._dataset.training(seed)
        finally:
            self._clock(True)

    def reference(self, problem: Problem) -> Reference:
        """As the dataset."""
        return self._dataset.reference(problem)
