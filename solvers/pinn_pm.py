"""PINN–PM: a flow map and a score learned from the continuous-time residual on particles."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

from kineticbench.contracts import (
    Device,
    HomogeneousLandau,
    InvalidInput,
    Mesh,
    Precision,
    Problem,
    Progress,
    Quiet,
    Random,
    Solver,
    Start,
    TrainedSolver,
    TrainingSet,
    Unsupported,
    require_positive,
)
from kineticbench.numerics.pinn_answers import Answers
from kineticbench.numerics.pinn_file import LearnedFlow, read
from kineticbench.numerics.pinn_flow import NeuralFlow

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

    Expect on BKW in 2D a trajectory error at t = 5 of 4 to 6 % of the displacement, a score error of 2 to 5 %, and
    energy within 5e-4, after two minutes of training; BKW moves particles by 11 % only, so leaving them where they are
    looks good too. The score at t = 0 is learned like any other. The flow is that of the density, not of the particles
    at hand: it keeps the energy of f₀, and that of N random ones only to O(N^{-1/2}), as the exact flow does, which is
    why they start quiet.

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
    start_kind: str = "quiet"
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
        return NeuralFlow(
            self.conserve, equation, learned, Answers(learned.networks, units, density, device, precision)
        )

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> NeuralFlow:
        """The propagator that was saved; where the problem has no density, it answers no densities and no entropy."""
        if not isinstance(problem.equation, HomogeneousLandau):
            raise Unsupported(f"pinn_pm cannot solve this: {self.unsupported(problem)}.")
        learned = read(path, problem.equation.dimension, self.width, self.depth)
        answers = Answers(learned.networks, learned.units, problem.initial_density, device, precision)
        return NeuralFlow(self.conserve, problem.equation, learned, answers)
