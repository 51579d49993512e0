"""Trajectories to learn from: particles drawn from f₀, carried by a classical solution of the problem.

The solution is the deterministic blob method (Carrillo, Hu, Wang & Wu 2020) on a mesh start, marched with midpoint
steps. Random particles of no weight move in its field: they see the score and the collisions of the mesh particles
and act on nobody, so their paths carry its discretisation error but no sampling noise. The error is of second order in
the width of a cell, so the paths on two meshes are extrapolated to none (Richardson), which takes most of it away.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..contracts import HomogeneousLandau, InvalidInput, Mesh, Problem, Random, TrainingSet, Trajectory
from .velocity_start import VelocityStart

VERSION = 5  # of what is computed here; a change makes every training set anew
PARTICLES = 2048
CELLS = {2: 64, 3: 24}  # along an axis, where pairs are summed one by one
MAXWELL_CELLS = {2: 96, 3: 32}  # where their sum costs O(N)
COARSER = 0.75  # cells of the second mesh, as a part of those
PARTS = 10  # the times are 0, T/10, …, T
_FEWEST_STEPS = 50
_STABLE = 2.5  # dt D / h²; midpoint steps are stable up to about 3.5
_WEIGHTLESS = 1e-200  # acts on nobody, and keeps the sum over pairs in the form that meets each pair once
_NEGLIGIBLE = 1e-9  # of the mass, for all mesh particles together that are left out
_GUARD = 8  # cells around the particles, so that no blob is cut
_STREAM = 7919  # keeps these starts apart from any that a solver is given


def trajectories(problem: Problem, seed: int) -> TrainingSet | None:
    """2 048 particles of f₀ and where they are at 0, T/10, …, T; from the cache or made now.

    The finer mesh has 64² or 24³ cells over the density's half width, 96² or 32³ for Maxwell molecules, the coarser one
    three quarters as many along an axis; particles that together carry less than 10⁻⁹ of the mass are left out. The
    step is at most T/50 and 2.5 h²/D, D the largest Σ_j w_j B|v_i − v_j|^(γ+2).

    Parameters
    ----------
    problem
        What is to be learned.
    seed
        Of the particles' velocities at the start.

    Returns
    -------
    TrainingSet or None
        States (time, 1, particle, d), weights 1/N of the mass, and the wall time that they took; None beyond three
        dimensions, where there is no mesh.
    """
    from ..engine.environment import hardware
    from .cache import cached

    start, equation = problem.initial_density, problem.equation
    if not isinstance(start, VelocityStart) or not isinstance(equation, HomogeneousLandau):
        raise InvalidInput("Only a homogeneous Landau problem that gives its density has such trajectories.")
    if equation.dimension not in CELLS:
        return None
    key = {
        "version": VERSION,
        "seed": seed,
        "particles": PARTICLES,
        "cells": _cells(equation),
        "start": repr(start),
        "equation": repr(equation),
        "final_time": problem.query.final_time,
    }
    times = problem.query.final_time * np.arange(PARTS + 1) / PARTS

    def make() -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        cells = (_cells(equation), round(COARSER * _cells(equation)))
        fine, coarse = (_march(start, equation, times, seed, n) for n in cells)
        return {"velocities": fine + (fine - coarse) / ((cells[0] / cells[1]) ** 2 - 1)}, {}

    def warm_up() -> None:
        _march(start, equation, times[:1], seed, _cells(equation))

    entry = cached("landau-training", key, make, hardware()["id"], prepare=warm_up)
    velocities = entry.arrays["velocities"]
    number = velocities.shape[1]
    weights = np.broadcast_to(start.velocities.mass / number, (1, number))
    return TrainingSet(times, Trajectory(None, velocities[:, None], weights), {}, entry.seconds, entry.hardware)


def _march(start: VelocityStart, equation: HomogeneousLandau, times: np.ndarray, seed: int, cells: int) -> np.ndarray:
    """Velocities (time, particle, d) of the passive particles, with so many cells along an axis."""
    from .blob_mesh import BlobMesh
    from .blob_start import Bandwidth, Cube
    from .collision import collision_sum

    d = equation.dimension
    cube = Cube((0.0,) * d, start.half_width, cells)
    mesh = BlobMesh(cube.widened(_GUARD), Bandwidth().variance(cube.width))
    active = start.sample(Mesh(), cube.cells**d, 0)
    order = np.argsort(active.weights[0])
    kept = order[np.cumsum(active.weights[0, order]) > _NEGLIGIBLE * active.weights[0].sum()]
    passive = start.sample(Random(), PARTICLES, seed + _STREAM).velocities[0]
    v = np.concatenate([active.velocities[0, kept], passive])
    w = np.concatenate([active.weights[0, kept], np.full(PARTICLES, _WEIGHTLESS)])

    def rate(v: np.ndarray) -> np.ndarray:
        return collision_sum(v, mesh.score(mesh.state(v, w), v), w, equation)

    found = [passive]
    rate(v)
    for duration in np.diff(times):
        diffusion = _diffusion(v[: len(kept)], w[: len(kept)], equation)
        steps = max(_FEWEST_STEPS // PARTS, int(np.ceil(duration * diffusion / (_STABLE * cube.width**2))))
        dt = duration / steps
        for _ in range(steps):
            v = v + dt * rate(v + 0.5 * dt * rate(v))
        found.append(v[len(kept) :])
    return np.stack(found)


def _cells(equation: HomogeneousLandau) -> int:
    """Cells along each axis."""
    return (MAXWELL_CELLS if equation.exponent == 0 else CELLS)[equation.dimension]


def _diffusion(v: np.ndarray, w: np.ndarray, equation: HomogeneousLandau) -> float:
    """The largest Σ_j w_j B|v − v_j|^(γ+2) over every sixteenth particle."""
    power, largest = equation.exponent + 2, 0.0
    for one in v[::16]:
        distance = np.linalg.norm(v - one, axis=1)
        near = distance > 0
        largest = max(largest, float(w[near] @ distance[near] ** power))
    return equation.strength * largest
