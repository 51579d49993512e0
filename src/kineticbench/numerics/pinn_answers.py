"""Answers of a learned flow and score, at any time of their horizon and in the units of v and t; no step in time.

JAX on one device inside, NumPy float64 outside. Velocities are (particle, d) of one case.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import jax
import jax.numpy as jnp
import numpy as np

from ..contracts import Device, InitialDensity, Precision
from . import flow_score_networks as networks
from .flow_score_networks import Networks
from .jax_scope import scope
from .particle_residual import Units

LOST = 1e-6
"""Distance in units of σ from which an inverted point counts as not found."""

_flow = jax.jit(networks.flow)
_score = jax.jit(networks.score)
_invert = jax.jit(networks.invert)
_gradient = jax.jit(networks.gradient)


@dataclass(frozen=True, eq=False)
class Answers:
    """Evaluates a learned flow and score.

    Parameters
    ----------
    learned, units
        What was learned, and its units.
    density
        f₀ (one case), or None where it is not known; then there are no densities.
    device, precision
        Where and how precisely to compute; Newton's method works in float64 always.
    """

    learned: Networks
    units: Units
    density: InitialDensity | None
    device: Device
    precision: Precision

    @cached_property
    def _cast(self) -> dict[str, Networks]:
        return {
            kind: jax.tree.map(lambda leaf, kind=kind: np.asarray(leaf, kind), self.learned)
            for kind in {self.precision, "float64"}
        }

    def moved(self, t: float, v: np.ndarray) -> np.ndarray:
        """T(t, v); v itself at t = 0."""
        if t == 0:
            return v.astype(float)
        x, tau = self._scaled(t, v, self.precision)
        with scope(self.device, self.precision):
            y = np.asarray(_flow(self._cast[self.precision].flow, tau, x), float)
        return self.units.mean + self.units.sigma * y

    def score(self, t: float, v: np.ndarray) -> np.ndarray:
        """s_θ(t, v)."""
        x, tau = self._scaled(t, v, self.precision)
        with scope(self.device, self.precision):
            return np.asarray(_score(self._cast[self.precision].score, tau, x), float) / self.units.sigma

    def log_carried(self, t: float, v: np.ndarray, log_start: np.ndarray) -> np.ndarray:
        """The logarithm of f: ln f₀(v) − ln |det ∇T(t, v)| at T(t, v); at least a tiny det."""
        x, tau = self._scaled(t, v, self.precision)
        with scope(self.device, self.precision):
            jac = np.asarray(_gradient(self._cast[self.precision].flow, tau, x), float)
        return log_start - np.log(np.maximum(np.abs(np.linalg.det(jac)), np.finfo(np.float32).tiny))

    def start_density(self, v: np.ndarray) -> np.ndarray:
        """f₀(v), (particle,)."""
        assert self.density is not None
        return self.density.density(v.astype(float))[0]

    def point_density(self, t: float, points: np.ndarray) -> tuple[np.ndarray, int]:
        """f(t, ·) = f₀(T⁻¹)/|det ∇T| at points, and at how many no origin was found; there it is 0."""
        if t == 0:
            return self.start_density(points), 0
        x, tau = self._scaled(t, points, "float64")
        with scope(self.device, "float64"):
            flow = jax.tree.map(jnp.asarray, self._cast["float64"].flow)
            origin, residual = _invert(flow, tau, x)
            det = np.abs(np.linalg.det(np.asarray(_gradient(flow, tau, origin))))
        found = (np.asarray(residual) < LOST * (1 + np.abs(x).max(1))) & (det > 0)
        before = self.start_density(self.units.mean + self.units.sigma * np.asarray(origin))
        return np.where(found, before / np.where(found, det, 1.0), 0.0), int((~found).sum())

    def _scaled(self, t: float, v: np.ndarray, precision: str) -> tuple[np.ndarray, np.ndarray]:
        x = self.units.scaled(v.astype(float)).astype(precision)
        return x, np.full((len(v), 1), t / self.units.horizon, precision)
