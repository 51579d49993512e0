"""The ensemble's initial densities: positions follow them, samples have their moments, the score is their gradient."""

from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import Mesh, Problem, Query, Quiet, Random, VlasovPoisson
from kineticbench.datasets import gaussian_ensemble

GaussianEnsemble: Any = gaussian_ensemble.GaussianEnsemble  # its problems are known to have particles


def test_multimode_positions_follow_their_density():
    dataset = GaussianEnsemble(start="multimode", modes=3, particles=4096)
    problem = dataset.problem("train", cases=4)
    density = problem.initial_density
    edges = np.linspace(0, 128, 17)
    for case in range(4):
        counts = np.histogram(problem.ensemble.positions[case, :, 0], edges)[0]
        inside = np.linspace(0, 128, 16 * 200, endpoint=False) + 0.02
        expected = density.law.density(inside)[case].reshape(16, 200).mean(1) * 8 * 4096
        assert ((counts - expected) ** 2 / expected).sum() < 45  # 99.99 % of chi-squared with 15 degrees of freedom
    assert np.ptp(problem.ensemble.positions) > 120


@pytest.mark.parametrize("start", ["gaussian", "multimode"])
@pytest.mark.parametrize("way", [Random(), Quiet(), Quiet(weighted=True), Mesh()])
def test_samples_of_the_initial_density_have_its_moments(start, way):
    density = GaussianEnsemble(start=start).problem("train", cases=3).initial_density
    ensemble = density.sample(way, 40_000, seed=4)
    w, p, q = ensemble.weights, ensemble.velocities[..., 0], ensemble.positions[..., 0]
    np.testing.assert_allclose(w.sum(1), 1)
    np.testing.assert_allclose((w * p).sum(1), density.mean_momentum, atol=0.03)
    np.testing.assert_allclose((w * p * p).sum(1), density.std_momentum**2, rtol=0.03)
    wave = np.exp(-2j * np.pi * q / 128)
    points = np.linspace(0, 128, 40_001)[:-1]
    expected = (density.law.density(points) * np.exp(-2j * np.pi * points / 128)).mean(1) * 128
    np.testing.assert_allclose((w * wave).sum(1), expected, atol=0.02)
    Problem(VlasovPoisson(128.0, 25.6), density, ensemble, Query(np.ones(1)))


@pytest.mark.parametrize("start", ["gaussian", "multimode"])
def test_score_is_the_gradient_of_the_logarithm_of_the_density(start):
    density = GaussianEnsemble(start=start, length=12.0, sigma=(1.0, 3.0)).problem(cases=3).initial_density
    points, shift = np.random.default_rng(0).uniform([0, -2], [12, 2], (50, 2)), 1e-5
    for axis in (0, 1):
        step = np.eye(2)[axis] * shift
        slope = (np.log(density.density(points + step)) - np.log(density.density(points - step))) / (2 * shift)
        np.testing.assert_allclose(density.score(points)[..., axis], slope, atol=1e-6)
    grid = np.stack(np.meshgrid(np.linspace(0, 12, 121)[:-1], np.linspace(-25, 25, 501), indexing="ij"), -1)
    assert density.density(grid.reshape(-1, 2)).sum(1) * 0.1 * 0.1 == pytest.approx(1, abs=1e-8)
