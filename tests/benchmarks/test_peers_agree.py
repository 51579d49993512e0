"""Our side and the plain codes beside it compute the same numbers, at small sizes."""

from __future__ import annotations

import numpy as np
import pytest
from benchmarks.peers import kde, methods, neighbours, pair_sums, pic
from benchmarks.peers.direct.blob import Blobs
from benchmarks.peers.direct.hamiltonian_flow import flow
from benchmarks.peers.direct.neural_particles import Learned
from benchmarks.peers.direct.score_transport import Transport, fitted

from kineticbench.contracts import HomogeneousLandau, Problem, Query, VlasovPoisson
from kineticbench.numerics.collision import collision_sum, coulomb_sum
from kineticbench.solvers.blob import Blob
from kineticbench.solvers.pde_nhf import PDENHF, Flow


def test_particle_in_cell(monkeypatch):
    monkeypatch.setattr(pic, "PARTICLES", 2000)
    found = pic.ours("cpu", steps=20).call()[2]["field_mode"][0]
    plain = pic.plain(*pic.start(), 20)
    assert np.abs(plain).max() > 1e-3
    np.testing.assert_allclose(found, plain, rtol=0, atol=1e-12 * np.abs(plain).max())


@pytest.mark.parametrize(("precision", "tolerance"), [("float64", 1e-13), ("float32", 1e-5)])
def test_pair_sums(precision, tolerance):
    v, s, w = pair_sums.plasma(300, precision)
    U = coulomb_sum(v, s, w, 1.0)
    np.testing.assert_allclose(U, pair_sums.direct(v, s, w, slice(300)), rtol=0, atol=tolerance * np.abs(U).max())
    assert pair_sums.error_of(v, s, w, U) < tolerance
    assert pair_sums.error_of(v, s, w, 1.01 * U) == pytest.approx(0.01, rel=0.01)


@pytest.mark.parametrize("where", ["grid", "anywhere"])
def test_kernel_densities(monkeypatch, where):
    monkeypatch.setattr(kde, "SAMPLES", 300)
    monkeypatch.setattr(kde, "SIDE", 25)
    for side in (kde.ours, kde.scipy_code):
        task = side("cpu", where)
        assert task.error(task.call()) < 1e-10
        assert task.error(1.1 * np.asarray(task.call())) > 1e-3


@pytest.mark.parametrize("dimension", [2, 3])
def test_entropies(monkeypatch, dimension):
    monkeypatch.setattr(neighbours, "SAMPLES", 500)
    found = [side("cpu", dimension).call() for side in (neighbours.ours, neighbours.scipy_code)]
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_hamiltonian_flow():
    learned, random = methods.learned(), np.random.default_rng(0)
    q, p = 64 + random.standard_normal((2, 40)), random.standard_normal((2, 40))
    from kineticbench.contracts import Ensemble

    solve = Flow(PDENHF(steps=3, nodes=0), VlasovPoisson(128.0, 4.0), learned, "cpu", "float64")
    found = solve(Ensemble(q[..., None], p[..., None]), Query(np.array([0.12]))).trajectory
    assert found is not None
    ends = flow(learned.a, learned.potential, q, p, 0.12, 3)
    for array, plain in zip((found.positions, found.velocities), ends, strict=True):
        np.testing.assert_allclose(np.asarray(array)[-1, ..., 0], plain, rtol=0, atol=1e-9)
    assert np.abs(ends[1] - p).max() > 1e-3


def test_blobs():
    side, dt, steps, half_width = 12, 0.01, 2, 4.0
    problem, _ = methods.bkw(time=dt * steps)
    solver = Blob(side**2, dt, half_width=half_width, guard=0)
    density = problem.initial_density
    assert density is not None
    start = density.sample(solver.start, side**2, 0)
    found = solver.fit(problem)(start, problem.query).trajectory
    assert found is not None
    v, h = np.asarray(start.velocities[0]), 2 * half_width / side
    plain = Blobs(v, h, methods.STRENGTH).march(v, np.asarray(start.weights[0]), dt, steps)
    np.testing.assert_allclose(np.asarray(found.velocities)[-1, 0], plain, rtol=0, atol=1e-10)
    assert np.abs(plain - v).max() > 1e-4


def test_velocities_of_the_learned_methods():
    """Over one batch that holds all particles, the plain sums are ours up to the particle that does not meet itself."""
    import torch

    equation, n = HomogeneousLandau(2, 0.0, methods.STRENGTH), 200
    v, s, _ = (array[:, :2] if array.ndim == 2 else array for array in pair_sums.plasma(n, "float64"))
    exact = collision_sum(np.ascontiguousarray(v), np.ascontiguousarray(s), np.full(n, 1 / (n - 1)), equation)
    x, y = torch.tensor(v), torch.tensor(s)
    transport = Transport(None, v, methods.STRENGTH).velocity(x, y)
    particles = Learned(lambda number, seed: v, methods.STRENGTH, 1.0, n, 1).velocity(x[None], y[None])[0]
    for plain in (transport, particles):
        np.testing.assert_allclose(plain.numpy(), exact, rtol=0, atol=1e-12 * np.abs(exact).max())


def test_plain_learned_methods_learn():
    random = np.random.default_rng(0)
    v = random.standard_normal((400, 2)).astype(np.float32)
    net = fitted(v, -v, 0, 200)
    moved, s = Transport(net, v, methods.STRENGTH).march(0.01, 1, 5)
    assert np.linalg.norm(s + moved) < 0.5 * np.linalg.norm(moved)
    method = Learned(lambda number, seed: random.standard_normal((number, 2)).astype(np.float32), 1 / 16, 1.0, 32, 2)
    flow_net, _ = method.train(5)
    import torch

    assert bool(torch.isfinite(method.moved(flow_net, torch.ones(400, 1), torch.tensor(v))).all())


def test_problems_ask_for_their_end_alone():
    problem, truth = methods.bkw(methods.mesh(), 0.5)
    assert isinstance(problem, Problem)
    assert problem.query.times.tolist() == [0.5]
    assert truth.density(0.5, methods.mesh()).shape == (methods.SIDE**2,)
