"""Regression of a flow map v₀ ↦ T(t, v₀) on trajectories that another method made (torch).

    T_θ(t, v₀) = v₀ + a(t) u_θ(2t/t_K − 1, (v₀ − m)/σ),    loss = Σ_i w_i |u_θ − (v_i(t) − v_i(0))/a(t)|² / Σ_i w_i

a(t) is the root mean square displacement of the trajectories at their times 0 = t_0 < … < t_K, linear between, so T is
the identity at t = 0 whatever the network does, and every time counts alike: the loss is the mean squared error of the
trajectories relative to their displacement, 1 for a network that returns nothing. u_θ has two hidden SiLU layers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import torch

from ..contracts import InvalidInput, Precision, TrainingSet
from .adam import adam
from .training import batch

NETWORK = ("weight_1", "bias_1", "weight_2", "bias_2", "weight_3", "bias_3")
SCALES = ("times", "displacement", "mean", "std")


def shapes(width: int, dimension: int) -> dict[str, tuple[int, ...]]:
    """Shape of every array of `NETWORK`."""
    layers = ((1 + dimension, width), (width, width), (width, dimension))
    found: dict[str, tuple[int, ...]] = {}
    for layer, (rows, columns) in enumerate(layers, start=1):
        found |= {f"weight_{layer}": (rows, columns), f"bias_{layer}": (columns,)}
    return found


def displacements(arrays: Mapping[str, torch.Tensor], time: torch.Tensor) -> torch.Tensor:
    """a(t) for times of any shape within the trained ones."""
    times, known = arrays["times"], arrays["displacement"]
    left = torch.clamp(torch.searchsorted(times, time.contiguous(), right=True) - 1, 0, len(times) - 2)
    share = (time - times[left]) / (times[left + 1] - times[left])
    return torch.lerp(known[left], known[left + 1], share)


def direction(arrays: Mapping[str, torch.Tensor], time: torch.Tensor, start: torch.Tensor) -> torch.Tensor:
    """u_θ for times (row,) and starts (row, d)."""
    clock = 2 * time / arrays["times"][-1] - 1
    value = torch.cat([clock[:, None], (start - arrays["mean"]) / arrays["std"]], dim=1)
    for layer in (1, 2, 3):
        value = torch.addmm(arrays[f"bias_{layer}"], value, arrays[f"weight_{layer}"])
        value = torch.nn.functional.silu(value) if layer < 3 else value
    return value


class Regression:
    """A network and its optimiser, as `kineticbench.numerics.training` trains it.

    Parameters
    ----------
    training
        Trajectories; its cases are starts of one density, and are pooled.
    dimension
        d of the equation.
    width, size, seed
        Neurons of each hidden layer; particles of an update, each at one random time; of weights and order.
    place, precision
        Where and how exactly to compute.

    Raises
    ------
    InvalidInput
        For trajectories of another dimension, without t = 0, or with positions.
    """

    def __init__(
        self,
        training: TrainingSet,
        dimension: int,
        width: int,
        size: int,
        seed: int,
        place: torch.device,
        precision: Precision,
    ):
        states = np.asarray(training.states.velocities, dtype=np.float64)
        if training.states.positions is not None or states.shape[-1] != dimension:
            raise InvalidInput(
                f"Trajectories of a homogeneous plasma in {dimension} dimensions are wanted, got velocities of shape "
                f"{states.shape}{'' if training.states.positions is None else ' with positions'}.",
                "Train on the data set that poses the problem.",
            )
        states = states.reshape(len(states), -1, dimension)
        share = np.ravel(np.asarray(training.states.weights, dtype=np.float64))
        share = share / share.sum()
        start, moved = states[0], states - states[0]
        size_of = np.sqrt(np.einsum("i,tid,tid->t", share, moved, moved))
        mean = share @ start
        std = np.maximum(np.sqrt(share @ (start - mean) ** 2), np.finfo(np.float32).tiny)
        targets = moved[1:] / np.maximum(size_of[1:], np.finfo(np.float32).tiny)[:, None, None]

        def tensor(array: np.ndarray) -> torch.Tensor:
            return torch.from_numpy(np.array(array)).to(place, getattr(torch, precision))

        self.start, self.targets, self.share = tensor(start), tensor(targets), tensor(share * share.size)
        scales = zip(SCALES, (training.times, size_of, mean, std), strict=True)
        self.scales = {name: tensor(array) for name, array in scales}
        self.size, self.seed, self.shapes = size, seed, shapes(width, dimension)
        draw = torch.Generator().manual_seed(seed)
        parts = []
        for shape in self.shapes.values():
            rows = shape[0] if len(shape) == 2 else 0
            spread = rows**-0.5 if rows else 0.0
            parts.append(spread * torch.randn(math.prod(shape), generator=draw, dtype=torch.float64))
        self.vector = torch.cat(parts).to(self.start).requires_grad_()
        self.mean, self.square = torch.zeros_like(self.vector), torch.zeros_like(self.vector)

    @property
    def updates_per_epoch(self) -> int:
        """Updates in which every particle is seen once."""
        return len(self.start) // min(self.size, len(self.start))

    def update(self, step: int, rate: float) -> float:
        """One step of Adam on a batch; returns the loss before it."""
        chosen = batch(len(self.start), self.size, self.seed, step)
        snapshot = np.random.default_rng([self.seed, 1, step]).integers(len(self.targets), size=chosen.size)
        rows, at = torch.from_numpy(chosen), torch.from_numpy(snapshot)
        found = direction(self._network(self.vector) | self.scales, self.scales["times"][at + 1], self.start[rows])
        loss = (self.share[rows, None] * (found - self.targets[at, rows]) ** 2).sum() / chosen.size
        (gradient,) = torch.autograd.grad(loss, self.vector)
        adam(self.vector, gradient, self.mean, self.square, step + 1, rate)
        return float(loss.detach())

    def state(self) -> Mapping[str, np.ndarray]:
        """Parameters and moments."""
        moments = {"vector": self.vector.detach(), "mean": self.mean, "square": self.square}
        return {name: value.cpu().numpy().copy() for name, value in moments.items()}

    @torch.no_grad()
    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Go back to them."""
        for name in ("vector", "mean", "square"):
            getattr(self, name).copy_(torch.from_numpy(state[name]))

    def arrays(self) -> dict[str, torch.Tensor]:
        """The network and its scales."""
        return {name: array.clone() for name, array in self._network(self.vector.detach()).items()} | self.scales

    def _network(self, vector: torch.Tensor) -> dict[str, torch.Tensor]:
        parts = vector.split([math.prod(shape) for shape in self.shapes.values()])
        return {name: part.view(shape) for (name, shape), part in zip(self.shapes.items(), parts, strict=True)}
