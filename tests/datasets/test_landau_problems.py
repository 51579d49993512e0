"""The Landau problems: their figures at the start, their laws, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import InvalidInput, KineticbenchError, Quiet
from kineticbench.numerics import velocity_training
from kineticbench.numerics.velocity_start import cell_centres


def dataset(name: str, **parameters: Any) -> Any:
    return catalog.build("datasets", name, parameters)


@pytest.mark.parametrize("d", [2, 3, 5])
def test_bkw_is_exact_at_the_points_asked_for(d):
    posed = dataset("bkw", dimension=d)
    problem = posed.problem()
    truth = posed.reference(problem)
    assert problem.query.final_time == {2: 5.0, 3: 1.0, 5: 4.0}[d]
    if d > 3:
        assert problem.query.points is None
        assert truth.density is None
        return
    cell = (8 / round(len(problem.query.points) ** (1 / d))) ** d
    np.testing.assert_allclose(truth.density[:, 0].sum(1) * cell, 1, atol=2e-3)
    np.testing.assert_allclose(problem.initial_density.density(problem.query.points), truth.density[0], rtol=1e-12)


def test_bkw_begins_where_it_is_told():
    late = dataset("bkw", start_time=2.0, final_time=3.0)
    law, usual = late.law, dataset("bkw").law
    v = cell_centres(3.0, 5, 2)
    np.testing.assert_allclose(law.density(1.0, v), usual.density(3.0, v), rtol=1e-13)
    assert law.entropy(np.array([0.0]))[0] == pytest.approx(usual.entropy(np.array([2.0]))[0], abs=1e-13)


@pytest.mark.parametrize("name", ["anisotropic_gaussian", "gaussian_mixture"])
@pytest.mark.parametrize("d", [2, 3, 5, 10])
def test_covariance_begins_as_the_starts_and_decays(name, d):
    posed = dataset(name, dimension=d)
    problem = posed.problem()
    law = posed.reference(problem).law
    start = problem.initial_density.sample(Quiet(), 50_000, 0).velocities[0]
    np.testing.assert_allclose(law.covariance(0.0)[0], np.cov(start.T), atol=0.02)
    assert law.fourth_moment(0.0)[0] == pytest.approx(((start**2).sum(1) ** 2).mean(), rel=0.02)
    away = law.covariance(np.array([0.0, 1.0])) - np.eye(d)
    np.testing.assert_allclose(away[1], away[0] * np.exp(-d / 6), atol=1e-14)


def test_bi_gaussian_has_the_covariance_stated():
    v = dataset("bi_gaussian_coulomb").start.velocities
    np.testing.assert_allclose(v.mean, [-1, 0], atol=1e-15)
    np.testing.assert_allclose(np.linalg.eigvalsh(v.covariance), [1, 3])


def test_rosenbluth_keeps_its_own_mass():
    problem = dataset("rosenbluth").problem()
    for start in (Quiet(), Quiet(weighted=True)):
        found = problem.initial_density.sample(start, 1000, 0)
        assert found.weights.sum() == pytest.approx(1.996815e-3, rel=1e-6)


def initial_rate(temperatures: tuple[float, float, float]) -> float:
    """dT₃/dt / B = 2 E[|z|⁻³ (|z|² − 3z₃²)], z ~ N(0, 2Σ): the sphere by Gauss–Legendre nodes, the radius exactly.

    Along a direction u, ∫ r² · r⁻¹ p(ru) dr = p(0) / q with q = uᵀ(2Σ)⁻¹u.
    """
    start = dataset("trubnikov", temperatures=temperatures).start.velocities
    variance = 2 * np.diag(start.covariance)
    height, weight = np.polynomial.legendre.leggauss(200)
    q = (1 - height**2) / variance[0] + height**2 / variance[2]
    peak = np.prod(2 * np.pi * variance) ** -0.5
    return float(2 * 2 * np.pi * np.sum(weight * (1 - 3 * height**2) * peak / q))


@pytest.mark.parametrize(
    ("temperatures", "rate"), [((0.085, 0.085, 0.04), 0.8472), ((0.07, 0.07, 0.05), 0.3997)], ids=["cold", "mild"]
)
def test_trubnikovs_initial_rate(temperatures, rate):
    """By quadrature, and in the converged solution, by a difference of second order in time."""
    assert initial_rate(temperatures) == pytest.approx(rate, abs=1e-4)
    posed = dataset("trubnikov", temperatures=temperatures)
    law, h = posed.reference(posed.problem()).law, 2e-3
    early = law.covariance(np.array([0.0, h, 2 * h]))[:, 2, 2] @ [-1.5, 2.0, -0.5] / h
    assert early / posed.strength == pytest.approx(rate, rel=2e-3)


def test_trubnikovs_rate_near_isotropy():
    temperature, off = 0.07, 1e-5
    rate = initial_rate((temperature + off, temperature + off, temperature - 2 * off)) / (2 * off)
    assert rate == pytest.approx(4 / (5 * np.pi**0.5 * temperature**1.5), rel=1e-3)


def test_trubnikov_for_maxwell_molecules():
    posed = dataset("trubnikov", exponent=0)
    law = posed.reference(posed.problem()).law
    away = law.covariance(np.array([0.0, 1.0]))[:, 2, 2] - 0.07
    assert away[1] / away[0] == pytest.approx(np.exp(-12 * posed.strength))


def test_training_follows_the_exact_flow(monkeypatch):
    """To a tenth of the displacement on coarse meshes; the finer one alone errs by more than a fifth of it."""
    monkeypatch.setattr(velocity_training, "PARTICLES", 200)
    for table in ("CELLS", "MAXWELL_CELLS"):
        monkeypatch.setattr(velocity_training, table, {2: 24, 3: 16})
    posed = dataset("bkw", start_time=0.5, final_time=2.0)
    taught = posed.training(3)
    assert taught.states.positions is None
    v = taught.states.velocities[:, 0]
    exact = posed.law.flow(2.0, v[0])
    assert np.linalg.norm(v[-1] - exact) < 0.1 * np.linalg.norm(exact - v[0])
    assert taught.times[-1] == 2.0
    assert taught.states.weights.sum() == pytest.approx(1)
    other = posed.training(4).states.velocities[0, 0]
    assert not np.isin(v[0, :, 0], other[:, 0]).any()
    assert dataset("anisotropic_gaussian", dimension=5).training() is None


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("bkw", {"dimension": 1}),
        ("bkw", {"dimension": 3, "start_time": 5.0}),
        ("bkw", {"strength": 0.0}),
        ("bkw", {"final_time": -1.0}),
        ("bkw", {"cells": 0}),
        ("anisotropic_gaussian", {"dimension": 1}),
        ("gaussian_mixture", {"exponent": -4.0}),
        ("gaussian_mixture", {"final_time": 0.0}),
        ("trubnikov", {"exponent": 1.5}),
        ("trubnikov", {"temperatures": (1.0, 1.0)}),
        ("trubnikov", {"temperatures": (1.0, 1.0, 0.0)}),
        ("rosenbluth", {"radius": -1.0}),
        ("bi_gaussian_coulomb", {"strength": -1.0}),
        ("bi_gaussian_coulomb", {"final_time": 0.0}),
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(name, parameters):
    with pytest.raises(KineticbenchError):
        dataset(name, **parameters).problem()


def test_a_coulomb_problem_without_a_file_says_how_to_make_one():
    posed = dataset("bi_gaussian_coulomb", final_time=1.25)
    with pytest.raises(InvalidInput, match="make_reference"):
        posed.reference(posed.problem())


def test_a_problem_of_another_dataset_is_refused():
    with pytest.raises(InvalidInput):
        dataset("bkw").reference(dataset("bkw", dimension=3).problem())
