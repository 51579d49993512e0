"""What official records say of convergence; small runs say the rest (`benchmarks/validation`)."""

from __future__ import annotations

from collections.abc import Sequence

from kineticbench.ranking.boards import Board

from .convergence import Study, curve, ladder

_SOURCE = "official records"
_SHORT = 0.0025


def from_records(boards: Sequence[Board]) -> list[Study]:
    """Every study whose records are there; those with too few are left out."""
    made = [_blob(boards, 2), _blob(boards, 3), _sheets(boards), _landau_grid(boards)]
    return [study for study in made if study is not None and study.curves]


def chosen(boards: Sequence[Board], dataset: str, **parameters: object) -> Board | None:
    """The board on a CPU of this variant of a dataset with the most ranked settings."""
    fitting = [
        board
        for board in boards
        if board.variant.name == dataset
        and board.place.device == "cpu"
        and all(board.variant.values.get(key) == value for key, value in parameters.items())
    ]
    return max(fitting, key=lambda board: len(board.ranked), default=None)


def _blob(boards: Sequence[Board], dimension: int) -> Study | None:
    longest = {2: 5.0, 3: 1.0}[dimension]
    board = chosen(boards, "bkw", dimension=dimension, final_time=longest)
    if board is None:
        return None
    # the shorter step where there is one: the usual one is too long for so small cells
    found = ladder(board, "blob", "particles") | ladder(board, "blob", "particles", {"dt": _SHORT})
    found = dict(sorted(found.items()))
    names = {"density_l2": "density", "score_error": "score", "trajectory_error": "trajectories"}
    curves = [curve(found, metric, name, 2.0, 0.5, 1 / dimension) for metric, name in names.items()]
    return Study(
        f"blob-{dimension}d",
        f"Blob method, BKW in {dimension}D",
        "A blob of variance 0.64 h^1.98 smooths the density by O(h²), and sums over cell centres err by far less, so "
        "density, score and paths are of second order in the cell width h = 2L/n, as long as the step falls with h²: "
        "at 160 cells it is 0.0025, since at the 0.01 of the others the score blows up while the density looks well. "
        "In 3D the cells on record are few and the order is still rising.",
        "cells along an axis",
        _SOURCE,
        tuple(one for one in curves if one is not None),
    )


def _sheets(boards: Sequence[Board]) -> Study | None:
    board = chosen(boards, "gaussian_ensemble", generator="sheets", start="gaussian")
    if board is None:
        return None
    found = ladder(board, "sheets", "steps")
    names = {"w1_momentum": "W1, momenta", "w1_position": "W1, positions"}
    curves = [curve(found, metric, name, 1.0, 0.2) for metric, name in names.items()]
    return Study(
        "sheets",
        "Leapfrog with exact forces, Gaussian ensemble",
        "The force on a charged sheet jumps where it crosses another, so plain leapfrog is of first order in the step, "
        "not of second, however smooth everything looks.",
        "steps",
        _SOURCE,
        tuple(one for one in curves if one is not None),
    )


def _landau_grid(boards: Sequence[Board]) -> Study | None:
    board = chosen(boards, "bkw", dimension=3, final_time=1.0)
    if board is None:
        return None
    one = curve(ladder(board, "landau_grid", "cells", {"order": 2}), "density_l2", "density", None)
    return Study(
        "landau-grid-cells",
        "Landau grid, BKW in 3D",
        "Derivatives are spectral and the solution is smooth, so errors fall faster than any power of the cell width "
        "and the order between neighbours rises.",
        "cells along an axis",
        _SOURCE,
        () if one is None else (one,),
    )
