"""Leapfrog flow of H = a² Σ p²/2 + V(q) for a learned potential, in JAX.

Kick, drift, kick; the force of a step's end is that of the next step's beginning, so a step costs one force. Each kick
and drift is a shear, so the map keeps volume whatever the force, and −h undoes h.
"""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from .potential_slopes import Exact, Tabulated
from .symmetric_potential import force

Form = Exact | Tabulated
State = tuple[jax.Array, jax.Array, jax.Array]


def leapfrog_step(form: Form, kinetic: jax.Array, state: State, h: jax.Array | float) -> State:
    """One step of length `h` of (q, p, force at q), each (case, particle); `kinetic` is a²."""
    q, p, F = state
    p = p + 0.5 * h * F
    q = q + h * kinetic * p
    F = force(form, q)
    return q, p + 0.5 * h * F, F


def flow(
    form: Form, kinetic: jax.Array, q: jax.Array, p: jax.Array, h: jax.Array | float, steps: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(q, p) after `steps` steps of length `h`, differentiable, and how far particles came from their mean position."""

    def body(state: State, _: None) -> tuple[State, jax.Array]:
        state = leapfrog_step(form, kinetic, state, h)
        return state, reach(state[0])

    (q, p, _), reaches = jax.lax.scan(body, (q, p, force(form, q)), length=steps)
    return q, p, reaches.max()


def reach(q: jax.Array) -> jax.Array:
    """The largest distance of any particle from the mean position of its case."""
    return jax.lax.stop_gradient(jnp.abs(q - q.mean(-1, keepdims=True)).max())


@partial(jax.jit, static_argnames="off_grid")
def march(
    form: Form,
    kinetic: jax.Array,
    q: jax.Array,
    p: jax.Array,
    h: jax.Array,
    whole: jax.Array,
    rest: jax.Array,
    off_grid: bool,
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """(q, p) at several stops, (stop, case, particle) each, and the reach on the way.

    Parameters
    ----------
    form, kinetic
        V for these particles, and a².
    q, p
        The start, (case, particle).
    h
        Step.
    whole, rest
        (stop,): whole steps to each stop, not decreasing, and the length of the shorter step that leads there from
        the grid, on a copy of the state (see `kineticbench.numerics.leapfrog.stops`).
    off_grid
        Whether any `rest` is not zero; saves that step where none is.
    """

    def to_stop(carry: tuple[State, jax.Array], stop: tuple[jax.Array, jax.Array]):
        def one(_: jax.Array, carry: tuple[State, jax.Array]) -> tuple[State, jax.Array]:
            state = leapfrog_step(form, kinetic, carry[0], h)
            return state, jnp.maximum(carry[1], reach(state[0]))

        steps, remainder = stop
        state, far = jax.lax.fori_loop(0, steps, one, carry)
        there = leapfrog_step(form, kinetic, state, remainder) if off_grid else state
        return (state, jnp.maximum(far, reach(there[0]))), there[:2]

    steps = jnp.diff(whole, prepend=0)
    (_, far), (positions, momenta) = jax.lax.scan(to_stop, ((q, p, force(form, q)), reach(q)), (steps, rest))
    return positions, momenta, far
