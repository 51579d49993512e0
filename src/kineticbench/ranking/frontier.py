"""Which settings no other beats in error and in cost at once, and what a given error costs."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from ..contracts.errors import InvalidInput


def pareto(errors: Sequence[float], costs: Sequence[float]) -> list[int]:
    """Indices of the settings on the Pareto frontier, from cheap to dear.

    A setting is on it unless another has at most its error and at most its cost, and less of one of them. Equal
    settings are on it together. Settings with an error or cost that is not finite are not.
    """
    if len(errors) != len(costs):
        raise InvalidInput(f"Every setting needs an error and a cost, got {len(errors)} and {len(costs)}.")
    finite = [i for i in range(len(costs)) if math.isfinite(errors[i]) and math.isfinite(costs[i])]
    frontier: list[int] = []
    for i in sorted(finite, key=lambda i: (costs[i], errors[i], i)):
        last = frontier[-1] if frontier else None
        same = last is not None and (errors[last], costs[last]) == (errors[i], costs[i])
        if last is None or same or errors[i] < errors[last]:
            frontier.append(i)
    return frontier


def cost_to_reach(errors: Sequence[float], costs: Sequence[float], target: float) -> float | None:
    """Least cost at which a ladder of settings has at most the error `target`; None where it never does.

    Between neighbours on the ladder's own Pareto frontier the logarithm of the cost is interpolated linearly in the
    logarithm of the error: exact where error falls as a power of cost, as that of a convergent method does. Nothing
    is extrapolated: a target below the smallest error is not reached, and one above that of the cheapest setting
    costs what the cheapest costs. An error or cost of exactly zero is not interpolated from; the setting itself
    is taken.

    Parameters
    ----------
    errors, costs
        Of every setting of one method.
    target
        The error asked for, positive.
    """
    if not target > 0:
        raise InvalidInput(f"The error to be reached must be positive, got {target}.")
    ladder = pareto(errors, costs)
    for k, i in enumerate(ladder):
        if errors[i] > target:
            continue
        if k == 0 or errors[i] == target:
            return costs[i]
        before = ladder[k - 1]
        if min(errors[i], costs[before]) <= 0:
            return costs[i]
        part = (math.log(errors[before]) - math.log(target)) / (math.log(errors[before]) - math.log(errors[i]))
        cost = math.exp(math.log(costs[before]) + part * (math.log(costs[i]) - math.log(costs[before])))
        return min(max(cost, costs[before]), costs[i])
    return None


def performance_profile(costs: np.ndarray, ratios: Sequence[float]) -> np.ndarray:
    """Performance profiles (Dolan & Moré, Math. Program. 91, 201 (2002)).

        ρ_s(τ) = (number of problems p with t_ps ≤ τ min_s t_ps) / (number of problems)

    Parameters
    ----------
    costs
        t, (problem, solver); NaN or infinite where a solver fails. A problem that none solves counts for none.
    ratios
        τ ≥ 1.

    Returns
    -------
    numpy.ndarray
        ρ, (solver, ratio).
    """
    ratio = _ratios(costs)
    asked = np.asarray(ratios, float)
    return np.stack([np.searchsorted(np.sort(one), asked, side="right") / len(ratio) for one in ratio.T])


def profile_jumps(costs: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The same profiles where they rise: for each solver its ratios τ in ascending order and the share from each on.

    With many solvers far shorter than a table over all ratios. Empty for a solver that solves no problem.
    """
    made = []
    ratio = _ratios(costs)
    for one in ratio.T:
        steps, counts = np.unique(one[np.isfinite(one)], return_counts=True)
        made.append((steps, np.cumsum(counts) / len(ratio)))
    return made


def _ratios(costs: np.ndarray) -> np.ndarray:
    costs = np.where(np.isfinite(costs), costs, np.inf)
    if costs.ndim != 2 or 0 in costs.shape or (costs <= 0).any():
        raise InvalidInput(f"Costs must be positive and of shape (problem, solver), got shape {costs.shape}.")
    best = costs.min(axis=1, keepdims=True)
    return np.divide(costs, best, out=np.full_like(costs, np.inf), where=np.isfinite(costs))
