"""Small problems whose pictures are known beforehand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    Law,
    Problem,
    Query,
    Reference,
    Solution,
    Trajectory,
    VlasovPoisson,
)

LENGTH = 10.0


def free_streaming(shift: float = 0.0, particles: int = 256, snapshots: int = 6):
    """Two cases of particles that stream freely; the solver's momenta are off by `shift`."""
    random = np.random.default_rng(0)
    q, p = random.uniform(0, LENGTH, (2, particles, 1)), random.normal(size=(2, particles, 1))
    times = np.arange(snapshots) / 5
    ensemble = Ensemble(q, p)
    positions = (q + times[:, None, None, None] * p) % LENGTH
    truth = Trajectory(positions, np.broadcast_to(p, positions.shape), ensemble.weights)
    solution = Solution(Trajectory(positions.copy(), truth.velocities + shift, ensemble.weights))
    problem = Problem(VlasovPoisson(LENGTH, 1.0), None, ensemble, Query(times))
    return solution, Reference(trajectory=truth, paired=True), problem


def damped_wave(steps: int = 1001, gamma: float = -0.1):
    """A field energy e^(2γt) cos² πt with its exact rate, which a solver answers exactly."""
    times = np.linspace(0, 20, steps)
    energy = (np.exp(2 * gamma * times) * np.cos(np.pi * times) ** 2)[None]
    problem = Problem(VlasovPoisson(LENGTH, 1.0), None, None, Query(np.empty(0), times))
    reference = Reference(
        series={"field_energy": energy},
        values={"growth_rate": np.array([gamma]), "frequency": np.array([np.pi])},
        windows={"growth_rate": (2.0, 18.0)},
    )
    return Solution(series={"field_energy": energy.copy()}), reference, problem


def maxwellian(dimension: int = 2, particles: int = 4000, by_density: bool = False, cells: int = 48):
    """A standard Maxwellian that stays: particles and their scores, or the density at the points itself."""
    axis = -4 + 8 * (np.arange(cells) + 0.5) / cells
    points = np.stack(np.meshgrid(*[axis] * dimension, indexing="ij"), axis=-1).reshape(-1, dimension)
    times, series = np.array([0.0, 0.5, 1.0]), np.linspace(0, 1, 11)

    def density(t, v):
        return np.exp(-0.5 * (v**2).sum(1)) / (2 * np.pi) ** (dimension / 2)

    covariance = np.eye(dimension)
    law = Law(
        density=density,
        score=lambda t, v: -v,
        sample=lambda t, number, seed: np.random.default_rng(seed).normal(size=(number, dimension)),
        entropy=lambda t: np.full(np.shape(t), -0.5 * dimension * (1 + np.log(2 * np.pi))),
        covariance=lambda t: np.broadcast_to(covariance, (np.size(t), dimension, dimension)),
    )
    f = np.broadcast_to(density(0, points), (3, 1, len(points)))
    problem = Problem(HomogeneousLandau(dimension, 0.0, 1.0), None, None, Query(times, series, points))
    reference = Reference(density=f, law=law)
    own = {"entropy": law.entropy(series)[None]} if law.entropy else {}
    if by_density:
        return Solution(density=f.copy(), series=own), reference, problem
    v = np.random.default_rng(1).normal(size=(1, particles, dimension))
    v = np.broadcast_to(v, (3, *v.shape))
    weights = np.full((1, particles), 1 / particles)
    return Solution(Trajectory(None, v, weights), score=-v, series=own), reference, problem


def without_grid(dimension: int = 2):
    """The Maxwellian where no points are asked for, and its law has only moments that relax."""
    solution, reference, problem = maxwellian(dimension, cells=4)

    def covariance(t):
        return np.array([np.diag([1 + np.exp(-time), *[1.0] * (dimension - 1)]) for time in np.atleast_1d(t)])

    return solution, replace(reference, density=None, law=Law(covariance=covariance)), _without_points(problem)


def sampled(dimension: int = 2):
    """The Maxwellian where no points are asked for, but its law can be sampled."""
    solution, reference, problem = maxwellian(dimension, cells=4)
    return solution, replace(reference, density=None), _without_points(problem)


def _without_points(problem: Problem) -> Problem:
    return replace(problem, query=replace(problem.query, points=None))
