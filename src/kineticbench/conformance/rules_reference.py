"""What the reference of every dataset promises: it answers the query, and no metric finds fault with it."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import metrics
from ..contracts import Law, Problem, Quiet, Reference, Solution, Trajectory
from .dataset_subject import DatasetSubject, given
from .outcome import NotAsked, required

# What particles of the right covariance alone are right in.
RIGHT = ("covariance", "density_l1", "density_l2", "density_linf", "entropy_own", "dissipation", "entropy_violation")
SCALARS = ("covariance", "fourth_moment", "entropy", "dissipation")


def reference(subject: DatasetSubject) -> None:
    """The reference answers the query, for every case, and says how it was obtained."""
    truth, problem = subject.reference(), subject.posed()
    known = Solution(truth.trajectory, density=truth.density, series=truth.series).arrays()
    required(bool(known) or truth.law is not None, "It knows nothing: no arrays and no law.")
    cases = 1 if problem.ensemble is None else problem.ensemble.cases
    for array in (truth.density, None if truth.trajectory is None else truth.trajectory.velocities):
        required(array is None or array.shape[1] == cases, f"It is of another number of cases than {cases}.")
    for name, values in (*truth.series.items(), *truth.values.items()):
        required(len(values) == cases, f"{name} is of {len(values)} cases, and there are {cases}.")
    required(truth.provenance.rstrip().endswith("."), "provenance is no sentence that says how it was obtained.")
    if truth.law is not None:
        _require_scalars(truth.law, problem)
    unknown = sorted(set(truth.windows) - set(metrics.names()))
    required(not unknown, f"windows names {', '.join(unknown)}, which nobody measures.")


def _require_scalars(law: Law, problem: Problem) -> None:
    d = problem.equation.velocity_dimension
    for times in (problem.query.times, problem.query.series):
        for name in SCALARS:
            known, shape = getattr(law, name), (times.size, *((d, d) if name == "covariance" else ()))
            found = shape if known is None else known(times).shape
            required(found == shape, f"The law's {name} has shape {found} instead of {shape}.")
            required(known is None or bool(np.isfinite(known(times)).all()), f"The law's {name} is not finite.")


def begins(subject: DatasetSubject) -> None:
    """The reference begins where the problem does: with its particles, and with the initial density."""
    truth, problem = subject.reference(), subject.posed()
    asked = False
    if problem.ensemble is not None:
        required(truth.trajectory is not None, "The problem gives particles, and the reference has no trajectory.")
        assert truth.trajectory is not None
        found = [] if truth.trajectory.positions is None else [truth.trajectory.positions[0]]
        found += [truth.trajectory.velocities[0], truth.trajectory.weights]
        same = all(np.array_equal(array, begun) for array, begun in zip(found, given(problem), strict=True))
        asked = True
        required(same, "Its first state is not the problem's particles.")
    if truth.density is not None and problem.query.points is not None and problem.initial_density is not None:
        asked = True
        required(problem.query.times[0] == 0, "The density is asked for, and not from t = 0 on.")
        f = problem.initial_density.density(problem.query.points)
        off = float(np.abs(truth.density[0] - f).max() / f.max())
        required(off < 1e-6, f"Its first density is off from the initial one by {off:.1e} of the largest.")
    if not asked:
        raise NotAsked("It gives no particles and asks for no density.")


def bars(subject: DatasetSubject) -> None:
    """Bars and floors are errors, finite and not negative, of metrics that it reports."""
    truth = subject.reference()
    for what, errors in (("bars", truth.bars), ("floors", truth.floors)):
        unknown = sorted(set(errors) - set(subject.cls().metrics))
        required(not unknown, f"{what} names {', '.join(unknown)}, which metrics does not.")
        for name, error in errors.items():
            good = bool(np.isfinite(error).all()) and float(np.min(error)) >= 0
            required(good, f"{what}[{name!r}] has values that are negative or not finite.")


def perfect(truth: Reference, problem: Problem) -> Solution:
    """What a perfect solver would return: the truth, and for a homogeneous plasma exact particles and series.

    Where paths are not known, its particles are given the true covariance.
    """
    law, density, query = truth.law, problem.initial_density, problem.query
    if law is None or density is None:
        return Solution(truth.trajectory, density=truth.density, series=truth.series)
    start = density.sample(Quiet(), 512, 1)
    if law.flow is not None:
        v = np.stack([law.flow(t, start.velocities[0]) for t in query.times])
    else:
        assert law.covariance is not None
        white = start.velocities[0] - start.velocities[0].mean(0)
        white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T, bias=True))).T
        v = np.stack([white @ np.linalg.cholesky(covariance).T for covariance in law.covariance(query.times)])

    def along(known: Any) -> np.ndarray | None:
        return None if known is None else np.stack([known(t, x) for t, x in zip(query.times, v, strict=True)])[:, None]

    series = {"entropy": law.entropy, "dissipation": law.dissipation}
    return Solution(
        Trajectory(None, v[:, None], start.weights),
        score=along(law.score),
        density=truth.density,
        particle_density=along(law.density),
        series={name: of(query.series)[None] for name, of in series.items() if of is not None},
    )


def truth_scores(subject: DatasetSubject) -> None:
    """The truth itself scores nothing beyond its floor, in every metric that it can be given to.

    The exact paths of finitely many particles conserve momentum and energy only in the mean, and particles of the
    right covariance alone are right in nothing else.
    """
    truth, problem = subject.reference(), subject.posed()
    solution = perfect(truth, problem)
    names = [name for name in subject.cls().metrics if name in metrics.names()]
    if truth.law is not None:
        names = [one for one in names if not one.startswith("drift_")]
        if truth.law.flow is None:
            names = [one for one in names if one in RIGHT]
    scored = []
    for name in names:
        metric = metrics.load(name)
        if metrics.missing(metric, solution, truth, problem) is None:
            score = metric(solution, truth, problem)
            sizes = {score.value.shape[0], score.times.size, score.bar.size, score.floor.size}
            required(len(sizes) == 1, f"{name} is scored at other times than its bar or floor.")
            beyond = bool((score.value.mean(axis=1) <= np.maximum(score.floor, 0) * (1 + 1e-6) + 1e-9).all())
            required(beyond, f"The truth itself scores {score.value.mean(axis=1).max():.2g} in {name}.")
            scored.append(name)
    required(bool(scored), "No metric that it reports can be given its own truth.")
    first = subject.cls().metrics[0]
    required(first in scored or not truth.values, f"The metric that ranks, {first}, cannot be given its own truth.")
