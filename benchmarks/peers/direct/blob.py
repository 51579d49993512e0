"""The blob method as Carrillo, Hu, Wang & Wu (2020) write it: every particle with every cell and every other one."""

from __future__ import annotations

import numpy as np


class Blobs:
    """The mesh form on the n² cells of [−L, L]² for Maxwell molecules of strength B."""

    def __init__(self, centres: np.ndarray, h: float, strength: float):
        self.centres, self.h, self.strength = centres, h, strength
        self.variance = 0.64 * h**1.98

    def kernel(self, z: np.ndarray) -> np.ndarray:
        """ψ_ε for differences (…, 2)."""
        return np.exp(-(z**2).sum(-1) / (2 * self.variance)) / (2 * np.pi * self.variance)

    def density(self, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """f̃ in the centres."""
        return self.kernel(self.centres[:, None] - v[None]) @ w

    def score(self, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """F_i = Σ_l h² ∇ψ_ε(v_i − c_l) ln f̃(c_l)."""
        z = v[:, None] - self.centres[None]
        gradient = -z / self.variance * self.kernel(z)[..., None]
        return (gradient * np.log(self.density(v, w))[None, :, None]).sum(1) * self.h**2

    def velocity(self, v: np.ndarray, w: np.ndarray) -> np.ndarray:
        """U_i = −Σ_j w_j A(v_i − v_j)(F_i − F_j)."""
        F = self.score(v, w)
        z, difference = v[:, None] - v[None], F[:, None] - F[None]
        pushed = (z**2).sum(-1)[..., None] * difference - (z * difference).sum(-1)[..., None] * z
        return -self.strength * (w[None, :, None] * pushed).sum(1)

    def march(self, v: np.ndarray, w: np.ndarray, dt: float, steps: int) -> np.ndarray:
        """Velocities after so many Euler steps."""
        for _ in range(steps):
            v = v + dt * self.velocity(v, w)
        return v
