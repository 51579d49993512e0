"""Networks from the marginals of a cloud at one time to those at later times, and their training (torch).

Two networks of equal shape work side by side, the first for sorted positions, the second for sorted momenta; both read
all of the sorted start. Arrays carry the network as first axis. Each has two hidden layers with SiLU between.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass

import numpy as np
import torch

from ..contracts import Diverged, Precision, Progress, TrainingSet
from .adam import adam

NETWORK = ("weight_1", "bias_1", "weight_2", "bias_2", "weight_3", "bias_3")
SCALES = ("mean_in", "std_in", "mean_out", "std_out")


def shapes(width: int, particles: int, times: int) -> dict[str, tuple[int, ...]]:
    """Shape of every array of `NETWORK` and `SCALES`."""
    layers = ((2 * particles, width), (width, width), (width, times * particles))
    found: dict[str, tuple[int, ...]] = {"mean_in": (2,), "std_in": (2,), "mean_out": (times, 2), "std_out": (times, 2)}
    for layer, (rows, columns) in enumerate(layers, start=1):
        found |= {f"weight_{layer}": (2, rows, columns), f"bias_{layer}": (2, 1, columns)}
    return found


def sorted_states(positions: np.ndarray, momenta: np.ndarray) -> torch.Tensor:
    """(…, case, particle, 1) twice as one (…, 2, case, particle), each row ascending."""
    return torch.from_numpy(np.stack([np.sort(positions[..., 0]), np.sort(momenta[..., 0])], axis=-3))


def evaluate(arrays: dict[str, torch.Tensor], start: torch.Tensor) -> torch.Tensor:
    """Sorted states (time, 2, case, particle) from a sorted start (2, case, particle)."""
    scales = {name: arrays[name][..., None, None] for name in SCALES}
    inputs = _joined((start - scales["mean_in"]) / scales["std_in"])
    outputs = _networks(arrays, inputs).unflatten(-1, (len(arrays["mean_out"]), -1)).permute(2, 0, 1, 3)
    return outputs * scales["std_out"] + scales["mean_out"]


def _joined(states: torch.Tensor) -> torch.Tensor:
    """(2, case, particle) as the networks take it, (case, 2 particle)."""
    return states.transpose(0, 1).flatten(1)


def _networks(arrays: dict[str, torch.Tensor], inputs: torch.Tensor) -> torch.Tensor:
    """(case, 2 particle) to (network, case, time × particle), both normalised."""
    value = inputs.expand(2, -1, -1)
    for layer in (1, 2, 3):
        value = torch.baddbmm(arrays[f"bias_{layer}"], value, arrays[f"weight_{layer}"])
        value = torch.nn.functional.silu(value) if layer < 3 else value
    return value


def normalised(
    training: TrainingSet, place: torch.device, precision: Precision
) -> tuple[torch.Tensor, torch.Tensor, dict[str, torch.Tensor]]:
    """Inputs (case, 2 particle), targets (2, case, time × particle), of mean 0 and deviation 1, and their scales."""
    states = sorted_states(training.states.positions, training.states.velocities)  # (time, 2, case, particle)
    mean, std = states.mean((-2, -1)), states.std((-2, -1)).clamp_min(torch.finfo(torch.float32).tiny)
    states = ((states - mean[..., None, None]) / std[..., None, None]).to(place, getattr(torch, precision))
    targets = states[1:].permute(1, 2, 0, 3).flatten(2).contiguous()
    scales = {"mean_in": mean[0], "std_in": std[0], "mean_out": mean[1:], "std_out": std[1:]}
    return _joined(states[0]), targets, {name: value.to(states) for name, value in scales.items()}


@dataclass(frozen=True)
class Schedule:
    """How long and how fast to train.

    Parameters
    ----------
    width
        Neurons of each hidden layer.
    epochs, batch
        Passes over the examples, and examples of a step.
    rate
        Learning rate at the start.
    cosine
        Whether it falls to zero at the end, else it is constant.
    seconds
        Training ends after the epoch in which they have passed; infinite for no limit.
    """

    width: int
    epochs: int
    batch: int
    rate: float
    cosine: bool
    seconds: float

    def rate_at(self, epochs: float, elapsed: float) -> float:
        """The learning rate; a cosine follows the larger share of epochs and of time."""
        if not self.cosine:
            return self.rate
        share = max(epochs / self.epochs, elapsed / self.seconds)
        return 0.5 * self.rate * (1 + math.cos(math.pi * min(share, 1.0)))


class Training:
    """Adam on the mean absolute error of both networks together, resumable after any epoch.

    Parameters
    ----------
    schedule
        How long and how fast.
    inputs, targets
        What `normalised` returns.
    seed
        Of the first weights and of the order of examples.
    progress
        Where it reports to and keeps checkpoints.
    """

    def __init__(self, schedule: Schedule, inputs: torch.Tensor, targets: torch.Tensor, seed: int, progress: Progress):
        self.schedule, self.inputs, self.targets, self.seed, self.progress = schedule, inputs, targets, seed, progress
        n, outputs = inputs.shape[1] // 2, targets.shape[2]
        self.shapes = {name: s for name, s in shapes(schedule.width, n, outputs // n).items() if name in NETWORK}
        draw = torch.Generator().manual_seed(seed)
        parts = []
        for name, shape in self.shapes.items():
            bound = (2 * n if name.endswith("1") else schedule.width) ** -0.5  # as torch.nn.Linear starts
            parts.append(bound * (2 * torch.rand(math.prod(shape), generator=draw, dtype=torch.float64) - 1))
        self.vector = torch.cat(parts).to(inputs).requires_grad_()
        self.mean, self.square = torch.zeros_like(self.vector), torch.zeros_like(self.vector)
        self.step, self.epoch, self.elapsed = 0, 0, 0.0

    def run(self) -> dict[str, torch.Tensor]:
        """Train to the end, or until time is up."""
        self._restore(self.progress.resume())
        before, begun = self.elapsed, time.perf_counter()
        while self.epoch < self.schedule.epochs and self.elapsed < self.schedule.seconds:
            loss = self._pass()
            self.epoch += 1
            self.elapsed = before + time.perf_counter() - begun
            if not math.isfinite(loss):
                raise Diverged(
                    f"The training loss is {loss} after {self.epoch} epochs.", "Try a smaller learning_rate."
                )
            self.progress.report(self.epoch, self.schedule.epochs, loss=loss)
            self.progress.save(self._state())
        return {name: value.clone() for name, value in self._arrays(self.vector.detach()).items()}

    def _pass(self) -> float:
        """One epoch; returns its mean loss."""
        examples, batch = len(self.inputs), self.schedule.batch
        order = torch.from_numpy(np.random.default_rng([self.seed, self.epoch]).permutation(examples))
        order = order.to(self.inputs.device)
        total = torch.zeros((), dtype=torch.float64, device=self.inputs.device)
        for begin in range(0, examples, batch):
            chosen = order[begin : begin + batch]
            found = _networks(self._arrays(self.vector), self.inputs[chosen])
            loss = 2 * torch.nn.functional.l1_loss(found, self.targets[:, chosen])
            (gradient,) = torch.autograd.grad(loss, self.vector)
            self.step += 1
            rate = self.schedule.rate_at(self.epoch + begin / examples, self.elapsed)
            adam(self.vector, gradient, self.mean, self.square, self.step, rate)
            total += loss.detach() * len(chosen)
        return float(total) / examples

    def _arrays(self, vector: torch.Tensor) -> dict[str, torch.Tensor]:
        """The vector of all parameters as the arrays it is made of."""
        parts = vector.split([math.prod(shape) for shape in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}

    def _state(self) -> dict[str, np.ndarray]:
        moments = {"vector": self.vector.detach(), "mean": self.mean, "square": self.square}
        counts = {"step": np.array([self.step]), "epoch": np.array([self.epoch]), "elapsed": np.array([self.elapsed])}
        return counts | {name: value.cpu().numpy().copy() for name, value in moments.items()}

    @torch.no_grad()
    def _restore(self, state: dict[str, np.ndarray] | None) -> None:
        if state is None:
            return
        self.step, self.epoch, self.elapsed = int(state["step"][0]), int(state["epoch"][0]), float(state["elapsed"][0])
        for name in ("vector", "mean", "square"):
            getattr(self, name).copy_(torch.from_numpy(state[name]))
