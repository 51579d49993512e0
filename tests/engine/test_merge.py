"""Folders of several machines become one by copying: records of one cell are kept apart by hardware and time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kineticbench.engine import environment
from kineticbench.engine import run as running
from kineticbench.engine.executors.local import Local
from kineticbench.engine.fits import stored
from kineticbench.engine.plan import chosen, jobs, plan
from kineticbench.ranking.boards import boards
from kineticbench.results import solution_file
from kineticbench.results.store import Store, current
from kineticbench.results.survey import Survey

FITTED = """
class Fitted(TrainedPropagator):
    def __call__(self, ensemble, query):
        print("called")
        return Answer(Learns(), 0)(ensemble, query)

    def save(self, path):
        from safetensors.numpy import save_file
        save_file({"w": np.zeros(3)}, path)


@dataclass(frozen=True)
class Learns(TrainedSolver):
    \"\"\"A solver that learns.\"\"\"

    solves: ClassVar[tuple[str, ...]] = ("vlasov_poisson",)
    cite: ClassVar[str] = "@misc{learns}"
    amortised: ClassVar[bool] = False
    family: ClassVar[str] = "learned"
    shift: float = 0.25
    start = None

    def unsupported(self, problem):
        return None

    def ladder(self, problem):
        return [self]

    def fit(self, problem, training=None, seed=0, device="cpu", precision="float64", progress=None):
        return Fitted()

    def restore(self, path, problem, device="cpu", precision="float64"):
        return Fitted()
"""


@pytest.fixture
def machines(lab, monkeypatch) -> tuple[Store, Store]:
    """The same cells run on two kinds of machine, each into a folder of its own."""
    path = Path(lab.solver("learns"))
    source = path.read_text()
    path.write_text(
        source[: source.index("@dataclass")] + FITTED.replace("shift: float", "steps: int = 1\n    shift: float")
    )
    suite = lab.suite(
        str(path), lab.solver("plain", "print('said')"), timing={"calls": 1, "seconds": 0.0, "longest": 0.0}
    )
    real, stores = dict(environment.hardware()), []
    for name in ("one", "two"):
        monkeypatch.setattr(environment, "hardware", lambda name=name: {**real, "id": name, "cpu": f"cpu {name}"})
        store = Store(lab.folder / name)
        made = list(running.run(jobs(plan(suite), suite, store.folder), store, Local(), lambda *_: None))
        assert [(record.state, record.reason) for record in made] == [("ok", None)] * 2
        stores.append(store)
    return stores[0], stores[1]


def test_two_machines_in_one_folder(machines, lab):
    one, two = machines
    shutil.copytree(one.folder, two.folder, dirs_exist_ok=True)  # cp -r one/* two/
    both = two.read()
    assert both.skipped == {}
    assert len(both.records) == len(current(both.records)) == 4
    cells = {record.cell for record in both.records}
    assert len(cells) == 2
    assert {(record.cell, record.hardware.id) for record in both.records} == {
        (cell, name) for cell in cells for name in ("one", "two")
    }
    survey = Survey(two)
    survey.look()
    assert [(it.cell, it.run, it.hardware) for it in survey.cells] == [
        (record.cell, record.run, record.hardware.id) for record in current(both.records)
    ]
    for record in both.records:
        solution, log = record.stored.solution, record.stored.log
        assert solution is not None
        assert solution.file is not None
        assert solution_file.read(two.folder / solution.file, solution.sha256).trajectory is not None
        assert log is not None
        assert (two.folder / log).read_text() in ("called\n" * 2, "said\n" * 2)
        if record.fit is not None and record.fit.id is not None:
            assert record.settings.solver.name == "learns"
            assert stored(record.fit.id, [two.fits]) is not None  # weights and sheet belong together
    drawn = boards(both.records)
    assert sorted(board.place.hardware for board in drawn) == ["one", "two"]
    assert all(len(board.standings) == 2 for board in drawn)


def test_attempts_of_one_machine_are_kept_by_time_and_each_machine_lacks_only_its_own(machines, lab):
    one, two = machines
    suite = lab.suite(str(lab.folder / "learns.py"), str(lab.folder / "plain.py"), timing={"calls": 1, "seconds": 0.0})
    planned = plan(suite)
    before = {path.name: path.read_bytes() for path in one.folder.glob("*.json")}
    list(running.run(jobs(planned[:1], suite, one.folder), one, Local(), lambda *_: None))  # again, now by "two"
    list(running.run(jobs(planned[:1], suite, one.folder), one, Local(), lambda *_: None))
    assert {name: (one.folder / name).read_bytes() for name in before} == before
    records = one.read().records
    assert (len(records), len(current(records))) == (4, 3)
    newest = max(records, key=lambda record: record.run)
    assert newest in current(records)
    left = [chosen(planned, one.known(), name) for name in ("one", "two", "three")]
    assert [len(items) for items in left] == [0, 1, 2]
    assert [len(chosen(planned, two.known(), name)) for name in ("one", "two")] == [2, 0]
