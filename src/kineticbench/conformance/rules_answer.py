"""What a solver answers: shapes, where it starts, the same to the same question, nothing changed."""

from __future__ import annotations

import numpy as np

from ..contracts import Ensemble, Query, VlasovPoisson
from .comparing import copied, copied_query, differ, farthest, near
from .outcome import Broken, NotAsked, required
from .problems import problem
from .solver_subject import SolverSubject, asked


def shapes(subject: SolverSubject, kind: str) -> None:
    """The answer has the shapes and times that were asked for, all finite, and the weights that were given."""
    ensemble, found = subject.particles(kind), subject.answer(kind)
    if found.trajectory is not None and ensemble is not None:
        gap = farthest(found.trajectory.weights, ensemble.weights)
        remedy = "Return ensemble.weights."
        required(gap < 1e-12, "The weights of the trajectory are not those of the particles.", remedy)


def arguments(subject: SolverSubject, kind: str) -> None:
    """What it is given stays as it was, by fit() and by the propagator."""
    subject.answer(kind)
    posed = subject.given(kind)
    before = _arrays(subject.particles(kind), problem(kind).query)
    ensemble, query = copied(subject.particles(kind)), copied_query(problem(kind).query)
    subject.fitted(kind)(ensemble, query)
    for who, given in (("fit()", _arrays(posed.ensemble, posed.query)), ("a call", _arrays(ensemble, query))):
        changed = [name for name, array in before.items() if not np.array_equal(array, given[name])]
        required(not changed, f"What {who} was given is changed: {', '.join(changed)}.")


def _arrays(ensemble: Ensemble | None, query: Query) -> dict[str, np.ndarray]:
    """All arrays of what a solver is given."""
    named = {"query.times": query.times, "query.series": query.series, "query.points": query.points}
    if ensemble is not None:
        named |= {"positions": ensemble.positions, "velocities": ensemble.velocities, "weights": ensemble.weights}
    return {name: array for name, array in named.items() if array is not None}


def start(subject: SolverSubject, kind: str) -> None:
    """At t = 0 the particles are where they were put, and positions stay in the box."""
    ensemble, posed, found = subject.particles(kind), problem(kind), subject.moving(kind)
    if ensemble is None:
        raise NotAsked("It takes no particles.")
    for name in ("positions", "velocities"):
        ours, given = getattr(found, name), getattr(ensemble, name)
        required((ours is None) == (given is None), f"The trajectory and the particles do not both have {name}.")
        if ours is not None and given is not None:
            gap = farthest(np.sort(ours[0], axis=1), np.sort(given, axis=1))
            required(gap < 1e-12, f"At t = 0 the {name} are off by {gap:.1e} of the largest.")
    if isinstance(posed.equation, VlasovPoisson) and found.positions is not None:
        low, high = float(found.positions.min()), float(found.positions.max())
        required(
            low >= 0 and high < posed.equation.length,
            f"Positions from {low:.3g} to {high:.3g} leave the box [0, {posed.equation.length:g}).",
            "Take positions modulo the length of the box.",
        )


def same_call(subject: SolverSubject, kind: str) -> None:
    """The same call gives the same answer, bit for bit."""
    subject.steady(kind)


def same_seed(subject: SolverSubject, kind: str) -> None:
    """The same seed gives the same fit, bit for bit."""
    first = subject.steady(kind)
    again = asked(subject.fit(kind), subject.particles(kind), problem(kind).query)
    name = differ(first, again)
    required(name is None, f"A second fit under the same seed gave another {name}.")


def batch(subject: SolverSubject, kind: str) -> None:
    """A batch of cases is answered as its cases one by one."""
    ensemble, query = subject.particles(kind), problem(kind).query
    if ensemble is None or ensemble.cases == 1:
        raise NotAsked("There is one case.")
    subject.steady(kind)
    together = subject.moving(kind)
    for case in range(ensemble.cases):
        alone = asked(subject.fitted(kind), ensemble.take(slice(case, case + 1)), query).trajectory
        if alone is None:
            raise Broken("It returns particles for several cases and none for one.")
        for name in ("positions", "velocities"):
            ours, all_of_them = getattr(alone, name), getattr(together, name)
            if all_of_them is not None:
                gap = farthest(ours[:, 0], all_of_them[:, case])
                required(gap < 1e-9, f"Case {case} alone has other {name} than in the batch, off by {gap:.1e}.")


def precisions(subject: SolverSubject, kind: str) -> None:
    """float32 is answered in float32, float64 in float64, and a classical method gives about the same in both."""
    double = subject.answer(kind).arrays()
    single = subject.answer(kind, "float32").arrays()
    required(single.keys() == double.keys(), "float32 and float64 do not return the same arrays.")
    for path in ("trajectory/positions", "trajectory/velocities"):
        for arrays, wanted in ((single, np.float32), (double, np.float64)):
            if path in arrays:
                dtype = arrays[path].dtype
                required(dtype == wanted, f"Asked for {np.dtype(wanted)}, {path} is {dtype}.")
    if subject.cls().family == "classical":
        for path, array in single.items():
            if not path.startswith("diagnostics"):
                gap = farthest(array, double[path])
                required(near(array, double[path], 1e-3, 1e-6), f"{path} in float32 is off by {gap:.1e} from float64.")
