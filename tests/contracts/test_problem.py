"""Equations, queries, whole steps and solutions say what is wrong and what to do."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kineticbench.contracts import (
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Solution,
    Trajectory,
    UnknownName,
    VlasovPoisson,
    check,
    whole_steps,
)

TIMES = np.array([0.0, 0.5, 1.0])


@pytest.mark.parametrize("value", [0, -1.0, math.nan, math.inf, "1", True, None])
def test_sizes_must_be_positive_numbers(value: object) -> None:
    with pytest.raises(InvalidInput, match="length must be a positive number"):
        VlasovPoisson(length=value, charge=1.0)  # type: ignore[arg-type]


def test_plasma_frequency_of_the_gaussian_ensemble() -> None:
    assert VlasovPoisson(length=128.0, charge=25.6).plasma_frequency == pytest.approx(math.sqrt(0.2))


@pytest.mark.parametrize("bad", [{"dimension": 1}, {"exponent": 2.0}, {"exponent": -4.0}, {"strength": 0.0}])
def test_landau_parameters_are_checked(bad: dict[str, float]) -> None:
    with pytest.raises(InvalidInput):
        HomogeneousLandau(**{"dimension": 2, "exponent": 0.0, "strength": 1.0, **bad})


@pytest.mark.parametrize("times", [[-0.1, 1.0], [0.0, 0.0], [1.0, 0.5], [0.0, math.nan]])
def test_query_times_must_increase_from_zero(times: list[float]) -> None:
    with pytest.raises(InvalidInput):
        Query(np.array(times))


def test_final_time_is_the_last_of_either() -> None:
    assert Query(TIMES, series=np.array([0.0, 2.0])).final_time == 2.0
    assert Query(np.empty(0), series=np.array([3.0])).final_time == 3.0
    with pytest.raises(InvalidInput, match="at least one time"):
        Query(np.empty(0))


def test_whole_steps() -> None:
    assert whole_steps(1.0, 0.04) == 25
    assert whole_steps(0.3, 0.1) == 3
    assert whole_steps(0.0, 0.1) == 0
    assert whole_steps(1e5, 0.1) == 1_000_000
    with pytest.raises(InvalidInput, match="whole number of steps"):
        whole_steps(1.01, 0.04)


def test_unknown_names_name_the_nearest() -> None:
    assert "Did you mean 'sheets'?" in str(UnknownName.among("solver", "sheet", ["pic", "sheets", "mlp"]))


def problem() -> Problem:
    state = np.full((2, 3, 1), 0.5)
    return Problem(VlasovPoisson(1.0, 1.0), None, Ensemble(state, state), Query(TIMES, series=TIMES))


def solution(times: int = 3, value: float = 0.5, series: int = 3) -> Solution:
    state = np.full((times, 2, 3, 1), value)
    return Solution(Trajectory(state, state, np.full((2, 3), 1 / 3)), series={"field_energy": np.ones((2, series))})


def test_a_good_solution_passes_and_survives_the_round_trip() -> None:
    asked = problem()
    check(solution(), asked, asked.ensemble)
    again = Solution.from_arrays(solution().arrays())
    assert again.arrays().keys() == solution().arrays().keys()
    check(again, asked, asked.ensemble)


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (solution(times=2), "trajectory/positions must have shape"),
        (solution(value=math.nan), "not finite"),
        (solution(series=2), "series 'field_energy'"),
        (Solution(), "empty"),
        (Solution(density=np.ones((3, 2, 4))), "density must have shape"),
    ],
)
def test_bad_solutions_have_diverged(bad: Solution, says: str) -> None:
    asked = problem()
    with pytest.raises(Diverged, match=says):
        check(bad, asked, asked.ensemble)


def test_without_start_hides_density_and_ensemble() -> None:
    seen = problem().without_start()
    assert seen.ensemble is None
    assert seen.initial_density is None
