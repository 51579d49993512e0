"""The closed forms against automatic differentiation of V itself, written down as the architecture has it."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.nn import softplus

from kineticbench.numerics import symmetric_potential as sp
from kineticbench.numerics.jax_scope import scope

N, HIDDEN = 32, 24
force = jax.jit(sp.force)


@pytest.fixture(autouse=True)
def _float64():
    with scope("cpu", "float64"):
        yield


def drawn(seed: int = 0):
    random = np.random.default_rng(seed)
    potential = sp.initial(HIDDEN, seed)
    potential = potential._replace(w1=1.5 * potential.w1, w4=40 * potential.w4, W3=3 * potential.W3)
    return jax.tree.map(jnp.asarray, potential), jnp.asarray(5 + 1.5 * random.normal(size=(3, N)))


def per_particle(potential: sp.Potential, q):
    """V, every layer applied to every particle."""
    c = q - q.mean(-1, keepdims=True)
    phi = softplus(c[..., None] * potential.w1 + potential.b1) @ potential.W2.T + potential.b2
    return softplus(phi.sum(-2) @ potential.W3.T + potential.b3) @ potential.w4 + potential.b4


@jax.jit
def gradient(potential: sp.Potential, q):
    return -jax.grad(lambda x: per_particle(potential, x).sum())(q)


def test_the_papers_network_has_its_132_354_parameters():
    assert sum(leaf.size for leaf in sp.initial(256, 0)) + 1 == 132_354


def test_the_value_is_that_of_the_plain_network():
    potential, q = drawn()
    np.testing.assert_allclose(sp.value(potential, q), per_particle(potential, q), rtol=1e-13)


def test_the_exact_force_is_minus_the_gradient():
    potential, q = drawn(1)
    wanted = gradient(potential, q)
    assert np.abs(wanted).max() > 0.1
    np.testing.assert_allclose(force(sp.exact(potential, N), q), wanted, rtol=1e-12, atol=1e-13)


def test_the_tabulated_force_converges_to_the_exact_one_with_order_five():
    potential, q = drawn(2)
    wanted = np.asarray(force(sp.exact(potential, N), q))
    errors = [np.abs(force(sp.tabulate(potential, N, nodes, 16 / nodes), q) - wanted).max() for nodes in (64, 128)]
    assert errors[1] < 1e-6 * np.abs(wanted).max()
    assert np.log2(errors[0] / errors[1]) > 4.5


def test_the_tabulated_force_is_minus_the_gradient_of_the_tabulated_potential():
    from kineticbench.numerics import tabulation

    potential, q = drawn(3)
    form = sp.tabulate(potential, N, 48, 0.4)

    def tabulated_value(q):
        c = q - q.mean(-1, keepdims=True)
        u = tabulation.deposit(c, form.spacing, 48) @ form.T.T + form.d
        return (jax.nn.softplus(u) @ form.w4).sum()

    np.testing.assert_allclose(force(form, q), -jax.jit(jax.grad(tabulated_value))(q), rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("nodes", [0, 64])
def test_cotangents_of_the_force_are_those_of_automatic_differentiation(nodes):
    """Of the parameters and of the positions; the tabulated form's agree as far as the splines do."""
    potential, q = drawn(4)
    v = np.random.default_rng(5).normal(size=q.shape)

    def by_hand(potential, q):
        form = sp.tabulate(potential, N, nodes, 12 / nodes) if nodes else sp.exact(potential, N)
        return (v * force(form, q)).sum()

    def automatic(potential, q):
        return -(v * jax.grad(lambda x: per_particle(potential, x).sum())(q)).sum()

    found, wanted = (jax.jit(jax.grad(f, (0, 1)))(potential, q) for f in (by_hand, automatic))
    tolerance = 1e-4 if nodes else 1e-10
    for name, a, b in zip((*sp.Potential._fields, "q"), (*found[0], found[1]), (*wanted[0], wanted[1]), strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance * max(np.abs(b).max(), 1e-9), err_msg=name)


@pytest.mark.parametrize("nodes", [0, 64])
def test_the_potential_ignores_order_and_common_shifts(nodes):
    potential, q = drawn(6)
    form = sp.tabulate(potential, N, nodes, 12 / nodes) if nodes else sp.exact(potential, N)
    order = np.random.default_rng(7).permutation(N)
    f = np.asarray(force(form, q))
    np.testing.assert_allclose(sp.value(potential, q[:, order] + 3.7), sp.value(potential, q), rtol=1e-12)
    np.testing.assert_allclose(force(form, q[:, order] + 3.7), f[:, order], rtol=1e-9, atol=1e-11)
    np.testing.assert_allclose(f.sum(1), 0, atol=1e-11)


@pytest.mark.parametrize("particles", [1, 97, 130])
def test_any_number_of_particles_will_do(particles):
    """Sums over particles are grouped by divisors of their number."""
    potential, _ = drawn(8)
    q = jnp.asarray(np.random.default_rng(9).normal(size=(2, particles)))
    wanted = gradient(potential, q)
    np.testing.assert_allclose(force(sp.exact(potential, particles), q), wanted, rtol=1e-10, atol=1e-13)
