"""How problems of the homogeneous Landau equation are posed: one case, snapshots, series, and a grid of points."""

from __future__ import annotations

import numpy as np

from ..contracts import HomogeneousLandau, InitialDensity, InvalidInput, Problem, Query, UnknownName, require_positive
from .velocity_start import cell_centres

SERIES_STEPS = 50
SNAPSHOTS = (0.0, 0.2, 0.5, 1.0)


def pose(
    start: InitialDensity,
    equation: HomogeneousLandau,
    split: str,
    cases: int | None,
    final_time: float,
    grid: tuple[float, int] | None,
) -> Problem:
    """A problem of one case, from t = 0 to T.

    Parameters
    ----------
    start
        f₀.
    equation
        The equation with d, γ and B.
    split, cases
        As in `Dataset.problem`: there is the split "test", of one case.
    final_time
        T; the series has 51 equidistant times from 0 to T, the snapshots are those at 0, T/5, T/2 and T.
    grid
        Half width L and cells n along each axis of the points, centres of the cells of [−L, L]ᵈ in two and three
        dimensions; None, or more dimensions, asks for none.

    Raises
    ------
    UnknownName, InvalidInput
        For another split or number of cases, and for times that are not positive.
    """
    if split != "test":
        raise UnknownName.among("split", split, ["test"])
    if cases not in (None, 1):
        raise InvalidInput(f"This dataset has one case, got cases = {cases!r}.", "Vary its parameters instead.")
    require_positive("final_time", final_time)
    d = equation.dimension
    points = None if grid is None or d > 3 else cell_centres(*grid, d)
    series = np.round(final_time * np.arange(SERIES_STEPS + 1) / SERIES_STEPS, 12)
    times = series[[round(part * SERIES_STEPS) for part in SNAPSHOTS]]
    return Problem(equation, start, None, Query(times, series, points))
