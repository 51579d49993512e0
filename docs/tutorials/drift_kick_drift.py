"""Leapfrog that begins with a drift, for charged particles in one dimension."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    InvalidInput,
    Propagator,
    Solution,
    Solver,
    Trajectory,
    Unsupported,
    require_positive,
    whole_steps,
)


@dataclass(frozen=True)
class DriftKickDrift(Solver):
    """Drift-kick-drift leapfrog with the exact force of charged sheets.

        q += p dt/2,    p += E dt,    q += p dt/2,    E_i = Q (Σ_{q_j < q_i} w_j + w_i/2 − 1/2 − (q_i − q̄)/L)

    One sort a step instead of two. The force jumps where particles cross, so it is of first order in dt. Good values:
    dt = 0.04, for W1 errors of 0.006 / 0.010 (positions / momenta) at the end of the Gaussian ensemble.

    Parameters
    ----------
    dt
        Time step; every time asked for must be a multiple of it.
    """

    dt: float = 0.04

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{Dawson1962,
      author = {Dawson, John}, title = {One-dimensional plasma model},
      journal = {Physics of Fluids}, volume = {5}, pages = {445--459}, year = {1962},
    }"""

    start = None  # it takes the particles that the problem gives

    def __post_init__(self):
        require_positive("dt", self.dt)

    def unsupported(self, problem):
        """A reason in words, or None where it can solve the problem."""
        if problem.equation.name not in self.solves:
            return f"it does not solve the equation {problem.equation.name}"
        if problem.ensemble is None:
            return "it needs the particles to start from"
        if problem.query.series.size or problem.query.points is not None:
            return "it gives particles at times, no series and no density"
        try:
            for time in problem.query.times:
                whole_steps(float(time), self.dt)
        except InvalidInput as error:
            return str(error)
        return None

    def ladder(self, problem):
        """Settings from the cheapest to the most exact."""
        return [DriftKickDrift(dt) for dt in (0.2, 0.04, 0.008)]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        """Nothing has to be done once."""
        reason = self.unsupported(problem) or (None if device == "cpu" else "it runs on the CPU only")
        if reason is not None:
            raise Unsupported(reason)
        return Steps(self.dt, problem.equation.length, problem.equation.charge, precision)


@dataclass(frozen=True)
class Steps(Propagator):
    """Drifts by half a step, kicks by a whole one, drifts by half a step."""

    dt: float
    length: float
    charge: float
    precision: str

    def __call__(self, ensemble, query):
        """Particles at `query.times`."""
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("It needs particles.")
        q, p = (a[..., 0].astype(self.precision) for a in (ensemble.positions, ensemble.velocities))  # (case, particle)
        w = ensemble.weights.astype(self.precision)
        dt, length, step, found = q.dtype.type(self.dt), q.dtype.type(self.length), 0, []
        for time in query.times:
            while step < whole_steps(float(time), self.dt):
                q = np.mod(q + dt / 2 * p, length)
                p = p + dt * self.force(q, w)
                q = np.mod(q + dt / 2 * p, length)
                step += 1
            found.append((q, p))
        positions, velocities = (np.stack(arrays)[..., None] for arrays in zip(*found, strict=True))
        return Solution(Trajectory(positions, velocities, ensemble.weights))

    def force(self, q, w):
        """The field at every particle, (case, particle), by sorting."""
        order = np.argsort(q, axis=1, kind="stable")
        ordered = np.take_along_axis(w, order, 1)
        left = np.empty_like(q)
        np.put_along_axis(left, order, np.cumsum(ordered, axis=1) - ordered / 2, 1)  # half of its own weight
        total, centre = w.sum(1, keepdims=True), (w * q).sum(1, keepdims=True)
        return q.dtype.type(self.charge) * (left - total / 2 - (total * q - centre) / q.dtype.type(self.length))
