"""A dataset: problems, what may be learned from, and the truth, which only the engine sees."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from .law import Law
from .problem import Problem
from .solution import Trajectory


@dataclass(frozen=True, eq=False)
class TrainingSet:
    """What an amortised solver may learn from: states and conditions, and what they cost to make.

    Parameters
    ----------
    times
        (time,), from 0 on.
    states
        Particles at those times, (time, case, particle, d).
    conditions
        Known parameters of each case's start, each (case,): "mean_position", "std_position", …
    seconds
        Wall time that generating the states took; charged to every solver that uses them.
    hardware
        Identifier of the machine that took those seconds.
    """

    times: Float[np.ndarray, "time"]
    states: Trajectory
    conditions: Mapping[str, Float[np.ndarray, "case"]]
    seconds: float
    hardware: str = ""


@dataclass(frozen=True, eq=False)
class Reference:
    """The truth about a problem, and how well it is known.

    Parameters
    ----------
    trajectory
        The true particles at `problem.query.times`, paired with the problem's ensemble; or None.
    density
        f at `query.points`, (time, case, point), or None.
    law
        What is known of f at every time and velocity, for a homogeneous equation; or None.
    series
        True scalars at `query.series`, each (case, step).
    values
        True numbers that metrics compare with, each (case,): "growth_rate", "frequency", …
    windows
        For fitted values, the time window (start, end) of the fit.
    bars
        For each metric the error of the reference in that metric's own units, (time,) or (1,); absent means 0, exact.
    floors
        For each metric what exact samples score, (time,) or (1,), where solver and truth start from different
        particles; absent means 0.
    paired
        Whether solver and truth start from the same particles; if so the floor of a metric is its bar.
    provenance
        One sentence: how this truth was obtained.
    """

    trajectory: Trajectory | None = None
    density: np.ndarray | None = None
    law: Law | None = None
    series: Mapping[str, np.ndarray] = field(default_factory=dict)
    values: Mapping[str, np.ndarray] = field(default_factory=dict)
    windows: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    bars: Mapping[str, np.ndarray] = field(default_factory=dict)
    floors: Mapping[str, np.ndarray] = field(default_factory=dict)
    paired: bool = False
    provenance: str = ""


class Dataset(ABC):
    """A family of problems; plug-ins are frozen dataclasses whose fields are their parameters.

    Attributes
    ----------
    equation
        Name of the equation that its problems pose.
    metrics
        Names of the metrics that are reported, the one that ranks first.
    cite
        BibTeX of the papers it comes from.
    """

    equation: ClassVar[str]
    metrics: ClassVar[tuple[str, ...]]
    cite: ClassVar[str]

    @abstractmethod
    def problem(self, split: str = "test", cases: int | None = None, seed: int = 0) -> Problem:
        """The first `cases` cases of a split (all of them for None); those of a larger request begin with them."""

    @abstractmethod
    def training(self, seed: int = 0) -> TrainingSet | None:
        """What may be learned from, or None where there is nothing."""

    @abstractmethod
    def reference(self, problem: Problem) -> Reference:
        """The truth about a problem that `problem` returned. Solvers never see it."""
