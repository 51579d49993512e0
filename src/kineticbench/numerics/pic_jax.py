"""The march of `pic` in JAX, for a GPU (and, slowly, for a CPU): the same units, charges, kicks and scalars.

Charges are added in double precision whatever the particles have, as in the compiled loops. A scatter-add serialises
where many particles meet in one entry, so they deposit into several tables, which are summed afterwards. On a GPU the
order of additions is not fixed, and two calls agree to rounding, not in the last bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from .pic import Setting, increasing
from .poisson import multipliers

# Entries of all deposition tables together: past this, more of them no longer pay for their own sum.
_TABLE_ENTRIES = 1 << 22


class _Numbers(NamedTuple):
    """What every step needs: shares in the charge, Fourier response, and the factors from nodes to E and to a kick."""

    weights: Any
    response: Any
    to_field: Any
    to_kick: Any
    factors: Any


def simulate(
    positions: Any,
    velocities: Any,
    weights: Any | None,
    setting: Setting,
    stops: Sequence[int],
    records: Sequence[int] = (),
    device: Any = None,
) -> tuple[jax.Array, jax.Array, dict[str, jax.Array]]:
    """`pic.simulate` on a JAX device (the default one for None); what it returns stays there."""
    stops, records = increasing("stops", stops), increasing("records", records)
    dtype = np.dtype(positions.dtype)
    cases, particles = positions.shape
    steps = max([0, *stops, *records])
    table = np.array([setting.kick_factors(n) for n in range(min(steps, 1) + 1)])
    with jax.enable_x64(True):
        weights = np.full((1, 1), 1 / particles, dtype) if weights is None else weights
        numbers = _Numbers(
            weights,
            multipliers(setting.cells, setting.length),
            np.float64(setting.charge / setting.dx),
            np.float64(setting.kick),
            table,
        )
        numbers, q, p = jax.device_put((numbers, positions, velocities), device)
        x, v = q * dtype.type(1 / setting.dx), p * dtype.type(1 / setting.velocity)
        sums = jax.device_put(np.zeros((steps + 1, cases, 6)), device)
        copies = max(1, min(_TABLE_ENTRIES // (cases * setting.cells), particles // 256))
        out_q, out_p, done = [], [], 0
        for stop in sorted({*stops, steps}):
            x, v, sums = _advance(x, v, sums, done, stop, numbers, setting.cells, copies)
            done = stop
            snapshot, sums = _observe(x, v, sums, stop, numbers, setting.cells, copies)
            if stop in stops:
                out_q.append(q if stop == 0 else _in_box(snapshot[0] * dtype.type(setting.dx), setting.length))
                out_p.append(p if stop == 0 else snapshot[1] * dtype.type(setting.velocity))
        empty = jnp.empty((0, cases, particles), dtype)
        all_q, all_p = (jnp.stack(out) if out else empty for out in (out_q, out_p))
        square, real, imaginary, momentum, kinetic, mass = jnp.moveaxis(sums[np.array(records, int)], (2, 1), (0, 1))
        return all_q, all_p, setting.series(square, real + 1j * imaginary, momentum, kinetic, mass)


def _in_box(q: jax.Array, length: float) -> jax.Array:
    return jnp.where(q < length, q, 0)


def _locate(x: jax.Array, cells: int) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Left node, right node and fraction; x may have been rounded up to M."""
    whole = jnp.floor(x)
    left = whole.astype(jnp.int32) % cells
    return left, (left + 1) % cells, x - whole


def _forces(x, v, n, numbers: _Numbers, cells: int, copies: int):
    """Kick after n steps, velocities at the time of the positions, and the six sums."""
    cases, particles = x.shape
    left, right, fraction = _locate(x, cells)
    shares = jnp.broadcast_to(numbers.weights, x.shape).astype(float)
    on_right = shares * fraction
    first = (jnp.arange(cases)[:, None] * copies + jnp.arange(particles) % copies) * cells
    tables = jnp.zeros(cases * copies * cells).at[first + left].add(shares - on_right).at[first + right].add(on_right)
    nodes = tables.reshape(cases, copies, cells).sum(axis=1)
    field = jnp.fft.irfft(jnp.fft.rfft(nodes) * numbers.response, cells) * numbers.to_field
    factor, sync = numbers.factors[jnp.minimum(n, numbers.factors.shape[0] - 1)]
    level = (field * (numbers.to_kick * factor)).astype(x.dtype)
    slope = jnp.roll(level, -1, axis=1) - level
    kick = jnp.take_along_axis(level, left, 1) + fraction * jnp.take_along_axis(slope, left, 1)
    now = v + sync.astype(x.dtype) * kick
    mode = field @ jnp.exp(-2j * jnp.pi / cells * jnp.arange(cells)) / cells
    momentum, kinetic = (shares * now).sum(axis=1), (shares * now**2).sum(axis=1)
    sums = jnp.stack([(field**2).sum(axis=1), mode.real, mode.imag, momentum, kinetic, nodes.sum(axis=1)], axis=1)
    return kick, now, sums


@partial(jax.jit, static_argnames=("cells", "copies"), donate_argnames=("x", "v", "sums"))
def _advance(x, v, sums, start, stop, numbers: _Numbers, cells: int, copies: int):
    """From `start` to `stop` steps; `sums` is filled at every step but the last."""

    def step(n, state):
        x, v, sums = state
        kick, _, row = _forces(x, v, n, numbers, cells, copies)
        v = v + kick
        x = x + v
        return x - cells * jnp.floor(x * (1 / cells)), v, sums.at[n].set(row)

    return jax.lax.fori_loop(start, stop, step, (x, v, sums))


@partial(jax.jit, static_argnames=("cells", "copies"), donate_argnames=("sums",))
def _observe(x, v, sums, n, numbers: _Numbers, cells: int, copies: int):
    """Positions and velocities after n steps, and `sums` there."""
    _, now, row = _forces(x, v, n, numbers, cells, copies)
    return (x, now), sums.at[n].set(row)
