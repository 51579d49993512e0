from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import Diverged, HomogeneousLandau, InvalidInput
from kineticbench.numerics.blob_march import Scheme, UnstableStep, march, simulate
from kineticbench.numerics.velocity_start import cell_centres

MAXWELL = HomogeneousLandau(2, 0.0, 1 / 16)
COULOMB = HomogeneousLandau(2, -3.0, 1 / 16)
TIMES = np.array([0.0, 0.15, 0.2])


def start(cells: int = 16, half_width: float = 4.0) -> tuple[np.ndarray, np.ndarray]:
    """An anisotropic Gaussian at cell centres."""
    v = cell_centres(half_width, cells, 2)
    w = np.exp(-(v**2 / [1.6, 0.8]).sum(1))
    return v, w / w.sum()


def run(scheme: Scheme, equation: HomogeneousLandau = MAXWELL, times: np.ndarray = TIMES):
    return simulate(*start(), equation, times, np.linspace(0, times[-1], 5), None, scheme)


FORMS = [Scheme(0.05, form, stepper) for form in ("mesh", "particle") for stepper in ("euler", "rk4")]
IMPLICIT = [Scheme(0.05, form, "discrete-gradient") for form in ("mesh", "particle")]


@pytest.mark.parametrize("equation", [MAXWELL, COULOMB], ids=["maxwell", "coulomb"])
@pytest.mark.parametrize("scheme", FORMS + IMPLICIT, ids=lambda s: f"{s.form} {s.stepper}")
def test_invariants(scheme, equation):
    found = run(scheme, equation)
    mass, energy = found.series["mass"], found.series["energy"]
    np.testing.assert_allclose(mass, 1, rtol=1e-12)
    assert found.series["momentum"].max() < 1e-12
    assert abs(energy / energy[0] - 1).max() < (
        1e-12 if scheme in IMPLICIT else 1e-3 if scheme.stepper == "euler" else 1e-7
    )
    assert found.series["dissipation"].max() < 0
    assert (np.diff(found.series["entropy"]) < 0).all()
    assert found.entropy_rises == 0


@pytest.mark.parametrize("scheme", FORMS, ids=lambda s: f"{s.form} {s.stepper}")
def test_energy_is_restored_after_explicit_steps(scheme):
    energy = run(dataclasses.replace(scheme, restore=True)).series["energy"]
    np.testing.assert_allclose(energy, energy[0], rtol=1e-12)


@pytest.mark.parametrize("stepper", ["rk4", "discrete-gradient"])
def test_steppers_converge_at_their_orders(stepper):
    v, w = start()
    times = np.array([0.8])

    def after(steps: int, kind: Any) -> np.ndarray:
        return march(v, w, MAXWELL, times, Scheme(0.8 / steps, stepper=kind))[0]

    exact = after(64, stepper)
    errors = [np.sqrt(w @ ((after(n, stepper) - exact) ** 2).sum(1)) for n in (4, 8)]
    order = np.log2(errors[0] / errors[1])
    assert order > (3.5 if stepper == "rk4" else 1.8)


def test_times_off_the_steps_change_no_other_answer():
    v, w = start()
    many = march(v, w, MAXWELL, np.array([0.0, 0.07, 0.15, 0.2]), Scheme(0.05))
    few = march(v, w, MAXWELL, np.array([0.0, 0.2]), Scheme(0.05))
    np.testing.assert_array_equal(many[[0, 3]], few)
    np.testing.assert_array_equal(many[0], v)
    # 0.07 is a whole step and one of 0.02
    first = march(v, w, MAXWELL, np.array([0.05]), Scheme(0.05))[0]
    rest = simulate(v, w, MAXWELL, np.array([0.05]), np.empty(0), None, Scheme(0.05)).score[0]
    from kineticbench.numerics.collision import collision_sum

    np.testing.assert_allclose(many[1], first + 0.02 * collision_sum(first, rest, w, MAXWELL), rtol=1e-13)


@pytest.mark.parametrize("form", ["mesh", "particle"])
def test_random_particles_of_equal_weight_relax(form):
    v = np.random.default_rng(2).normal(size=(1000, 2)) * np.sqrt([1.5, 0.5])
    times = np.array([0.0, 4.0])
    found = march(v, None, HomogeneousLandau(2, 0.0, 1 / 24), times, Scheme(0.2, form, restore=True))
    begin, end = (np.cov(x.T) for x in found)
    # Σ∞ − Σ(t) falls as exp(−4dBt); blobs as wide as few particles need slow that down
    share = (end[0, 0] - end[1, 1]) / (begin[0, 0] - begin[1, 1])
    assert share == pytest.approx(np.exp(-4 * 2 * 4 / 24), abs=0.13)
    assert np.trace(end) == pytest.approx(np.trace(begin), rel=1e-12)


def test_one_particle_and_equal_ones_stay_where_they_are():
    given = Scheme(0.1, half_width=2.0, cells=10)
    for v in (np.array([[0.3, -0.2]]), np.full((7, 2), 0.4)):
        for scheme in (given, dataclasses.replace(given, form="particle"), dataclasses.replace(given, restore=True)):
            np.testing.assert_allclose(
                march(v, None, MAXWELL, TIMES, scheme), np.broadcast_to(v, (3, *v.shape)), rtol=1e-14
            )
        with pytest.raises(InvalidInput, match="equal"):
            march(v, None, MAXWELL, TIMES)


def test_an_axis_without_spread_and_an_outlier_stay_finite_and_counted():
    v = np.random.default_rng(0).normal(size=(50, 2))
    v[:, 1] = 0
    assert np.isfinite(march(v, None, MAXWELL, TIMES)).all()
    v[0] = [300.0, 0.0]
    times = TIMES / 100
    found = simulate(v, np.full(50, 0.02), MAXWELL, times, times, None, Scheme(1e-4, half_width=4.0, cells=10))
    assert found.off_mesh >= 1
    assert np.isfinite(found.velocities).all()
    np.testing.assert_allclose(found.series["mass"], 1)
    assert found.series["momentum"].max() < 1e-10


def test_a_step_too_long_for_the_cells_is_warned_of():
    v, w = start(32)
    with pytest.warns(UnstableStep, match="above 3"):
        march(v, w, MAXWELL, np.array([0.0]), Scheme(0.2))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        march(v, w, MAXWELL, np.array([0.0]), Scheme(0.2, stepper="discrete-gradient"))


def test_velocities_that_run_away_are_said_to():
    v, w = start(32)
    with pytest.warns(UnstableStep), pytest.raises(Diverged, match="shorter dt"), np.errstate(all="ignore"):
        march(v, w, MAXWELL, np.array([4e200]), Scheme(1e200))


@pytest.mark.parametrize(
    "bad",
    [
        {"v": np.zeros((0, 2)), "w": np.zeros(0)},
        {"v": np.zeros((4, 3))},
        {"w": np.array([1.0, -1.0, 1.0, 1.0])},
        {"w": np.zeros(4)},
        {"times": np.array([-1.0, 0.0])},
        {"times": np.array([0.0, 1.0, 1.0])},
        {"v": np.full((4, 2), np.inf)},
    ],
    ids=str,
)
def test_bad_input_is_refused(bad):
    good = {"v": np.random.default_rng(0).normal(size=(4, 2)), "w": np.full(4, 0.25), "times": TIMES}
    arguments = {**good, **bad}
    with pytest.raises(InvalidInput):
        march(arguments["v"], arguments["w"], MAXWELL, arguments["times"])


@pytest.mark.parametrize(
    "bad",
    [{"dt": 0.0}, {"form": "grid"}, {"stepper": "rk2"}, {"cells": -1}, {"guard": -1}, {"half_width": np.inf}],
    ids=str,
)
def test_bad_schemes_are_refused(bad):
    with pytest.raises(Exception, match=next(iter(bad))):
        Scheme(**bad)
