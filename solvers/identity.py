"""The state as it started."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    InitialDensity,
    Precision,
    Problem,
    Progress,
    Propagator,
    Query,
    Random,
    Solution,
    Solver,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
)


@dataclass(frozen=True)
class Identity(Solver):
    """Identity: nothing moves.

        q(t) = q(0),    p(t) = p(0),    f(t, ·) = f₀

    What a solver must beat to have solved anything. For a homogeneous plasma it answers everything that can be asked,
    with the exact density and score of the start; its entropy is the mean of ln f₀ over its particles, its dissipation
    is zero, and mass, momentum and energy are kept to the bit. On the Bobylev–Krook–Wu solution in 2D, whose particles
    move by 11 % of their velocities until t = 5, its trajectory error is 1 relative to the displacement and .11
    relative to the velocities.

    It has no parameters. Of a homogeneous density it draws 16 384 particles.
    """

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson", "homogeneous_landau")
    family: ClassVar[str] = "classical"
    particles: ClassVar[int] = 16_384

    @property
    def start(self) -> Random:
        """Independent samples, where none are given."""
        return Random()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs the particles that are to stay, or a homogeneous density to draw them from."""
        equation = problem.equation
        if isinstance(equation, HomogeneousLandau):
            return (
                None if problem.initial_density else "it keeps the initial density, and this problem does not have it"
            )
        if not isinstance(equation, VlasovPoisson):
            return f"it leaves charged particles where they are, and this problem poses {equation.name}"
        if problem.ensemble is None or problem.ensemble.positions is None:
            return "it needs given particles, which this problem does not have"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """One rung."""
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
            raise Unsupported(f"identity cannot solve this problem: {reason}.")
        dtype = np.dtype(precision)
        if isinstance(problem.equation, VlasovPoisson):
            return _Still(problem.equation, dtype)
        assert problem.initial_density is not None
        return _Kept(problem.initial_density, dtype)


@dataclass(frozen=True)
class _Still(Propagator):
    equation: VlasovPoisson
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """The start at every time, as views of one array; series of the start's values."""
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("identity needs given particles.")
        start = ensemble.astype(self.dtype)
        assert start.positions is not None
        times = (query.times.size, *start.positions.shape)
        return Solution(
            Trajectory(
                np.broadcast_to(start.positions, times), np.broadcast_to(start.velocities, times), start.weights
            ),
            series=self._series(ensemble, query.series.size),
        )

    def _series(self, ensemble: Ensemble, steps: int) -> dict[str, np.ndarray]:
        from kineticbench.numerics import sheets

        if steps == 0:
            return {}
        assert ensemble.positions is not None
        begin = sheets.exact(
            *(ensemble.positions[..., 0], ensemble.velocities[..., 0], ensemble.weights),
            length=self.equation.length,
            charge=self.equation.charge,
            times=np.empty(0),
            series=np.zeros(1),
        )
        return {name: np.repeat(values, steps, axis=1) for name, values in begin.series.items()}


@dataclass(frozen=True)
class _Kept(Propagator):
    """The start of a homogeneous plasma, for ever."""

    initial: InitialDensity
    dtype: np.dtype

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """The start at every time, as views of one array."""
        if ensemble is None:
            raise Unsupported("identity needs particles.")
        start = ensemble.astype(self.dtype)
        v, w = ensemble.velocities.astype(np.float64), ensemble.weights.astype(np.float64)
        at_particles = [self._case(self.initial.density(x), case) for case, x in enumerate(v)]
        entropy = [weights @ np.log(np.maximum(f, _TINY)) for weights, f in zip(w, at_particles, strict=True)]
        still = np.zeros(len(v))
        series = {
            "mass": w.sum(1),
            "energy": 0.5 * np.einsum("ci,cid,cid->c", w, v, v),
            "momentum": still,
            "entropy": np.array(entropy),
            "dissipation": still,
        }
        score = np.stack([self._case(self.initial.score(x), case) for case, x in enumerate(v)])
        point_density = point_score = None
        if query.points is not None:
            point_density = self._of_cases(self.initial.density(query.points), len(v))
            point_score = self._of_cases(self.initial.score(query.points), len(v))
        return Solution(
            Trajectory(None, self._always(start.velocities, query), start.weights),
            score=self._always(score, query),
            point_score=self._always(point_score, query),
            density=self._always(point_density, query),
            particle_density=self._always(np.stack(at_particles), query),
            series={
                name: np.repeat(value[:, None].astype(self.dtype), query.series.size, axis=1)
                for name, value in series.items()
                if query.series.size
            },
        )

    def _case(self, of_cases: np.ndarray, case: int) -> np.ndarray:
        """One case's values of a density that is the same for all or has one for each."""
        return of_cases[case % len(of_cases)]

    def _of_cases(self, values: np.ndarray, cases: int) -> np.ndarray:
        return np.stack([self._case(values, case) for case in range(cases)])

    def _always(self, array: np.ndarray | None, query: Query) -> np.ndarray | None:
        """The same at every time of the query."""
        if array is None:
            return None
        return np.broadcast_to(array.astype(self.dtype, copy=False), (query.times.size, *array.shape))


_TINY = np.finfo(float).tiny
