"""The two stochastic solvers and the relaxing Gaussian: what they keep, repeat, refuse, and do with bad starts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from kineticbench import catalog
from kineticbench.contracts import (
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Unsupported,
    check,
)

STOCHASTIC = ("grazing_collisions", "langevin")
NAMES = (*STOCHASTIC, "maxwellian")
MAXWELL, COULOMB = HomogeneousLandau(3, 0.0, 1 / 24), HomogeneousLandau(3, -3.0, 1 / 24)
QUERY = Query(np.array([0.0, 0.5, 1.03]), np.array([0.25, 1.03]), np.zeros((2, 3)))


def ensemble(particles: int = 501, weights: Any = None, mean: float = 1.0) -> Ensemble:
    v = mean + np.random.default_rng(0).standard_normal((1, particles, 3)) * np.sqrt([1.8, 0.2, 1.0])
    return Ensemble(None, v, weights)


def solve(
    name: str,
    start: Ensemble,
    equation: HomogeneousLandau = MAXWELL,
    query: Query = QUERY,
    seed: int = 0,
    **settings: Any,
) -> Any:
    problem = Problem(equation, None, start, query)
    solution = catalog.build("solvers", name, settings).fit(problem, seed=seed)(start, query)
    check(solution, problem, start)
    return solution


@pytest.mark.parametrize("equation", [MAXWELL, COULOMB])
def test_grazing_collisions_keep_momentum_and_energy(equation):
    solution = solve("grazing_collisions", ensemble(), equation, dt=0.01)
    energy = solution.series["energy"]
    assert np.ptp(energy) < 1e-13 * energy.max()
    assert solution.series["momentum"].max() < 1e-13
    before, after = solution.trajectory.velocities[[0, -1]]
    assert np.abs(after - before).max() > 0.1


def test_maxwellian_keeps_momentum_and_energy_and_answers_consistently():
    start = ensemble(weights=np.random.default_rng(1).random((1, 501)))
    for equation in (MAXWELL, COULOMB):
        solution = solve("maxwellian", start, equation)
        v, w = solution.trajectory.velocities[:, 0], start.weights[0]
        np.testing.assert_allclose(0.5 * (w * (v[-1] ** 2).sum(1)).sum(), solution.series["energy"][0], rtol=1e-13)
        np.testing.assert_allclose(w @ v[-1], w @ v[0], rtol=1e-13)
        np.testing.assert_array_equal(v[0], start.velocities[0])
        score = solution.score[-1, 0]
        assert (w[:, None] * v[-1] * score).sum() == pytest.approx(-3 * w.sum())  # Σ w c·s = −dW for a Gaussian
        # The entropy's slope is the dissipation.
        near = Query(np.zeros(1), np.array([0.999, 1.0, 1.001]))
        series = solve("maxwellian", start, equation, near).series
        slope = (series["entropy"][0, 2] - series["entropy"][0, 0]) / 0.002
        assert series["dissipation"][0, 1] == pytest.approx(slope, rel=1e-4)


@pytest.mark.parametrize("name", STOCHASTIC)
def test_seeds_decide_and_times_do_not(name):
    start = ensemble()
    first, again = solve(name, start, dt=0.1), solve(name, start, dt=0.1)
    other = solve(name, start, dt=0.1, seed=1)
    fewer = solve(name, start, query=Query(QUERY.times[[0, 2]]), dt=0.1)
    np.testing.assert_array_equal(first.trajectory.velocities, again.trajectory.velocities)
    np.testing.assert_array_equal(first.trajectory.velocities[[0, 2]], fewer.trajectory.velocities)
    assert np.abs(first.trajectory.velocities[1] - other.trajectory.velocities[1]).max() > 0.1


@pytest.mark.parametrize("name", NAMES)
def test_mass_is_time(name):
    """A plasma twice as dense relaxes twice as fast."""
    dense = Ensemble(None, ensemble().velocities, np.full((1, 501), 2 / 501))
    settings: Any = {"dt": 0.1} if name in STOCHASTIC else {}
    later = solve(name, ensemble(), query=Query(np.array([0.0, 1.0])), **settings)
    half: Any = {"dt": 0.05} if name in STOCHASTIC else {}
    sooner = solve(name, dense, query=Query(np.array([0.0, 0.5])), **half)
    np.testing.assert_allclose(later.trajectory.velocities, sooner.trajectory.velocities, atol=1e-9)


@pytest.mark.parametrize("name", STOCHASTIC)
@pytest.mark.parametrize("equation", [MAXWELL, COULOMB])
def test_degenerate_starts_are_answered(name, equation):
    if name == "langevin" and equation is COULOMB:
        pytest.skip("Maxwell molecules only")
    for particles in (1, 2, 3):
        equal = Ensemble(None, np.ones((1, particles, 3)))
        still = solve(name, equal, equation)
        np.testing.assert_allclose(still.trajectory.velocities, 1, rtol=1e-14)
    flat = ensemble().velocities.copy()
    flat[..., 2] = 0
    spread = solve(name, Ensemble(None, flat), equation, dt=0.05).trajectory.velocities
    assert spread[-1, ..., 2].std() > 0.05


def test_a_maxwellian_needs_spread_in_every_dimension():
    flat = ensemble().velocities.copy()
    flat[..., 2] = 4
    for velocities in (flat, np.ones((1, 1, 3)), np.ones((1, 9, 3))):
        with pytest.raises(InvalidInput, match="spread"):
            solve("maxwellian", Ensemble(None, velocities))


def test_unequal_weights_cannot_collide_but_can_diffuse():
    start = ensemble(weights=np.random.default_rng(1).random((1, 501)))
    with pytest.raises(Unsupported, match="equal weights"):
        solve("grazing_collisions", start)
    solver = catalog.build("solvers", "grazing_collisions", {})
    with pytest.raises(Unsupported, match="equal weights"):
        solver.fit(Problem(MAXWELL, None, ensemble(), QUERY))(start, QUERY)
    solve("langevin", start)


def test_langevin_refuses_other_exponents_with_the_reason():
    with pytest.raises(Unsupported, match="γ = 0 only"):
        solve("langevin", ensemble(), COULOMB)


@pytest.mark.parametrize("name", NAMES)
def test_a_start_is_needed(name):
    with pytest.raises(Unsupported, match="neither"):
        catalog.build("solvers", name, {}).fit(Problem(MAXWELL, None, None, QUERY))


@pytest.mark.parametrize("name", STOCHASTIC)
def test_parameters_are_checked(name):
    for settings in ({"dt": 0.0}, {"dt": -1.0}, {"particles": 0}):
        with pytest.raises(InvalidInput):
            catalog.build("solvers", name, settings)


def test_a_huge_step_is_inaccurate_but_stable():
    far = Query(np.array([0.0, 1e4]))
    for name, equation in (("grazing_collisions", COULOMB), ("langevin", MAXWELL)):
        v = solve(name, ensemble(mean=0.0), equation, far, dt=1e3).trajectory.velocities
        assert np.abs(v[-1]).max() < 20
