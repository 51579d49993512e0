"""A metric scores a solution against the truth, for each time and case."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
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
        (time, case), zero is perfect.
    floor
        (time,): what a perfect solver would score. Differences below it mean nothing.
    bar
        (time,): the error of the reference in the same units; 0 where it is exact.
    """

    times: Float[np.ndarray, "time"]
    value: Float[np.ndarray, "time case"]
    floor: Float[np.ndarray, "time"]
    bar: Float[np.ndarray, "time"]


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
        "solution.series.field_mode". Where one is missing the record holds null and says which.
    """

    name: ClassVar[str]
    label: ClassVar[str]
    requires: ClassVar[tuple[str, ...]]

    @abstractmethod
    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score a solution of NumPy arrays."""
