"""What the reference of every dataset promises: it answers the query, and no metric finds fault with it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from dataset_cases import dataset, each, given, posed, reference

from kineticbench import metrics
from kineticbench.contracts import Quiet, Solution, Trajectory
from kineticbench.contracts.solution import check

RIGHT = ("covariance", "density_l1", "density_l2", "density_linf", "entropy_own", "dissipation", "entropy_violation")


def perfect(name: str) -> Solution:
    """What a perfect solver would return: the truth, and for a homogeneous plasma exact particles and series.

    Where paths are not known, its particles are given the true covariance.
    """
    truth, problem = reference(name), posed(name)
    law, density, query = truth.law, problem.initial_density, problem.query
    if law is None or density is None:
        return Solution(truth.trajectory, density=truth.density, series=truth.series)
    start = density.sample(Quiet(), 512, 1)
    if law.flow is not None:
        v = np.stack([law.flow(t, start.velocities[0]) for t in query.times])
    else:
        assert law.covariance is not None
        white = start.velocities[0] - start.velocities[0].mean(0)
        white = white @ np.linalg.inv(np.linalg.cholesky(np.cov(white.T, bias=True))).T
        v = np.stack([white @ np.linalg.cholesky(covariance).T for covariance in law.covariance(query.times)])

    def along(known: Any) -> np.ndarray | None:
        return None if known is None else np.stack([known(t, x) for t, x in zip(query.times, v, strict=True)])[:, None]

    series = {"entropy": law.entropy, "dissipation": law.dissipation}
    return Solution(
        Trajectory(None, v[:, None], start.weights),
        score=along(law.score),
        density=truth.density,
        particle_density=along(law.density),
        series={name: of(query.series)[None] for name, of in series.items() if of is not None},
    )


@each
def test_reference_answers_the_query(name):
    truth, problem = reference(name), posed(name)
    solution = Solution(truth.trajectory, density=truth.density, series=truth.series)
    assert solution.arrays() or truth.law is not None
    if solution.arrays():
        check(solution, problem, problem.ensemble)
    cases = 1 if problem.ensemble is None else problem.ensemble.cases
    for array in (truth.density, None if truth.trajectory is None else truth.trajectory.velocities):
        assert array is None or array.shape[1] == cases
    assert all(series.shape[0] == cases for series in truth.series.values())
    assert all(len(value) == cases for value in truth.values.values())
    assert truth.provenance.rstrip().endswith(".")
    if truth.law is not None:
        d, law = problem.equation.velocity_dimension, truth.law
        for times in (problem.query.times, problem.query.series):
            shapes = {"covariance": (d, d), "fourth_moment": (), "entropy": (), "dissipation": ()}
            for scalar, shape in shapes.items():
                known = getattr(law, scalar)
                assert known is None or (known(times).shape == (times.size, *shape) and np.isfinite(known(times)).all())
    assert set(truth.windows) <= set(metrics.names())


@each
def test_reference_begins_where_the_problem_does(name):
    truth, begun = reference(name).trajectory, given(posed(name))
    assert truth is not None
    found = [] if truth.positions is None else [truth.positions[0]]
    found += [truth.velocities[0], truth.weights]
    for array, expected in zip(found, begun, strict=True):
        np.testing.assert_array_equal(array, expected)


@each
def test_the_density_begins_as_the_initial_density(name):
    truth, problem = reference(name), posed(name)
    if truth.density is None or problem.query.points is None or problem.initial_density is None:
        pytest.skip("asks for no density")
    assert problem.query.times[0] == 0
    f = problem.initial_density.density(problem.query.points)
    np.testing.assert_allclose(truth.density[0], f, rtol=0, atol=1e-6 * f.max())


@each
def test_bars_and_floors_are_errors_of_metrics_that_it_reports(name):
    truth = reference(name)
    for errors in (truth.bars, truth.floors):
        assert set(errors) <= set(dataset(name).metrics)
        assert all(np.isfinite(bar).all() and np.min(bar) >= 0 for bar in errors.values())


@each
def test_the_truth_scores_nothing_beyond_its_floor(name):
    """Every metric that the truth itself can be given to; at least one can.

    The exact paths of finitely many particles conserve momentum and energy only in the mean, and particles of the
    right covariance alone are right in nothing else.
    """
    truth, problem, solution = reference(name), posed(name), perfect(name)
    names = dataset(name).metrics
    if truth.law is not None:
        names = [one for one in names if not one.startswith("drift_")]
        if truth.law.flow is None:
            names = [one for one in names if one in RIGHT]
    scored = []
    for metric_name in names:
        metric = metrics.load(metric_name)
        if metrics.missing(metric, solution, truth, problem) is None:
            score = metric(solution, truth, problem)
            assert score.value.shape[0] == score.times.size == score.bar.size == score.floor.size
            assert (score.value.mean(axis=1) <= score.floor * (1 + 1e-6) + 1e-9).all(), metric_name
            scored.append(metric_name)
    assert dataset(name).metrics[0] in scored or not truth.values
    assert scored
