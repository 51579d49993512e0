"""A metric scores a solution against the truth, for each time and case."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float

from .dataset import Reference
from .problem import Problem
from .solution import Solution


@dataclass(frozen=True, eq=False)
class Score:
    """An error, how small it could get, and how well the truth is known.

    Parameters
    ----------
    times
        (time,): when the error was taken; one entry, the final time, for a figure of the whole run.
    value
        (time, case), zero is perfect; "case": those that were scored, which where a metric is costly are the first
        ones only, as many as its docstring says.
    floor
        (time,): what a perfect solver would score. Differences below it mean nothing.
    bar
        (time,): the error of the reference in the same units; 0 where it is exact.
    extra
        Further figures of the whole run, shown beside the error and never ranked: "slope", "own", …
    """

    times: Float[np.ndarray, "time"]
    value: Float[np.ndarray, "time case"]
    floor: Float[np.ndarray, "time"]
    bar: Float[np.ndarray, "time"]
    extra: Mapping[str, float] = field(default_factory=dict)


class Metric(ABC):
    """One way of measuring an error.

    Attributes
    ----------
    name
        What datasets list and records hold.
    label
        What tables and charts show, with its unit.
    requires
        What must be there, as dotted paths: "solution.trajectory", "reference.values.growth_rate",
        "solution.series.field_mode"; alternatives are separated by " | ". Where one is missing the record holds null
        and says which.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]

    @abstractmethod
    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score a solution of NumPy arrays."""
