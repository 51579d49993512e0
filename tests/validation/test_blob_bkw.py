"""The blob method against the Bobylev–Krook–Wu solution: errors, orders, conservation, entropy, and its one trap."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Mesh
from kineticbench.numerics import bkw
from kineticbench.numerics.blob_march import Run, Scheme, UnstableStep, simulate

STRENGTH = {2: 1 / 16, 3: 1 / 24}
BEGIN = {2: 0.0, 3: 5.5}
HALF_WIDTH = 4.0


def start(d: int, cells: int) -> tuple[np.ndarray, np.ndarray]:
    ensemble = bkw.start(d, STRENGTH[d], BEGIN[d], HALF_WIDTH).sample(Mesh(HALF_WIDTH), cells**d, 0)
    return ensemble.velocities[0], np.ascontiguousarray(ensemble.weights[0])


@cache
def run(d: int, cells: int, time: float, **scheme: Any) -> Run:
    v, w = start(d, cells)
    equation = HomogeneousLandau(d, 0.0, STRENGTH[d])
    return simulate(v, w, equation, np.array([0.0, time]), np.linspace(0, time, 21), v, Scheme(**scheme))


def errors(d: int, cells: int, time: float, **scheme: Any) -> tuple[float, float, float]:
    """Relative L2 error of the density on the cell centres, of the score, and of the paths over the displacement."""
    found, exact = run(d, cells, time, **scheme), bkw.law(d, STRENGTH[d], BEGIN[d])
    assert exact.density is not None
    assert exact.score is not None
    assert exact.flow is not None
    assert found.density is not None
    v, w = start(d, cells)
    density, end = exact.density(time, v), exact.flow(time, v)
    true = exact.score(time, found.velocities[1])

    def size(x: np.ndarray) -> float:
        return float(np.sqrt(w @ (x**2).sum(1)))

    return (
        float(np.linalg.norm(found.density[1] - density) / np.linalg.norm(density)),
        size(found.score[1] - true) / size(true),
        size(found.velocities[1] - end) / size(end - v),
    )


def test_density_on_the_planes_cell_centres():
    """The figures of the method, with and without cells around the particles, and its order."""
    coarse = errors(2, 40, 5.0)
    assert coarse[0] < 2.93e-2
    assert coarse[1] < 0.0310
    assert coarse[2] < 0.065
    bare = errors(2, 40, 5.0, guard=0)
    assert bare[0] == pytest.approx(2.93e-2, abs=5e-5)
    fine = errors(2, 60, 5.0)
    assert fine[0] < 1.314e-2
    for a, b in zip(coarse, fine, strict=True):
        assert np.log(a / b) / np.log(60 / 40) > 1.9


def test_density_in_space():
    coarse, fine = errors(3, 14, 1.0, dt=0.05), errors(3, 20, 1.0, dt=0.05)
    assert fine[0] < 9.40e-2
    assert np.log(coarse[0] / fine[0]) / np.log(20 / 14) > 1.6  # 1.75 from 20 to 30 on


def test_the_particle_form_has_better_scores_and_paths_at_equal_cells():
    mesh, particle = errors(2, 40, 1.0), errors(2, 40, 1.0, form="particle")
    assert particle[0] < 1.5 * mesh[0]
    assert particle[1] < mesh[1] / 4
    assert particle[2] < mesh[2] / 6
    finer = errors(2, 56, 1.0, form="particle")
    assert np.log(particle[0] / finer[0]) / np.log(56 / 40) > 1.6


def test_invariants_of_every_stepper():
    tolerances = {"euler": 1e-4, "rk4": 1e-9, "discrete-gradient": 1e-12}
    for stepper, tolerance in tolerances.items():
        series = run(2, 40, 1.0, dt=0.02, stepper=stepper).series
        np.testing.assert_allclose(series["mass"], series["mass"][0], rtol=1e-12)
        assert series["momentum"].max() < 1e-12
        assert abs(series["energy"] / series["energy"][0] - 1).max() < tolerance
        assert (np.diff(series["entropy"]) < 0).all()
        if stepper != "discrete-gradient":
            energy = run(2, 40, 1.0, dt=0.02, stepper=stepper, restore=True).series["energy"]
            np.testing.assert_allclose(energy, energy[0], rtol=1e-12)


def test_the_discrete_gradient_lets_entropy_fall_where_eulers_step_does_not():
    """Far beyond the limit Euler's entropy rises in the end; the implicit step's falls, and it keeps the energy."""
    with pytest.warns(UnstableStep, match="above 3"):
        explicit = run(2, 40, 40.0, dt=0.8)
    assert explicit.entropy_rises > 0
    implicit = run(2, 40, 3.2, dt=0.4, stepper="discrete-gradient")
    assert implicit.stability > 20
    assert implicit.entropy_rises == 0
    np.testing.assert_allclose(implicit.series["energy"], implicit.series["energy"][0], rtol=1e-12)


def test_entropy_and_its_rate_are_close_to_the_exact_ones():
    exact = bkw.law(2, STRENGTH[2], BEGIN[2])
    assert exact.entropy is not None
    assert exact.dissipation is not None
    found, times = run(2, 60, 5.0).series, np.linspace(0, 5.0, 21)
    np.testing.assert_allclose(found["entropy"], exact.entropy(times), rtol=1e-2)
    late = times > 1
    np.testing.assert_allclose(found["dissipation"][late], exact.dissipation(times)[late], rtol=0.12)
    # what is lost between is what the rate says, but for the steps of Euler
    lost = np.trapezoid(found["dissipation"], times)
    assert found["entropy"][-1] - found["entropy"][0] == pytest.approx(lost, rel=0.02)


def test_the_density_hides_scores_that_blow_up():
    """The trap: beyond dt D/h² = 3 the density even improves while the scores go wrong; halving dt tells."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnstableStep)
        long, half = errors(2, 60, 5.0, dt=0.125), errors(2, 60, 5.0, dt=0.0625)
        assert run(2, 60, 5.0, dt=0.125).stability > 3
    short = errors(2, 60, 5.0)
    assert long[0] < short[0]
    assert long[1] > 3 * half[1]
    assert long[2] > 3 * half[2]
    assert half[1] < 1.5 * short[1]


@pytest.mark.parametrize("exponent", [-3.0, -2.0, 1.0])
def test_other_collisions_conserve_and_relax(exponent):
    """The two Gaussians of the paper's Coulomb example: the anisotropy falls, all else stays."""
    axis = (np.arange(24) + 0.5) * 0.75 - 9
    v = np.stack(np.meshgrid(axis, axis, indexing="ij"), -1).reshape(-1, 2)
    w = np.exp(-((v - [-2.0, 1.0]) ** 2).sum(1) / 2) + np.exp(-((v - [0.0, -1.0]) ** 2).sum(1) / 2)
    w = w / w.sum()
    scheme = Scheme(0.2 if exponent < 0 else 0.01, stepper="rk4")
    times = np.array([0.0, 4.0 if exponent < 0 else 0.2])
    found = simulate(v, w, HomogeneousLandau(2, exponent, 1 / 16), times, times, None, scheme)
    assert found.entropy_rises == 0
    assert found.series["momentum"].max() < 1e-12
    np.testing.assert_allclose(found.series["energy"], found.series["energy"][0], rtol=1e-8)
    spread = [np.linalg.eigvalsh(np.cov(x.T, aweights=w)) for x in found.velocities]
    assert spread[1][1] - spread[1][0] < spread[0][1] - spread[0][0]
