"""The grid solver's interface: what it accepts, refuses and returns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kineticbench.contracts import (
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics.maxwellians import Maxwellians
from kineticbench.numerics.perturbed_plasma import PerturbedPlasma
from kineticbench.solvers.vlasov_grid import VlasovGrid

PLASMA = PerturbedPlasma(Maxwellians(), 0.5, 0.1)
POINTS = np.array([[1.0, 0.5], [3.0, -2.0], [12.0, 0.0]])
PROBLEM = Problem(
    VlasovPoisson(PLASMA.length, PLASMA.length),
    PLASMA,
    None,
    Query(np.array([0.0, 0.6, 2.0]), 0.2 * np.arange(11), POINTS),
)
SOLVER = VlasovGrid(16, 128, 0.1, 2)


class TwoCases(PerturbedPlasma):
    def density(self, v):
        other = PerturbedPlasma(self.velocities, self.wavenumber, 2 * self.amplitude)
        return np.concatenate([super().density(v), PerturbedPlasma.density(other, v)])


def test_every_answer_has_its_shape_and_starts_at_the_start():
    solution = SOLVER.fit(PROBLEM)(None, PROBLEM.query)
    check(solution, PROBLEM, None)
    assert set(solution.series) == {"field_energy", "field_mode", "mass", "momentum", "energy"}
    np.testing.assert_allclose(solution.density[0], PLASMA.density(POINTS), atol=1e-10)
    assert solution.series["energy"][0, 0] == pytest.approx(0.5 + 0.1**2 / (4 * 0.25))
    assert solution.diagnostics["norm_loss"].shape == (1,)


def test_the_same_call_gives_the_same_answer_and_a_shorter_query_its_beginning():
    run = SOLVER.fit(PROBLEM)
    first, second = run(None, PROBLEM.query), run(None, PROBLEM.query)
    np.testing.assert_array_equal(first.density, second.density)
    shorter = run(None, Query(np.array([0.6]), PROBLEM.query.series[:4], POINTS))
    np.testing.assert_allclose(shorter.density[0], first.density[1], atol=1e-14)
    np.testing.assert_allclose(shorter.series["field_energy"], first.series["field_energy"][:, :4], rtol=1e-12)


def test_cases_are_solved_one_by_one():
    problem = replace(PROBLEM, initial_density=TwoCases(Maxwellians(), 0.5, 0.05))
    both = SOLVER.fit(problem)(None, problem.query)
    alone = SOLVER.fit(PROBLEM)(None, PROBLEM.query)
    assert both.density.shape == (3, 2, 3)
    np.testing.assert_allclose(both.series["field_energy"][1:], alone.series["field_energy"], rtol=1e-12)


def test_single_precision_is_honoured_and_close():
    single = SOLVER.fit(PROBLEM, precision="float32")(None, PROBLEM.query)
    double = SOLVER.fit(PROBLEM)(None, PROBLEM.query)
    assert not np.array_equal(single.density, double.density)
    np.testing.assert_allclose(single.density, double.density, atol=2e-7)


@pytest.mark.parametrize(
    ("problem", "reason"),
    [
        (replace(PROBLEM, equation=HomogeneousLandau(2, 0.0, 1.0), initial_density=PLASMA), "not homogeneous_landau"),
        (replace(PROBLEM, initial_density=None), "starts from an initial density"),
        (replace(PROBLEM, query=Query(np.array([1.0]))), "asks for neither"),
        (
            replace(PROBLEM, ensemble=Ensemble(np.ones((1, 4, 1)), np.ones((1, 4, 1)))),
            "solves the continuum equation",
        ),
    ],
)
def test_what_it_cannot_solve_it_says_and_refuses(problem, reason):
    assert reason in SOLVER.unsupported(problem)
    with pytest.raises(Unsupported, match=reason):
        SOLVER.fit(problem)


def test_a_gpu_is_refused():
    with pytest.raises(Unsupported, match="CPU only"):
        SOLVER.fit(PROBLEM, device="gpu")


def test_times_off_the_step_and_bad_parameters_are_refused():
    with pytest.raises(InvalidInput, match="not a whole number of steps"):
        VlasovGrid(16, 64, 0.15).fit(PROBLEM)(None, PROBLEM.query)
    for name, value in (("cells_q", 15), ("cells_p", 6), ("cells_q", 0), ("dt", -1.0), ("order", 3), ("p_max", -1.0)):
        with pytest.raises(InvalidInput):
            replace(SOLVER, **{name: value})


def test_a_grid_that_is_too_narrow_diverges_with_a_remedy():
    with pytest.raises(Diverged, match="Take p_max"):
        VlasovGrid(16, 64, 0.1, p_max=3.0).fit(PROBLEM)(None, PROBLEM.query)


def test_the_ladder_climbs_fits_the_query_and_gets_more_accurate():
    ladder = [s for s in SOLVER.ladder(PROBLEM) if isinstance(s, VlasovGrid)]
    assert len(ladder) >= 4
    cost = [s.cells_q * s.cells_p / s.dt * {2: 1, 4: 6}[s.order] for s in ladder]
    assert cost == sorted(cost)
    assert all(round(0.2 / s.dt, 9) == round(0.2 / s.dt) for s in ladder)
    runs = [s.fit(PROBLEM)(None, PROBLEM.query).series["field_energy"] for s in ladder[:4]]
    errors = [np.abs(r - runs[-1]).max() for r in runs[:-1]]
    assert errors[0] > 3 * errors[1] > 9 * errors[2]


def test_the_ladder_keeps_steps_short_where_times_are_far_apart():
    sparse = replace(PROBLEM, query=Query(np.array([10.0]), points=POINTS))
    ladder = [s for s in SOLVER.ladder(sparse) if isinstance(s, VlasovGrid)]
    assert ladder
    assert all(s.dt <= 0.2 + 1e-12 and abs(10 / s.dt - round(10 / s.dt)) < 1e-9 for s in ladder)
