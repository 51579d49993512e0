"""Tells a solution that has diverged, which is a result, from one that is no answer to the problem at all."""

from __future__ import annotations

import numpy as np

from ..contracts import Diverged, InvalidInput, Problem, Solution, check


def require_answer(solution: Solution, problem: Problem) -> None:
    """Check a solution (of NumPy arrays) of a problem.

    Raises
    ------
    InvalidInput
        Where it is empty, or an array has not the shape that is asked for.
    Diverged
        Where all have, and a number is not finite.
    """
    try:
        check(solution, problem, problem.ensemble)
    except Diverged:
        _require_shapes(solution, problem)
        raise


def _require_shapes(solution: Solution, problem: Problem) -> None:
    arrays = solution.arrays()
    zeros = {name: np.broadcast_to(np.zeros((), array.dtype), array.shape) for name, array in arrays.items()}
    try:
        check(Solution.from_arrays(zeros), problem, problem.ensemble)
    except Diverged as error:
        raise InvalidInput(error.message, error.remedy) from None
