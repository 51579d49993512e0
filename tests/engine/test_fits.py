"""A fit is trained once, resumed after a kill, shared between settings, and never trusted blindly."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from kineticbench.contracts import CorruptFile
from kineticbench.engine.cell import Cell, PlugInSetting
from kineticbench.engine.fits import Checkpoints, Obtained, Refit, obtain, stem, stored

SOLVER = '''
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar
import numpy as np
from safetensors.numpy import load_file, save_file
from kineticbench.contracts import Solution, TrainedPropagator, TrainedSolver


@dataclass(frozen=True)
class Learner(TrainedSolver):
    """Learns the mean displacement, ten steps of it."""

    amortised: ClassVar[bool] = True
    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    query_fields: ClassVar[tuple[str, ...]] = ("steps",)
    steps: int = 25
    die_at: int = 99
    start = None
    def unsupported(self, problem): return None
    def ladder(self, problem): return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        assert self.amortised == (problem.ensemble is None) == (training is not None)
        state = progress.resume() or {"step": np.zeros(1), "sum": np.zeros(1)}
        while state["step"][0] < 10:
            if state["step"][0] == self.die_at and not Path("DIED").exists():
                Path("DIED").touch()
                raise KeyboardInterrupt
            state = {"step": state["step"] + 1, "sum": state["sum"] + 0.5}
            progress.report(int(state["step"][0]), 10, loss=float(state["sum"][0]))
            progress.save(state)
        return Learned(state["sum"])

    def restore(self, path, problem, device, precision):
        return Learned(load_file(path)["sum"])


@dataclass
class Learned(TrainedPropagator):
    total: np.ndarray
    def __call__(self, ensemble, query): return Solution(diagnostics={"total": self.total})
    def save(self, path): save_file({"sum": self.total}, path)
'''


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KINETICBENCH_CACHE", str(tmp_path / "cache"))
    (tmp_path / "learner.py").write_text(SOLVER)

    def one(seed: int = 0, **parameters: object) -> Cell:
        dataset = PlugInSetting.of("datasets", "gaussian_ensemble", {"particles": 16})
        solver = PlugInSetting.of("solvers", str(tmp_path / "learner.py"), parameters)
        return Cell(dataset, solver, cases=2, seed=seed)

    return one


def run(cell: Cell, folder: Path, refit: Refit = "never") -> Obtained:
    dataset, solver = cell.build()
    return obtain(cell, dataset, solver, dataset.problem(cases=cell.cases), folder, lambda *_: None, refit)


def test_settings_that_differ_in_query_fields_share_one_fit(make, tmp_path: Path) -> None:
    first, second = run(make(), tmp_path / "fits"), run(make(steps=5), tmp_path / "fits")
    assert (first.restored, second.restored) == (False, True)
    assert first.record is not None
    assert second.record == first.record
    assert first.record.curve["loss"][-1] == 5.0
    assert not run(make(seed=1), tmp_path / "fits").restored
    assert "--seed 0" in first.record.command


def test_training_goes_on_after_a_kill(make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kineticbench.engine.fits.SAVE_EVERY_SECONDS", 0.0)
    cell = make(die_at=4)
    with pytest.raises(KeyboardInterrupt):
        run(cell, tmp_path / "fits")
    got = run(cell, tmp_path / "fits")
    assert got.record is not None
    assert got.record.sessions == 2
    assert got.record.curve["done"] == [float(i) for i in range(1, 11)]
    assert got.propagator(None, None).diagnostics["total"] == 5.0  # type: ignore[arg-type]
    assert not list((tmp_path / "fits").glob(".*.checkpoint*"))


def test_a_method_that_is_not_amortised_keeps_a_fit_for_each_problem(make, tmp_path: Path) -> None:
    (tmp_path / "learner.py").write_text(SOLVER.replace("[bool] = True", "[bool] = False"))
    first, again = run(make(), tmp_path / "fits"), run(make(), tmp_path / "fits")
    assert (first.restored, again.restored) == (False, True)
    assert first.data_seconds == 0.0
    assert not run(replace(make(), cases=3), tmp_path / "fits").restored


def test_a_fit_of_other_code_is_made_again_where_asked(make, tmp_path: Path) -> None:
    first = run(make(), tmp_path / "fits", refit="stale")
    assert run(make(), tmp_path / "fits", refit="stale").restored
    (tmp_path / "learner.py").write_text(SOLVER.replace("+ 0.5", "+ 0.25"))
    old, new = run(make(), tmp_path / "fits"), run(make(), tmp_path / "fits", refit="stale")
    assert (old.restored, new.restored) == (True, False)
    assert old.record == first.record
    assert new.record is not None
    assert first.record is not None
    assert new.record.code != first.record.code
    assert run(make(), tmp_path / "fits").record == new.record
    assert not run(make(), tmp_path / "fits", refit="always").restored


def test_a_corrupt_fit_is_named(make, tmp_path: Path) -> None:
    cell = make()
    run(cell, tmp_path / "fits")
    name = stem(cell, cell.build()[1])  # type: ignore[arg-type]
    (tmp_path / "fits" / f"{name}.safetensors").write_bytes(b"rubbish")
    with pytest.raises(CorruptFile, match="not the file its record speaks of"):
        stored(name, [tmp_path / "fits"])
    (tmp_path / "fits" / f"{name}.json").write_text("{}")
    with pytest.raises(CorruptFile, match="not a fit record"):
        stored(name, [tmp_path / "fits"])


def test_a_corrupt_checkpoint_is_set_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kineticbench.engine.fits.SAVE_EVERY_SECONDS", 0.0)
    path = tmp_path / "checkpoint.safetensors"
    Checkpoints(path, lambda *_: None).save({"a": np.arange(3.0)})
    resumed = Checkpoints(path, lambda *_: None).resume()
    assert resumed is not None
    np.testing.assert_array_equal(resumed["a"], np.arange(3.0))
    path.write_bytes(path.read_bytes()[:50])
    assert Checkpoints(path, lambda *_: None).resume() is None
    assert path.with_suffix(".corrupt").exists()


def test_curves_are_thinned_but_keep_their_end() -> None:
    progress = Checkpoints(Path("unused"), lambda *_: None)
    for step in range(1000):
        progress.report(step, 1000, loss=1.0 / (1 + step))
    curve = progress.curve()
    assert len(curve["loss"]) <= 201
    assert curve["done"][-1] == 999.0
