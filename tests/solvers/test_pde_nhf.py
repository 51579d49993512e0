from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from kineticbench.contracts import (
    CorruptFile,
    Diverged,
    Ensemble,
    HomogeneousLandau,
    InvalidInput,
    Precision,
    Problem,
    Query,
    Silent,
    TrainingSet,
    Trajectory,
    Unsupported,
    VlasovPoisson,
    check,
)
from kineticbench.numerics import symmetric_potential, training
from kineticbench.numerics.flow_training import Arrivals
from kineticbench.numerics.hamiltonian_file import LearnedHamiltonian, read, write
from kineticbench.solvers import pde_nhf
from kineticbench.solvers.pde_nhf import PDENHF, Flow

EQUATION = VlasovPoisson(20.0, 1.0)
SMALL = PDENHF(steps=8, nodes=64, hidden=12, training_steps=4, training_nodes=32, epochs=3, batch=8, warm_up=0.3)
CASES, N = 24, 16
STIFFNESS = 1.5


def clouds(cases: int = CASES, particles: int = N, seed: int = 0, centre: float = 10.0) -> TrainingSet:
    """Starts, and where the flow of H = Σ p²/2 − k Σ (q_i − q̄)²/2 takes them in a time of 1, in closed form."""
    random = np.random.default_rng(seed)
    sigma = random.uniform(0.5, 1.5, (2, cases))
    q, p = random.normal(size=(2, cases, particles)) * sigma[..., None]
    c, v, w = q - q.mean(1, keepdims=True), p - p.mean(1, keepdims=True), np.sqrt(STIFFNESS)
    q1 = q.mean(1, keepdims=True) + p.mean(1, keepdims=True) + np.cosh(w) * c + np.sinh(w) / w * v
    p1 = p.mean(1, keepdims=True) + w * np.sinh(w) * c + np.cosh(w) * v
    positions = np.mod(centre + np.stack([q, q1]), EQUATION.length)
    states = Trajectory(positions[..., None], np.stack([p, p1])[..., None], np.full((cases, particles), 1 / particles))
    conditions = {"mean_position": np.full(cases, centre), "std_position": sigma[0]}
    conditions |= {"mean_momentum": np.zeros(cases), "std_momentum": sigma[1]}
    return TrainingSet(np.array([0.0, 1.0]), states, conditions, 0.0)


def problem(training: TrainingSet, times=(0.0, 0.5, 1.0)) -> Problem:
    start = Ensemble(training.states.positions[0], training.states.velocities[0])
    return Problem(EQUATION, None, start, Query(np.array(times)))


def drawn(solver: PDENHF = SMALL, precision: Precision = "float64", seed: int = 0) -> Flow:
    """An untrained flow with a potential that matters."""
    potential = symmetric_potential.initial(solver.hidden, seed)
    potential = potential._replace(w1=2 * potential.w1, w4=30 * potential.w4)
    learned = LearnedHamiltonian.rounded(0.95, potential, 6.0, np.zeros((2, 1)))
    return Flow(solver, EQUATION, learned, "cpu", precision)


def given(question: Problem) -> Any:
    assert question.ensemble is not None
    return question.ensemble


def reason(question: Problem) -> str:
    why = SMALL.unsupported(question)
    assert why is not None
    return why


def arrays(flow: Flow, question: Problem):
    solution = flow(question.ensemble, question.query)
    check(solution, question, question.ensemble)
    assert solution.trajectory is not None
    return solution.trajectory.positions[..., 0], solution.trajectory.velocities[..., 0]


class Killed(Silent):
    """Keeps the newest checkpoint, and ends the training at one of them."""

    def __init__(self, kept=None, at=None):
        self.kept, self.at = kept, at

    def save(self, state):
        self.kept = {
            name: np.ascontiguousarray(value) for name, value in state.items()
        }  # as a file would: scalars (1,)
        if self.at is not None and state["loop/step"] >= self.at:
            raise KeyboardInterrupt

    def resume(self):
        return self.kept


def test_it_learns_the_force_and_the_kinetic_coefficient_from_where_particles_arrive():
    learnt = clouds(1024, seed=1)
    flow = replace(SMALL, epochs=4).fit(problem(learnt).without_start(), learnt, precision="float32")
    asked = problem(clouds(64, seed=2))
    solution = flow(asked.ensemble, asked.query)
    q = given(asked).positions[..., 0]
    true = STIFFNESS * (q - q.mean(1, keepdims=True))
    slope = (solution.diagnostics["force"] * true).sum() / (true**2).sum()
    assert slope == pytest.approx(1, abs=0.05)
    assert solution.diagnostics["kinetic_coefficient"] == pytest.approx(1, abs=0.05)
    loss = solution.diagnostics["loss"][1]
    assert loss[-1] < loss[0] - 10


def test_a_killed_fit_goes_on_to_the_same_bits(monkeypatch):
    monkeypatch.setattr(training, "CHECKPOINT_SECONDS", -1.0)
    learnt = clouds()
    question = problem(learnt).without_start()
    whole = SMALL.fit(question, learnt, seed=3, precision="float32")
    killed = Killed(at=4)
    with pytest.raises(KeyboardInterrupt):
        SMALL.fit(question, learnt, seed=3, precision="float32", progress=killed)
    resumed = SMALL.fit(question, learnt, seed=3, precision="float32", progress=Killed(killed.kept))
    for a, b in zip(whole.learned.potential, resumed.learned.potential, strict=True):
        np.testing.assert_array_equal(a, b)
    assert whole.learned.a == resumed.learned.a != 1
    np.testing.assert_array_equal(whole.learned.loss, resumed.learned.loss)


def test_a_restored_fit_answers_to_the_same_bits(tmp_path):
    learnt = clouds()
    fitted = SMALL.fit(problem(learnt).without_start(), learnt, precision="float32")
    fitted.save(tmp_path / "fit.safetensors")
    restored = SMALL.restore(tmp_path / "fit.safetensors", problem(learnt).without_start(), "cpu", "float32")
    for a, b in zip(arrays(fitted, problem(learnt)), arrays(restored, problem(learnt)), strict=True):
        np.testing.assert_array_equal(a, b)
        assert a.dtype == np.float32


def test_the_papers_size_takes_less_than_a_megabyte(tmp_path):
    flow = drawn(replace(SMALL, hidden=256))
    flow.save(tmp_path / "fit.safetensors")
    assert flow.learned.parameters == 132_354
    assert (tmp_path / "fit.safetensors").stat().st_size < 1e6


@pytest.mark.parametrize("damage", ["cut", "text", "width", "infinite", "absent"])
def test_a_file_that_is_not_a_fit_is_refused(tmp_path, damage):
    path = tmp_path / "fit.safetensors"
    flow = drawn(replace(SMALL, hidden=13) if damage == "width" else SMALL)
    learned = flow.learned
    if damage == "infinite":
        learned = replace(learned, potential=learned.potential._replace(b3=np.full(12, np.inf, np.float32)))
    write(path, learned)
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-10])
    elif damage == "text":
        path.write_text("not weights")
    elif damage == "absent":
        path.unlink()
    with pytest.raises(CorruptFile, match="train again"):
        read(path, 12)


def test_a_safetensors_file_of_another_kind_is_refused(tmp_path):
    from safetensors.numpy import save_file

    save_file({"a": np.ones(1, np.float32)}, tmp_path / "other.safetensors")
    with pytest.raises(CorruptFile, match="format"):
        SMALL.restore(tmp_path / "other.safetensors", problem(clouds()), "cpu", "float32")


@pytest.mark.parametrize(("precision", "tolerance"), [("float32", 1e-4), ("float64", 1e-5)])
def test_tables_and_the_exact_form_agree_in_every_trajectory(precision, tolerance):
    question = problem(clouds())
    tabulated = arrays(drawn(SMALL, precision), question)
    exact = arrays(drawn(replace(SMALL, nodes=0), precision), question)
    assert np.abs(exact[1][-1] - exact[1][0]).max() > 0.3
    for a, b in zip(tabulated, exact, strict=True):
        np.testing.assert_allclose(a, b, atol=tolerance)


def test_tables_grow_until_they_hold_every_particle():
    """A cloud ten times as wide as the training states were."""
    start = Ensemble(
        np.linspace(1, 19, 12).reshape(1, 12, 1), np.random.default_rng(0).normal(scale=60, size=(1, 12, 1))
    )
    question = Problem(EQUATION, None, start, Query(np.array([1.0])))
    near = [arrays(replace(drawn(), solver=replace(SMALL, nodes=n)), question)[1] for n in (64, 0)]
    np.testing.assert_allclose(*near, atol=1e-5)


def test_cases_do_not_see_each_other_and_chunks_do_not_matter(monkeypatch):
    question = problem(clouds())
    together = arrays(drawn(), question)
    monkeypatch.setattr(pde_nhf, "CHUNK", 7 * N)  # 24 cases: three chunks of seven and a rest
    for a, b in zip(arrays(drawn(), question), together, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9)
    few = replace(question, ensemble=given(question).take(slice(5)))
    np.testing.assert_allclose(arrays(drawn(), few)[0], together[0][:, :5], rtol=1e-9, atol=1e-9)


def test_a_cloud_on_the_edge_of_the_box_moves_like_one_in_the_middle():
    middle, edge = (arrays(drawn(), problem(clouds(centre=c))) for c in (10.0, 0.0))
    np.testing.assert_allclose(edge[1], middle[1], atol=1e-11)
    np.testing.assert_allclose(edge[0], np.mod(middle[0] + 10.0, 20.0), atol=1e-11)
    learnt = [Arrivals.of(clouds(centre=c), EQUATION.length) for c in (10.0, 0.0)]
    np.testing.assert_allclose(learnt[1].q, learnt[0].q, atol=1e-12)


def test_more_steps_converge_and_times_off_the_grid_are_reached():
    fine = arrays(drawn(replace(SMALL, steps=256)), problem(clouds(), (0.0, 0.3, 1.0)))[1]
    errors = [
        np.abs(arrays(drawn(replace(SMALL, steps=n)), problem(clouds(), (0.0, 0.3, 1.0)))[1] - fine).max((1, 2))
        for n in (4, 8, 16)
    ]
    assert (errors[0][0], errors[1][0]) == (0, 0)
    np.testing.assert_allclose(np.log2(errors[1][2] / errors[2][2]), 2, atol=0.2)
    assert errors[2][1] < errors[2][2]


def test_only_the_start_may_be_asked_for():
    question = problem(clouds(), (0.0,))
    q, _ = arrays(drawn(), question)
    np.testing.assert_allclose(q[0], given(question).positions[..., 0], atol=1e-12)


def test_settings_of_the_ladder_share_one_fit():
    ladder: Any = SMALL.ladder(problem(clouds()))
    assert [solver.steps for solver in ladder] == [1, 5, 25]
    assert {replace(solver, steps=1, nodes=0) for solver in ladder} == {replace(SMALL, steps=1, nodes=0)}
    assert set(PDENHF.query_fields) == {"steps", "nodes"}


def test_what_it_cannot_solve_it_says():
    question = problem(clouds())
    assert SMALL.unsupported(question) is None
    assert "none" in reason(question.without_start())
    assert "series" in reason(replace(question, query=Query(np.empty(0), np.array([0.0, 1.0]))))
    weights = np.tile(np.linspace(1, 2, N), (CASES, 1))
    heavy = Ensemble(given(question).positions, given(question).velocities, weights)
    assert "weights" in reason(replace(question, ensemble=heavy))
    v = np.zeros((1, 4, 2))
    landau = Problem(HomogeneousLandau(2, 0.0, 1.0), None, Ensemble(None, v), Query(np.array([1.0])))
    assert "homogeneous_landau" in reason(landau)
    with pytest.raises(Unsupported):
        drawn()(None, question.query)


def test_without_states_or_conditions_it_cannot_learn():
    question = problem(clouds()).without_start()
    with pytest.raises(InvalidInput, match="no states"):
        SMALL.fit(question, None)
    bare = replace(clouds(), conditions={"std_position": np.ones(CASES)})
    with pytest.raises(InvalidInput, match="mean_position"):
        SMALL.fit(question, bare)


def test_a_rate_that_blows_up_ends_with_a_remedy():
    learnt = clouds()
    with pytest.raises(Diverged, match="smaller learning rate"):
        replace(SMALL, rate=1e12, epochs=20).fit(problem(learnt), learnt, precision="float32")


def test_particles_that_fly_away_end_with_a_remedy():
    start = Ensemble(np.ones((1, 2, 1)), np.array([[[0.0], [1e9]]]))
    with pytest.raises(Diverged, match="away"):
        drawn()(start, Query(np.array([1.0])))


def test_a_gpu_that_is_not_there_is_named():
    import jax

    if any(device.platform == "gpu" for device in jax.devices()):
        pytest.skip("there is a GPU here")
    learnt = clouds()
    with pytest.raises(InvalidInput, match="no gpu"):
        SMALL.fit(problem(learnt), learnt, device="gpu")


@pytest.mark.parametrize(
    "wrong",
    [
        {"steps": 0},
        {"hidden": 2.5},
        {"nodes": 7},
        {"training_nodes": -2},
        {"rate": 0.0},
        {"warm_up": 1.0},
        {"epochs": -1},
    ],
)
def test_parameters_that_cannot_be_meant_are_refused(wrong):
    with pytest.raises(InvalidInput):
        PDENHF(**wrong)
