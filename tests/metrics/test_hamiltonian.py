"""The learned force and kinetic coefficient against the true ones."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import Ensemble, InvalidInput, Problem, Query, Reference, Solution, VlasovPoisson
from kineticbench.metrics import load, missing

PLASMA = VlasovPoisson(128.0, 25.6)


@pytest.fixture
def problem():
    draw = np.random.default_rng(0)
    start = Ensemble(draw.normal(64, 1, size=(5, 256, 1)), draw.normal(size=(5, 256, 1)))
    return Problem(PLASMA, None, start, Query(np.ones(1)))


def dawson(q):
    """c_p (r − ½ − N/2) − (c_p N/L)(q − q̄), ranks counted one by one."""
    rank = 1 + (q[:, None, :] < q[:, :, None]).sum(-1)
    n = q.shape[-1]
    return 0.1 * (rank - 0.5 - n / 2) - 0.1 * n / 128 * (q - q.mean(-1, keepdims=True))


def test_the_exact_force_scores_nothing_and_a_weaker_one_its_share(problem):
    true = dawson(problem.ensemble.positions[..., 0])
    exact = load("learned_force")(Solution(diagnostics={"force": true}), Reference(), problem)
    assert exact.value.shape == (1, 5)
    assert exact.value.max() < 1e-12
    weak = load("learned_force")(Solution(diagnostics={"force": 0.9 * true[:2]}), Reference(), problem)
    np.testing.assert_allclose(weak.value, [[0.1, 0.1]], rtol=1e-9)
    assert weak.extra["slope"] == pytest.approx(0.9)


def test_an_error_across_the_force_leaves_the_slope_alone(problem):
    true = dawson(problem.ensemble.positions[..., 0])
    other = np.random.default_rng(1).normal(size=true.shape)
    other -= (other * true).sum() / (true * true).sum() * true
    score = load("learned_force")(Solution(diagnostics={"force": true + other}), Reference(), problem)
    assert score.extra["slope"] == pytest.approx(1.0)
    assert score.value.mean() > 0.05


def test_a_force_of_the_wrong_shape_is_refused(problem):
    with pytest.raises(InvalidInput, match="diagnostics"):
        load("learned_force")(Solution(diagnostics={"force": np.ones((6, 256))}), Reference(), problem)


def test_kinetic_coefficient(problem):
    solution = Solution(diagnostics={"kinetic_coefficient": np.array([0.98491])})
    score = load("learned_kinetic")(solution, Reference(), problem)
    assert score.value.tolist() == [[pytest.approx(0.01509)]]
    assert score.extra == {"coefficient": 0.98491}


def test_solvers_that_learn_no_hamiltonian_are_told_what_lacks(problem):
    assert missing(load("learned_force"), Solution(), Reference(), problem) == "The solution has no diagnostics.force."
