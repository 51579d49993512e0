import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kineticbench.numerics import tabulation as tb
from kineticbench.numerics.jax_scope import scope

NODES, SPACING = 64, 0.25
deposit = jax.jit(tb.deposit, static_argnums=(2, 4))
gather = jax.jit(tb.gather, static_argnums=3)


@pytest.fixture(autouse=True)
def _float64():
    with scope("cpu", "float64"):
        yield


def points(seed: int = 0):
    reach = tb.covered(NODES, SPACING)
    return jnp.asarray(np.random.default_rng(seed).uniform(-reach, reach, (3, 50)))


def test_weights_are_the_quintic_b_spline_of_scipy():
    from scipy.interpolate import BSpline

    spline = BSpline.basis_element(np.arange(-3.0, 4.0))
    f = np.linspace(0, 1, 11)[:-1]
    for derivative in range(3):
        found = np.stack(tb._weights(jnp.asarray(f), derivative))
        wanted = [spline.derivative(derivative)(f + 2 - k) if derivative else spline(f + 2 - k) for k in range(6)]
        np.testing.assert_allclose(found, np.nan_to_num(wanted), atol=1e-13)


def test_a_deposit_keeps_count_and_first_moment_and_spreads_over_six_nodes():
    c = points()
    n = np.asarray(deposit(c, SPACING, NODES))
    x = np.asarray(tb.node_positions(NODES, SPACING))[tb.MARGIN : -tb.MARGIN]
    np.testing.assert_allclose(n.sum(1), c.shape[1], rtol=1e-14)
    np.testing.assert_allclose(n @ x, c.sum(1), rtol=1e-12)
    alone = np.asarray(deposit(c[:1, :1], SPACING, NODES))
    assert np.count_nonzero(alone) == 6


@pytest.mark.parametrize("derivative", [0, 1, 2])
def test_gather_is_the_adjoint_of_deposit(derivative):
    random = np.random.default_rng(1)
    table, masses = (jnp.asarray(random.normal(size=(3, n))) for n in (NODES, 50))
    c = points(2)
    gathered = (masses * gather(table, c, SPACING, derivative)).sum()
    deposited = (table * deposit(c, SPACING, NODES, masses, derivative)).sum()
    np.testing.assert_allclose(gathered, deposited, rtol=1e-12)


@pytest.mark.parametrize(("derivative", "order"), [(0, 6), (1, 5), (2, 4)])
def test_a_smooth_function_is_approximated_with_full_order(derivative, order):
    exact = [np.sin, np.cos, lambda x: -np.sin(x)][derivative]
    errors = []
    for spacing in (0.4, 0.2):
        nodes = tb.nodes_for(6.0, spacing)
        table = tb.coefficients(jnp.sin(tb.node_positions(nodes, spacing)))[None]
        c = jnp.linspace(-6, 6, 1001)[None]
        errors.append(np.abs(np.asarray(gather(table, c, spacing, derivative)) - exact(c)).max())
    assert np.log2(errors[0] / errors[1]) > order - 0.35


def test_polynomials_of_degree_five_are_exact():
    x, c = np.asarray(tb.node_positions(NODES, SPACING)), np.asarray(points(3))
    polynomial = np.polynomial.Polynomial([0.3, -1.0, 0.5, 0.2, -0.1, 0.05])
    table = jnp.repeat(tb.coefficients(jnp.asarray(polynomial(x)))[None], 3, 0)
    for derivative in range(3):
        wanted = polynomial.deriv(derivative)(c) if derivative else polynomial(c)
        np.testing.assert_allclose(gather(table, jnp.asarray(c), SPACING, derivative), wanted, rtol=1e-8, atol=1e-7)


def test_more_nodes_of_the_same_spacing_change_nothing():
    few, many = NODES, 2 * NODES
    c = points(4)
    tables = [(tb.coefficients(jnp.tanh(tb.node_positions(n, SPACING)))) for n in (few, many)]
    found = [gather(jnp.repeat(t[None], 3, 0), c, SPACING, 1) for t in tables]
    np.testing.assert_allclose(*found, rtol=1e-13, atol=1e-15)


def test_the_ends_are_covered_and_points_beyond_count_as_there():
    reach = tb.covered(NODES, SPACING)
    assert tb.nodes_for(reach, SPACING) == NODES
    table = tb.coefficients(jnp.sinh(tb.node_positions(NODES, SPACING) / 4))[None]
    ends = jnp.array([[-reach, reach]])
    np.testing.assert_allclose(gather(table, ends, SPACING), np.sinh(ends / 4), rtol=1e-7)
    np.testing.assert_array_equal(gather(table, 3 * ends, SPACING), gather(table, ends, SPACING))
