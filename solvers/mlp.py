"""The baseline of the PDE-NHF paper: networks from sorted initial to sorted later positions and momenta."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np

from kineticbench.contracts import (
    CorruptFile,
    Device,
    Ensemble,
    InvalidInput,
    Precision,
    Problem,
    Progress,
    Query,
    Silent,
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

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class MLP(TrainedSolver):
    """Sorted-CDF networks: two multilayer perceptrons from the sorted start to sorted positions and momenta.

        (q₍₁₎ … q₍N₎, p₍₁₎ … p₍N₎)(0) ↦ (q₍₁₎ … q₍N₎)(T)    and    ↦ (p₍₁₎ … p₍N₎)(T)

    One network for each, two hidden SiLU layers, trained on E|q̂ − q| + E|p̂ − p| over sorted particles of normalised
    states, which is W1 itself; Adam. The paper publishes no widths: 78 gives both networks together 132 800 parameters
    (N = 256, one time), about as many as PDE-NHF has (132 354). Expect none of the physics: nothing is conserved, and
    nothing is known of later times or other particle numbers. Which momentum belongs to which position is lost at the
    start already, and limits what can be known of the end: W1 of 0.13 / 0.15 (positions / momenta) at t = 1 of the
    Gaussian ensemble, which 40 epochs reach and more do not change.

    What it returns are quantiles, not particles. Positions and momenta are sorted apart, so their joint law is lost: W1
    of either means something, a distance in phase space does not. The diagnostic "joint_law" = 0 says so.

    Times: each time of the training set has outputs of its own. Between two of them (t = 0 is the start itself) sorted
    states are interpolated linearly, the shortest path in W1; later times are refused. Positions are ordered from the
    edge of the box on, so clouds should stay clear of it.

    States are normalised by mean and standard deviation of positions and of momenta over the training set at each time
    (for the Gaussian ensemble positions are so centred at 64), which the fit keeps.

    Parameters
    ----------
    width
        Neurons of each hidden layer.
    epochs
        Passes over the training set.
    batch
        Examples of an optimiser step.
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

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    amortised: ClassVar[bool] = True
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
    def start(self) -> None:
        """None: it takes the particles that are given."""
        return

    def unsupported(self, problem: Problem) -> str | None:
        """It needs particles of equal weight, and snapshots to answer with."""
        if not isinstance(problem.equation, VlasovPoisson):
            return f"it was made for the Vlasov–Poisson equation, not {problem.equation.name}"
        if problem.ensemble is None:
            return "it maps given particles, and this problem gives none"
        if not problem.ensemble.equal_weights and bool(np.ptp(problem.ensemble.weights, axis=1).any()):
            return "it sorts particles of equal weight, and these differ"
        if problem.query.times.size == 0:
            return "it returns particles, and this problem asks for no snapshot"
        return None

    def ladder(self, problem: Problem) -> list[Solver]:
        """One setting: the width is fixed by the comparison, and nothing may be chosen after training."""
        return [self]

    def fit(
        self,
        problem: Problem,
        training: TrainingSet | None = None,
        seed: int = 0,
        device: Device = "cpu",
        precision: Precision = "float64",
        progress: Progress | None = None,
    ) -> TrainedPropagator:
        """Train both networks, or go on from a checkpoint.

        Raises
        ------
        Unsupported
            Without a training set or a GPU that was asked for, and for times beyond those of the training set.
        Diverged
            Where the loss is no longer finite.
        """
        length = _length(problem)
        if training is None:
            raise Unsupported("mlp learns from examples, and this dataset has none to learn from.")
        if training.times.size < 2 or training.times[0] != 0:
            raise InvalidInput(f"mlp learns from states at t = 0 and later, got times {training.times}.")
        _require_times(problem.query, training.times[-1])
        from kineticbench.numerics.sorted_networks import Schedule, Training, normalised

        inputs, targets, scales = normalised(training, _place(device), precision)
        seconds = self.seconds or math.inf
        schedule = Schedule(self.width, self.epochs, self.batch, self.learning_rate, self.schedule == "cosine", seconds)
        network = Training(schedule, inputs, targets, seed, progress or Silent()).run()
        return _Sorted(network | scales, training.times[1:], length)

    def restore(self, path: Path, problem: Problem, device: Device, precision: Precision) -> TrainedPropagator:
        """Read what `save` wrote."""
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        from kineticbench.numerics.sorted_networks import NETWORK, SCALES, shapes

        length, dtype = _length(problem), getattr(torch, precision)
        try:
            found = load_file(path, device=str(_place(device)))
            times = found["times"].cpu().numpy()
            arrays = {name: found[name].to(dtype) for name in (*NETWORK, *SCALES)}
            expected = shapes(self.width, arrays["weight_1"].shape[1] // 2, times.size)
        except (SafetensorError, KeyError, IndexError, OSError) as error:
            raise CorruptFile(f"{path} holds no fit of mlp ({error}).", "Delete it and train again.") from None
        for name, shape in expected.items():
            if arrays[name].shape != shape or not bool(torch.isfinite(arrays[name]).all()):
                raise CorruptFile(
                    f"{path}: {name} must be finite and of shape {shape}, got shape {tuple(arrays[name].shape)}.",
                    "Restore it with the width it was trained with, or delete it and train again.",
                )
        _require_times(problem.query, times[-1])
        return _Sorted(arrays, times, length)


@dataclass(frozen=True, eq=False)
class _Sorted(TrainedPropagator):
    """Both networks side by side, arrays (network, …): 0 for positions, 1 for momenta; `times` has no 0."""

    arrays: dict[str, torch.Tensor]
    times: np.ndarray
    length: float

    def save(self, path: Path) -> None:
        """Write networks, scales and times."""
        import torch
        from safetensors.torch import save_file

        arrays = {name: array.detach().cpu().contiguous() for name, array in self.arrays.items()}
        save_file(arrays | {"times": torch.from_numpy(self.times.copy())}, path)

    def __call__(self, ensemble: Ensemble | None, query: Query) -> Solution:
        """Sorted positions and momenta of every case at every time, in the precision of the networks."""
        import torch

        from kineticbench.numerics.sorted_networks import evaluate, sorted_states

        if ensemble is None or ensemble.positions is None:
            raise Unsupported("mlp maps given particles, and this problem gives none.")
        _require_times(query, self.times[-1])
        weights, n = self.arrays["weight_1"], self.arrays["weight_1"].shape[1] // 2
        if ensemble.particles != n:
            raise Unsupported(f"mlp was trained on {n} particles, and there are {ensemble.particles}.")
        with torch.inference_mode():
            start = sorted_states(ensemble.positions, ensemble.velocities).to(weights)
            known = torch.cat([start[None], evaluate(self.arrays, start)])
            knots = np.concatenate([[0.0], self.times])
            left = np.clip(np.searchsorted(knots, query.times, side="right") - 1, 0, knots.size - 2)
            share = torch.from_numpy((query.times - knots[left]) / np.diff(knots)[left]).to(weights)
            states = torch.lerp(known[left], known[left + 1], share[:, None, None, None])[..., None]
            positions = torch.remainder(states[:, 0], self.length)
            positions[positions >= self.length] = 0.0  # what is just below 0 may round to L
            arrays = [positions, states[:, 1].contiguous()]
            if weights.device.type == "cpu":
                arrays = [array.numpy() for array in arrays]
        trajectory = Trajectory(*arrays, np.broadcast_to(np.asarray(1 / n, str(weights.dtype)[6:]), start.shape[1:]))
        return Solution(trajectory, diagnostics={"joint_law": np.zeros(1)})


def _length(problem: Problem) -> float:
    if not isinstance(problem.equation, VlasovPoisson):
        raise Unsupported(f"mlp was made for the Vlasov–Poisson equation, not {problem.equation.name}.")
    return problem.equation.length


def _require_times(query: Query, last: float) -> None:
    if query.times.size and query.times[-1] > last * (1 + 1e-12):
        raise Unsupported(f"mlp was trained up to t = {last:g} and knows nothing of t = {query.times[-1]:g}.")


def _place(device: Device) -> torch.device:
    import torch

    if device == "gpu" and not torch.cuda.is_available():
        raise Unsupported("mlp was asked to run on a GPU, and torch finds none.")
    return torch.device("cuda" if device == "gpu" else "cpu")
