"""Regression of the flow map of a homogeneous plasma: what it learns, keeps and refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    CorruptFile,
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Random,
    Reference,
    Silent,
    TrainingSet,
    Trajectory,
    Unsupported,
)
from kineticbench.metrics import load
from kineticbench.numerics import bkw
from kineticbench.solvers.mlp import MLP

LAW: Any = bkw.law(2, 1 / 16, 0.0)
START = bkw.start(2, 1 / 16, 0.0, 4.0)
QUERY = Query(np.array([0.0, 1.3, 5.0]), np.linspace(0, 5, 3))
PROBLEM = Problem(HomogeneousLandau(2, 0.0, 1 / 16), START, None, QUERY)
SMALL = MLP(16, 4, 128, 3e-3, "cosine")


def examples(particles=512, weights=None):
    times = np.linspace(0, 5, 6)
    v = START.sample(Random(), particles, 11).velocities[0]
    states = np.stack([LAW.flow(t, v)[None] for t in times.tolist()])
    weights = np.full((1, particles), 1 / particles) if weights is None else weights
    for array in (states, weights):
        array.flags.writeable = False
    return TrainingSet(times, Trajectory(None, states, weights), {}, 1.0)


class Kept(Silent):
    """Keeps the last checkpoint, and stops as a kill would after some updates."""

    def __init__(self, stop=None, state=None):
        self.stop, self.state = stop, state

    def report(self, done, total, **figures):
        if done == self.stop:
            raise KeyboardInterrupt

    def save(self, state):
        self.state = dict(state)

    def resume(self):
        return self.state


def test_on_the_ring_its_trajectories_beat_leaving_the_start_alone():
    """Particles it never saw, at times between the trained ones."""
    solution = MLP(32, 80, 512, 5e-3, "cosine").fit(PROBLEM.without_start(), examples(2048))(
        START.sample(Random(), 600, 0), QUERY
    )
    found = load("trajectory_error")(solution, Reference(law=LAW), PROBLEM)
    assert found.value[0, 0] == 0
    assert found.value[1, 0] < 0.4
    assert found.value[2, 0] < 0.2
    assert load("drift_energy")(solution, Reference(law=LAW), PROBLEM).value.max() < 0.02


def test_the_network_starts_from_the_identity_whatever_it_has_learned():
    ensemble = START.sample(Random(), 50, 3)
    for precision in ("float32", "float64"):
        found = SMALL.fit(PROBLEM, examples(), precision=precision)(ensemble, QUERY)
        assert found.trajectory is not None
        assert found.trajectory.velocities.dtype == precision
        np.testing.assert_array_equal(found.trajectory.velocities[0], ensemble.velocities.astype(precision))
        np.testing.assert_allclose(found.series["mass"], 1, rtol=1e-6)
        assert found.series["momentum"][0, 0] == 0
        v, w = found.trajectory.velocities[2], found.trajectory.weights
        np.testing.assert_allclose(found.series["energy"][:, 2], 0.5 * (w * (v**2).sum(-1)).sum(1), rtol=1e-5)


def test_any_number_of_particles_cases_and_weights():
    propagator = SMALL.fit(PROBLEM, examples())
    v = np.random.default_rng(0).normal(size=(2, 7, 2))
    weights = np.random.default_rng(1).dirichlet(np.ones(7), size=2)
    both = propagator(Ensemble(None, v, weights), QUERY)
    one = propagator(Ensemble(None, v[1:], weights[1:]), QUERY)
    assert both.trajectory is not None
    assert one.trajectory is not None
    np.testing.assert_allclose(both.trajectory.velocities[:, 1], one.trajectory.velocities[:, 0], rtol=1e-12)
    np.testing.assert_allclose(both.series["energy"][1], one.series["energy"][0], rtol=1e-12)


def test_particles_without_weight_teach_nothing():
    """A training set with a wrong particle of weight 0 fits as if it were right."""
    weights = np.full((1, 512), 1 / 511)
    weights[0, 7] = 0
    right = examples(weights=weights)
    states = right.states.velocities.copy()
    states[1:, 0, 7] += 100.0
    wrong = dataclasses.replace(right, states=Trajectory(None, states, weights))
    ensemble = START.sample(Random(), 20, 3)
    a, b = (SMALL.fit(PROBLEM, t)(ensemble, QUERY).trajectory for t in (right, wrong))
    assert a is not None
    assert b is not None
    np.testing.assert_allclose(a.velocities, b.velocities, rtol=1e-9)


def test_training_resumes_where_it_was_killed_exactly(monkeypatch):
    from kineticbench.numerics import training

    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    ensemble = START.sample(Random(), 20, 3)
    whole = SMALL.fit(PROBLEM, examples())(ensemble, QUERY).trajectory
    killed = Kept(stop=9)
    with pytest.raises(KeyboardInterrupt):
        SMALL.fit(PROBLEM, examples(), progress=killed)
    assert killed.state is not None
    again = SMALL.fit(PROBLEM, examples(), progress=Kept(state=killed.state))(ensemble, QUERY).trajectory
    assert whole is not None
    assert again is not None
    np.testing.assert_array_equal(again.velocities, whole.velocities)


def test_a_fit_is_restored_and_a_file_that_is_no_such_fit_refused(tmp_path):
    path, ensemble = tmp_path / "fit.safetensors", START.sample(Random(), 20, 3)
    fitted = SMALL.fit(PROBLEM, examples())
    fitted.save(path)
    a, b = (f(ensemble, QUERY).trajectory for f in (fitted, SMALL.restore(path, PROBLEM, "cpu", "float64")))
    assert a is not None
    assert b is not None
    np.testing.assert_array_equal(a.velocities, b.velocities)
    with pytest.raises(CorruptFile, match="width"):
        MLP(17).restore(path, PROBLEM, "cpu", "float64")
    path.write_bytes(b"no such thing")
    with pytest.raises(CorruptFile, match="no flow map"):
        SMALL.restore(path, PROBLEM, "cpu", "float64")


def test_what_it_cannot_do_it_says():
    late = dataclasses.replace(PROBLEM, query=Query(np.array([0.0, 6.0])))
    with pytest.raises(Unsupported, match="up to t = 5"):
        SMALL.fit(late, examples())
    with pytest.raises(Unsupported, match="none to learn from"):
        SMALL.fit(PROBLEM, None)
    with pytest.raises(Unsupported, match="up to 5"):
        SMALL.fit(PROBLEM, examples())(START.sample(Random(), 5, 0), Query(np.empty(0), np.array([6.0])))
    solid = dataclasses.replace(PROBLEM, equation=HomogeneousLandau(3, 0.0, 1.0))
    with pytest.raises(InvalidInput, match="3 dimensions are wanted"):
        SMALL.fit(solid, examples())
    assert "gives none" in str(SMALL.unsupported(PROBLEM.without_start()))
    assert SMALL.unsupported(PROBLEM) is None
    assert len(set(SMALL.ladder(PROBLEM))) > 1
    with pytest.raises(Diverged, match="loss"):
        MLP(8, 30, 128, 1e300).fit(PROBLEM, examples())
