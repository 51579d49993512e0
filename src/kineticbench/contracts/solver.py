"""A solver is its parameters; fitting it gives a propagator, which answers queries."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Literal, Protocol, runtime_checkable

import numpy as np

from .dataset import TrainingSet
from .ensemble import Ensemble, Start
from .problem import Problem, Query
from .solution import Solution

Device = Literal["cpu", "gpu"]
Precision = Literal["float32", "float64"]


@runtime_checkable
class Progress(Protocol):
    """What a fit reports to, and where it finds its way back after it was killed."""

    def report(self, done: int, total: int, **figures: float) -> None:
        """Say that `done` of `total` steps are done; `figures` are shown beside it (loss=…)."""

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Keep a checkpoint, whole or not at all; the newest replaces the one before."""

    def resume(self) -> dict[str, np.ndarray] | None:
        """The newest checkpoint of this very fit, or None."""


class Silent:
    """A `Progress` that says and keeps nothing."""

    def report(self, done: int, total: int, **figures: float) -> None:
        """Nothing."""

    def save(self, state: Mapping[str, np.ndarray]) -> None:
        """Nothing."""

    def resume(self) -> dict[str, np.ndarray] | None:
        """Nothing was kept."""
        return None


class Propagator(ABC):
    """Answers queries; the same call gives the same answer."""

    @abstractmethod
    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Solve, batched over the ensemble's cases; leaves its arguments unchanged."""


class TrainedPropagator(Propagator):
    """A propagator whose fit is worth keeping."""

    @abstractmethod
    def save(self, path: Path) -> None:
        """Write what was learned as safetensors."""


class Solver(ABC):
    """A method with its parameters: a frozen dataclass.

    Attributes
    ----------
    solves
        Names of the equations that it solves.
    amortised
        Whether one fit serves every case of a dataset.
    query_fields
        Parameters that `fit` ignores, so that settings which differ in them alone share one fit.
    family
        "classical" or "learned".
    cite
        BibTeX of the paper that describes it.
    start
        How it wants its particles where the problem has a density but no ensemble; None: it needs none, or takes
        what is given. May be a property.
    particles
        How many particles it wants then; ignored where `start` is None.
    """

    solves: ClassVar[tuple[str, ...]]
    amortised: ClassVar[bool] = False
    query_fields: ClassVar[tuple[str, ...]] = ()
    family: ClassVar[Literal["classical", "learned"]] = "classical"
    cite: ClassVar[str] = ""

    @property
    @abstractmethod
    def start(self) -> Start | None:
        """How it wants its particles."""

    @abstractmethod
    def unsupported(self, problem: Problem) -> str | None:
        """Why it cannot solve this problem, or None where it can."""

    @abstractmethod
    def ladder(self, problem: Problem) -> list[Solver]:
        """Settings from cheap to accurate, as its author would tune it for this problem."""

    @abstractmethod
    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Everything that is done once, before any query. An amortised solver is given no density and no ensemble."""


class TrainedSolver(Solver):
    """A solver whose fits are kept as files."""

    @abstractmethod
    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> TrainedPropagator:
        """The propagator that `TrainedPropagator.save` wrote; `CorruptFile` where it does not fit these parameters."""
