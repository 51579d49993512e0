"""A suite becomes cells: each once, in one order, checked before anything runs."""

from __future__ import annotations

import pytest

from kineticbench.contracts import InvalidInput, UnknownName
from kineticbench.engine.cell import Cell
from kineticbench.engine.environment import hardware
from kineticbench.engine.plan import Filters, chosen, filtered, jobs, plan


def labels(planned) -> list[tuple[str, int]]:
    return sorted((item.cell.solver.label, item.cell.seed) for item in planned)


def test_settings_ladders_and_seeds_multiply_and_repeat_once(lab):
    tiny = lab.solver("tiny")
    entry = {"name": tiny, "ladder": True, "settings": [{"shift": 0.5}, {"steps": 2}]}
    suite = lab.suite(entry, seeds=[0, 1])
    planned = plan(suite)
    settings = ["shift=0, 2 steps", "shift=0.25", "shift=0.5"]
    assert labels(planned) == [(label, seed) for label in settings for seed in (0, 1)]
    assert [item.cell.id for item in planned] == [item.cell.id for item in plan(suite)]
    other = plan(suite.model_copy(update={"order_seed": 1}))
    assert [item.cell.id for item in other] != [item.cell.id for item in planned]
    assert all(item.cell.id == Cell.from_dict(item.cell.to_dict()).id for item in planned)


def test_each_timed_setting_begins_in_a_new_process(lab):
    suite = lab.suite(lab.solver("tiny"), seeds=[0, 1, 2], timing={"calls": 1})
    assert sorted(job.fresh for job in jobs(plan(suite), suite, lab.folder)) == [False, False, True]
    untimed = suite.model_copy(update={"timing": False})
    assert not any(job.fresh for job in jobs(plan(untimed), untimed, lab.folder))


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"name": "vlasov_gird"}, "Unknown solver 'vlasov_gird'. Did you mean 'vlasov_grid'"),
        ({"name": "tiny", "settings": [{"shfit": 1.0}]}, "Unknown parameter of tiny 'shfit'. Did you mean 'shift'"),
        ({"name": "tiny", "settings": [{"steps": 1.5}]}, r"tiny.steps = 1.5"),
        ({"name": "missing.py"}, "There is no file missing.py"),
    ],
)
def test_mistakes_stop_before_anything_runs(lab, entry, message):
    if entry["name"] == "tiny":
        entry = entry | {"name": lab.solver("tiny")}
    with pytest.raises(InvalidInput, match=message):
        plan(lab.suite(entry))


def test_a_ladder_that_fails_leaves_the_defaults(lab):
    planned = plan(lab.suite({"name": lab.solver("tiny", ladder="raise ValueError"), "ladder": True}))
    assert labels(planned) == [("shift=0", 0)]


def test_a_setting_that_crashes_takes_no_other_with_it(lab):
    tiny = lab.solver("tiny")
    source = (lab.folder / "tiny.py").read_text()
    crash = "    def __post_init__(self):\n        if self.shift == 2.0: os._exit(3)\n\n    def unsupported"
    (lab.folder / "tiny.py").write_text(source.replace("    def unsupported", crash))
    planned = plan(lab.suite({"name": tiny, "settings": [{"shift": shift} for shift in (1.0, 2.0, 3.0)]}))
    assert labels(planned) == [("as given", 0), ("shift=1", 0), ("shift=3", 0)]


def test_another_equation_is_left_out(lab):
    path = lab.solver("tiny")
    source = (lab.folder / "tiny.py").read_text()
    (lab.folder / "tiny.py").write_text(source.replace('"vlasov_poisson"', '"homogeneous_landau"'))
    assert plan(lab.suite(path)) == []


def test_filters(lab):
    one, two = lab.solver("one"), lab.solver("two")
    suite = lab.suite({"name": one, "seeds": [5]}, {"name": two})
    assert [entry.name for entry in filtered(suite, Filters(solvers=(two,))).solver] == [two]
    three = lab.solver("three")
    (added,) = filtered(suite, Filters(solvers=(three,))).solver
    assert (added.name, added.ladder) == (three, True)
    seeded = filtered(suite, Filters(seeds=(7, 8)))
    assert (seeded.seeds, seeded.solver[0].seeds) == ([7, 8], None)
    assert filtered(suite, Filters(device="gpu")).device == "gpu"
    with pytest.raises(UnknownName, match="dataset of this suite"):
        filtered(suite, Filters(datasets=("fre",)))
    with pytest.raises(UnknownName, match="Unknown solver"):
        filtered(suite, Filters(solvers=("nobody",)))


def test_what_is_there_is_not_run_again_unless_asked(lab):
    good, bad = lab.solver("good"), lab.solver("bad", "raise ValueError")
    suite = lab.suite(good, bad)
    lab.run(good)
    planned, here = plan(suite), hardware()["id"]

    def left(*only: str, where: str = here) -> list[str]:
        return sorted(item.cell.solver.name for item in chosen(planned, lab.store.known(), where, only))

    assert left("missing") == ["bad"]
    assert left("missing", where="elsewhere") == ["bad", "good"]
    lab.run(bad)
    assert left("missing") == []
    assert left("failed") == ["bad"]
    assert left("all") == ["bad", "good"]
    assert left("stale") == []
    path = lab.folder / "good.py"
    path.write_text(path.read_text().replace("A solver for tests", "Another docstring") + "\n# a comment\n")
    assert left("stale") == []
    path.write_text(path.read_text().replace("self.calls += 1", "self.calls += 2"))
    assert left("stale", "missing") == ["good"]
    assert left("failed", "stale") == left("failed", "stale", "missing") == ["bad", "good"]
    assert left("failed", "stale", "missing", where="elsewhere") == ["bad", "good"]
    assert left("failed", "stale", where="elsewhere") == []
    assert left("all", where="elsewhere") == left("all", "failed") == ["bad", "good"]
    with pytest.raises(UnknownName, match="Did you mean 'stale'"):
        left("stael")
