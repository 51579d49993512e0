"""The Gaussian whose covariance relaxes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Quiet,
    Solution,
    Solver,
    TrainingSet,
    Trajectory,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.gaussian_relaxation import relaxed, weighted_moments


@dataclass(frozen=True)
class Maxwellian(Solver):
    """A Gaussian with the covariance to which collisions lead.

        f(t) = W N(v̄, Σ(t)),    dΣ/dt = 2BW E[|z|^γ (|z|² I − d z zᵀ)],    z ~ N(0, 2Σ)

    The mass W, mean v̄ and covariance Σ(0) are the weighted moments of the particles at the start. For γ = 0 the law is
    4BW(tr Σ I − dΣ) whatever f, so Σ(t) is exact; for other γ f is taken as Gaussian to close it. Particles move by the
    linear map about v̄ that takes Σ(0) to Σ(t) along its principal axes, which is the exact flow where f is Gaussian;
    momentum and energy are kept to rounding. Density, score, entropy and dissipation are the Gaussian's, from t = 0 on.
    What every method must beat away from equilibrium: near it, and for Gaussian starts, there is little to beat.

    Parameters
    ----------
    particles
        How many low-discrepancy particles it draws where the problem does not give them; they only measure the moments
        and carry the flow.
    """

    particles: int = 16384

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    family: ClassVar[str] = "classical"
    cite: ClassVar[str] = """
    @article{Trubnikov1965,
      author = {Trubnikov, B. A.},
      title = {Particle interactions in a fully ionized plasma},
      journal = {Reviews of Plasma Physics},
      volume = {1}, pages = {105--204}, year = {1965}
    }
    """

    def __post_init__(self) -> None:
        require_positive("particles", self.particles, whole=True)

    @property
    def start(self) -> Quiet:
        """Low-discrepancy particles of equal weight, whose moments are nearly exact."""
        return Quiet()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles, given or drawn from a density."""
        if not isinstance(problem.equation, HomogeneousLandau):
            return f"it solves the homogeneous Landau equation, not {problem.equation.name}"
        if problem.ensemble is None and problem.initial_density is None:
            return "it needs particles or an initial density to draw them from, and this problem has neither"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """One setting; more particles only measure the start better."""
        return [self]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Propagator:
        """Nothing to fit; `Unsupported` where `unsupported` says so or for a GPU."""
        reason = self.unsupported(problem) or ("it runs on the CPU only" if device != "cpu" else None)
        if reason:
            raise Unsupported(f"maxwellian cannot solve this problem: {reason}.")
        assert isinstance(problem.equation, HomogeneousLandau)
        return _Relaxing(problem.equation, np.dtype(precision))


@dataclass(frozen=True)
class _Relaxing(Propagator):
    equation: HomogeneousLandau
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Answer everything, case by case, in closed form but for Σ(t) where γ ≠ 0.

        Raises
        ------
        InvalidInput
            Where the particles do not spread in every dimension, so that there is no Gaussian.
        """
        if ensemble is None:
            raise Unsupported("maxwellian cannot start: there are no particles.")
        cases = [self._case(v, w, query) for v, w in zip(ensemble.velocities, ensemble.weights, strict=True)]

        def stacked(name: str, axis: int) -> np.ndarray:
            return np.stack([case[name] for case in cases], axis)

        points = query.points is not None
        names = ("mass", "energy", "momentum", "entropy", "dissipation") if query.series.size else ()
        return Solution(
            trajectory=Trajectory(
                None, stacked("velocities", 1).astype(self.dtype), ensemble.weights.astype(self.dtype)
            ),
            score=stacked("score", 1).astype(self.dtype),
            point_score=stacked("point_score", 1).astype(self.dtype) if points else None,
            density=stacked("density", 1) if points else None,
            particle_density=stacked("particle_density", 1),
            series={name: stacked(name, 0) for name in names},
        )

    def _case(self, v: np.ndarray, w: np.ndarray, query: Query) -> dict[str, np.ndarray]:
        mass, mean, start = weighted_moments(v, w)
        d, spread = len(mean), np.linalg.eigvalsh(start)
        if spread[0] <= 1e-12 * max(spread[-1], np.finfo(float).tiny):
            raise InvalidInput(
                f"{len(v)} particles whose covariance has the eigenvalues {spread} have no Gaussian density.",
                "Take particles that spread in every dimension.",
            )
        times = np.union1d(query.times, query.series)
        covariance, slope = relaxed(start, mass, self.equation, times)
        snapshots, records = np.searchsorted(times, query.times), np.searchsorted(times, query.series)
        precision = np.linalg.inv(covariance)
        logarithm = np.linalg.slogdet(covariance)[1] + d * np.log(2 * np.pi)

        def gaussian(c: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray]:
            score = -c @ precision[k]
            return mass * np.exp(0.5 * ((score * c).sum(1) - logarithm[k])), score

        found: dict[str, list[np.ndarray]] = {name: [] for name in ("velocities", "score", "particle_density")}
        found |= {"density": [], "point_score": []}
        c = v.astype(np.float64) - mean
        whiten = _root(start, -0.5)
        for k in snapshots:
            # The map keeps the principal axes, which Σ(t) shares with Σ(0), so the roots commute.
            moved = c @ (whiten @ _root(covariance[k], 0.5)) if times[k] else c
            values, score = gaussian(moved, k)
            found["velocities"].append(mean + moved if times[k] else v.astype(np.float64))
            found["score"].append(score)
            found["particle_density"].append(values)
            if query.points is not None:
                values, score = gaussian(query.points - mean, k)
                found["density"].append(values)
                found["point_score"].append(score)
        ones = np.ones(query.series.size)
        kinetic = 0.5 * mass * (mean @ mean + np.trace(covariance[records], axis1=1, axis2=2))
        rate = -0.5 * mass * np.einsum("tij,tji->t", precision[records], slope[records])
        return {name: np.array(values) for name, values in found.items()} | {
            "mass": mass * ones,
            "energy": kinetic,
            "momentum": 0 * ones,
            "entropy": mass * (np.log(mass) - 0.5 * (logarithm[records] + d)),
            "dissipation": np.minimum(rate, 0.0),
        }


def _root(matrix: np.ndarray, power: float) -> np.ndarray:
    values, axes = np.linalg.eigh(matrix)
    return (axes * values**power) @ axes.T
