"""Leaving everything as it is, for homogeneous plasmas: a full baseline."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, Problem, Query, Random, Reference, Unsupported
from kineticbench.metrics import load
from kineticbench.numerics import bkw
from kineticbench.solvers.identity import Identity

LAW, START = bkw.law(2, 1 / 16, 0.0), bkw.start(2, 1 / 16, 0.0, 4.0)
AXIS = np.linspace(-3.9, 3.9, 40)
POINTS = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), -1).reshape(-1, 2)
PROBLEM = Problem(
    HomogeneousLandau(2, 0.0, 1 / 16), START, None, Query(np.array([0.0, 1.0, 5.0]), np.linspace(0, 5, 6), POINTS)
)


@pytest.fixture(scope="module")
def solution():
    return Identity().fit(PROBLEM)(START.sample(Random(), 500, 0), PROBLEM.query)


def test_it_answers_everything_that_can_be_asked(solution):
    assert solution.trajectory.velocities.shape == (3, 1, 500, 2)
    np.testing.assert_array_equal(solution.density[2], START.density(POINTS))
    np.testing.assert_array_equal(solution.point_score[2], START.score(POINTS))
    v = solution.trajectory.velocities[1, 0]
    np.testing.assert_array_equal(solution.score[1], START.score(v))
    np.testing.assert_array_equal(solution.particle_density[1], START.density(v))
    assert set(solution.series) == {"mass", "energy", "momentum", "entropy", "dissipation"}
    assert all(np.ptp(values) == 0 and values.shape == (1, 6) for values in solution.series.values())
    assert solution.series["entropy"][0, 0] == pytest.approx(-2.721946, abs=0.05)
    assert solution.series["energy"][0, 0] == pytest.approx(1.0, abs=0.1)


def test_its_errors_are_what_there_is_to_win(solution):
    """A trajectory error of 1 relative to the displacement, of .11 relative to the velocities."""
    assert LAW.density is not None
    truth = np.stack([LAW.density(t, POINTS)[None] for t in PROBLEM.query.times.tolist()])
    reference = Reference(density=truth, law=LAW)
    found = load("trajectory_error")(solution, reference, PROBLEM)
    np.testing.assert_allclose(found.value[:, 0], [0, 1, 1])
    assert found.extra["relative_to_position"] == pytest.approx(0.11, abs=0.005)
    density = load("density_l2")(solution, reference, PROBLEM)
    assert density.value[0, 0] < 1e-14
    assert density.value[2, 0] > 0.3
    assert load("drift_energy")(solution, reference, PROBLEM).value.max() == 0
    assert load("dissipation")(solution, reference, PROBLEM).value == 1
    assert load("entropy_violation")(solution, reference, PROBLEM).value == 0


def test_several_cases_of_one_density():
    ensemble = START.sample(Random(), 20, 0)
    both = type(ensemble)(None, np.concatenate([ensemble.velocities, ensemble.velocities[:, ::-1]]))
    found = Identity().fit(PROBLEM, precision="float32")(both, PROBLEM.query)
    assert found.density.shape == (3, 2, len(POINTS))
    np.testing.assert_array_equal(found.score[0, 0], found.score[0, 1][::-1])
    assert all(array.dtype == np.float32 for array in found.arrays().values())


def test_what_it_cannot_do_it_says():
    assert "initial density" in str(Identity().unsupported(dataclasses.replace(PROBLEM, initial_density=None)))
    with pytest.raises(Unsupported, match="CPU"):
        Identity().fit(PROBLEM, device="gpu")
    with pytest.raises(Unsupported, match="needs particles"):
        Identity().fit(PROBLEM)(None, PROBLEM.query)
