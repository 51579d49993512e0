"""The figures known of the Gaussian ensemble: how far its generators, and solvers of few steps, lie from each other."""

from typing import Any

import numpy as np
import pytest

from kineticbench.datasets.gaussian_ensemble import GaussianEnsemble
from kineticbench.numerics import cache
from kineticbench.solvers.identity import Identity
from kineticbench.solvers.sheets import Sheets

CASES = 500


@pytest.fixture(scope="module")
def truths(tmp_path_factory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(cache.VARIABLE, str(tmp_path_factory.mktemp("cache")))
        problem = GaussianEnsemble().problem("test", CASES)
        generators = ("sheets", "leapfrog", "published")
        return problem, {name: GaussianEnsemble(generator=name).reference(problem) for name in generators}


def w1(one, other):
    """Mean absolute difference of the sorted samples at the last time: positions, momenta."""
    pairs = ((one.positions, other.positions), (one.velocities, other.velocities))
    return [np.abs(np.sort(a[-1, ..., 0], -1) - np.sort(b[-1, ..., 0], -1)).mean() for a, b in pairs]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("published", "leapfrog", (1.35, 2.69)), ("leapfrog", "sheets", (0.193, 0.256))],
)
def test_generators_are_as_far_apart_as_known(truths, one, other, expected):
    assert w1(truths[1][one].trajectory, truths[1][other].trajectory) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize(("steps", "expected"), [(1, (0.158, 0.288)), (5, (0.040, 0.063))])
def test_few_steps_have_the_known_error(truths, steps, expected):
    problem, truth = truths
    solution = Sheets(steps).fit(problem)(problem.ensemble, problem.query)
    assert w1(solution.trajectory, truth["sheets"].trajectory) == pytest.approx(expected, rel=0.015)


def test_identity_has_the_known_error_of_the_published_data(truths):
    problem, truth = truths
    solution = Identity().fit(problem)(problem.ensemble, problem.query)
    # 1.7196 / 2.5244 are means over all 6 384 cases; 500 of them differ by their sampling error.
    assert w1(solution.trajectory, truth["published"].trajectory) == pytest.approx((1.7196, 2.5244), rel=0.01)


def test_the_truths_bar_is_far_below_the_best_ranked_solver(truths):
    problem, truth = truths
    solution = Sheets(25).fit(problem)(problem.ensemble, problem.query)
    errors = w1(solution.trajectory, truth["sheets"].trajectory)
    for name, error in zip(("w1_position", "w1_momentum"), errors, strict=True):
        assert truth["sheets"].bars[name][-1] < error / 5
