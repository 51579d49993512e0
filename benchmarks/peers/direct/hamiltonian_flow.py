"""PDE-NHF as Souveton & Terrana (2025) describe it: layers on every particle, forces by automatic differentiation."""

from __future__ import annotations

from typing import Any

import numpy as np


class Potential:
    """V(q) = ρ(Σ_i φ(q_i − q̄)) of one example, in torch; `weights` holds w1, b1, W2, b2, W3, b3, w4, b4."""

    def __init__(self, weights: Any):
        import torch

        self.torch = torch
        self.weights = {name: torch.tensor(np.asarray(leaf, float)) for name, leaf in weights._asdict().items()}

    def __call__(self, q: Any) -> Any:
        softplus, w = self.torch.nn.functional.softplus, self.weights
        c = q - q.mean()
        phi = softplus(c[:, None] * w["w1"] + w["b1"]) @ w["W2"].T + w["b2"]
        return softplus(phi.sum(0) @ w["W3"].T + w["b3"]) @ w["w4"] + w["b4"]

    def force(self, q: Any) -> Any:
        """−∂V/∂q."""
        q = q.detach().requires_grad_(True)
        return -self.torch.autograd.grad(self(q), q)[0]


def flow(a: float, weights: Any, q: np.ndarray, p: np.ndarray, time: float, steps: int) -> tuple[np.ndarray, ...]:
    """(q, p) of all examples, (example, particle), after leapfrog steps; one example after another."""
    import torch

    potential, h = Potential(weights), time / steps
    ends = []
    for one_q, one_p in zip(q, p, strict=True):
        x, v = torch.tensor(one_q, dtype=torch.float64), torch.tensor(one_p, dtype=torch.float64)
        for _ in range(steps):
            v = v + h / 2 * potential.force(x)
            x = x + h * a**2 * v
            v = v + h / 2 * potential.force(x)
        ends.append((x.numpy(), v.numpy()))
    return tuple(np.stack(part) for part in zip(*ends, strict=True))
