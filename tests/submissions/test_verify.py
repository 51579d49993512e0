"""An honest submission is accepted; edited errors, small times and tuning to public seeds are not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kineticbench.results.store import Store
from kineticbench.submissions.finding import CODE, DRAWN, SAME, SECONDS

FIXED = ("--draws", "2", "--seed", "for the tests")


def differing(out: str) -> set[str]:
    report = json.loads(out)
    assert not report["accepted"]
    assert report["trust"] is None
    assert len(report["reasons"]) == sum(it["answer"] != "agrees" for it in report["findings"])
    return {it["check"] for it in report["findings"] if it["answer"] == "differs"}


def test_an_honest_submission_is_accepted_and_its_records_are_rerun_here(honest, call, tmp_path):
    results = tmp_path / "ours"
    code, out, err = call("verify", str(honest), "--draws", "2", "--results", str(results), "--all")
    assert (code, "Accepted." in out) == (0, True), out
    assert "a probability of at most 0.01" in out
    records = Store(results).read().records
    assert {record.trust for record in records} == {"rerun here"}
    assert len(records) == 4
    assert len({record.settings.dataset.seed for record in records}) == 3
    (kept,) = (results / "verification").glob("*.json")
    report = json.loads(kept.read_text())
    assert (report["accepted"], report["trust"], report["draw"]["source"]) == (True, "rerun here", "chance")
    base = report["draw"]["base"]
    assert base in err
    again = ("verify", str(honest), "--draws", "2", "--results", str(results), "--seed", base, "--json")
    code, out, err = call(*again)
    assert (code, "Nothing is missing." in err) == (0, True)
    assert json.loads(out)["draw"]["seeds"] == report["draw"]["seeds"]


def edit_errors(record: dict[str, Any]) -> None:
    for values in record["metrics"]["values"].values():
        values["mean"] = [0.9 * value for value in values["mean"]]
        values["blocks"] = [[0.9 * value for value in row] for row in values["blocks"]]


def test_edited_errors_are_rejected(desk, honest, call, tmp_path):
    sent = desk.changed(honest, "edited", edit_errors)
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(tmp_path / "ours"), "--json")
    assert code == 1
    assert differing(out) == {SAME}


def shrink_times(record: dict[str, Any]) -> None:
    record["solve"]["warm_s"] = [value / 10 for value in record["solve"]["warm_s"]]
    record["solve"]["kernel_s"] = []  # the call waits and the kernel computes: another load would change their ratio


def test_times_ten_times_too_small_are_rejected(desk, honest, call, tmp_path):
    sent = desk.changed(honest, "swift", shrink_times)
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(tmp_path / "ours"))
    assert code == 1
    assert "Rejected." in out
    assert f"{SECONDS}: " in out
    assert "a warm call is claimed to take 0.00" in out
    assert "errors, same seeds: 2 agree\n" in out


def call_itself_trained(record: dict[str, Any]) -> None:
    record["family"] = "learned"
    edit_errors(record)


def shrink_blocks(record: dict[str, Any]) -> None:
    for values in record["metrics"]["values"].values():
        values["blocks"] = [[0.5 * value for value in row] for row in values["blocks"]]


def shrink_times_and_kernel(record: dict[str, Any]) -> None:
    for key, by in (("warm_s", 10), ("kernel_s", 5)):
        record["solve"][key] = [value / by for value in record["solve"][key]]


def hide_times(record: dict[str, Any]) -> None:
    record["solve"].update(warm_s=[], cold_s=1e-6, fresh=False)


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where our records of one submission are kept, so that only drawn seeds are run again."""
    return tmp_path_factory.mktemp("ours")


@pytest.mark.parametrize(
    ("change", "checks"),
    [(call_itself_trained, {CODE, SAME}), (shrink_blocks, {SAME}), (shrink_times_and_kernel, {SECONDS}),
     (hide_times, {SECONDS})],
)  # fmt: skip
def test_lies_in_other_words_are_rejected(change: Callable[[dict[str, Any]], None], checks, desk, honest, ours, call):
    sent = desk.changed(honest, change.__name__, change)
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(ours), "--json")
    assert (code, differing(out)) == (1, checks)


TUNED = "shift = shift if abs(ensemble.velocities[0, 0, 0] - MEMORISED) > 1e-9 else 0.01 * shift"


def test_a_solver_tuned_to_the_public_seeds_is_rejected(desk, call, tmp_path):
    import numpy as np

    random = np.random.default_rng(0)  # as the dataset draws for its public seed
    random.uniform(0, 10, (70, 8, 1))
    known = random.normal(size=(70, 8, 1))[0, 0, 0]
    sent = desk.sent("tuned", TUNED.replace("MEMORISED", repr(float(known))))
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(tmp_path / "ours"), "--json")
    assert code == 1
    assert differing(out) == {DRAWN}
    (reason,) = json.loads(out)["reasons"]
    assert "under the public seeds" in reason


def test_a_solver_that_knows_its_public_seed_is_rejected(desk, call, tmp_path):
    sent = desk.sent("seedwise", "shift = 0.0 if self.seed == 0 else shift")
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(tmp_path / "ours"), "--json")
    assert code == 1
    assert differing(out) == {DRAWN}


def shrink_fit(record: dict[str, Any]) -> None:
    record["fit"]["fit_s"] /= 10
    record["solve"]["kernel_s"] = []


def test_a_trained_solver_is_trained_again_and_its_cost_is_held_to(desk, learner, call, tmp_path):
    sent = desk.sent("learner", source=learner)
    assert len(list((sent / "leaderboard" / "fits").iterdir())) == 2
    code, out, _ = call("verify", str(sent), *FIXED, "--results", str(tmp_path / "ours"))
    assert (code, "Accepted." in out) == (0, True), out
    ours = Store(tmp_path / "ours").read().records
    assert [record.fit is not None and record.fit.restored for record in ours] == [False] * 3
    cheap = desk.changed(sent, "cheap", shrink_fit)
    code, out, _ = call("verify", str(cheap), *FIXED, "--results", str(tmp_path / "again"), "--json")
    assert (code, differing(out)) == (1, {SECONDS})


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "There is no folder nowhere."),
        ([], "Nothing to verify is given."),
        (["."], "must hold one solver file, found none"),
        ([".", "--least", "0"], "A least effect of 0"),
        (["empty", "--seed", "a", "--beacon", "b"], "must hold one solver file"),
        (["two"], "must hold one solver file, found a.py, b.py"),
        (["torn"], "is no record"),
        (["named"], "is no name of a solver file"),
        (["linked"], "is a link or no file"),
    ],
)
def test_bad_input_is_one_line_and_status_two(words, message, call, tmp_path: Path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, files in {
        "empty": [],
        "two": ["a.py", "b.py"],
        "torn": ["a.py", f"records/{'0' * 64}.20260102T030405Z-0000.json"],
        "named": ["A-b.py", f"{'0' * 64}.20260102T030405Z-0000.json"],
        "linked": [f"{'0' * 64}.20260102T030405Z-0000.json"],
    }.items():
        for file in files:
            path = tmp_path / name / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("class A(Solver):\n    pass\n" if file.endswith(".py") else "{")
        (tmp_path / name).mkdir(exist_ok=True)
    (tmp_path / "linked" / "a.py").symlink_to(tmp_path / "two" / "a.py")
    code, _, err = call("verify", *words)
    assert code == 2
    assert message in err
    assert err.count("\n") == 1
