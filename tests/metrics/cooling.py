"""A law of which everything is known: a normal law that cools, f(t) = N(0, s(t)² I) with s = e^(−t/4)."""

from __future__ import annotations

from typing import Any

import numpy as np

from kineticbench.contracts import HomogeneousLandau, Law, Problem, Query, Reference, Score, Solution, Trajectory
from kineticbench.metrics import load

TIMES = np.array([0.0, 1.0, 2.0])
SERIES = np.linspace(0, 2, 21)


def spread(t: Any) -> Any:
    return np.exp(-0.25 * np.asarray(t))


def density(t, v):
    s = spread(t)
    return np.exp(-0.5 * (v * v).sum(-1) / s**2) / (2 * np.pi * s**2) ** (v.shape[1] / 2)


def law(d: int, **without: Any) -> Law:
    """The law; `without` names parts that are not known."""
    parts: dict[str, Any] = {
        "density": density,
        "score": lambda t, v: -v / spread(t) ** 2,
        "flow": lambda t, v: spread(t) * v,
        "sample": lambda t, number, seed: spread(t) * np.random.default_rng(seed).normal(size=(number, d)),
        "entropy": lambda t: -0.5 * d * np.log(2 * np.pi * np.e * spread(t) ** 2),
        "dissipation": lambda t: np.full(np.shape(t), 0.25 * d),
        "covariance": lambda t: spread(t)[:, None, None] ** 2 * np.eye(d),
        "fourth_moment": lambda t: d * (d + 2) * spread(t) ** 4,
    }
    return Law(**(parts | without))


def grid(d: int, cells: int = 56, half: float = 4.5) -> np.ndarray:
    centres = -half + 2 * half * (np.arange(cells) + 0.5) / cells
    return np.stack(np.meshgrid(*[centres] * d, indexing="ij"), -1).reshape(-1, d)


def reference(d: int, points: np.ndarray | None = None, **without: Any) -> Reference:
    f = None if points is None else np.stack([density(t, points)[None] for t in TIMES])
    return Reference(density=f, law=law(d, **without))


def problem(d: int, points: np.ndarray | None = None, times: np.ndarray = TIMES) -> Problem:
    return Problem(HomogeneousLandau(d, 0.0, 1.0), None, None, Query(times, SERIES, points))


def start(particles: int, d: int, cases: int = 1, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(cases, particles, d))


def trajectory(v: np.ndarray, weights: np.ndarray | None = None, stretch: float = 1.0) -> Trajectory:
    """Particles that start at v (case, particle, d) and follow the flow, too far by a factor after the start."""
    states = np.stack([v, *[stretch * spread(t) * v for t in TIMES[1:]]])
    return Trajectory(None, states, np.full(v.shape[:2], 1 / v.shape[1]) if weights is None else weights)


def score(name: str, solution: Solution, d: int, points: np.ndarray | None = None, **without: Any) -> Score:
    return load(name)(solution, reference(d, points, **without), problem(d, points))
