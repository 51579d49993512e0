"""Plain regression on another method's solutions: the baseline of the PDE-NHF paper, and its like for Landau."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

from kineticbench.contracts import (
    Device,
    HomogeneousLandau,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Random,
    Silent,
    Solver,
    TrainedPropagator,
    TrainedSolver,
    TrainingSet,
    Unsupported,
    VlasovPoisson,
    require_positive,
)

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class MLP(TrainedSolver):
    """Multilayer perceptrons from the start to later states, fitted to the solutions of another method.

        Vlasov–Poisson:  (q₍₁₎ … q₍N₎, p₍₁₎ … p₍N₎)(0) ↦ (q₍₁₎ … q₍N₎)(T)    and    ↦ (p₍₁₎ … p₍N₎)(T)
        Landau:          (t, v₀) ↦ T(t, v₀) = v₀ + a(t) u(t, v₀)

    Two hidden SiLU layers, Adam. Expect none of the physics: nothing is conserved, and nothing is known of times later
    than those of the training set.

    *Vlasov–Poisson.* The sorted-CDF baseline of Souveton & Terrana (2025): one network for each of sorted positions and
    sorted momenta, trained on E|q̂ − q| + E|p̂ − p| of normalised states, which is W1 itself. The paper publishes no
    widths: 78 gives both networks together 132 800 parameters (N = 256, one time), about as many as PDE-NHF has
    (132 354). It knows one number of particles. Which momentum belongs to which position is lost at the start already,
    and limits what can be known of the end: W1 of 0.13 / 0.15 (positions / momenta) at t = 1 of the Gaussian ensemble,
    which 40 epochs reach and more do not change. What it returns are quantiles, not particles: a distance in phase
    space means nothing (diagnostic "joint_law" = 0). Each trained time has outputs of its own; between two of them
    sorted states are interpolated linearly, the shortest path in W1. Positions are ordered from the edge of the box on,
    so clouds should stay clear of it. States are normalised by mean and deviation over the training set at each time.

    *Landau.* Regression of the characteristics' flow map on trajectories of a classical method, one network of v₀ and
    t for one density; a(t), the root mean square displacement, makes T(0, v₀) = v₀ exact and all times count alike
    (`kineticbench.numerics.flow_regression`). It maps any number of particles (16 384 are drawn where none are given)
    to any time up to the last trained one. Good values: width=64, batch=512, learning_rate=3e-3, schedule="cosine". On
    the Bobylev–Krook–Wu solution in 2D, from 2 048 trajectories at eleven times, 200 epochs (5 s) leave 12, 5 and 5 %
    of the displacement at t = 1, 2.5 and 5, 1 000 epochs 7, 4 and 3 %; energy drifts by 2e-3.

    Parameters
    ----------
    width
        Neurons of each hidden layer.
    epochs
        Passes over the training set; for Landau, over its particles, each at one random time.
    batch
        Examples of an optimiser step: cases, or for Landau particles.
    learning_rate
        Of Adam, at the start.
    schedule
        "constant", as in the paper, or "cosine", down to zero at the end.
    seconds
        Training stops after the epoch in which this much time has passed, and a cosine then reaches zero earlier. 0
        sets no limit; with one, the fit depends on the machine.
    """

    width: int = 78
    epochs: int = 200
    batch: int = 128
    learning_rate: float = 3e-4
    schedule: Literal["constant", "cosine"] = "constant"
    seconds: float = 0.0

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson", "homogeneous_landau")
    amortised: ClassVar[bool] = True
    particles: ClassVar[int] = 16_384
    family: ClassVar[str] = "learned"
    cite: ClassVar[str] = """
    @misc{SouvetonTerrana2025,
      author = {Souveton, Vincent and Terrana, S{\\'e}bastien},
      title = {{Hamiltonian} Normalizing Flows as kinetic {PDE} solvers: application to the {1D} {Vlasov--Poisson}
               Equations},
      year = {2025}, eprint = {2505.04471}, archivePrefix = {arXiv}, primaryClass = {cs.LG}
    }
    """

    def __post_init__(self) -> None:
        for name in ("width", "epochs", "batch"):
            require_positive(name, getattr(self, name), whole=True)
        require_positive("learning_rate", self.learning_rate)
        if self.seconds != 0:
            require_positive("seconds", self.seconds)
        if self.schedule not in ("constant", "cosine"):
            raise InvalidInput(f"schedule must be constant or cosine, got {self.schedule!r}.")

    @property
    def start(self) -> Random:
        """Independent samples, where no particles are given."""
        return Random()

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles; for Vlasov–Poisson given ones of equal weight, and snapshots to answer with."""
        equation, ensemble = problem.equation, problem.ensemble
        if isinstance(equation, HomogeneousLandau):
            known = ensemble is not None or problem.initial_density is not None
            return None if known else f"it moves particles, and this problem of {equation.name} gives none"
        if not isinstance(equation, VlasovPoisson):
            return f"it learns the Vlasov–Poisson and the homogeneous Landau equation, not {equation.name}"
        if ensemble is None:
            return "it maps given particles, and this problem gives none"
        if not ensemble.equal_weights and bool((ensemble.weights != ensemble.weights[:, :1]).any()):
            return "it sorts particles of equal weight, and these differ"
        if problem.query.times.size == 0:
            return "it returns particles, and this problem asks for no snapshot"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """Vlasov–Poisson: the one setting that the comparison fixes. Landau: ever longer training."""
        if isinstance(problem.equation, VlasovPoisson):
            return [self]
        return [MLP(64, epochs, 512, 3e-3, "cosine") for epochs in (40, 200, 1000)]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> TrainedPropagator:
        """Train, or go on from a checkpoint.

        Raises
        ------
        Unsupported
            Without a training set or a GPU that was asked for, and for times beyond those of the training set.
        Diverged
            Where the loss is no longer finite.
        """
        equation = _known(problem)
        if training is None:
            raise Unsupported("mlp learns from examples, and this dataset has none to learn from.")
        if training.times.size < 2 or training.times[0] != 0:
            raise InvalidInput(f"mlp learns from states at t = 0 and later, got times {training.times}.")
        from kineticbench.numerics.sorted_quantiles import SortedQuantiles, require_times

        require_times(problem.query, training.times[-1])
        place, progress = _place(device), progress or Silent()
        if isinstance(equation, HomogeneousLandau):
            from kineticbench.numerics.flow_map import FlowMap
            from kineticbench.numerics.flow_regression import Regression
            from kineticbench.numerics.training import Plan, train

            regression = Regression(training, equation.dimension, self.width, self.batch, seed, place, precision)
            updates, cosine = self.epochs * regression.updates_per_epoch, self.schedule == "cosine"
            shape = {"warm_up": 0.05, "final": 0.0} if cosine else {"warm_up": 0.0, "final": 1.0}
            train(regression, Plan(updates, self.learning_rate, seconds=self.seconds or None, **shape), progress)
            return FlowMap(regression.arrays())
        from kineticbench.numerics.sorted_networks import Schedule, Training, normalised

        inputs, targets, scales = normalised(training, place, precision)
        seconds = self.seconds or math.inf
        schedule = Schedule(self.width, self.epochs, self.batch, self.learning_rate, self.schedule == "cosine", seconds)
        network = Training(schedule, inputs, targets, seed, progress).run()
        return SortedQuantiles(network | scales, training.times[1:], equation.length)

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> TrainedPropagator:
        """Read what `save` wrote."""
        equation, place = _known(problem), _place(device)
        if isinstance(equation, HomogeneousLandau):
            from kineticbench.numerics.flow_map import FlowMap

            return FlowMap.load(path, self.width, equation, place, precision)
        from kineticbench.numerics.sorted_quantiles import SortedQuantiles, require_times

        restored = SortedQuantiles.load(path, self.width, equation.length, place, precision)
        require_times(problem.query, restored.times[-1])
        return restored


def _known(problem: Problem) -> VlasovPoisson | HomogeneousLandau:
    equation = problem.equation
    if not isinstance(equation, VlasovPoisson | HomogeneousLandau):
        raise Unsupported(f"mlp learns the Vlasov–Poisson and the homogeneous Landau equation, not {equation.name}.")
    return equation


def _place(device: Device) -> torch.device:
    import torch

    if device == "gpu" and not torch.cuda.is_available():
        raise Unsupported("mlp was asked to run on a GPU, and torch finds none.")
    return torch.device("cuda" if device == "gpu" else "cpu")
