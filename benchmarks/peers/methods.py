"""Methods as their papers write them.

Each method of ours beside a plain code of the same method (`benchmarks/peers/direct`), in the same precision with the
same sizes: layers applied to every particle, derivatives by automatic differentiation, every particle with every cell,
every pair. PDE-NHF has the same trained Hamiltonian on both sides, 25 leapfrog steps, float64; the plain code takes one
example at a time, and does 2 of our 256. The blob method makes 5 Euler steps of 0.01 with 40² particles on BKW in 2D,
float64. Score-based transport makes one Euler step of 0.01 on it with 6 400 random particles, batches of 1 280 and 50
Adamax iterations, float32; the first fit is not timed, and ends after 500 updates. PINN–PM makes 50 updates of 8 × 256
particles, float32, from nothing: it is far from converged then on both sides, and the networks are not the same.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from .comparison import Comparison, Task

STRENGTH, FITS = 1 / 16, Path(__file__).parents[2] / "leaderboard" / "fits"
CASES, FEW, FLOW_STEPS = 256, 2, 25
SIDE, HALF_WIDTH, BLOB_DT, BLOB_STEPS = 40, 4.0, 0.01, 5
PARTICLES, TRANSPORT_DT, TRANSPORT_STEPS, ITERATIONS, FIT_UPDATES = 6400, 0.01, 1, 50, 500
UPDATES, BATCH, SLICES, HORIZON, WITNESSES = 50, 256, 8, 5.0, 2048


def ensemble(cases: int) -> tuple[Any, Any]:
    """A problem of the Gaussian ensemble that asks for the end alone, and its truth."""
    from dataclasses import replace

    from kineticbench.contracts import Query
    from kineticbench.datasets.gaussian_ensemble import GaussianEnsemble

    dataset = GaussianEnsemble()
    problem = dataset.problem(cases=cases)
    problem = replace(problem, query=Query(problem.query.times[-1:]))
    return problem, dataset.reference(problem)


def learned() -> Any:
    """The Hamiltonian that was learned from `sheets`."""
    import json

    from kineticbench.numerics.hamiltonian_file import read

    for record in sorted(FITS.glob("pde_nhf-*.json")):
        if json.loads(record.read_text())["settings"]["dataset"]["parameters"]["generator"] == "sheets":
            return read(record.with_suffix(".safetensors"), 256)
    raise FileNotFoundError(FITS / "pde_nhf-*.json")


def momentum_w1(momenta: np.ndarray, truth: Any) -> float:
    """Mean W1 of the first `FEW` examples, which both sides do."""
    from kineticbench.metrics.wasserstein import wasserstein_1

    return float(wasserstein_1(momenta[:FEW], truth.trajectory.velocities[-1, :FEW, :, 0]).mean())


def our_flow(device: str) -> Task:
    """`PDENHF`."""
    from kineticbench.solvers.pde_nhf import PDENHF, Flow

    problem, truth = ensemble(CASES)
    flow = Flow(PDENHF(steps=FLOW_STEPS), problem.equation, learned(), "cpu", "float64")
    return Task(
        lambda: flow(problem.ensemble, problem.query),
        lambda solution: momentum_w1(solution.trajectory.velocities[-1, ..., 0], truth),
        CASES,
    )


def direct_flow(device: str) -> Task:
    """As in the paper."""
    from .direct.hamiltonian_flow import flow

    problem, truth = ensemble(FEW)
    hamiltonian, start, time = learned(), problem.ensemble, problem.query.final_time
    q, p = start.positions[..., 0], start.velocities[..., 0]
    return Task(
        lambda: flow(hamiltonian.a, hamiltonian.potential, q, p, time, FLOW_STEPS),
        lambda ends: momentum_w1(ends[1], truth),
        FEW,
    )


def bkw(points: np.ndarray | None = None, time: float = BLOB_DT * BLOB_STEPS) -> tuple[Any, Any]:
    """A problem of BKW in 2D that asks for its end alone, and the truth."""
    from kineticbench.contracts import HomogeneousLandau, Problem, Query
    from kineticbench.numerics.bkw import law, start

    density = start(2, STRENGTH, 0.0, HALF_WIDTH)
    query = Query(np.array([time]), points=points)
    return Problem(HomogeneousLandau(2, 0.0, STRENGTH), density, None, query), law(2, STRENGTH, 0.0)


def mesh() -> np.ndarray:
    """Cell centres."""
    from kineticbench.numerics.velocity_start import cell_centres

    return cell_centres(HALF_WIDTH, SIDE, 2)


def density_error(density: np.ndarray) -> float:
    """Relative L2 error in the cell centres at the end."""
    exact = bkw()[1].density(BLOB_DT * BLOB_STEPS, mesh())
    return float(np.linalg.norm(density - exact) / np.linalg.norm(exact))


def our_blob(device: str) -> Task:
    """`Blob`, without guard cells, as in the paper."""
    from kineticbench.solvers.blob import Blob

    problem, _ = bkw(mesh())
    solver = Blob(SIDE**2, BLOB_DT, half_width=HALF_WIDTH, guard=0)
    start = problem.initial_density.sample(solver.start, solver.particles, 0)
    solve = solver.fit(problem)
    return Task(
        lambda: solve(start, problem.query),
        lambda solution: density_error(solution.density[-1, 0]),
        SIDE**2 * BLOB_STEPS,
    )


def direct_blob(device: str) -> Task:
    """As in the paper."""
    from .direct.blob import Blobs

    centres, h = mesh(), 2 * HALF_WIDTH / SIDE
    weights = bkw()[0].initial_density.density(centres)[0] * h**2
    blobs = Blobs(centres, h, STRENGTH)
    return Task(
        lambda: blobs.march(centres, weights, BLOB_DT, BLOB_STEPS),
        lambda v: density_error(blobs.density(v, weights)),
        SIDE**2 * BLOB_STEPS,
    )


def score_error(v: np.ndarray, s: np.ndarray) -> float:
    """Relative L2 error of the score at the particles at the end."""
    exact = bkw()[1].score(TRANSPORT_DT * TRANSPORT_STEPS, np.asarray(v, float))
    return float(np.linalg.norm(s - exact) / np.linalg.norm(exact))


def our_transport(device: str) -> Task:
    """`SBTM` with the settings of Huang & Wang."""
    from kineticbench.solvers.sbtm import SBTM

    problem, _ = bkw(time=TRANSPORT_DT * TRANSPORT_STEPS)
    solver = SBTM(
        PARTICLES,
        "random",
        fit_rate=1e-3,
        fit_decay=False,
        fit_batch=0,
        fit_updates=FIT_UPDATES,
        optimiser="adamax",
        iterations=ITERATIONS,
        dt=TRANSPORT_DT,
        batch=1280,
    )
    solve = solver.fit(problem, precision="float32")
    start = problem.initial_density.sample(solver.start, PARTICLES, 0)

    def error(solution: Any) -> float:
        return score_error(solution.trajectory.velocities[-1, 0], solution.score[-1, 0])

    return Task(lambda: solve(start, problem.query), error, PARTICLES * TRANSPORT_STEPS)


def direct_transport(device: str) -> Task:
    """As in the paper."""
    from kineticbench.contracts import Random

    from .direct.score_transport import Transport, fitted

    density = bkw()[0].initial_density
    v = density.sample(Random(), PARTICLES, 0).velocities[0]
    score = density.score(v)[0]
    net = fitted(v.astype(np.float32), score.astype(np.float32), 0, FIT_UPDATES)
    transport = Transport(net, v.astype(np.float32), STRENGTH)
    return Task(
        lambda: transport.march(TRANSPORT_DT, TRANSPORT_STEPS, ITERATIONS),
        lambda ends: score_error(*ends),
        PARTICLES * TRANSPORT_STEPS,
    )


def path_error(move: Any) -> float:
    """Root mean square error of paths at the end, relative to the displacement; `move` takes particles there."""
    from kineticbench.contracts import Random

    problem, truth = bkw(time=HORIZON)
    v = problem.initial_density.sample(Random(), WITNESSES, 7).velocities[0]
    exact = truth.flow(HORIZON, v)
    return float(np.sqrt(((move(v) - exact) ** 2).sum() / ((v - exact) ** 2).sum()))


def our_neural_particles(device: str) -> Task:
    """`PINNPM`."""
    from kineticbench.contracts import Ensemble
    from kineticbench.solvers.pinn_pm import PINNPM

    problem, _ = bkw(time=HORIZON)
    solver = PINNPM(batch=BATCH, slices=SLICES, updates=UPDATES, witnesses=0)

    def error(flow: Any) -> float:
        return path_error(
            lambda v: np.asarray(flow(Ensemble(None, v[None]), problem.query).trajectory.velocities[-1, 0])
        )

    return Task(lambda: solver.fit(problem, precision="float32"), error, UPDATES)


def direct_neural_particles(device: str) -> Task:
    """As in the abstract."""
    import torch

    from kineticbench.contracts import Random

    from .direct.neural_particles import Learned

    density = bkw(time=HORIZON)[0].initial_density

    def draw(number: int, seed: int) -> np.ndarray:
        return density.sample(Random(), number, seed).velocities[0].astype(np.float32)

    method = Learned(draw, STRENGTH, HORIZON, BATCH, SLICES)

    def error(networks: Any) -> float:
        def move(v: np.ndarray) -> np.ndarray:
            x = torch.tensor(v.astype(np.float32))
            return method.moved(networks[0], torch.full((len(v), 1), HORIZON), x).detach().numpy()

        return path_error(move)

    return Task(lambda: method.train(UPDATES), error, UPDATES)


COMPARISONS = (
    Comparison(
        "pde-nhf",
        "PDE-NHF, inference on the Gaussian ensemble",
        "example",
        "W1 of momenta",
        "plain code in torch",
        "torch",
        our_flow,
        direct_flow,
    ),
    Comparison(
        "blob",
        "blob method on BKW in 2D",
        "particle-step",
        "density, relative L2",
        "plain code in NumPy",
        "numpy",
        our_blob,
        direct_blob,
    ),
    Comparison(
        "sbtm",
        "score-based transport on BKW in 2D",
        "particle-step",
        "score, relative L2",
        "plain code in torch",
        "torch",
        our_transport,
        direct_transport,
    ),
    Comparison(
        "pinn-pm",
        "PINN–PM, training on BKW in 2D",
        "update",
        "paths, relative to displacement",
        "plain code in torch",
        "torch",
        our_neural_particles,
        direct_neural_particles,
    ),
)
