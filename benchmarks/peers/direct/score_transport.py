"""Score-based transport as Huang & Wang (2025) describe it, in torch: a network, Adamax, pairs in random batches."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

WIDTH, MATRICES, RATE, BATCH = 32, 5, 5e-4, 1280


def network(seed: int) -> Any:
    """SiLU between five linear layers, 2 to 2."""
    import torch

    torch.manual_seed(seed)
    sizes = [2, *[WIDTH] * (MATRICES - 1), 2]
    layers: list[Any] = []
    for k in range(MATRICES):
        layers += [torch.nn.Linear(sizes[k], sizes[k + 1]), torch.nn.SiLU()]
    return torch.nn.Sequential(*layers[:-1])


def fitted(v: np.ndarray, score: np.ndarray, seed: int, updates: int) -> Any:
    """A network fitted to a score by Adamax with all particles, until the relative squared error is 1e-4."""
    import torch

    net, x, target = network(seed), torch.tensor(v), torch.tensor(score)
    optimiser = torch.optim.Adamax(net.parameters(), 1e-3)
    for _ in range(updates):
        optimiser.zero_grad()
        loss = ((net(x) - target) ** 2).sum() / (target**2).sum()
        loss.backward()
        optimiser.step()
        if loss.item() < 1e-4:
            break
    return net


class Transport:
    """Maxwell molecules of strength B from particles v of equal weight, with a network that knows the first score."""

    def __init__(self, net: Any, v: np.ndarray, strength: float):
        self.net, self.v, self.strength = net, v, strength

    def march(self, dt: float, steps: int, iterations: int) -> tuple[np.ndarray, np.ndarray]:
        """Velocities and scores after so many Euler steps, each followed by so many updates of a copy of `net`."""
        import torch

        torch.manual_seed(1)
        net, v = copy.deepcopy(self.net), torch.tensor(self.v)
        optimiser = torch.optim.Adamax(net.parameters(), RATE)
        for _ in range(steps):
            v = v + dt * self.velocity(v, net(v).detach())
            for _ in range(iterations):
                optimiser.zero_grad()
                self.loss(net, v).backward()
                optimiser.step()
        return v.numpy(), net(v).detach().numpy()

    def velocity(self, v: Any, s: Any) -> Any:
        """U by random disjoint batches, in each of which all particles meet."""
        import torch

        U = torch.empty_like(v)
        for batch in torch.randperm(len(v)).split(BATCH):
            z, difference = v[batch, None] - v[None, batch], s[batch, None] - s[None, batch]
            pushed = (z**2).sum(-1, True) * difference - (z * difference).sum(-1, True) * z
            U[batch] = -self.strength * pushed.sum(1) / (len(batch) - 1)
        return U

    def loss(self, net: Any, v: Any) -> Any:
        """Implicit score matching, mean of |s|² + 2∇·s, the divergence one component after another."""
        import torch

        x = v.detach().requires_grad_(True)
        s = net(x)
        trace = sum(torch.autograd.grad(s[:, m].sum(), x, create_graph=True)[0][:, m] for m in range(2))
        return ((s**2).sum(1) + 2 * trace).mean()
