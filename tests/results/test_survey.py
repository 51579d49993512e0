"""A survey says of a folder what reading it whole says, and reads again only what is new."""

from __future__ import annotations

from pathlib import Path

import pytest
from test_store import make

from kineticbench.contracts import InvalidInput
from kineticbench.results import glance, survey
from kineticbench.results.record import Metrics, Scores, Solve
from kineticbench.results.store import Store, current
from kineticbench.results.survey import Survey

NAME = 'strange "name"\n\\ é ∂ [red]'


def strange(**changes):
    record = make(**changes)
    solver = record.settings.solver.model_copy(update={"name": NAME, "setting": NAME})
    return record.model_copy(update={"settings": record.settings.model_copy(update={"solver": solver})})


def filled(folder: Path) -> Store:
    store = Store(folder)
    fit = {"code": "f", "id": None, "amortised": True, "data_s": 0.0, "fit_s": 0.0, "hardware": None}
    store.write(make())
    store.write(make(run="20260103T030405Z-0000", state="error", reason='said "no"\n "state": "ok"'))
    store.write(make(hardware="there", run="20260104T030405Z-0000", fit=fit, solve=Solve(noisy=True)))
    store.write(strange(cell="b" * 64, state="timeout", reason="x", metrics=Metrics(code="m")))
    other = strange(cell="c" * 64)
    (folder / f"{other.cell}.{other.run}.json").write_text(other.model_dump_json(by_alias=True))  # another layout
    return store


def test_it_agrees_with_reading(tmp_path: Path):
    store = filled(tmp_path)
    seen = Survey(store)
    seen.look()
    records = current(store.read().records)
    assert len(seen.attempts) == 5
    for it, record in zip(seen.cells, records, strict=True):
        settings = record.settings
        assert (it.cell, it.run, it.state, it.reason) == (record.cell, record.run, record.state, record.reason)
        assert (it.dataset, it.solver, it.setting) == ("free", settings.solver.name, settings.solver.setting)
        assert (it.hardware, it.codes) == (record.hardware.id, record.codes)
        assert it.noisy == (record.solve is not None and record.solve.noisy)
    assert seen.skipped == {}
    assert {it.solver for it in seen.cells} == {"pic", NAME}
    assert sum(it.noisy for it in seen.cells) == 1


def test_what_is_torn_foreign_or_misnamed_is_named_as_reading_names_it(tmp_path: Path):
    store = filled(tmp_path)
    text = make().json_text()
    run = "20260102T030405Z-0000"
    (tmp_path / f"{'d' * 64}.{run}.json").write_text(text[: len(text) // 2])
    (tmp_path / f"{'e' * 64}.{run}.json").write_text(text)
    (tmp_path / f"{'a' * 64}.{run}.scores-{'1' * 16}.json").write_text('{"schema"')
    (tmp_path / f"{'f' * 64}.{run}.json").write_text(text.replace('"state": "ok"', '"state": null'))
    (tmp_path / "notes.json").write_text("{}")
    (tmp_path / f"{'9' * 64}.{run}.json").mkdir()
    seen = Survey(store)
    seen.look()
    read = store.read()
    assert set(seen.skipped) == set(read.skipped)
    assert len(seen.skipped) == 6
    assert len(seen.attempts) == len(read.records) == 5
    for name, reason in read.skipped.items():
        assert seen.skipped[name] == reason or name.startswith("9")


def test_only_what_is_new_is_read_again(tmp_path: Path, monkeypatch):
    store = filled(tmp_path)
    seen = Survey(store)
    seen.look()
    read = []
    monkeypatch.setattr(survey, "whole", lambda path: read.append(path) or glance.whole(path))
    store.write(make(cell="9" * 64))
    scores = {"cell": "a" * 64, "run": "20260102T030405Z-0000", "created": "2026", "metrics": Metrics(code="b" * 16)}
    store.write_scores(Scores.model_validate(scores))
    seen.look()
    assert len(read) == 2
    assert len(seen.attempts) == 6
    next(tmp_path.glob("9*.json")).unlink()
    seen.look()
    assert (len(read), len(seen.attempts), seen.skipped) == (2, 5, {})
    with pytest.raises(InvalidInput, match="no results folder"):
        Survey(Store(tmp_path / "nowhere")).look()
