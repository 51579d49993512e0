"""How references are made: what is compared, in which units, and what a file then holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import HomogeneousLandau, Problem, Query, Unsupported
from kineticbench.numerics import references
from kineticbench.numerics.landau_bars import Answer, distances
from kineticbench.numerics.landau_truth import PLANE, SHELL, SPACE, Run, keep, plan

RUNS = (Run("spectral", 32), Run("spectral", 28, stretch=1.1), Run("differences", 40, until=0.5))
TIMES = np.array([0.0, 1.0])


def gaussian(shift: float, variance: float) -> tuple[Answer, Problem]:
    """Normal laws of one width that are a shift apart, as two answers would give them."""
    along = np.linspace(-8, 8, 161)
    points = np.stack(np.meshgrid(along, along, indexing="ij"), axis=-1).reshape(-1, 2)
    away = points - np.array([shift, 0.0])
    f = np.exp(-(away**2).sum(axis=1) / (2 * variance)) / (2 * np.pi * variance)
    one = np.ones(2)
    answer = Answer(
        TIMES, TIMES, variance * np.tile(np.eye(2), (2, 1, 1)), 8 * one, -one, -0.1 * one, np.tile(f, (2, 1))
    )
    return answer, Problem(HomogeneousLandau(2, -3.0, 1.0), None, None, Query(TIMES, TIMES, points))


def test_distances_are_in_the_units_of_the_metrics():
    (first, problem), (second, _) = gaussian(0.0, 1.0), gaussian(0.02, 1.0)
    second = replace(second, covariance=1.1 * first.covariance, entropy=first.entropy + 0.3)
    second = replace(second, fourth_moment=1.1 * first.fourth_moment)
    found = distances(first, second, problem)
    np.testing.assert_allclose(found["w1_marginals"], 0.01, rtol=1e-3)  # one of two axes is shifted
    np.testing.assert_allclose(found["sliced_w2"], 0.02, rtol=1e-2)
    np.testing.assert_allclose(found["density_l2"], 0.02 / np.sqrt(2), rtol=1e-3)
    np.testing.assert_allclose(found["density_l1"], 0.02 * np.sqrt(2 / np.pi), rtol=1e-3)
    np.testing.assert_allclose(found["covariance"], 0.1)
    np.testing.assert_allclose(found["fourth_moment"], 0.1)
    np.testing.assert_allclose(found["entropy_own"], [0.3])
    np.testing.assert_allclose(found["dissipation"], [0.0])


def test_what_a_method_did_not_reach_counts_like_the_largest_that_it_did():
    (first, problem), (second, _) = gaussian(0.0, 1.0), gaussian(0.02, 1.0)
    assert first.density is not None
    density = np.stack([second.density[0], np.full(len(first.density[0]), np.nan)])  # type: ignore[index]
    found = distances(first, replace(second, density=density), problem)
    assert found["density_l2"][1] == found["density_l2"][0] > 0


def test_a_file_holds_what_the_dataset_reads_and_bars_that_cover_every_run(tmp_path):
    dataset = catalog.build("datasets", "bi_gaussian_coulomb", {"final_time": 2.0})
    problem, seen = dataset.problem(), []
    path = keep("bi_gaussian_coulomb", {"final_time": 2.0}, problem, tmp_path, seen.append, RUNS)
    arrays, recipe = references.load(path)
    assert path == references.location("bi_gaussian_coulomb", {"final_time": 2.0}, tmp_path)
    assert len(seen) == len(RUNS) == len(recipe["runs"])
    assert arrays["density"].shape == (4, 64**2)
    assert arrays["covariance"].shape == (51, 2, 2)
    np.testing.assert_allclose(arrays["covariance"][0], [[2, -1], [-1, 2]], atol=1e-4)
    np.testing.assert_allclose(
        arrays["density"][0], problem.initial_density.density(problem.query.points)[0], rtol=1e-6
    )
    for name in ("density_l2", "covariance", "w1_marginals"):
        assert arrays[f"bar/{name}"].shape == (4,)
        np.testing.assert_array_equal(arrays[f"bar/{name}"], arrays[f"distances/{name}"].max(axis=0))
    assert 0 < arrays["bar/density_l2"][-1] < 1e-4
    assert 0 < arrays["bar/entropy_own"][0] < 1e-3


def test_every_problem_has_its_plan():
    def problem(name: str, **parameters) -> Problem:
        return catalog.build("datasets", name, parameters).problem()

    assert plan(problem("bi_gaussian_coulomb")) == PLANE
    assert plan(problem("trubnikov")) == SPACE
    assert plan(problem("rosenbluth")) == SHELL
    with pytest.raises(Unsupported, match="two or three"):
        plan(Problem(HomogeneousLandau(5, -3.0, 1.0), None, None, Query(TIMES)))


@pytest.mark.parametrize(
    ("name", "parameters", "most"),
    [
        ("bi_gaussian_coulomb", {}, 1e-8),
        ("gaussian_mixture", {"exponent": -3.0}, 1e-8),
        ("rosenbluth", {}, 1e-5),
        ("trubnikov", {}, 1e-5),
        ("trubnikov", {"temperatures": [0.07, 0.07, 0.05]}, 1e-5),
    ],
)
def test_what_is_kept_is_known_well_small_and_conserves(name, parameters, most):
    dataset = catalog.build("datasets", name, parameters)
    problem = dataset.problem()
    reference = dataset.reference(problem)
    assert reference.bars["density_l2"].max() < most
    spread = reference.law.covariance(problem.query.series)
    energy = np.trace(spread, axis1=1, axis2=2)
    np.testing.assert_allclose(energy, energy[0], rtol=1e-7)
    assert (np.diff(reference.law.entropy(problem.query.series)) < reference.bars["entropy_own"]).all()
    path = next(references.FOLDER.glob(f"{name}-*.safetensors"))
    assert path.stat().st_size < 1_000_000
