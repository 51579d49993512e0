"""Two folders of records: what got worse is found and named, what did not is not."""

import numpy as np
import pytest
from compared import SOLVERS, factory, folder

from kineticbench.contracts.errors import InvalidInput
from kineticbench.ranking.change import FIT, SOLVE, STATE
from kineticbench.ranking.compare import compare
from kineticbench.results.record import Record


def verdicts(found, verdict):
    return {(change.solver, change.quantity) for change in found.of(verdict)}


def test_the_same_is_the_same():
    found = compare(folder(1), folder(2))
    assert {change.verdict for change in found.changes} == {"same"}
    assert len(found.changes) == 7 * 3
    assert (found.runs, found.hardware, found.old_only, found.new_only) == ((3, 3), True, (), ())


def test_each_kind_of_regression_is_found_and_nothing_else():
    before = folder(1)
    slow = compare(before, folder(2, slower="pic"))
    assert verdicts(slow, "worse") == {("pic", SOLVE)}
    (change,) = slow.of("worse")
    assert change.low is not None
    assert change.ratio is not None
    assert change.high is not None
    assert 1.3 < change.low < change.ratio < change.high < 1.8
    assert change.chance < 0.025
    wrong = compare(before, folder(2, worse="sheets"))
    assert verdicts(wrong, "worse") == {("sheets", "w1")}
    assert wrong.of("worse")[0].ratio == pytest.approx(1.1)
    assert verdicts(compare(before, folder(2, broken="blob")), "worse") == {("blob", "drift")}
    assert verdicts(compare(folder(1, slower="pic", worse="sheets", broken="blob"), folder(2)), "better") == {
        ("pic", SOLVE),
        ("sheets", "w1"),
        ("blob", "drift"),
    }


def test_a_smaller_effect_than_asked_for_is_none():
    before, after = folder(1), folder(2, worse="sheets")
    assert not compare(before, after, least=0.2).of("worse")
    assert compare(before, after, least=0.05).of("worse")


def test_single_runs_of_few_solvers_leave_seconds_unclear():
    def few(seed, slower=None):
        return [r for r in folder(seed, 1, slower) if r.settings.solver.name in ("pic", "blob")]

    found = compare(few(1), few(2, "pic"))
    assert ("pic", SOLVE) in verdicts(found, "unclear")
    assert not found.of("worse")


def test_what_fails_now_is_worse_and_says_why():
    before = folder(1, 1)
    after = [r for r in folder(2, 1) if r.settings.solver.name != "pic"]
    after.append(factory.record("pic", state="diverged", reason="Not finite at t = 3.", run="20261122T120001Z-0001"))
    found = compare(before, after)
    assert verdicts(found, "worse") == {("pic", STATE)}
    assert found.of("worse")[0].note == "ok → diverged: Not finite at t = 3."
    assert verdicts(compare(after, before), "better") == {("pic", STATE)}


def test_metrics_that_are_lost_or_not_finite_are_worse():
    before = [factory.record(errors={"w1": 0.1, "l2": 0.2})]
    gone = factory.record(errors={"w1": 0.1})
    missing = gone.model_copy(update={"metrics": gone.metrics.model_copy(update={"missing": {"l2": "No density."}})})
    (change,) = compare(before, [missing]).of("worse")
    assert (change.quantity, change.note) == ("l2", "not measured any more: No density.")
    values = before[0].metrics.values["l2"]
    holed = values.model_copy(update={"blocks": [*values.blocks[:-1], [None] * len(values.blocks[-1])]})
    metrics = before[0].metrics.model_copy(update={"values": {**before[0].metrics.values, "l2": holed}})
    (change,) = compare(before, [before[0].model_copy(update={"metrics": metrics})]).of("worse")
    assert (change.quantity, change.time, change.note) == ("l2", 1.0, "not finite any more")


def test_seeds_are_taken_together_and_their_luck_is_not_a_change():
    random = np.random.default_rng(0)

    def lucky(spread):
        return [
            factory.record("sbtm", seed=seed, cases=1, errors={"w1": 0.05 * random.lognormal(0, spread)}, floor=0.0)
            for seed in range(5)
        ]

    found = compare(lucky(0.3), lucky(0.3))
    assert not found.of("worse")
    (change,) = [change for change in found.changes if change.quantity == "w1"]
    assert change.seeds == (0, 1, 2, 3, 4)
    assert change.low is not None
    assert change.high is not None
    assert change.low < 1 < change.high


def test_one_training_is_luck():
    def trained(error, seeds=1):
        return [
            factory.record("pinn_pm", errors={"w1": error}, cases=1, seed=seed, family="learned", floor=0.0)
            for seed in range(seeds)
        ]

    found = compare(trained(0.1), trained(0.15))
    assert (verdicts(found, "worse"), verdicts(found, "unclear")) == (set(), {("pinn_pm", "w1")})
    assert "several seeds" in found.of("unclear")[0].note
    assert compare(trained(0.1, 3), trained(0.15, 3)).of("worse")
    assert not compare(trained(0.1), trained(0.1)).of("unclear")


def test_errors_below_what_the_reference_knows_are_equal():
    before = [factory.record(errors={"w1": 1e-5}, floor=1e-3)]
    after = [factory.record(errors={"w1": 5e-5}, floor=1e-3)]
    assert not compare(before, after).of("worse")
    assert compare(before, [factory.record(errors={"w1": 5e-3}, floor=1e-3)]).of("worse")


def test_fits_that_were_made_are_timed():
    def trained(seconds, restored=False):
        made = []
        for number, solver in enumerate(SOLVERS):
            record = factory.record(solver, fit=seconds * (1 + 0.01 * number), family="learned")
            made.append(record.model_copy(update={"fit": record.fit.model_copy(update={"restored": restored})}))
        return made

    slow = trained(10.0)
    slow[0] = factory.record("blob", fit=20.0, family="learned")
    assert verdicts(compare(trained(10.0), slow), "worse") == {("blob", FIT)}
    assert not any(change.quantity == FIT for change in compare(trained(10.0), trained(20.0, restored=True)).changes)


def test_seconds_of_other_machines_are_not_compared():
    found = compare(folder(1, hardware=factory.OTHER), folder(2, slower="pic"))
    assert not found.hardware
    assert not any(change.quantity == SOLVE for change in found.changes)


def test_only_runs_of_the_newest_code_count():
    old = [
        record.model_copy(update={"code": record.code.model_copy(update={"hash": "a" * 64})}) for record in folder(1)
    ]
    older = [
        record.model_copy(update={"run": record.run.replace("1122", "1121")}) for record in folder(3, slower="pic")
    ]
    assert not compare([*older, *old], folder(2)).of("better")


def test_what_cannot_be_compared_is_said():
    with pytest.raises(InvalidInput, match="no cell in common"):
        compare([factory.record("pic")], [factory.record("blob")])
    with pytest.raises(InvalidInput, match="no cell in common"):
        compare([], [])
    for least, confidence in ((0, 0.95), (float("nan"), 0.95), (0.1, 1.0), (0.1, -1)):
        with pytest.raises(InvalidInput, match="cannot be meant"):
            compare(folder(1, 1), folder(2, 1), least, confidence)
    found = compare([*folder(1, 1), factory.record("gone")], [*folder(2, 1), factory.record("fresh")])
    assert (len(found.old_only), len(found.new_only)) == (1, 1)


@pytest.mark.parametrize("change", [{"bar": []}, {"mean": []}, {"blocks": []}, {"times": []}, {"floor": [0.0] * 9}])
def test_figures_that_do_not_fit_stop_nothing(change):
    data = folder(1)[0].model_dump(by_alias=True)
    data["settings"]["dataset"]["cases"] = 2**63
    good = Record.model_validate(data)
    for values in data["metrics"]["values"].values():
        values |= change
    odd = Record.model_validate(data)
    assert compare([odd], [odd]).of("worse") == []
    assert {change.note for change in compare([good], [odd]).of("worse")} == {"not measured any more"}
