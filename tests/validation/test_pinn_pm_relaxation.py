"""Short trainings of PINN–PM: relaxation that is known exactly, and what a fixed set of particles does."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from kineticbench import catalog
from kineticbench.contracts import Random
from kineticbench.solvers.pinn_pm import PINNPM


def relaxed(**changes: Any) -> tuple[np.ndarray, np.ndarray, Any, Any]:
    """Covariances of an anisotropic Gaussian, found and true, (time, 2, 2); the solution and the law."""
    dataset = catalog.build("datasets", "anisotropic_gaussian", {"dimension": 2})
    problem = dataset.problem()
    law = dataset.reference(problem).law
    solver = PINNPM(width=16, batch=64, slices=4, updates=300, rate=1e-2, witnesses=256, seconds=0.0, **changes)
    ensemble = problem.initial_density.sample(Random(), 4096, 11)
    found = solver.fit(problem, seed=0)(ensemble, problem.query)
    assert found.trajectory is not None
    spread = np.array([np.cov(v[0].T) for v in found.trajectory.velocities])
    return spread, law.covariance(problem.query.times), found, law


def test_anisotropy_relaxes_at_its_rate_and_energy_stays():
    spread, true, found, _ = relaxed()
    begin, end = (covariance[0, 0] - covariance[1, 1] for covariance in (true[0], true[-1]))
    assert abs(begin - end) > 0.5 * begin
    reached = spread[-1, 0, 0] - spread[-1, 1, 1] - (spread[0, 0, 0] - spread[0, 1, 1] - begin)
    assert abs(reached - end) < 0.1 * (begin - end)  # standing still scores 1
    energy = found.series["energy"][0]
    assert np.abs(energy / energy[0] - 1).max() < 0.02
    assert np.diff(found.series["entropy"][0]).max() < 0.01
    assert (found.series["dissipation"] < 1e-3).all()
    certificate = found.diagnostics["certificate"]
    assert certificate[0] == 0
    assert (np.diff(certificate) > 0).all()


def test_a_fixed_set_of_particles_is_fitted_too_well():
    """On BKW the mean of |s|² + 2∇·s is at least −2.36 (minus the mean Fisher information) for any score."""
    problem = catalog.build("datasets", "bkw", {}).problem()
    solver = PINNPM(width=32, batch=32, slices=4, updates=300, rate=1e-2, witnesses=0, seconds=0.0)
    last, energy = {}, {}
    for sampling in ("fixed", "fresh"):
        flow = replace(solver, sampling=sampling).fit(problem, seed=0)
        last[sampling] = float(flow.learned.curve[1, -50:].mean())
        ensemble = problem.initial_density.sample(Random(), 2048, 3)  # type: ignore[union-attr]
        series = flow(ensemble, problem.query).series["energy"][0]
        energy[sampling] = abs(series[-1] / series[0] - 1)
    assert last["fixed"] < last["fresh"] - 1
    assert energy["fixed"] > 3 * energy["fresh"]
