"""Pictures stay small, are always the same, and are made of no more than they need."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from picture_cases import damped_wave, free_streaming, maxwellian
from pydantic import ValidationError

from kineticbench import pictures
from kineticbench.contracts import Problem, Query, Reference, Solution, Trajectory, VlasovPoisson
from kineticbench.pictures.figures import axis, packed, rounded, thinned, unpacked
from kineticbench.pictures.model import MOST_BYTES, Pictures


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50), st.sampled_from([1, 2]))
@settings(max_examples=80, deadline=None)
def test_packing_keeps_numbers_to_its_step(values, digits):
    low, high = min(values) - 1, max(values) + 1
    code = packed(np.array(values), low, high, digits)
    step = (code.high - code.low) / (64**digits - 1)
    slack = 2e-6 * max(abs(low), abs(high))
    assert len(code.packed) == digits * len(values)
    assert np.abs(unpacked(code) - values).max() <= 0.5 * step + slack


def test_packing_moves_what_lies_beyond_to_the_ends():
    code = packed(np.array([-9.0, 0.5, 9.0, np.nan]), 0.0, 1.0, 2)
    assert unpacked(code)[[0, 2]].tolist() == [0.0, 1.0]
    assert code.packed[:2] == "AA"
    assert code.packed[4:6] == "//"


def test_numbers_are_rounded_and_never_infinite():
    assert rounded([1.23456789, np.inf, np.nan, 0.0]) == [1.2346, None, None, 0.0]
    assert thinned(1000, 10).tolist()[::9] == [0, 999]
    assert axis("x", [3.0]).low < 3.0 < axis("x", [3.0]).high
    assert axis("x", [0.0, 1e-3, 1.0], log=True).low > 0


@pytest.mark.parametrize("parts", [free_streaming(), damped_wave(), maxwellian(), maxwellian(3, cells=24)])
def test_files_are_small_and_always_the_same(parts):
    made = pictures.draw(*parts)
    assert made is not None
    content = made.json_bytes()
    assert len(content) < 42_000
    again = pictures.draw(*parts)
    assert again is not None
    assert content == again.json_bytes()
    assert Pictures.model_validate_json(content) == made
    assert not {b"<", b">", b"&"} & {bytes([byte]) for byte in content}


def test_many_snapshots_and_particles_cost_no_more():
    solution, reference, problem = free_streaming(particles=70_000, snapshots=20)
    made = pictures.draw(solution, reference, problem)
    assert made is not None
    assert len(made.times) == 6
    assert made.times[-1] == problem.query.times[-1]
    assert len(made.json_bytes()) < 42_000
    (points,) = (panel for panel in made.panels if panel.name == "phase_space")
    assert len(unpacked(points.frames[0][0].x)) <= 512  # pyright: ignore[reportAttributeAccessIssue]


def test_arguments_are_left_as_they_are():
    solution, reference, problem = maxwellian()
    before = [array.copy() for array in solution.arrays().values()]
    pictures.draw(solution, reference, problem)
    assert all(np.array_equal(a, b) for a, b in zip(before, solution.arrays().values(), strict=True))


def test_the_last_panels_give_way_where_all_would_be_too_large():
    made = pictures.draw(*free_streaming())
    assert made is not None
    heavy = made.model_copy(update={"panels": made.panels * 3})
    content = heavy.json_bytes()
    assert len(content) <= MOST_BYTES
    kept = Pictures.model_validate_json(content).panels
    assert kept == heavy.panels[: len(kept)]
    assert kept


def test_nothing_to_draw_costs_nothing():
    code = (
        "import sys, numpy as np; from kineticbench import pictures; from kineticbench.contracts import *; "
        "p = Problem(VlasovPoisson(4.0, 1.0), None, None, Query(np.ones(1))); "
        "assert pictures.draw(Solution(series={'zero': np.zeros((1, 0))}), Reference(), p) is None; "
        "assert not {'kineticbench.pictures.model', 'scipy', 'numba', 'jax'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_series_without_a_picture_draws_nothing():
    problem = Problem(VlasovPoisson(4.0, 1.0), None, None, Query(np.empty(0), np.linspace(0, 1, 5)))
    assert pictures.draw(Solution(series={"energy": np.zeros((1, 5))}), Reference(), problem) is None


def test_where_no_snapshots_are_asked_for_the_series_are_drawn():
    solution, reference, problem = damped_wave()
    nothing = Trajectory(np.empty((0, 1, 4, 1)), np.empty((0, 1, 4, 1)), np.full((1, 4), 0.25))
    made = pictures.draw(replace(solution, trajectory=nothing), reference, problem)
    assert made is not None
    assert (made.times, [panel.name for panel in made.panels]) == ([], ["field_energy"])


def test_the_model_refuses_what_it_does_not_know():
    with pytest.raises(ValidationError):
        Pictures.model_validate({"schema": "kineticbench/pictures/2", "times": [], "panels": []})
    with pytest.raises(ValidationError):
        Pictures.model_validate({"schema": "kineticbench/pictures/1", "times": [float("nan")], "panels": []})
