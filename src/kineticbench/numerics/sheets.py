"""The sheet model: exact one-dimensional electrostatics of finitely many charged sheets (Dawson 1962).

With M = Σ w the forces of N sheets in the periodic box, and the field between them, are

    E_i = Q (Σ_{x_j < x_i} w_j + ½ Σ_{x_j = x_i} w_j − M/2) − (Q M/L)(x_i − x̄),    x̄ = Σ w x / M

the limit of particle-in-cell for cells of no width. `leapfrog` marches it with a fixed step; `exact` solves it crossing
by crossing, without any step. Both take a start and return a `March`.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from ..contracts import require_array, require_inside, require_positive
from .leapfrog import stops

NO_TIMES = np.empty(0)
CHUNK = 32  # cases that a thread takes at a time


@dataclass(frozen=True, eq=False)
class March:
    """What a march through time returns.

    Parameters
    ----------
    positions, momenta
        (time, case, particle), positions in [0, L); particles in the order of the start.
    series
        Scalars at the series times, each (case, step): "field_energy" = ½∫E²dq, "field_mode", "momentum" and "energy",
        the last two for unit mass (Σ w p and ½Σ w p² + field energy / Q).
    crossings
        (case,): how often two sheets crossed; only `exact` counts them.
    """

    positions: np.ndarray
    momenta: np.ndarray
    series: dict[str, np.ndarray]
    crossings: np.ndarray | None = None


def forces(
    positions: Float[np.ndarray, "case particle"],
    weights: Float[np.ndarray, "case particle"],
    length: float,
    charge: float,
) -> Float[np.ndarray, "case particle"]:
    """The exact field at every sheet; sheets at one place feel each other's mean field.

    Parameters
    ----------
    positions
        In [0, L).
    weights
        Shares in the charge; a background of the same total neutralises them.
    length, charge
        L and Q.
    """
    require_inside(positions, length)
    order = np.argsort(positions, axis=-1, kind="stable")
    x = np.take_along_axis(positions, order, -1)
    w = np.take_along_axis(np.broadcast_to(weights, positions.shape), order, -1)
    mass = w.sum(-1, keepdims=True)
    above = np.cumsum(w, -1)
    # Sheets at one place: the sums before the first and after the last of them, taken half each.
    index = np.arange(x.shape[-1])
    starts = np.concatenate([np.ones_like(x[..., :1], bool), x[..., 1:] != x[..., :-1]], -1)
    ends = np.roll(starts, -1, -1)
    first = np.maximum.accumulate(np.where(starts, index, 0), -1)
    last = np.minimum.accumulate(np.where(ends, index, index[-1])[..., ::-1], -1)[..., ::-1]
    between = 0.5 * (np.take_along_axis(above - w, first, -1) + np.take_along_axis(above, last, -1))
    mean = (w * x).sum(-1, keepdims=True) / mass
    field = charge * (between - 0.5 * mass) - charge * mass / length * (x - mean)
    result = np.empty_like(field)
    np.put_along_axis(result, order, field, -1)
    return result


def field_energy(
    positions: Float[np.ndarray, "*batch particle"],
    weights: Float[np.ndarray, "*#batch particle"],
    length: float,
    charge: float,
) -> Float[np.ndarray, "*batch"]:
    """½∫E²dq over the box, exact for the field of the sheets, which is linear between them.

    Parameters
    ----------
    positions
        (…, particle); any image of each sheet will do.
    weights
        Shares in the charge, broadcast against the positions.
    length, charge
        L and Q.
    """
    inside = np.mod(positions, length)
    order = np.argsort(inside, axis=-1)
    x = np.take_along_axis(inside, order, -1)
    w = np.take_along_axis(np.broadcast_to(weights, inside.shape), order, -1)
    mass = w.sum(-1, keepdims=True)
    mean = (w * x).sum(-1, keepdims=True) / mass
    gap = np.diff(x, axis=-1, append=x[..., :1] + length)
    left = charge * (np.cumsum(w, -1) - 0.5 * mass) - charge * mass / length * (x - mean)
    right = left - charge * mass / length * gap
    return (gap * (left * left + left * right + right * right)).sum(-1) / 6


def leapfrog(
    positions: Float[np.ndarray, "case particle"],
    momenta: Float[np.ndarray, "case particle"],
    weights: Float[np.ndarray, "case particle"],
    *,
    length: float,
    charge: float,
    step: float,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"] = NO_TIMES,
    correct: bool = False,
) -> March:
    """Kick-drift-kick leapfrog with the exact force.

    The plain scheme is of first order in the step, since the force jumps where sheets cross. With `correct` each
    crossing is given the impulse and displacement that the step left out, at the time the straight paths cross, and the
    scheme is of second order.

    Parameters
    ----------
    positions, momenta
        The start, positions in [0, L); float64 or float32, which the march keeps.
    weights
        Shares in the charge.
    length, charge
        L and Q.
    step
        h. A time off the grid is reached by one shorter step from the last grid point before it.
    times, series
        Increasing times of the snapshots and of the scalars.
    correct
        Whether crossings are corrected.

    Raises
    ------
    InvalidInput
        For arrays of the wrong shape, positions outside the box, and numbers that are not positive.
    """
    from .kernels import sheet_leapfrog

    chain = _Chain.of(positions, momenta, weights, length, charge, times, series)
    split = stops(chain.times, step)
    whole = np.array([n for n, _ in split], dtype=np.int64)
    rest = np.array([r for _, r in split])
    equal = bool((chain.w == chain.w.flat[0]).all()) if chain.w.size else True
    _share_out(
        sheet_leapfrog.march,
        *(chain.x, chain.p, chain.w, chain.ids, float(length), float(charge), float(step), whole, rest),
        *(chain.snapshot, chain.row, correct, equal, chain.positions, chain.momenta, chain.measures),
    )
    return chain.result(charge)


def exact(
    positions: Float[np.ndarray, "case particle"],
    momenta: Float[np.ndarray, "case particle"],
    weights: Float[np.ndarray, "case particle"],
    *,
    length: float,
    charge: float,
    times: Float[np.ndarray, "time"],
    series: Float[np.ndarray, "step"] = NO_TIMES,
) -> March:
    """The exact motion, to rounding: harmonic between crossings, crossings in closed form, one after another.

    The cost grows with the number of crossings, not with a number of steps. Computed in float64 and returned in the
    precision of the start. Parameters and errors as for `leapfrog`.
    """
    from .kernels import sheet_events

    q, p, w = (array.astype(np.float64, copy=False) for array in (positions, momenta, weights))
    chain = _Chain.of(q, p, w, length, charge, times, series)
    crossings = np.zeros(len(chain.x), dtype=np.int64)
    _share_out(
        sheet_events.solve,
        *(chain.x, chain.p, chain.w, chain.ids, float(length), float(charge), chain.times, chain.snapshot, chain.row),
        *(chain.positions, chain.momenta, chain.measures, crossings),
    )
    return chain.result(charge, positions.dtype, crossings)


def distances(one: March, other: March, length: float) -> Float[np.ndarray, "kind time case"]:
    """Mean distance of each particle in one march from the same one in another: positions, on the circle; momenta.

    An upper bound of the Wasserstein-1 distances, which are those of the best pairing.
    """
    apart = np.abs(one.positions - other.positions)
    return np.stack([np.minimum(apart, length - apart).mean(-1), np.abs(one.momenta - other.momenta).mean(-1)])


@dataclass(eq=False)
class _Chain:
    """Sheets in ascending order, where each one came from, and room for what is to be recorded."""

    x: np.ndarray
    p: np.ndarray
    w: np.ndarray
    ids: np.ndarray
    times: np.ndarray
    snapshot: np.ndarray
    row: np.ndarray
    positions: np.ndarray
    momenta: np.ndarray
    measures: np.ndarray

    @classmethod
    def of(cls, positions, momenta, weights, length, charge, times, series) -> _Chain:
        from .kernels.sheets import MEASURES

        require_array("positions", positions, 2)
        require_array("momenta", momenta, 2, positions.shape)
        require_array("weights", weights, 2, positions.shape)
        require_inside(positions, length)
        require_positive("length", length)
        require_positive("charge", charge)
        ids, dtype, cases = _order(positions, momenta), positions.dtype, len(positions)
        if weights.strides == (0, 0):
            w = np.full((1, positions.shape[1]), weights[0, 0], dtype=dtype)
        else:
            w = np.take_along_axis(weights.astype(dtype, copy=False), ids, -1)
        wanted = np.union1d(times, series)
        return cls(
            np.take_along_axis(positions, ids, -1),
            np.take_along_axis(momenta.astype(dtype, copy=False), ids, -1),
            w,
            ids,
            wanted,
            _places(wanted, times),
            _places(wanted, series),
            np.empty((len(times), *positions.shape), dtype=dtype),
            np.empty((len(times), *positions.shape), dtype=dtype),
            np.empty((cases, len(series), MEASURES)),
        )

    def result(self, charge: float, dtype: Any = None, crossings: np.ndarray | None = None) -> March:
        series = {}
        if self.measures.shape[1]:
            field, real, imaginary, momentum, kinetic = np.moveaxis(self.measures, -1, 0)
            series = {
                "field_energy": np.ascontiguousarray(field),
                "field_mode": real + 1j * imaginary,
                "momentum": np.ascontiguousarray(momentum),
                "energy": kinetic + field / charge,
            }
        dtype = dtype or self.positions.dtype
        return March(
            self.positions.astype(dtype, copy=False), self.momenta.astype(dtype, copy=False), series, crossings
        )


def _share_out(loop: Callable[..., None], x: np.ndarray, *arguments: Any) -> None:
    """Run a loop over cases on as many threads as numba may use; small chunks, so that none waits for another.

    Threads of Python, not of numba: the loops give up the interpreter's lock, and compile in half the time.
    """
    import numba

    cases, threads = len(x), numba.get_num_threads()
    size = max(1, min(CHUNK, -(-cases // threads)))
    if size >= cases:
        loop(0, cases, x, *arguments)
        return
    with ThreadPoolExecutor(threads) as pool:
        begins = range(0, cases, size)
        list(pool.map(lambda begin: loop(begin, min(begin + size, cases), x, *arguments), begins))


def _order(positions: np.ndarray, momenta: np.ndarray) -> np.ndarray:
    """Ascending positions; sheets at one place in the order in which they are about to part."""
    order = np.argsort(positions, axis=-1)
    x = np.take_along_axis(positions, order, -1)
    for case in np.flatnonzero((x[:, 1:] == x[:, :-1]).any(-1)):
        order[case] = np.lexsort((momenta[case], positions[case]))
    return order


def _places(wanted: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """For each wanted time its index among the chosen ones, or −1."""
    places = np.full(wanted.size, -1, dtype=np.int64)
    places[np.searchsorted(wanted, chosen)] = np.arange(chosen.size)
    return places
