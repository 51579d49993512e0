"""What a solver may see: the equation, the start, and what is asked."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Float

from .checks import require_array
from .ensemble import Ensemble, Start, require_inside
from .equation import Equation, VlasovPoisson
from .errors import InvalidInput


class InitialDensity(ABC):
    """f at the start, for each case; `v` stands for the whole phase-space point (q, p) where there are positions."""

    @abstractmethod
    def density(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point"]:
        """f₀ at the points, for each case."""

    @abstractmethod
    def score(self, v: Float[np.ndarray, "point d"]) -> Float[np.ndarray, "case point d"]:
        """∇ log f₀ at the points, for each case."""

    @abstractmethod
    def sample(self, start: Start, particles: int, seed: int) -> Ensemble:
        """`particles` particles for each case, drawn the way `start` says; the same seed draws the same ones."""


def _no_times() -> np.ndarray:
    return np.empty(0)


@dataclass(frozen=True, eq=False)
class Query:
    """What is asked of a solver.

    Parameters
    ----------
    times
        (snapshot,), increasing, from 0 on: when the trajectory and the density are wanted.
    series
        (step,), increasing, from 0 on: when scalar series such as the field energy are wanted; may be empty.
    points
        (point, d): where the density and the score are wanted, or None.
    """

    times: Float[np.ndarray, "snapshot"]
    series: Float[np.ndarray, "step"] = field(default_factory=_no_times)
    points: Float[np.ndarray, "point d"] | None = None

    def __post_init__(self) -> None:
        for name, times in (("times", self.times), ("series", self.series)):
            require_array(name, times, 1)
            if times.size and (times[0] < 0 or (np.diff(times) <= 0).any()):
                raise InvalidInput(f"query.{name} must increase from 0 on, got {times[:5]}.")
        if self.times.size + self.series.size == 0:
            raise InvalidInput("A query needs at least one time.")
        if self.points is not None:
            require_array("points", self.points, 2)

    @property
    def final_time(self) -> float:
        """The last time that anything is asked for."""
        return float(max([*self.times[-1:], *self.series[-1:]]))


@dataclass(frozen=True, eq=False)
class Problem:
    """All that a solver may see.

    Parameters
    ----------
    equation
        The equation with its parameters.
    initial_density
        f₀, from which particles or grids may start; None where only particles are known.
    ensemble
        The particles to start from; None where the solver draws its own from `initial_density`.
    query
        What is asked.
    """

    equation: Equation
    initial_density: InitialDensity | None
    ensemble: Ensemble | None
    query: Query

    def __post_init__(self) -> None:
        if self.ensemble is None:
            return
        found = 0 if self.ensemble.positions is None else self.ensemble.positions.shape[2]
        want = (self.equation.position_dimension, self.equation.velocity_dimension)
        if (found, self.ensemble.velocities.shape[2]) != want:
            raise InvalidInput(
                f"{self.equation.name} has {want[0]} + {want[1]} dimensions (positions + velocities), the ensemble "
                f"{found} + {self.ensemble.velocities.shape[2]}."
            )
        if isinstance(self.equation, VlasovPoisson) and self.ensemble.positions is not None:
            require_inside(self.ensemble.positions, self.equation.length)

    def without_start(self) -> Problem:
        """The problem as an amortised solver sees it while it trains: no density, no ensemble."""
        return replace(self, initial_density=None, ensemble=None)
