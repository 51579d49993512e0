"""The sorted-CDF baseline: what it learns, what it refuses, and that training resumes exactly."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from kineticbench.contracts import (
    CorruptFile,
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Problem,
    Query,
    Silent,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
)
from kineticbench.metrics.wasserstein import wasserstein_1
from kineticbench.solvers.mlp import MLP

BOX = VlasovPoisson(20.0, 1.0)
N = 12


def drifting(cases, times, seed) -> tuple[Ensemble, Trajectory]:
    """Clouds that stream freely and widen: states (time, case, particle, 1) in closed form."""
    draw = np.random.default_rng(seed)
    spread = draw.uniform(0.5, 1.5, size=(2, cases, 1, 1))
    q, p = 10 + spread[0] * draw.normal(size=(cases, N, 1)), spread[1] * draw.normal(size=(cases, N, 1))
    states = np.stack([np.mod(q + t * p, BOX.length) for t in times]), np.stack([p] * len(times))
    return Ensemble(q, p), Trajectory(*states, np.full((cases, N), 1 / N))


def examples(cases=256, times=(0.0, 1.0), seed=0):
    return TrainingSet(np.array(times), drifting(cases, times, seed)[1], {}, 0.0)


def asked(times=(0.0, 0.5, 1.0), cases=32):
    ensemble, truth = drifting(cases, times, 99)
    return Problem(BOX, None, ensemble, Query(np.array(times))), ensemble, truth


def answer(propagator, ensemble, query) -> Trajectory:
    trajectory = propagator(ensemble, query).trajectory
    assert trajectory is not None
    return trajectory


class Kept(Silent):
    """Keeps checkpoints and stops training at one, as a kill would."""

    def __init__(self, stop=None, state=None):
        self.stop, self.losses = stop, []
        self.state: dict[str, np.ndarray] | None = state

    def report(self, done, total, **figures):
        self.losses.append(figures["loss"])

    def save(self, state):
        self.state = dict(state)
        if len(self.losses) == self.stop:
            raise KeyboardInterrupt

    def resume(self):
        return self.state


def error(found, truth):
    """W1 of positions and momenta at every time, mean over cases."""
    pairs = ((found.positions, truth.positions), (found.velocities, truth.velocities))
    return np.array([wasserstein_1(x[..., 0], y[..., 0]).mean(-1) for x, y in pairs])


def test_it_learns_marginals_better_than_leaving_the_start_alone():
    problem, ensemble, truth = asked()
    propagator = MLP(width=48, epochs=60, learning_rate=3e-3, schedule="cosine").fit(problem, examples(1024))
    solution = propagator(ensemble, problem.query)
    still = wasserstein_1(truth.positions[0, ..., 0], truth.positions[-1, ..., 0]).mean()
    found = error(solution.trajectory, truth)
    assert found[0, -1] < 0.7 * still
    assert found[1, -1] < 0.15
    assert found[0, 0] == 0
    assert solution.diagnostics["joint_law"] == 0


def test_the_default_has_as_many_parameters_as_the_model_it_is_compared_with():
    from kineticbench.numerics.sorted_networks import NETWORK, shapes

    count = sum(np.prod(shape) for name, shape in shapes(MLP().width, 256, 1).items() if name in NETWORK)
    assert count == 132_800
    assert abs(count / 132_354 - 1) < 0.005


def test_two_networks_side_by_side_are_two_networks():
    """Each with its own hidden layers, against torch.nn.Linear."""
    import torch

    from kineticbench.numerics.sorted_networks import evaluate, shapes

    torch.manual_seed(0)
    arrays = {name: torch.rand(shape, dtype=torch.float64) + 0.1 for name, shape in shapes(5, N, 2).items()}
    start = torch.rand((2, 3, N), dtype=torch.float64)
    joined = torch.cat([(start[k] - arrays["mean_in"][k]) / arrays["std_in"][k] for k in (0, 1)], dim=-1)
    for network in (0, 1):
        value = joined
        for layer in (1, 2, 3):
            value = value @ arrays[f"weight_{layer}"][network] + arrays[f"bias_{layer}"][network]
            value = torch.nn.functional.silu(value) if layer < 3 else value
        for time in (0, 1):
            expected = value[:, time * N : (time + 1) * N] * arrays["std_out"][time, network]
            expected = expected + arrays["mean_out"][time, network]
            torch.testing.assert_close(evaluate(arrays, start)[time, network], expected)


def test_its_steps_are_those_of_adam():
    """Four steps against torch's own optimiser, from the same start in the same order."""
    import torch

    from kineticbench.numerics.sorted_networks import Schedule, Training, evaluate, normalised

    inputs, targets, scales = normalised(examples(64), torch.device("cpu"), "float64")
    schedule = Schedule(width=4, epochs=2, batch=32, rate=1e-2, cosine=False, seconds=np.inf)
    training = Training(schedule, inputs, targets, 5, Silent())
    arrays = {
        name: value.detach().clone().requires_grad_() for name, value in training._arrays(training.vector).items()
    }
    adam = torch.optim.Adam(arrays.values(), lr=1e-2)
    unit = {name: torch.zeros(2) if "mean" in name else torch.ones(2) for name in scales}
    unit |= {name: value[None] for name, value in unit.items() if "out" in name}
    for epoch in (0, 1):
        order = np.random.default_rng([5, epoch]).permutation(64)
        for chosen in (order[:32], order[32:]):
            start = inputs[chosen].unflatten(1, (2, N)).transpose(0, 1)
            loss = 2 * (evaluate(arrays | unit, start)[0] - targets[:, chosen]).abs().mean()
            adam.zero_grad()
            loss.backward()
            adam.step()
    for name, value in training.run().items():
        torch.testing.assert_close(value, arrays[name].detach(), rtol=1e-10, atol=1e-12)


def test_the_order_of_particles_does_not_matter():
    problem, ensemble, truth = asked()
    propagator = MLP(width=8, epochs=1).fit(problem, examples())
    order = np.random.default_rng(0).permutation(N)
    shuffled = Ensemble(truth.positions[0][:, order], ensemble.velocities[:, order[::-1]])
    first, second = (answer(propagator, e, problem.query) for e in (ensemble, shuffled))
    np.testing.assert_array_equal(first.positions, second.positions)
    np.testing.assert_array_equal(first.velocities, second.velocities)


def test_between_trained_times_sorted_states_are_interpolated():
    problem, ensemble, _ = asked((0.0, 0.25, 0.5, 0.75, 1.0))
    propagator = MLP(width=8, epochs=1).fit(problem, examples(times=(0.0, 0.5, 1.0)))
    p = answer(propagator, ensemble, problem.query).velocities
    np.testing.assert_array_equal(p[0], np.sort(ensemble.velocities, axis=1))
    np.testing.assert_allclose(p[1], (p[0] + p[2]) / 2)
    np.testing.assert_allclose(p[3], (p[2] + p[4]) / 2)
    only = answer(propagator, ensemble, Query(np.array([0.5]))).velocities
    np.testing.assert_array_equal(only[0], p[2])


def test_trained_snapshots_have_outputs_of_their_own():
    problem, ensemble, _ = asked((0.0, 0.5, 1.0))
    excursion = drifting(256, (0.0, 0.0, 0.0), 0)[1]
    excursion.positions[1] += 3.0
    training = TrainingSet(np.array([0.0, 0.5, 1.0]), excursion, {}, 0.0)
    q = answer(MLP(width=16, epochs=10).fit(problem, training), ensemble, problem.query).positions
    np.testing.assert_allclose(q.mean((1, 2, 3)), [10, 13, 10], atol=0.3)


def test_training_resumes_where_it_was_killed_exactly():
    problem, ensemble, _ = asked()
    solver = MLP(width=8, epochs=6, schedule="cosine")
    whole = Kept()
    expected = answer(solver.fit(problem, examples(), progress=whole), ensemble, problem.query)
    killed = Kept(stop=3)
    with pytest.raises(KeyboardInterrupt):
        solver.fit(problem, examples(), progress=killed)
    again = Kept(state=killed.state)
    found = answer(solver.fit(problem, examples(), progress=again), ensemble, problem.query)
    assert killed.losses + again.losses == whole.losses
    np.testing.assert_array_equal(found.positions, expected.positions)
    np.testing.assert_array_equal(found.velocities, expected.velocities)


def test_a_time_limit_ends_training_and_its_cosine_early():
    problem = asked()[0]
    progress = Kept()
    MLP(width=8, epochs=10_000, seconds=0.2, schedule="cosine").fit(problem, examples(), progress=progress)
    assert 1 <= len(progress.losses) < 10_000


@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_a_fit_is_restored_as_it_was(tmp_path, precision):
    problem, ensemble, _ = asked()
    fitted = MLP(width=8, epochs=2).fit(problem, examples(), precision=precision)
    fitted.save(tmp_path / "fit.safetensors")
    restored = MLP(width=8, epochs=2).restore(tmp_path / "fit.safetensors", problem, "cpu", precision)
    before, after = (answer(f, ensemble, problem.query) for f in (fitted, restored))
    np.testing.assert_array_equal(before.positions, after.positions)
    np.testing.assert_array_equal(before.velocities, after.velocities)
    assert before.positions.dtype == precision


def test_a_file_that_is_no_such_fit_is_refused(tmp_path):
    problem = asked()[0]
    path = tmp_path / "fit.safetensors"
    path.write_bytes(b"no such thing")
    with pytest.raises(CorruptFile, match="holds no fit of mlp"):
        MLP(width=8).restore(path, problem, "cpu", "float64")
    MLP(width=8, epochs=1).fit(problem, examples()).save(path)
    with pytest.raises(CorruptFile, match="width"):
        MLP(width=9).restore(path, problem, "cpu", "float64")
    arrays = load_file(path)
    arrays["bias_2"][0, 0, 0] = np.nan
    save_file(arrays, path)
    with pytest.raises(CorruptFile, match="finite"):
        MLP(width=8).restore(path, problem, "cpu", "float64")
    save_file({name: array for name, array in arrays.items() if name != "bias_2"}, path)
    with pytest.raises(CorruptFile, match="bias_2"):
        MLP(width=8).restore(path, problem, "cpu", "float64")


def test_what_it_cannot_do_it_says():
    problem, ensemble, truth = asked()
    late = Query(np.array([1.5]))
    with pytest.raises(Unsupported, match=r"up to t = 1 .* t = 1\.5"):
        MLP().fit(dataclasses.replace(problem, query=late), examples())
    with pytest.raises(Unsupported, match="none to learn from"):
        MLP().fit(problem, None)
    propagator = MLP(width=8, epochs=1).fit(problem, examples())
    with pytest.raises(Unsupported, match=r"t = 1\.5"):
        propagator(ensemble, late)
    few = Ensemble(truth.positions[0][:, 1:], ensemble.velocities[:, 1:])
    with pytest.raises(Unsupported, match="trained on 12 particles, and there are 11"):
        propagator(few, problem.query)
    uneven = Ensemble(ensemble.positions, ensemble.velocities, np.tile(np.arange(1.0, N + 1), (32, 1)))
    assert "equal weight" in str(MLP().unsupported(dataclasses.replace(problem, ensemble=uneven)))
    assert "gives none" in str(MLP().unsupported(problem.without_start()))
    landau = Problem(HomogeneousLandau(2, 0.0, 1.0), None, None, problem.query)
    assert "homogeneous_landau" in str(MLP().unsupported(landau))
    assert MLP().unsupported(problem) is None


def test_a_loss_that_is_not_finite_is_divergence():
    problem = asked()[0]
    with pytest.raises(Diverged, match="loss"):
        MLP(width=8, epochs=30, learning_rate=1e300).fit(problem, examples())


@pytest.mark.parametrize("wrong", [{"width": 0}, {"epochs": 1.5}, {"learning_rate": -1.0}, {"schedule": "linear"}])
def test_parameters_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(InvalidInput, match=next(iter(wrong))):
        MLP(**wrong)


def test_phase_space_metrics_are_refused_for_separate_marginals():
    from kineticbench.contracts import Reference
    from kineticbench.metrics import load

    problem, ensemble, truth = asked()
    solution = MLP(width=8, epochs=1).fit(problem, examples())(ensemble, problem.query)
    with pytest.raises(Unsupported, match="joint law"):
        load("w2_phase_space")(solution, Reference(truth, paired=True), problem)
