"""Kick-drift-kick leapfrog of the sheet model, one chain for each case."""

import numba as nb
import numpy as np

from .sheets import FAST, mean, measure, rank_force, restore_order, restore_order_crossing, wrap


@nb.njit(cache=True, fastmath=FAST)
def _kick(x, p, w, force, slope, step):
    """Add h E_k to each p_k, E_k = force_k − (Q M/L)(x_k − x̄)."""
    centre = mean(x, w)
    for k in range(x.size):
        p[k] += step * (force[k] - slope * (x[k] - centre))


@nb.njit(cache=True, fastmath=FAST)
def _drift(x, p, step):
    for k in range(x.size):
        x[k] += step * p[k]


@nb.njit(cache=True)
def _advance(x, p, w, ids, force, dx, dp, length, charge, step, correct, uniform):
    """Drift, restore the order, and renew the rank forces where the order changes them."""
    _drift(x, p, step)
    if correct:
        restore_order_crossing(x, p, w, ids, dx, dp, length, charge, step)
    else:
        restore_order(x, p, w, ids, length)
    if not uniform:
        rank_force(w, charge, force)


@nb.njit(cache=True)
def _record(x, p, w, ids, length, charge, snapshot, row, case, positions, momenta, measures):
    if snapshot >= 0:
        for k in range(x.size):
            positions[snapshot, case, ids[k]] = wrap(x[k], length)
            momenta[snapshot, case, ids[k]] = p[k]
    if row >= 0:
        measure(x, p, w, length, charge, measures[case, row])


@nb.njit(cache=True)
def _march_case(
    case, x, p, w, ids, length, charge, step, whole, rest, snapshot, row, correct, uniform, positions, momenta, measures
):
    w = w.copy()
    force, dx, dp = np.empty_like(x), np.empty_like(x), np.empty_like(x)
    kind = x.dtype.type
    h, half = kind(step), kind(0.5 * step)
    mass = rank_force(w, charge, force)
    slope = kind(charge * mass / length)
    done = 0
    synchronous = p.copy()
    for stop in range(whole.size):
        while done < whole[stop]:
            if done == 0:
                _kick(x, p, w, force, slope, half)
            else:
                _kick(x, p, w, force, slope, h)
            _advance(x, p, w, ids, force, dx, dp, length, charge, h, correct, uniform)
            done += 1
        synchronous[:] = p
        if done > 0:
            _kick(x, synchronous, w, force, slope, half)
        if rest[stop] == 0.0:
            _record(
                x, synchronous, w, ids, length, charge, snapshot[stop], row[stop], case, positions, momenta, measures
            )
            continue
        # One shorter step on a copy: the march itself goes on undisturbed.
        y, q, v, names, f = x.copy(), synchronous.copy(), w.copy(), ids.copy(), force.copy()
        r = kind(rest[stop])
        _kick(y, q, v, f, slope, kind(0.5) * r)
        _advance(y, q, v, names, f, dx, dp, length, charge, r, correct, uniform)
        _kick(y, q, v, f, slope, kind(0.5) * r)
        _record(y, q, v, names, length, charge, snapshot[stop], row[stop], case, positions, momenta, measures)


@nb.njit(cache=True, nogil=True)
def march(
    first,
    last,
    x,
    p,
    w,
    ids,
    length,
    charge,
    step,
    whole,
    rest,
    snapshot,
    row,
    correct,
    uniform,
    positions,
    momenta,
    measures,
):
    """March the cases from `first` to before `last`; the chains x, p and ids (case, particle) are overwritten.

    `w` may have a single
    row, and `uniform` says that all weights are equal. Stop s lies `whole[s]` steps and a shorter one of length
    `rest[s]` after the start; it goes to `positions[snapshot[s]]`, `momenta[snapshot[s]]` (time, case, particle) and
    to `measures[:, row[s]]` (case, row, measure), or nowhere where the index is −1.
    """
    for case in range(first, last):
        _march_case(
            case,
            x[case],
            p[case],
            w[case % w.shape[0]],
            ids[case],
            length,
            charge,
            step,
            whole,
            rest,
            snapshot,
            row,
            correct,
            uniform,
            positions,
            momenta,
            measures,
        )
