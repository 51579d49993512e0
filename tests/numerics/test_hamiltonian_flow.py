"""What any leapfrog flow of a potential must keep: volume, reversibility, second order."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from kineticbench.numerics import symmetric_potential as sp
from kineticbench.numerics.hamiltonian_flow import flow, leapfrog_step, march
from kineticbench.numerics.jax_scope import scope
from kineticbench.numerics.leapfrog import stops

N, HIDDEN = 6, 12
KINETIC = 0.9


@pytest.fixture(autouse=True)
def _float64():
    with scope("cpu", "float64"):
        yield


def drawn(nodes: int):
    random = np.random.default_rng(0)
    potential = sp.initial(HIDDEN, 0)
    potential = jax.tree.map(jnp.asarray, potential._replace(w1=2 * potential.w1, w4=30 * potential.w4))
    form = sp.tabulate(potential, N, nodes, 16 / nodes) if nodes else sp.exact(potential, N)
    return form, *(jnp.asarray(random.normal(size=(2, N))) for _ in range(2))


run = jax.jit(flow, static_argnums=5)


@pytest.mark.parametrize("nodes", [0, 64])
def test_forward_then_backward_is_the_identity(nodes):
    form, q, p = drawn(nodes)
    there = run(form, KINETIC, q, p, 0.04, 100)
    back = run(form, KINETIC, *there[:2], -0.04, 100)
    assert np.abs(there[1] - p).max() > 0.3
    np.testing.assert_allclose(back[0], q, atol=1e-12)
    np.testing.assert_allclose(back[1], p, atol=1e-12)


@pytest.mark.parametrize("nodes", [0, 64])
def test_volume_is_kept(nodes):
    form, q, p = drawn(nodes)

    def once(z):
        return jnp.concatenate(run(form, KINETIC, z[None, :N], z[None, N:], 0.1, 10)[:2], 1)[0]

    jacobian = jax.jacrev(once)(jnp.concatenate([q[0], p[0]]))
    assert np.abs(jacobian - np.eye(2 * N)).max() > 0.1
    np.testing.assert_allclose(np.linalg.det(jacobian), 1, atol=1e-12)


def test_trajectories_are_those_of_the_gradient_of_the_potential():
    """The closed form against leapfrog with jax.grad of V, written down here once more."""
    form, q, p = drawn(0)
    potential = sp.initial(HIDDEN, 0)
    potential = jax.tree.map(jnp.asarray, potential._replace(w1=2 * potential.w1, w4=30 * potential.w4))
    gradient = jax.jit(jax.grad(lambda x: sp.value(potential, x).sum()))
    wanted_q, wanted_p = q, p
    for _ in range(50):
        wanted_p = wanted_p - 0.02 * gradient(wanted_q)
        wanted_q = wanted_q + 0.04 * KINETIC * wanted_p
        wanted_p = wanted_p - 0.02 * gradient(wanted_q)
    found_q, found_p, far = run(form, KINETIC, q, p, 0.04, 50)
    np.testing.assert_allclose(found_q, wanted_q, atol=1e-12)
    np.testing.assert_allclose(found_p, wanted_p, atol=1e-12)
    assert far >= np.abs(found_q - found_q.mean(1, keepdims=True)).max()


def test_the_error_is_of_second_order_in_the_step():
    form, q, p = drawn(0)
    fine = np.asarray(run(form, KINETIC, q, p, 2 / 640, 640)[0])
    errors = [np.abs(run(form, KINETIC, q, p, 2 / n, n)[0] - fine).max() for n in (10, 20, 40)]
    np.testing.assert_allclose(np.log2(np.array(errors[:-1]) / errors[1:]), 2, atol=0.1)


def test_a_march_stops_on_the_grid_and_off_it_without_being_disturbed():
    form, q, p = drawn(0)
    times, h = np.array([0.0, 0.2, 0.25, 0.6, 0.93]), 0.1
    whole, rest = (np.array(column) for column in zip(*stops(times, h), strict=True))
    found = march(form, jnp.asarray(KINETIC), q, p, jnp.asarray(h), jnp.asarray(whole), jnp.asarray(rest), True)
    np.testing.assert_array_equal(found[0][0], q)
    np.testing.assert_allclose(found[1][3], run(form, KINETIC, q, p, h, 6)[1], rtol=1e-13)
    before = run(form, KINETIC, q, p, h, 9)[:2]
    state = leapfrog_step(form, jnp.asarray(KINETIC), (*before, sp.force(form, before[0])), 0.03)
    np.testing.assert_allclose(found[0][4], state[0], rtol=1e-12)
    np.testing.assert_allclose(found[1][4], state[1], rtol=1e-12)
