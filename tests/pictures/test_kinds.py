"""Each kind of picture: an exact solution draws the truth, and errors that are known are seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from picture_cases import damped_wave, free_streaming, maxwellian, sampled, without_grid

from kineticbench import pictures
from kineticbench.contracts import Reference, Solution, Trajectory
from kineticbench.numerics import kde
from kineticbench.pictures.figures import unpacked


def panels(parts: Any) -> dict[str, Any]:
    made = pictures.draw(*parts)
    assert made is not None
    return {panel.name: panel for panel in made.panels}


def roles(frame):
    return {one.role: one for one in frame}


def test_exact_particles_lie_on_the_true_ones():
    made = panels(free_streaming())
    for frame in made["phase_space"].frames:
        drawn = roles(frame)
        assert drawn["solver"].x == drawn["truth"].x
        assert drawn["solver"].y == drawn["truth"].y
    for name in ("distribution_q", "distribution_p"):
        for frame in made[name].frames:
            assert roles(frame)["solver"].values == roles(frame)["truth"].values
        assert made[name].measures[0].values == [0.0] * 6


def test_points_are_those_of_the_first_case():
    solution, reference, problem = free_streaming()
    cloud = roles(panels((solution, reference, problem))["phase_space"].frames[3])["solver"]
    assert solution.trajectory is not None
    where = solution.trajectory.positions[3, 0, :, 0], solution.trajectory.velocities[3, 0, :, 0]
    for packed, exact in zip((cloud.x, cloud.y), where, strict=True):
        assert np.abs(unpacked(packed) - exact).max() <= (packed.high - packed.low) / 4095


def test_a_shift_of_momenta_is_seen():
    made = panels(free_streaming(shift=0.25))
    assert made["distribution_p"].measures[0].values == [0.25] * 6
    assert made["distribution_q"].measures[0].values == [0.0] * 6
    assert made["distribution_p"].difference
    drift = roles(made["drifts"].frames[0])["second"]
    assert drift.label == "momentum"
    assert len(drift.values) == 6


def test_distribution_functions_are_those_of_the_particles():
    solution, reference, problem = free_streaming()
    panel = panels((solution, reference, problem))["distribution_p"]
    assert reference.trajectory is not None
    p = reference.trajectory.velocities[0, 0, :, 0]
    expected = [(p <= node).mean() for node in panel.at]
    assert roles(panel.frames[0])["truth"].values == pytest.approx(expected, abs=1e-2)
    assert roles(panel.frames[0])["truth"].values[-1] == 1.0


def test_the_rate_touches_the_envelope():
    made = panels(damped_wave())["field_energy"]
    (frame,) = made.frames
    drawn = roles(frame)
    assert drawn["solver"].values == drawn["truth"].values
    assert len(made.at) <= 300
    assert drawn["guide"].at == [2.0, 18.0]
    assert drawn["guide"].values == pytest.approx([np.exp(-0.4), np.exp(-3.6)], rel=1e-4)
    assert "−0.1" in drawn["guide"].label


def test_an_exact_density_differs_nowhere():
    made = panels(maxwellian(by_density=True))
    density = made["density"]
    assert density.measures[0].values == [0.0] * 3
    for frame in density.frames:
        drawn = roles(frame)
        assert np.abs(unpacked(drawn["difference"].cells)).max() < 1e-9
        assert unpacked(drawn["truth"].cells).max() == pytest.approx(1 / (2 * np.pi), rel=0.05)
    for frame in made["distribution_v2"].frames:
        assert roles(frame)["solver"].values == roles(frame)["truth"].values
    assert made["distribution_v1"].measures[0].values == [0.0] * 3
    assert roles(made["entropy"].frames[0])["solver"].values == roles(made["entropy"].frames[0])["truth"].values


def test_a_density_is_drawn_the_right_way_round():
    solution, reference, problem = maxwellian(by_density=True)
    assert problem.query.points is not None
    shifted = np.exp(-0.5 * ((problem.query.points - [1.0, -0.5]) ** 2).sum(1))
    panel = panels((Solution(density=np.broadcast_to(shifted, solution.density.shape)), reference, problem))["density"]
    cells = unpacked(roles(panel.frames[0])["solver"].cells).reshape(panel.shape)
    nodes = [
        axis.low + (axis.high - axis.low) * (np.arange(n) + 0.5) / n
        for axis, n in zip((panel.x, panel.y), panel.shape, strict=True)
    ]
    means = nodes[0] @ cells.sum(1) / cells.sum(), nodes[1] @ cells.sum(0) / cells.sum()
    assert means == pytest.approx((1.0, -0.5), abs=0.05)


def test_particles_are_smoothed_by_the_rule_of_the_metrics():
    solution, reference, problem = maxwellian(cells=32)
    found = solution.trajectory
    assert found is not None
    panel = panels((solution, reference, problem))["density"]
    cells = unpacked(roles(panel.frames[0])["solver"].cells)
    x, y = (
        axis.low + (axis.high - axis.low) * (np.arange(n) + 0.5) / n
        for axis, n in zip((panel.x, panel.y), panel.shape, strict=True)
    )
    points = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    exact = kde.density(found.velocities[0, 0], found.weights[0], points)
    assert np.abs(cells - exact).max() < 0.02 * exact.max()
    assert "kernels" in panel.note


def test_three_dimensions_are_projected():
    made = panels(maxwellian(3, by_density=True, cells=20))
    assert unpacked(roles(made["density"].frames[0])["truth"].cells).max() == pytest.approx(1 / (2 * np.pi), rel=0.06)
    assert {"distribution_v1", "distribution_v2", "distribution_v3"} <= set(made)
    assert "Integrated" in made["density"].note


def test_scores_are_compared_at_the_particles():
    solution, reference, problem = maxwellian()
    drawn = roles(panels((solution, reference, problem))["scores"].frames[1])
    assert drawn["solver"] == drawn["truth"].model_copy(update={"role": "solver", "label": "solver"})
    assert unpacked(drawn["truth"].y) == pytest.approx(-unpacked(drawn["truth"].x), abs=0.01)


def test_what_only_the_solver_knows_is_drawn_alone():
    made = panels(without_grid())
    assert [one.role for one in made["density"].frames[0]] == ["solver"]
    assert [one.role for one in made["distribution_v1"].frames[0]] == ["solver"]
    assert not made["distribution_v1"].difference
    temperatures = made["temperatures"].frames[0]
    assert [one.tag for one in temperatures if one.role == "truth"] == ["v₁", "v₂"]
    assert temperatures[0].values[0] == 2.0
    assert temperatures[2].values == pytest.approx([1.0] * 3, abs=0.1)
    assert temperatures[2].marks


def test_samples_stand_for_a_law_without_a_grid():
    panel = panels(sampled(5))["distribution_v3"]
    drawn = roles(panel.frames[2])
    assert np.abs(np.subtract(drawn["truth"].values, drawn["solver"].values)).max() < 0.04
    assert 0 < panel.measures[0].values[0] < 0.1


def test_drifts_are_those_of_the_series():
    series = {"energy": np.array([[2.0, 2.0, 2.002]]), "momentum": np.array([[0.0, 1e-30, 0.02]])}
    problem = maxwellian()[2]
    problem = replace(problem, query=replace(problem.query, series=np.array([0.0, 0.5, 1.0])))
    panel = panels((Solution(series=series), Reference(), problem))["drifts"]
    drawn = roles(panel.frames[0])
    assert drawn["solver"].values == [None, 1e-17, 1e-3]
    assert drawn["second"].values == [None, 1e-17, 0.01]


def test_particles_that_do_not_spread_have_no_density():
    solution, reference, problem = maxwellian()
    assert solution.trajectory is not None
    still = Trajectory(None, np.zeros_like(solution.trajectory.velocities), solution.trajectory.weights)
    made = panels((Solution(still), reference, problem))
    assert "density" not in made
    assert "distribution_v1" in made
