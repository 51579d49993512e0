"""PINN–PM as the abstract of Kim, Son, Kim & Lee (2026) describes it, in torch; their networks are not known here.

A flow map T = v + t·net and a score, both plain networks of (t, v) with two hidden layers of 64; the residual of the
particle equation with the sum over all pairs of a batch, implicit score matching along the flow, fresh particles for
every update, Adam with a cosine.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

WIDTH, RATE = 64, 2e-3


def network() -> Any:
    """SiLU between three linear layers, (t, v) to 2."""
    import torch

    sizes, layers = [3, WIDTH, WIDTH, 2], []
    for k in range(3):
        layers += [torch.nn.Linear(sizes[k], sizes[k + 1]), torch.nn.SiLU()]
    return torch.nn.Sequential(*layers[:-1])


class Learned:
    """A flow and a score learned in so many updates of `slices` times `batch` particles up to a time.

    `draw` gives particles of f₀, (number, 2) float32, from a number and a seed.
    """

    def __init__(self, draw: Callable[[int, int], np.ndarray], strength: float, time: float, batch: int, slices: int):
        self.draw, self.strength, self.time, self.batch, self.slices = draw, strength, time, batch, slices

    def train(self, updates: int, seed: int = 0) -> Any:
        """The networks (flow, score)."""
        import torch

        torch.manual_seed(seed)
        flow, score = network(), network()
        optimiser = torch.optim.Adam([*flow.parameters(), *score.parameters()], RATE)
        for update in range(updates):
            optimiser.param_groups[0]["lr"] = RATE * 0.5 * (1 + math.cos(math.pi * update / updates))
            optimiser.zero_grad()
            t = self.time * (torch.arange(self.slices) + torch.rand(self.slices)) / self.slices
            particles = torch.tensor(self.draw(self.batch * self.slices, update))
            self.loss(flow, score, t.repeat_interleave(self.batch)[:, None], particles).backward()
            optimiser.step()
        return flow, score

    def moved(self, flow: Any, t: Any, v: Any) -> Any:
        """T(t, v)."""
        import torch

        return v + t * flow(torch.cat([t, v], 1))

    def loss(self, flow: Any, score: Any, t: Any, v: Any) -> Any:
        """Physics and score matching."""
        import torch

        t = t.requires_grad_(True)
        place = self.moved(flow, t, v)
        rate = torch.cat([torch.autograd.grad(place[:, m].sum(), t, create_graph=True)[0] for m in range(2)], 1)
        seen = place.detach().requires_grad_(True)
        s = score(torch.cat([t.detach(), seen], 1))
        trace = sum(torch.autograd.grad(s[:, m].sum(), seen, create_graph=True)[0][:, m] for m in range(2))
        U = self.velocity(place.detach().view(self.slices, self.batch, 2), s.detach().view(self.slices, self.batch, 2))
        physics = ((rate - U.view(-1, 2)) ** 2).sum(1).mean()
        return physics + ((s**2).sum(1) + 2 * trace).mean()

    def velocity(self, v: Any, s: Any) -> Any:
        """U within every slice, over all pairs."""
        z, difference = v[:, :, None] - v[:, None], s[:, :, None] - s[:, None]
        pushed = (z**2).sum(-1, True) * difference - (z * difference).sum(-1, True) * z
        return -self.strength * pushed.sum(2) / (self.batch - 1)
