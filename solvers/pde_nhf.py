"""PDE-NHF: a Hamiltonian flow learned from where particles arrive."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from kineticbench.contracts import (
    Device,
    Diverged,
    Ensemble,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Query,
    Solution,
    Solver,
    TrainedPropagator,
    TrainedSolver,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
    require_positive,
)
from kineticbench.numerics.hamiltonian_file import LearnedHamiltonian, read, write
from kineticbench.numerics.hamiltonian_flow import march
from kineticbench.numerics.jax_scope import scope, side_by_side
from kineticbench.numerics.leapfrog import stops
from kineticbench.numerics.periodic import unwrap, wrap
from kineticbench.numerics.potential_slopes import Exact, Tabulated
from kineticbench.numerics.symmetric_potential import Potential, exact, force, tabulate
from kineticbench.numerics.tabulation import MARGIN, covered


@dataclass(frozen=True)
class PDENHF(TrainedSolver):
    """PDE-NHF, a normalizing flow along a learned Hamiltonian (Souveton & Terrana 2025).

        H(q, p) = a² Σ p²/2 + ρ(Σ_i φ(q_i − q̄)),    dq/dt = a² p,    dp/dt = −∂V/∂q

    φ and ρ have one softplus layer each; the potential is the same for any order and any common shift of the particles.
    It learns from states at the last time of the training set alone: leapfrog takes them back to the start, whose
    Gaussian law is known, and the likelihood there is maximised. Expect the law of the particles to be reproduced and
    volume to be kept exactly; W1 at t = 1 of the Gaussian ensemble is a few hundredths with 5 steps as with 25.

    It knows what it has seen: one equation and one span of time, clouds as in the training set. Another number of
    particles is taken at its word (V grows with N as the sum does), another box merely wraps the positions. Positions
    are unwrapped around the circular mean of each case, so a cloud may straddle the edge, but should fill less than
    half the box.

    Trained in coordinates of order one (`kineticbench.numerics.mean_field`), with Muon and Adam and a one-cycle rate,
    so that 30 epochs do better than the authors' 200.

    Parameters
    ----------
    steps
        Leapfrog steps over the final time of a query. Other times of the query lie on that grid or are reached from it
        by one shorter step.
    nodes
        Nodes on which φ is tabulated during inference, over the width of the training states (more of the same spacing
        where particles go further); 0 evaluates φ for each particle. 256 agree with that to rounding in float32.
    hidden
        Width of all layers; 256 gives the paper's 132 354 parameters.
    training_steps
        Leapfrog steps over the training set's span of time while it learns.
    training_nodes
        As `nodes`, while it learns.
    epochs
        Times that every training case is used.
    batch
        Cases in an update.
    rate
        Highest learning rate of vectors; that of matrices is ten times as high.
    warm_up
        Part of the training in which the rate rises; after that it falls along a cosine.
    seconds
        Wall time at which training ends at the latest, with the rate falling in time; 0 for no limit. A limited fit
        depends on the machine.
    """

    steps: int = 25
    nodes: int = 256
    hidden: int = 256
    training_steps: int = 25
    training_nodes: int = 256
    epochs: float = 30.0
    batch: int = 128
    rate: float = 5e-3
    warm_up: float = 0.1
    seconds: float = 0.0

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    amortised: ClassVar[bool] = True
    query_fields: ClassVar[tuple[str, ...]] = ("steps", "nodes")
    family: ClassVar[str] = "learned"
    cite: ClassVar[str] = """
    @misc{SouvetonTerrana2025,
      author = {Souveton, Vincent and Terrana, S{\'e}bastien},
      title = {Hamiltonian Normalizing Flows as kinetic {PDE} solvers: application to the {1D} {Vlasov--Poisson}
        equations},
      year = {2025},
      eprint = {2505.04471},
      archivePrefix = {arXiv},
      primaryClass = {cs.LG}
    }
    """

    def __post_init__(self) -> None:
        for name in ("steps", "hidden", "training_steps", "batch"):
            require_positive(name, getattr(self, name), whole=True)
        for name in ("epochs", "rate"):
            require_positive(name, getattr(self, name))
        for name in ("nodes", "training_nodes"):
            nodes = getattr(self, name)
            if nodes != 0 and (nodes % 2 or nodes < 16):
                raise InvalidInput(f"{name} must be 0 or an even number from 16 on, got {nodes}.", "Take 256.")
        if not 0 < self.warm_up < 1:
            raise InvalidInput(f"warm_up must lie between 0 and 1, got {self.warm_up}.")
        if self.seconds:
            require_positive("seconds", self.seconds)

    @property
    def start(self) -> None:
        """None: it takes the particles it is given."""
        return

    def unsupported(self, problem: Problem) -> str | None:
        """It needs given particles of equal weight, and returns trajectories only."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it is written for the Vlasov–Poisson equation, not {problem.equation.name}"
        if problem.ensemble is None:
            return "it learns from ensembles of particles, and this problem has none"
        if not problem.ensemble.equal_weights and np.ptp(problem.ensemble.weights) > 0:
            return "it takes all particles to be alike, and those of this problem have different weights"
        if problem.query.times.size == 0:
            return "it returns trajectories, and this problem asks for series only"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """1, 5 and 25 steps, with one fit."""
        return [replace(self, steps=steps) for steps in (1, 5, 25)]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> Flow:
        """Learn a and V from a training set whose conditions name mean and spread of each case's start.

        Raises
        ------
        InvalidInput
            Where there is no training set, or no such conditions.
        Diverged
            Where the loss ceases to be finite.
        """
        from kineticbench.numerics.flow_training import Arrivals, FlowLearner, Numerics
        from kineticbench.numerics.training import Plan, train

        equation = problem.equation
        if not isinstance(equation, VlasovPoisson):
            raise Unsupported(self.unsupported(problem) or "")
        data = Arrivals.of(training, equation.length)
        numerics = Numerics(self.training_steps, self.training_nodes, self.batch)
        learner = FlowLearner(data, self.hidden, numerics, seed, device, precision)
        updates = max(round(self.epochs * len(data.q) / min(self.batch, len(data.q))), 1)
        plan = Plan(updates, self.rate, self.warm_up, seconds=self.seconds or None)
        curve = train(learner, plan, progress)
        a, potential = learner.result()
        hamiltonian = LearnedHamiltonian.rounded(a, potential, data.reach(), curve)
        return Flow(self, equation, hamiltonian, device, precision)

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> Flow:
        """The propagator that was saved; `CorruptFile` where the file is not a fit of this width."""
        if not isinstance(problem.equation, VlasovPoisson):
            raise Unsupported(self.unsupported(problem) or "")
        return Flow(self, problem.equation, read(path, self.hidden), device, precision)


CHUNK = 2**16
"""Particles that are solved together; bounds the memory."""

WIDEST = 2**16
"""Nodes beyond which a particle counts as lost."""

FORCES = 64
"""Cases whose learned force is among the diagnostics."""


@dataclass(frozen=True, eq=False)
class Flow(TrainedPropagator):
    """The flow of a learned Hamiltonian."""

    solver: PDENHF
    equation: VlasovPoisson
    learned: LearnedHamiltonian
    device: Device
    precision: Precision

    def save(self, path: Path) -> None:
        """Write the Hamiltonian in float32 as safetensors."""
        write(path, self.learned)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Trajectories, with "kinetic_coefficient", "force" and "loss" among the diagnostics; NumPy arrays.

        Raises
        ------
        Diverged
            Where a trajectory is not finite, or leads further than any table.
        """
        if ensemble is None or ensemble.positions is None:
            raise Unsupported("it takes the particles it is given, and was given none")
        begin = ensemble.astype(self.precision)
        assert begin.positions is not None
        q, p = unwrap(begin.positions[..., 0], self.equation.length), begin.velocities[..., 0]
        centre = q.mean(1, keepdims=True)
        c = q - centre  # small numbers are rounded less
        step = query.final_time / self.solver.steps
        halts = stops(query.times, step) if step else [(0, 0.0)] * query.times.size
        size = min(max(CHUNK // ensemble.particles, 1), ensemble.cases)
        form = self._form(ensemble.particles, _spread(c) + _spread(p) * query.final_time)
        positions, momenta = (np.empty((query.times.size, *q.shape), self.precision) for _ in range(2))

        def solve(first: int) -> None:
            cases = np.minimum(np.arange(first, first + size), ensemble.cases - 1)  # one shape for all chunks
            chunk = slice(first, min(first + size, ensemble.cases))
            count = chunk.stop - first
            moved, momenta[:, chunk] = (x[:, :count] for x in self._march(form, c[cases], p[cases], step, halts))
            positions[:, chunk] = wrap(moved + centre[chunk], self.equation.length)

        side_by_side(solve, list(range(0, ensemble.cases, size)), self.device, self.precision)
        diagnostics = {
            "kinetic_coefficient": np.array([self.learned.a**2]),
            "force": side_by_side(lambda c: np.asarray(_force(form, c)), [c[:FORCES]], self.device, self.precision)[0],
            "loss": self.learned.loss,
        }
        return Solution(Trajectory(positions[..., None], momenta[..., None], begin.weights), diagnostics=diagnostics)

    def _march(
        self, form: Exact | Tabulated, c: np.ndarray, p: np.ndarray, step: float, halts: list[tuple[int, float]]
    ) -> list[np.ndarray]:
        """(c, p) at the halts; tables grow, always with the same spacing, until they hold every particle."""
        whole, rest = (np.array(column) for column in zip(*halts, strict=True))
        kinetic, h, c_, p_, rest_ = (np.asarray(x, self.precision) for x in (self.learned.a**2, step, c, p, rest))
        while True:
            *found, reached = march(form, kinetic, c_, p_, h, whole, rest_, bool(rest.any()))
            far = float(reached)
            if not far < covered(WIDEST, self._spacing()):
                raise Diverged(f"A particle came {far:g} away from the others.", "Take more steps.")
            if isinstance(form, Exact) or far <= covered(form.T.shape[1], self._spacing()):
                return [np.asarray(x) for x in found]
            form = self._form(c.shape[1], far)

    def _form(self, particles: int, far: float) -> Exact | Tabulated:
        """V for so many particles; tables of the solver's `nodes`, doubled until they cover a distance `far`.

        Contracted in float64 whatever the precision, so that only the motion itself is rounded.
        """
        nodes = self.solver.nodes
        while 0 < nodes < WIDEST and covered(nodes, self._spacing()) < far:
            nodes *= 2
        with scope("cpu", "float64"):
            potential = Potential(*(jnp.asarray(leaf, "float64") for leaf in self.learned.potential))
            form = tabulate(potential, particles, nodes, self._spacing()) if nodes else exact(potential, particles)
            return type(form)(*(np.asarray(leaf, self.precision) for leaf in form))

    def _spacing(self) -> float:
        """That of `nodes` nodes over the width of the training states."""
        return self.learned.reach / ((self.solver.nodes or 256) // 2 - MARGIN)


_force = jax.jit(force)


def _spread(x: np.ndarray) -> float:
    return float(np.abs(x - x.mean(1, keepdims=True)).max())
