"""The collision operator: coefficients in closed form, invariants, the kernel, and a second way of finding it."""

from __future__ import annotations

import numpy as np
import pytest

from kineticbench.contracts import HomogeneousLandau, InvalidInput
from kineticbench.numerics.landau_differences import DifferenceOperator, cardinal, first_difference
from kineticbench.numerics.landau_kernel import kernel_spectra, truncated_transform
from kineticbench.numerics.landau_operator import CollisionOperator, LandauOperator, VelocityGrid, moments


def two_bumps(grid: VelocityGrid) -> np.ndarray:
    """An anisotropic, skewed density of unequal bumps."""
    v = grid.nodes()
    narrow = ((v - 0.4) ** 2 / np.array([1.0, 0.6, 0.8][: grid.dimension])).sum(axis=1)
    wide = ((v + 0.5) ** 2).sum(axis=1)
    return (np.exp(-narrow / 2) + 0.5 * np.exp(-wide / 2)).reshape(grid.shape)


def maxwellian(grid: VelocityGrid) -> np.ndarray:
    """Of unit mass and temperature about 0."""
    square = (grid.nodes() ** 2).sum(axis=1)
    return (np.exp(-square / 2) / (2 * np.pi) ** (grid.dimension / 2)).reshape(grid.shape)


def test_coulomb_coefficients_of_a_maxwellian_are_those_of_rosenbluth():
    """D = ∇∇g, F = 2∇h: with x = r/√2, tr D = 2h = 2 erf(x)/r and r̂·D·r̂ = g'' = (erf x − 2x e^(−x²)/√π) / r x²."""
    from scipy.special import erf

    grid = VelocityGrid(28, 6.3, (0.1, 0.0, 0.0))
    diffusion, friction = LandauOperator(grid, HomogeneousLandau(3, -3.0, 1.0)).coefficients(maxwellian(grid))
    v = grid.nodes().T.reshape(3, *grid.shape)
    r = np.sqrt((v**2).sum(axis=0))
    x = r / np.sqrt(2)
    bell = 2 / np.sqrt(np.pi) * np.exp(-(x**2))
    np.testing.assert_allclose(sum(diffusion[a, a] for a in range(3)), 2 * erf(x) / r, atol=1e-9)
    along = sum(diffusion[min(a, b), max(a, b)] * v[a] * v[b] for a in range(3) for b in range(3)) / r**2
    np.testing.assert_allclose(along, (erf(x) - x * bell) / (r * x**2), atol=1e-8)
    for a in range(3):
        np.testing.assert_allclose(friction[a], -2 * (erf(x) - x * bell) * v[a] / r**3, atol=1e-8)


@pytest.mark.parametrize(
    ("dimension", "cells", "exponent"),
    [(2, 40, -3.0), (2, 40, -2.0), (2, 40, -0.5), (2, 40, 0.0), (2, 40, 1.0), (3, 24, -3.0), (3, 24, 0.0)],
)
def test_a_maxwellian_is_in_equilibrium(dimension, cells, exponent):
    grid = VelocityGrid(cells, 6.2, (0.0,) * dimension)
    operator = LandauOperator(grid, HomogeneousLandau(dimension, exponent, 1.0))
    found, other = operator.collide(maxwellian(grid)).rate, operator.collide(two_bumps(grid)).rate
    assert np.abs(found).max() < (1e-7 if dimension == 2 else 1e-3) * np.abs(other).max()


@pytest.mark.parametrize("exponent", [-3.0, -0.5, 0.0, 1.0])
def test_mass_momentum_energy_are_kept_and_entropy_falls(exponent):
    grid = VelocityGrid(48, 7.5, (0.0, 0.1))
    f = two_bumps(grid)
    rate = LandauOperator(grid, HomogeneousLandau(2, exponent, 1.0)).collide(f).rate
    scale = np.abs(rate).sum()
    v = grid.nodes()
    assert abs(rate.sum()) < 1e-13 * scale
    assert np.abs(v.T @ rate.ravel()).max() < 1e-8 * scale
    assert abs((v**2).sum(axis=1) @ rate.ravel()) < 1e-8 * scale
    assert (rate * np.log(f)).sum() < 0


def test_the_polynomials_of_maxwell_molecules_are_the_limit_of_the_convolution():
    grid = VelocityGrid(40, 7.0, (0.0, 0.0))
    f = two_bumps(grid)
    exact = LandauOperator(grid, HomogeneousLandau(2, 0.0, 1.0)).collide(f).rate
    near = LandauOperator(grid, HomogeneousLandau(2, 1e-13, 1.0)).collide(f).rate
    np.testing.assert_allclose(near, exact, atol=1e-9 * np.abs(exact).max())


@pytest.mark.parametrize(("dimension", "cells", "exponent"), [(2, 64, -3.0), (2, 64, 0.7), (3, 20, -3.0)])
def test_differences_and_product_quadrature_find_the_same(dimension, cells, exponent):
    grid = VelocityGrid(cells, 6.5 if dimension == 2 else 5.5, (0.0,) * dimension)
    equation, f = HomogeneousLandau(dimension, exponent, 1.0), two_bumps(grid)
    spectral, other = LandauOperator(grid, equation), DifferenceOperator(grid, equation, 8)
    assert isinstance(spectral, CollisionOperator)
    assert isinstance(other, CollisionOperator)
    diffusion, friction = spectral.coefficients(f)
    slope = [np.asarray(s) for s in np.gradient(f, grid.width)]
    again, _ = other.coefficients(f, slope)
    tolerance = 2e-6 if dimension == 2 else 1e-3
    for ab, entry in diffusion.items():
        np.testing.assert_allclose(again[ab], entry, atol=tolerance * np.abs(diffusion[0, 0]).max())
    assert len(friction) == dimension
    first, second = spectral.collide(f).rate, other.collide(f).rate
    assert np.linalg.norm(second - first) < (1e-3 if dimension == 2 else 0.1) * np.linalg.norm(first)


def test_the_transform_of_the_truncated_kernel_in_closed_form():
    """d = 3, γ = −3, R = 1: tr Â(k) = 2 · 4π ∫₀¹ r sin(kr)/k dr/r · … = 8π (1 − cos k)/k²; at k = 0, λ = τ."""
    k = np.array([0.0, 0.5, 3.0, 40.0])
    across, along = truncated_transform(3, -3.0, k, 1.0)
    assert across[0] == pytest.approx(along[0])
    np.testing.assert_allclose(2 * across + along, np.append(4 * np.pi, 8 * np.pi * (1 - np.cos(k[1:])) / k[1:] ** 2))


def test_differences_are_exact_for_polynomials_and_cardinal_functions_interpolate():
    for points in (2, 8, 12):
        stencil, j = first_difference(points), np.arange(points + 1) - points // 2
        np.testing.assert_allclose(stencil @ (1.0 + 3 * j), 3, atol=1e-12)
        np.testing.assert_allclose(stencil @ (j.astype(float) ** (points - 1)), points == 2, atol=1e-8 * 6.0**points)
    x = np.linspace(-0.9, 0.9, 7)
    nodes = np.arange(-10, 11)
    basis = cardinal(x[:, None] - nodes, 8)
    np.testing.assert_allclose(basis @ nodes.astype(float) ** 7, x**7, atol=1e-7)
    np.testing.assert_allclose(cardinal(nodes.astype(float), 8), nodes == 0)


def test_moments_of_a_shifted_gaussian():
    grid = VelocityGrid(40, 8.0, (0.5, -0.5))
    spread = np.array([[1.0, 0.3], [0.3, 0.5]])
    away = grid.nodes() - np.array([0.7, -0.2])
    f = np.exp(-0.5 * np.einsum("ni,ij,nj->n", away, np.linalg.inv(spread), away)).reshape(grid.shape)
    mass, mean, found = moments(grid, f)
    assert mass == pytest.approx(2 * np.pi * np.sqrt(np.linalg.det(spread)))
    np.testing.assert_allclose(mean, [0.7, -0.2])
    np.testing.assert_allclose(found, spread, rtol=1e-9)


def test_bad_grids_are_refused():
    with pytest.raises(InvalidInput, match="even"):
        VelocityGrid(15, 5.0, (0.0, 0.0))
    with pytest.raises(InvalidInput, match="half_width"):
        VelocityGrid(16, -5.0, (0.0, 0.0))
    with pytest.raises(InvalidInput, match="dimensions"):
        LandauOperator(VelocityGrid(16, 5.0, (0.0, 0.0)), HomogeneousLandau(3, 0.0, 1.0))
    with pytest.raises(InvalidInput, match="two and three"):
        kernel_spectra(4, 8, -3.0)
