"""The exact solution of Bobylev, Krook and Wu: figures, maps and samples, in the far tail and at the origin too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import InvalidInput, Mesh, Quiet, Random
from kineticbench.numerics import bkw

USUAL = {2: (1 / 16, 0.0), 3: (1 / 24, 5.5), 5: (0.1, 0.0), 10: (0.1, 0.0)}
each = pytest.mark.parametrize("d", USUAL)


def law(d: int) -> Any:
    return bkw.law(d, *USUAL[d])


@pytest.mark.parametrize(
    ("d", "times", "entropies"),
    [
        (2, [0, 1, 2.5, 5], [-2.721946, -2.789049, -2.820952, -2.834236]),
        (3, [0, 0.5, 1], [-4.193052, -4.218982, -4.233109]),
    ],
)
def test_entropies(d, times, entropies):
    np.testing.assert_allclose(law(d).entropy(np.array(times)), entropies, atol=5e-7)


@each
def test_entropy_tends_to_that_of_the_maxwellian(d):
    assert law(d).entropy(np.array([500.0]))[0] == pytest.approx(-d / 2 * (1 + np.log(2 * np.pi)), abs=1e-12)


@each
def test_dissipation_is_the_derivative_of_the_entropy(d):
    times, step = np.array([0.3, 1.0, 3.0]), 1e-3
    ends = [law(d).entropy(times + k * step) for k in (-2, -1, 1, 2)]
    slope = (ends[0] - 8 * ends[1] + 8 * ends[2] - ends[3]) / (12 * step)
    np.testing.assert_allclose(law(d).dissipation(times), slope, rtol=1e-7, atol=2e-12)


def test_fisher_information_in_2d():
    """∫ |∇f|²/f = 4, 2.601423, 2.178488, 2.033863, by a midpoint rule in the radius."""
    r = (np.arange(40_000) + 0.5) * 4e-4
    v = np.stack([r, np.zeros_like(r)], axis=1)
    found = [
        (2 * np.pi * r * law(2).density(t, v) * (law(2).score(t, v) ** 2).sum(1)).sum() * 4e-4 for t in (0, 1, 2.5, 5)
    ]
    np.testing.assert_allclose(found, [4, 2.601423, 2.178488, 2.033863], atol=1e-6)


@each
def test_moments_by_quadrature(d):
    from scipy.special import gamma

    r = (np.arange(40_000) + 0.5) * 4e-4
    v = np.zeros((r.size, d))
    v[:, -1] = r
    shell = 2 * np.pi ** (d / 2) / gamma(d / 2) * r ** (d - 1) * 4e-4
    for t in (0.0, 1.0):
        f = law(d).density(t, v)
        assert (shell * f).sum() == pytest.approx(1, rel=1e-6)
        assert (shell * f * r**2).sum() == pytest.approx(np.trace(law(d).covariance(t)[0]), rel=1e-6)
        assert (shell * f * r**4).sum() == pytest.approx(law(d).fourth_moment(t)[0], rel=1e-6)


@each
def test_score_is_the_gradient_of_the_logarithm(d):
    v = np.random.default_rng(1).normal(size=(200, d))
    for t in (0.0, 0.7):
        step = 1e-5 * np.eye(d)
        slopes = [np.log(law(d).density(t, v + s) / law(d).density(t, v - s)) / 2e-5 for s in step]
        exact = law(d).score(t, v)
        np.testing.assert_allclose(np.stack(slopes, axis=1), exact, atol=1e-5 * np.abs(exact).max())


@each
def test_flow_keeps_the_share_of_mass_within(d):
    """From 1e-6 to 8, by the density alone: f(t, T) det ∇T = f(0, v)."""
    r = np.concatenate([[1e-6, 1e-3], np.linspace(0.05, 8, 60)])
    v, t = np.zeros((r.size, d)), 2.0
    v[:, 0] = r
    moved = law(d).flow(t, v)[:, 0]
    step = 1e-5 * r
    wide = [law(d).flow(t, v * (1 + k * 1e-5))[:, 0] for k in (-1, 1)]
    volume = (wide[1] - wide[0]) / (2 * step) * (moved / r) ** (d - 1)
    place = np.zeros_like(v)
    place[:, 0] = moved
    np.testing.assert_allclose(law(d).density(t, place) * volume, law(d).density(0.0, v), rtol=1e-7)


def test_flow_in_2d_keeps_the_invariant_in_the_far_tail():
    first, later = bkw.shape(2, 1 / 16, 0.0), bkw.shape(2, 1 / 16, 3.0)
    r = np.array([1e-3, 0.1, 0.7, 1.0, 2.0, 5.0, 20.0, 100.0, 1e4])
    v = np.stack([0.6 * r, -0.8 * r], axis=1)
    moved = bkw.transport(first, later, v)

    def invariant(at: bkw.BKW, v: np.ndarray) -> np.ndarray:
        u = (v**2).sum(1) / (2 * at.variance)
        return np.log1p(at.share * u) - u

    before, after = invariant(first, v), invariant(later, moved)
    np.testing.assert_allclose(after[1:], before[1:], rtol=1e-12)
    np.testing.assert_allclose(moved[:, 0] * -0.8, moved[:, 1] * 0.6, rtol=1e-14)


@each
def test_flow_at_its_ends(d):
    v = np.random.default_rng(2).normal(size=(50, d))
    v[0], v[1], v[2] = 0, 1e-100, 1e3
    np.testing.assert_allclose(law(d).flow(0.0, v), v, rtol=1e-13)
    moved = law(d).flow(4.0, v)
    assert np.isfinite(moved).all()
    assert (moved[0] == 0).all()


@each
def test_samples_have_the_law_of_the_radius(d):
    """Kolmogorov–Smirnov distance of 20 000 samples, under 1.95/√N with probability .999."""
    at = bkw.shape(d, USUAL[d][0], USUAL[d][1] + 0.5)
    for v, bound in (
        (law(d).sample(0.5, 20_000, 3), 1.95 / np.sqrt(20_000)),
        (bkw.start(d, USUAL[d][0], USUAL[d][1] + 0.5, 4.0).sample(Quiet(), 20_000, 3).velocities[0], 1e-4),
    ):
        levels = np.exp(at.log_below(np.log(np.sort((v**2).sum(1)) / (2 * at.variance))))
        assert np.abs(levels - (np.arange(20_000) + 0.5) / 20_000).max() < bound
        assert np.abs(v.mean(0)).max() < 5 / np.sqrt(20_000)
        np.testing.assert_allclose(np.cov(v.T), np.eye(d), atol=6 / np.sqrt(20_000))


@pytest.mark.parametrize("d", [2, 3])
def test_quiet_particles_are_quieter_than_random_ones(d):
    """Mean of a smooth function over 4 096 particles, eight seeds."""

    def spread(start: Random | Quiet) -> float:
        density = bkw.start(d, *USUAL[d], 4.0)
        clouds = [density.sample(start, 4096, seed).velocities[0] for seed in range(8)]
        return float(np.std([np.cos(v @ np.arange(1, d + 1)).mean() for v in clouds]))

    assert spread(Quiet()) < 0.2 * spread(Random())


@pytest.mark.parametrize("d", [2, 3])
def test_mesh_and_weighted_starts(d):
    density = bkw.start(d, *USUAL[d], 4.0)
    mesh = density.sample(Mesh(5.0), 30**d + 7, 0)
    assert mesh.particles == 30**d
    assert np.abs(mesh.velocities).max() == pytest.approx(5 - 5 / 30)
    assert mesh.weights.sum() == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(mesh.weights[0], density.density(mesh.velocities[0])[0] * (1 / 3) ** d)
    assert np.abs(density.sample(Mesh(), 30**d, 0).velocities).max() == pytest.approx(4 - 4 / 30)
    uniform = density.sample(Quiet(weighted=True), 30**d, 0)
    assert uniform.weights.sum() == pytest.approx(1, rel=1e-12)
    assert np.abs(uniform.velocities).max() <= 4


def test_whole_roots_are_exact():
    from kineticbench.numerics.velocity_start import whole_root

    assert [whole_root(n, 3) for n in (1, 7, 8, 26, 27, 63_999, 64_000, 10**15)] == [1, 1, 2, 2, 3, 39, 40, 10**5]


@pytest.mark.parametrize(
    "arguments", [(1, 0.1, 0.0), (2, -1.0, 0.0), (2, 0.1, -1.0), (3, 1 / 24, 5.4), (2, 0.1, float("nan"))]
)
def test_what_cannot_be_meant_is_refused(arguments):
    with pytest.raises(InvalidInput):
        bkw.law(*arguments)


def test_times_before_the_start_are_refused():
    with pytest.raises(InvalidInput):
        law(2).density(-0.1, np.ones((1, 2)))
