"""PINN–PM as a solver: any time, conservation, files, going on after a kill, and bad input."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from kineticbench.contracts import (
    CorruptFile,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Random,
    Unsupported,
    VlasovPoisson,
)
from kineticbench.numerics import training
from kineticbench.numerics.bkw import start
from kineticbench.numerics.pinn_flow import NeuralFlow
from kineticbench.solvers.pinn_pm import PINNPM

AXIS = np.linspace(-4, 4, 33)
POINTS = np.stack(np.meshgrid(AXIS, AXIS, indexing="ij"), axis=-1).reshape(-1, 2)
DENSITY = start(2, 1 / 16, 1.0, 4.0)
POSED = Problem(
    HomogeneousLandau(2, 0.0, 1 / 16),
    DENSITY,
    None,
    Query(np.array([0.0, 0.5, 1.0]), np.array([0.0, 0.25, 1.0]), POINTS),
)
SMALL = PINNPM(particles=64, width=8, batch=32, slices=4, updates=20, witnesses=32, seconds=0.0)


@cache
def fitted() -> NeuralFlow:
    return SMALL.fit(POSED, seed=1)


def particles(number: int = 64) -> Ensemble:
    return DENSITY.sample(Random(), number, 5)


def test_it_answers_everything_it_is_asked():
    found = fitted()(particles(), POSED.query)
    assert found.trajectory is not None
    np.testing.assert_array_equal(found.trajectory.velocities[0], particles().velocities)
    assert found.point_score.shape == (3, 1, len(POINTS), 2)
    np.testing.assert_allclose(found.density[0, 0], DENSITY.density(POINTS)[0])
    assert found.density[2, 0].sum() / 16 == pytest.approx(1, abs=0.03)  # cells of a quarter; little lies outside
    assert set(found.series) == {"mass", "energy", "momentum", "entropy", "dissipation"}
    assert found.series["momentum"][0, 0] == pytest.approx(0, abs=1e-12)
    diagnostics = found.diagnostics
    assert [diagnostics[f"particles_{kind}"].item() for kind in ("batch", "distinct", "inference")] == [128, 2560, 64]
    for name in ("certificate", "score_gap", "physics_residual"):
        assert diagnostics[name].shape == (3,)
    assert diagnostics["certificate"][0] == 0


def test_density_at_a_particle_is_that_at_the_point_where_it_is():
    """By the determinant along its way, and by the inverse of the flow."""
    found = fitted()(particles(), POSED.query)
    again = fitted()(particles(), Query(np.array([1.0]), points=found.trajectory.velocities[2, 0]))  # type: ignore
    np.testing.assert_allclose(again.density[0, 0], found.particle_density[2, 0], rtol=1e-6)
    np.testing.assert_allclose(again.point_score[0, 0], found.score[2, 0], rtol=1e-9)


def test_any_time_is_answered_on_its_own():
    alone = fitted()(particles(), Query(np.array([0.37])))
    among = fitted()(particles(), Query(np.array([0.1, 0.37, 0.9])))
    np.testing.assert_array_equal(alone.trajectory.velocities[0], among.trajectory.velocities[1])  # type: ignore
    with pytest.raises(Unsupported, match="trained up to"):
        fitted()(particles(), Query(np.array([1.5])))


def test_conservation_is_exact_where_it_is_asked_for():
    kept = replace(fitted(), conserve=True)(particles(), POSED.query)
    energy, momentum = kept.series["energy"][0], kept.series["momentum"][0]
    np.testing.assert_allclose(energy, energy[0], rtol=1e-13)
    np.testing.assert_allclose(momentum, 0, atol=1e-13)
    free = fitted()(particles(), POSED.query)
    assert abs(free.series["energy"][0, 2] / free.series["energy"][0, 0] - 1) > 1e-9
    shift = kept.trajectory.velocities[2, 0] - free.trajectory.velocities[2, 0]  # type: ignore
    size = np.sqrt((shift**2).sum(1).mean())
    assert kept.diagnostics["certificate"][2] == pytest.approx(free.diagnostics["certificate"][2] + size)


def test_independent_starts_are_answered_together():
    velocities = np.stack([particles(16).velocities[0], -particles(16).velocities[0][::-1]])
    both = fitted()(Ensemble(None, velocities), POSED.query)
    second = fitted()(Ensemble(None, velocities[1:]), POSED.query)
    np.testing.assert_allclose(both.trajectory.velocities[:, 1], second.trajectory.velocities[:, 0])  # type: ignore
    np.testing.assert_allclose(both.series["entropy"][1], second.series["entropy"][0])


def test_a_fit_is_kept(tmp_path):
    path = tmp_path / "fit.safetensors"
    fitted().save(path)
    again = SMALL.restore(path, POSED, "cpu", "float64")(particles(), POSED.query)
    before = fitted()(particles(), POSED.query)
    for name, array in before.arrays().items():
        np.testing.assert_array_equal(again.arrays()[name], array, err_msg=name)
    blind = SMALL.restore(path, POSED.without_start(), "cpu", "float32")(particles(), POSED.query)
    assert blind.density is None
    assert "entropy" not in blind.series
    assert blind.trajectory.velocities.dtype == np.float32  # type: ignore
    with pytest.raises(CorruptFile, match="width"):
        replace(SMALL, width=9).restore(path, POSED, "cpu", "float64")
    path.write_bytes(b"{}")
    with pytest.raises(CorruptFile):
        SMALL.restore(path, POSED, "cpu", "float64")


class Killed:
    """A `Progress` that ends the training at its second checkpoint."""

    def __init__(self) -> None:
        self.kept: dict | None = None
        self.armed = True

    def report(self, done, total, **figures):
        pass

    def save(self, state):
        if self.armed and self.kept is not None:
            self.armed = False
            raise KeyboardInterrupt
        self.kept = {name: np.array(value) for name, value in state.items()}

    def resume(self):
        return self.kept


def test_training_goes_on_after_a_kill(monkeypatch):
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", 0.0)
    progress, solver = Killed(), replace(SMALL, witnesses=0)
    with pytest.raises(KeyboardInterrupt):
        solver.fit(POSED, seed=1, progress=progress)
    resumed = solver.fit(POSED, seed=1, progress=progress)
    for a, b in zip(resumed.learned.networks.flow, fitted().learned.networks.flow, strict=True):
        np.testing.assert_array_equal(a[0], b[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"batch": 1},
        {"particles": 0},
        {"updates": 0},
        {"rate": -1.0},
        {"sampling": "stale"},
        {"matching": "explicit"},
        {"start_kind": "loud"},
        {"witnesses": 3},
        {"seconds": -1.0},
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(InvalidInput):
        replace(SMALL, **wrong)


def test_problems_that_it_cannot_solve_are_refused():
    for wrong in (
        Problem(VlasovPoisson(1.0, 1.0), None, None, Query(np.ones(1))),
        replace(POSED, initial_density=None),
        replace(POSED, query=Query(np.zeros(1))),
    ):
        assert len((SMALL.unsupported(wrong) or "").split()) > 3
        with pytest.raises(Unsupported):
            SMALL.fit(wrong)
    with pytest.raises(Unsupported, match="none"):
        fitted()(None, POSED.query)
    with pytest.raises(InvalidInput, match="dimensions"):
        fitted()(Ensemble(None, np.ones((1, 4, 3))), POSED.query)


def test_one_particle_and_equal_particles_move_without_harm():
    for velocities in (np.ones((1, 1, 2)), np.ones((1, 8, 2))):
        found = replace(fitted(), conserve=True)(Ensemble(None, velocities), POSED.query)
        assert all(np.isfinite(array).all() for array in found.arrays().values())
