"""Records are written whole or not at all, never edited, and whatever is foreign is passed over and named."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest
from pydantic import ValidationError

from kineticbench.contracts import InvalidInput
from kineticbench.results.record import Code, Hardware, Limits, Metrics, Record, Scores, Settings
from kineticbench.results.store import RECORD_NAME, Known, Store, current, new_run, next_run

SETTINGS = {
    "dataset": {"name": "free", "parameters": {"n": 3}, "split": "test", "cases": None, "seed": 0},
    "solver": {"name": "pic", "setting": "default", "parameters": {}},
    "seed": 0,
    "device": "cpu",
    "threads": 1,
    "precision": "float64",
}


def make(cell: str = "a" * 64, run: str = "20260102T030405Z-0000", hardware: str = "here", **changes) -> Record:
    fields = {
        "cell": cell,
        "run": run,
        "state": "ok",
        "reason": None,
        "settings": Settings.model_validate(SETTINGS),
        "limits": Limits(seconds=1.0, bytes=1),
        "code": Code(hash="c"),
        "hardware": Hardware(id=hardware, cpu="a cpu"),
        "packages": {},
    }
    return Record.model_validate(fields | changes)


def test_a_record_comes_back_as_it_was_written(tmp_path: Path):
    store = Store(tmp_path / "deep" / "results")
    record = make(metrics=Metrics(code="m", names=["w"], missing={"w": "none"}), diagnostics={"loss": [1.0, None]})
    path = store.write(record)
    assert store.read().records == [record]
    assert json.loads(path.read_text())["schema"] == "kineticbench/record/1"
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize(
    "broken",
    [{"diagnostics": {"x": float("nan")}}, {"diagnostics": {"x": float("inf")}}, {"extra": 1}, {"cell": "short"},
     {"state": "fine"}, {"limits": {"seconds": -1.0, "bytes": 1}}],
)  # fmt: skip
def test_what_is_not_finite_unknown_or_impossible_is_refused(broken):
    with pytest.raises(ValidationError):
        make(**broken)


def test_torn_foreign_and_misnamed_files_are_named(tmp_path: Path):
    store = Store(tmp_path)
    whole = store.write(make())
    text = whole.read_text()
    torn = tmp_path / f"{'b' * 64}.20260102T030405Z-0000.json"
    torn.write_text(text[: len(text) // 2])
    misnamed = tmp_path / f"{'c' * 64}.20260102T030405Z-0000.json"
    misnamed.write_text(text)
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / "other.txt").write_text("")
    contents = store.read()
    assert len(contents.records) == 1
    assert set(contents.skipped) == {torn.name, misnamed.name, "notes.json"}
    assert "another cell" in contents.skipped[misnamed.name]


def test_the_newest_ok_counts_for_each_hardware():
    first, failed = make(run="20260102T030405Z-0000"), make(run="20260103T030405Z-0000", state="error", reason="x")
    second, there = make(run="20260102T040405Z-0000"), make(hardware="there", state="timeout", reason="x")
    assert current([failed, second, first, there]) == [second, there]
    assert current([failed]) == [failed]


def test_new_scores_replace_the_old_and_the_record_stays(tmp_path: Path):
    store = Store(tmp_path)
    path = store.write(make(trust="self-reported", metrics=Metrics(code="old")))
    before = path.read_bytes()
    for code, created in (("b" * 64, "2026-02-01"), ("a" * 64, "2026-03-01")):
        scores = {"cell": "a" * 64, "run": "20260102T030405Z-0000", "created": created, "metrics": Metrics(code=code)}
        store.write_scores(Scores.model_validate(scores))
    (record,) = store.read().records
    assert record.metrics is not None
    assert (record.metrics.code, record.trust) == ("a" * 64, "rescored here")
    assert path.read_bytes() == before


def test_runs_sort_by_time_and_never_clash():
    runs = [new_run() for _ in range(2000)]
    assert len(set(runs)) == 2000
    time.sleep(0.002)
    assert new_run() > runs[-1]


def test_a_clock_that_is_set_back_leaves_the_order(tmp_path: Path):
    store = Store(tmp_path)
    for run in ("29990102T030405Z-0000", "29990102T030405Z-ffff"):
        assert store.new_run() > max(store.known(), key=lambda it: it.run, default=Known("", "", "", "", "", "")).run
        store.write(make(run=run))
    assert store.new_run() == "29990102T030406Z-0000"
    assert next_run("20261231T235959Z-ffff") == "20270101T000000Z-0000"
    assert next_run("20260102T030405Z-00a9f") == "20260102T030405Z-00aa0"


def test_a_glance_agrees_with_reading(tmp_path: Path):
    store = Store(tmp_path)
    hostile = '\n "state": "ok"\n "hardware": {\n  "id": "fake"\n}\n'
    for number, state in enumerate(("ok", "error", "out-of-memory")):
        store.write(make(run=f"20260102T03040{number}Z-0000", state=state, reason=hostile, command=hostile))
    fit = {"code": "f", "id": None, "amortised": True, "data_s": 0.0, "fit_s": 0.0, "hardware": None}
    store.write(make(run="20260102T030404Z-0000", fit=fit))
    compact = make(run="20260102T030409Z-0000", fit=fit)
    name = f"{compact.cell}.{compact.run}.json"
    (tmp_path / name).write_text(compact.model_dump_json(by_alias=True))  # as another program may write it
    (tmp_path / name.replace("409Z", "408Z")).write_text(compact.json_text()[:-40])  # torn
    records = store.read().records
    assert len(records) == 5
    assert store.known() == [
        Known(r.cell, r.run, r.state, r.hardware.id, r.code.hash, r.fit.code or "" if r.fit else "") for r in records
    ]
    assert store.known({records[0].cell}) == store.known()
    assert store.known({"0" * 64}) == []
    assert Store(tmp_path / "nowhere").known() == []


def test_a_folder_that_cannot_be_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InvalidInput, match=r"cannot be written to.*--results"):
        Store(tmp_path / "file" / "results").prepare()


def test_a_full_disk_leaves_no_half_record(tmp_path: Path, monkeypatch):
    store = Store(tmp_path)
    store.write(make())

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InvalidInput, match="No space left"):
        store.write(make(run="20260102T030406Z-0000"))
    monkeypatch.undo()
    assert len(store.read().records) == 1
    assert len(list(tmp_path.iterdir())) == 1


def test_a_missing_folder_is_an_error(tmp_path: Path):
    with pytest.raises(InvalidInput, match="no results folder"):
        Store(tmp_path / "nowhere").read()


def test_a_reason_is_one_line_that_shows_what_it_holds(tmp_path: Path):
    text = make().json_text().replace('"solver": {', '"solver": {"a\\n\\u202e\\u001b[31m": 1,')
    (tmp_path / f"{'a' * 64}.20260102T030405Z-0000.json").write_text(text)
    (reason,) = Store(tmp_path).read().skipped.values()
    assert reason.startswith(r"settings.solver.a\n\u202e\x1b[31m: Extra inputs")
    assert reason.isprintable()


@pytest.mark.parametrize("run", ["99991231T235959Z-ffff", "99999999T999999Z-ffff"])
def test_a_record_from_the_end_of_time_is_told(tmp_path: Path, run: str):
    (tmp_path / f"{'a' * 64}.{run}.json").write_text("{}")
    with pytest.raises(InvalidInput, match=f"attempt {run} has a time that cannot be"):
        Store(tmp_path).new_run()


def test_a_name_that_ends_in_a_new_line_is_that_of_no_record():
    name = f"{'0' * 64}.20261127T020026Z-79f9d1a1f.json"
    assert RECORD_NAME.match(name) is not None
    assert RECORD_NAME.match(f"{name}\n") is None
