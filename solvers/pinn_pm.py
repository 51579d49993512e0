"""PINN–PM: a flow map and a score learned from the continuous-time residual on particles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from kineticbench.contracts import (
    Device,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Precision,
    Problem,
    Progress,
    Query,
    Quiet,
    Random,
    Solution,
    Solver,
    Start,
    TrainedPropagator,
    TrainedSolver,
    TrainingSet,
    Trajectory,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.collision import collision_sum
from kineticbench.numerics.pinn_answers import Answers
from kineticbench.numerics.pinn_file import LearnedFlow, read, write
from kineticbench.numerics.restoring import restore

STARTS: dict[str, Start] = {"random": Random(), "quiet": Quiet(), "mesh": Mesh()}


@dataclass(frozen=True)
class PINNPM(TrainedSolver):
    """PINN–PM, a neural particle method without time steps (Kim, Son, Kim & Lee 2026); a reimplementation.

        min E|∂ₜT(t, V) − U[T, s](t, V)|²,    min E(|s|² + 2∇·s)(t, T(t, V)),    T(0, v) = v,    f = f₀/det ∇T

    It follows the paper's abstract: a flow map T and a score s learned together from the residual of the particle
    equation at any time, and implicit score matching along the flow. The paper's networks, weights and sampling are not
    known here, so networks, sampling and optimiser are our own, and no result of it is one of the paper's.

    T(t, v) = v + t·net keeps the start exactly; both networks are affine in v with coefficients that a SiLU network
    gives, around the identity and the score of the Maxwellian. U is the exact sum over a batch. Particles are drawn
    anew from f₀ for every update: a fixed set is fitted too well, its score-matching loss runs away below the minimum
    and the flow no longer keeps its energy. Most of the trajectory error comes from the score, little from the number
    of particles in a batch (`benchmarks/pinn_pm_errors.py`).

    Expect on BKW in 2D a trajectory error at t = 5 of 6 to 11 % of the displacement, a score error of 2 to 5 %,
    and energy within 2e-3, after three minutes of training; BKW moves particles by 11 % only, so leaving them where
    they are looks good too. The score at t = 0 is learned like any other.

    "certificate" among the diagnostics bounds the root mean square error of trajectories from losses alone
    (docs/certificate.md): about 20 times the error on BKW in 3D, beyond all use in 2D, where f₀(0) = 0. For other
    kernels than Maxwell molecules it is an indicator. What is asked at one time depends on no other; beyond the last
    time that the problem asked for when it was fitted, it knows nothing.

    Parameters
    ----------
    particles
        Particles at inference, which the trajectories, scores and series belong to.
    start_kind
        How those are drawn: "random", "quiet" or "mesh".
    conserve
        Whether momentum and energy of those are put back exactly at every time, by a shift and a scaling of T.
    width, depth
        Of the hidden layers of both networks.
    batch
        Particles that collide with each other in training.
    slices
        Times in an update, stratified over the horizon.
    sampling
        "fresh": new particles for every time of every update. "fixed": always the same `batch` particles.
    matching
        "implicit" score matching, as in the paper, or "transported": the score of f₀/det ∇T by differentiation along
        the flow is the target.
    updates
        Updates of both networks.
    rate
        Highest learning rate; it rises over 3 % of the training and falls along a cosine.
    witnesses
        Particles of the certificate, drawn apart; 0 leaves it out.
    seconds
        Wall time at which training ends at the latest, with the rate falling in time; 0 for no limit. A limited fit
        depends on the machine.
    """

    particles: int = 4096
    start_kind: str = "random"
    conserve: bool = False
    width: int = 64
    depth: int = 2
    batch: int = 256
    slices: int = 8
    sampling: str = "fresh"
    matching: str = "implicit"
    updates: int = 10_000
    rate: float = 5e-3
    witnesses: int = 2048
    seconds: float = 0.0

    solves: ClassVar[tuple[str, ...]] = ("homogeneous_landau",)
    amortised: ClassVar[bool] = False
    query_fields: ClassVar[tuple[str, ...]] = ("particles", "start_kind", "conserve")
    family: ClassVar[str] = "learned"
    cite: ClassVar[str] = """
    @misc{KimSonKimLee2026,
      author = {Kim, Minseok and Son, Sung-Jun and Kim, Yeoneung and Lee, Donghyun},
      title = {A Physics-Informed, Global-in-Time Neural Particle Method for the Spatially Homogeneous {Landau}
        Equation},
      year = {2026},
      eprint = {2603.10874},
      archivePrefix = {arXiv},
      primaryClass = {math.NA}
    }
    """

    def __post_init__(self) -> None:
        for name in ("particles", "width", "depth", "batch", "slices", "updates"):
            require_positive(name, getattr(self, name), whole=True)
        require_positive("rate", self.rate)
        choices = {"start_kind": tuple(STARTS), "sampling": ("fresh", "fixed"), "matching": ("implicit", "transported")}
        for name, known in choices.items():
            if getattr(self, name) not in known:
                raise InvalidInput(f"{name} must be one of {', '.join(known)}, got {getattr(self, name)!r}.")
        if self.batch < 2:
            raise InvalidInput("batch must be at least 2: a particle alone meets nobody.", "Take 256.")
        for name in ("witnesses", "seconds"):
            if getattr(self, name):
                require_positive(name, getattr(self, name), whole=name == "witnesses")
        if 0 < self.witnesses < 16:
            raise InvalidInput(f"witnesses must be 0 or at least 16, got {self.witnesses}.", "Take 2048.")

    @property
    def start(self) -> Start:
        """As `start_kind` says."""
        return STARTS[self.start_kind]

    def unsupported(self, problem: Problem) -> str | None:
        """It needs the density that particles come from, and a time to reach."""
        if not isinstance(problem.equation, HomogeneousLandau):
            return f"it is written for the homogeneous Landau equation, not {problem.equation.name}"
        if problem.initial_density is None:
            return "it draws its training particles from the initial density, and this problem gives none"
        if problem.query.final_time == 0:
            return "it learns a flow in time, and this problem asks for the start only"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """A small one for tests, then longer training of the usual networks."""
        small = replace(self, particles=256, width=16, batch=64, slices=4, updates=60, witnesses=0)
        return [small, *(replace(self, updates=updates) for updates in (1000, 3000, 10_000))]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> NeuralFlow:
        """Train on particles of the problem's initial density, in float32 whatever the precision of the answers.

        Raises
        ------
        Unsupported
            Where `unsupported` has a reason, or the density stands for several cases.
        Diverged
            Where the loss ceases to be finite.
        """
        from kineticbench.numerics.particle_residual import ParticleLearner, Sampling, Units
        from kineticbench.numerics.pinn_certificate import certify
        from kineticbench.numerics.training import Plan, train

        reason, density, equation = self.unsupported(problem), problem.initial_density, problem.equation
        if reason is not None or density is None or not isinstance(equation, HomogeneousLandau):
            raise Unsupported(f"pinn_pm cannot solve this: {reason}.")
        units = Units.of(density, problem.query.final_time)
        sampling = Sampling(self.batch, self.slices, self.sampling == "fresh", self.matching)
        learner = ParticleLearner(density, equation, units, (self.width, self.depth), sampling, seed, device)
        curve = train(learner, Plan(self.updates, self.rate, 0.03, seconds=self.seconds or None), progress)
        vouched = certify(learner.result(), density, equation, units, self.witnesses) if self.witnesses else None
        counts = sampling.drawn, sampling.distinct(int(curve[0, -1]))
        learned = LearnedFlow(learner.result(), units, counts, curve, vouched)
        return NeuralFlow(self, equation, learned, Answers(learned.networks, units, density, device, precision))

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> NeuralFlow:
        """The propagator that was saved; where the problem has no density, it answers no densities and no entropy."""
        if not isinstance(problem.equation, HomogeneousLandau):
            raise Unsupported(f"pinn_pm cannot solve this: {self.unsupported(problem)}.")
        learned = read(path, problem.equation.dimension, self.width, self.depth)
        answers = Answers(learned.networks, learned.units, problem.initial_density, device, precision)
        return NeuralFlow(self, problem.equation, learned, answers)


@dataclass(frozen=True, eq=False)
class NeuralFlow(TrainedPropagator):
    """A learned flow and score."""

    solver: PINNPM
    equation: HomogeneousLandau
    learned: LearnedFlow
    answers: Answers

    def save(self, path: Path) -> None:
        """Write networks, units, loss curve and certificate as safetensors."""
        write(path, self.learned)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Everything at every time asked for, NumPy arrays; each time is answered directly.

        Raises
        ------
        Unsupported
            Without particles, and for times beyond those of the training.
        """
        if ensemble is None:
            raise Unsupported("pinn_pm moves the particles it is given, and was given none.")
        if ensemble.velocities.shape[2] != self.equation.dimension:
            raise InvalidInput(f"Velocities must have {self.equation.dimension} dimensions.")
        horizon = self.learned.units.horizon
        if query.final_time > horizon * (1 + 1e-9):
            raise Unsupported(f"pinn_pm was trained up to t = {horizon:g} and knows nothing of {query.final_time:g}.")
        begin = ensemble.astype(self.answers.precision)
        cases = [_Case(self, v, w) for v, w in zip(begin.velocities, begin.weights, strict=True)]
        shots = [[case.snapshot(float(t)) for case in cases] for t in query.times]
        lines = [[case.scalars(float(t)) for t in query.series] for case in cases]

        def gathered(name: str) -> Any:
            kept = [[shot.get(name) for shot in row] for row in shots]
            return None if not shots or kept[0][0] is None else np.array(kept, self.answers.precision)

        scalars = lines[0][0].keys() if query.series.size else ()
        series = {name: np.array([[step[name] for step in line] for line in lines]) for name in scalars}
        density, diagnostics = self._densities(query, ensemble.cases)
        return Solution(
            Trajectory(None, gathered("velocities"), begin.weights) if shots else None,
            score=gathered("score"),
            point_score=self._point_scores(query, ensemble.cases),
            density=density,
            particle_density=gathered("density"),
            series=series,
            diagnostics=diagnostics | self._diagnostics(query, shots, ensemble.particles),
        )

    def _point_scores(self, query: Query, cases: int) -> np.ndarray | None:
        if query.points is None or not query.times.size:
            return None
        found = [self.answers.score(float(t), query.points) for t in query.times]
        return _for_cases(np.array(found, self.answers.precision), cases)

    def _densities(self, query: Query, cases: int) -> tuple[np.ndarray | None, dict[str, np.ndarray]]:
        """The density at the points, and at how many of them no origin was found."""
        if query.points is None or self.answers.density is None or not query.times.size:
            return None, {}
        pairs = [self.answers.point_density(float(t), query.points) for t in query.times]
        density = np.array([pair[0] for pair in pairs], self.answers.precision)
        return _for_cases(density, cases), {"inversion_failures": np.array([pair[1] for pair in pairs])}

    def _diagnostics(self, query: Query, shots: list[list[dict]], particles: int) -> dict[str, np.ndarray]:
        batch, distinct = self.learned.counts
        counts = {"batch": batch, "distinct": distinct, "inference": particles}
        found = {f"particles_{name}": np.array([count]) for name, count in counts.items()}
        found["loss"] = self.learned.curve
        vouched = self.learned.certificate
        if vouched is not None and query.times.size:
            shifts = np.array([max(shot["shift"] for shot in row) for row in shots])
            found["certificate"] = vouched.at("bound", query.times) + shifts
            found["score_gap"] = vouched.at("score_gap", query.times)
            found["physics_residual"] = vouched.at("physics_residual", query.times)
        return found


class _Case:
    """The particles of one case."""

    def __init__(self, flow: NeuralFlow, v: np.ndarray, w: np.ndarray):
        self._flow, self._answers, self._v, self._w = flow, flow.answers, v, w.astype(float)
        start = v.astype(float)
        self._momentum, self._energy = self._w @ start, 0.5 * float(self._w @ (start**2).sum(1))
        self._log_start: np.ndarray | None = None
        if self._answers.density is not None:
            self._log_start = np.log(np.maximum(self._answers.start_density(start), np.finfo(float).tiny))

    def snapshot(self, t: float) -> dict[str, Any]:
        """Velocities, score, f at the particles, and the root mean square of what `conserve` changed."""
        raw = self._answers.moved(t, self._v)
        v = self._restored(raw)
        share = self._w / self._w.sum()
        found = {"velocities": v, "score": self._answers.score(t, v), "shift": np.sqrt(share @ ((v - raw) ** 2).sum(1))}
        return found | ({} if self._log_start is None else {"density": np.exp(self._log_carried(t, raw, v))})

    def scalars(self, t: float) -> dict[str, float]:
        """The series at one time."""
        raw = self._answers.moved(t, self._v)
        v = self._restored(raw)
        s = self._answers.score(t, v)
        moving = collision_sum(v, s, self._w, self._flow.equation)
        found = {
            "mass": float(self._w.sum()),
            "energy": 0.5 * float(self._w @ (v**2).sum(1)),
            "momentum": float(np.linalg.norm(self._w @ v - self._momentum)),
            "dissipation": float(self._w @ (s * moving).sum(1)),
        }
        return found if self._log_start is None else found | {"entropy": float(self._w @ self._log_carried(t, raw, v))}

    def _restored(self, v: np.ndarray) -> np.ndarray:
        return restore(v, self._w, self._momentum, self._energy) if self._flow.solver.conserve else v

    def _log_carried(self, t: float, raw: np.ndarray, v: np.ndarray) -> np.ndarray:
        """The logarithm of f at the particles; a scaling by λ divides f by λᵈ."""
        assert self._log_start is not None
        spread, before = (float(self._w @ ((x - self._w @ x / self._w.sum()) ** 2).sum(1)) for x in (v, raw))
        stretch = 0.5 * v.shape[1] * np.log(spread / before) if before > 0 and spread > 0 else 0.0
        return self._answers.log_carried(t, self._v, self._log_start) - stretch


def _for_cases(values: np.ndarray, cases: int) -> np.ndarray:
    """The same for every case: (time, …) to (time, case, …)."""
    return np.repeat(values[:, None], cases, axis=1)
