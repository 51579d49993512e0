"""Entropy H = ∫ f ln f dv, its dissipation, and whether it decays, as it must."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ..contracts import InvalidInput, Metric, Problem, Reference, Score, Solution, Unsupported
from ._bars import bar_and_floor
from ._exact import SEED, double, equal_weights, particle_score


@dataclass(frozen=True)
class NearestNeighbourEntropy(Metric):
    """|H_nn − H*|, H_nn by the k-th nearest neighbours of the particles: one estimator for all (Kozachenko & Leonenko).

        H_nn = M ln M − M [ψ(N) − ψ(k) + ln c_d + (d/N) Σ_i ln ε_i]    for    ∫ f ln f dv,    M = ∫ f dv

    In nats, for particles of equal weight; weighted particles are refused, as their spacing says nothing of f
    (`Unsupported`). The estimator's bias and noise are in the floor, which is what exact particles score;
    `Score.extra` "signed" is the final H_nn − H*, mean over cases. Of more particles than `particles` so many are
    drawn, an eighth as many above three dimensions, where the search takes much longer.

    Parameters
    ----------
    neighbours
        k.
    particles
        Most particles that are looked at.
    """

    neighbours: int = 4
    particles: int = 1 << 15
    name: ClassVar[str] = "entropy_nn"
    label: ClassVar[str] = "Entropy by nearest neighbours, error in nats"
    requires: ClassVar[tuple[str, ...]] = ("solution.trajectory.velocities", "reference.law.entropy")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score every snapshot and case."""
        assert reference.law is not None
        assert reference.law.entropy is not None
        assert solution.trajectory is not None
        if not equal_weights(double(solution.trajectory.weights)):
            raise Unsupported("The particles differ in weight, so distances between them do not measure f.")
        truth = reference.law.entropy(problem.query.times)

        def signed(k: int, v: np.ndarray, weights: np.ndarray) -> float:
            from ..numerics.nearest_neighbour_entropy import entropy

            mass = weights.sum()
            most = self.particles if v.shape[1] <= 3 else self.particles // 8
            some = v if len(v) <= most else v[np.random.default_rng(SEED).permutation(len(v))[:most]]
            return float(mass * np.log(mass) + mass * entropy(some, self.neighbours) - truth[k])

        found = solution.trajectory
        last = [signed(-1, double(v), double(w)) for v, w in zip(found.velocities[-1], found.weights, strict=True)]
        extra = {"signed": float(np.mean(last))}
        return particle_score(self.name, lambda *cloud: abs(signed(*cloud)), solution, reference, problem, extra)


class OwnEntropy(Metric):
    """Largest |H(t) − H*(t)| over `query.series` of the entropy that the method itself reports, in nats.

    Each method has its own definition (of a mollified, carried or gridded density), and its own error from it.
    `Score.extra`: "at_start" and "at_end", the signed difference then, mean over cases.
    """

    name: ClassVar[str] = "entropy_own"
    label: ClassVar[str] = "The method's own entropy, largest error in nats"
    requires: ClassVar[tuple[str, ...]] = ("solution.series.entropy", "reference.law.entropy")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score the run of every case."""
        assert reference.law is not None
        assert reference.law.entropy is not None
        series = _series(solution, "entropy", problem)
        difference = series - reference.law.entropy(problem.query.series)
        bar, floor = bar_and_floor(reference, self.name, 1)
        extra = {name: float(difference[:, step].mean()) for name, step in (("at_start", 0), ("at_end", -1))}
        return Score(problem.query.series[-1:], np.abs(difference).max(1)[None], floor, bar, extra)


class Dissipation(Metric):
    """Relative L2 error in time of the dissipation D = Σ_i w_i s_i·U_i, the method's own rate of change of H.

        ‖D − D*‖₂ / ‖D*‖₂ over `query.series`    for    (∫ |D − D*|² dt / ∫ D*² dt)^½

    `Score.extra`: "at_start" and "at_end", D/D* − 1 then, mean over cases.
    """

    name: ClassVar[str] = "dissipation"
    label: ClassVar[str] = "Dissipation of entropy, relative L2 error in time"
    requires: ClassVar[tuple[str, ...]] = ("solution.series.dissipation", "reference.law.dissipation")

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score the run of every case."""
        assert reference.law is not None
        assert reference.law.dissipation is not None
        series, truth = _series(solution, "dissipation", problem), reference.law.dissipation(problem.query.series)
        if not np.abs(truth).max() > 0:
            raise InvalidInput("The true dissipation is zero, so no relative error can be given.")
        value = np.linalg.norm(series - truth, axis=1) / np.linalg.norm(truth)
        bar, floor = bar_and_floor(reference, self.name, 1)
        extra = {
            name: float((series[:, step] / truth[step]).mean() - 1)
            for name, step in (("at_start", 0), ("at_end", -1))
            if truth[step] != 0
        }
        return Score(problem.query.series[-1:], value[None], floor, bar, extra)


class EntropyViolation(Metric):
    """Σ_k max(0, H(t_{k+1}) − H(t_k)): how much the method's own entropy rises in all, in nats; H must never rise.

    Rises below the rounding of the series, 16 ε max|H| with the machine epsilon ε of what was returned, do not count.
    `Score.extra`: "rises", how many do, and "largest" of them, over all cases.
    """

    name: ClassVar[str] = "entropy_violation"
    label: ClassVar[str] = "Rises of the method's own entropy, sum in nats"
    requires: ClassVar[tuple[str, ...]] = ("solution.series.entropy",)

    def __call__(self, solution: Solution, reference: Reference, problem: Problem) -> Score:
        """Score the run of every case."""
        series = _series(solution, "entropy", problem)
        rounding = 16 * float(np.finfo(solution.series["entropy"].dtype).eps) * np.abs(series).max(initial=0.0)
        rises = np.diff(series, axis=1)
        rises = np.where(rises > rounding, rises, 0.0)
        bar, floor = bar_and_floor(reference, self.name, 1)
        extra = {"rises": float((rises > 0).sum()), "largest": float(rises.max(initial=0.0))}
        return Score(problem.query.series[-1:], rises.sum(1)[None], floor, bar, extra)


def _series(solution: Solution, name: str, problem: Problem) -> np.ndarray:
    if problem.query.series.size == 0:
        raise Unsupported("The query asks for no series.")
    return double(solution.series[name])
