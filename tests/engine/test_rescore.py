"""Stored solutions are scored again where metrics changed; what cannot be scored is told and hinders nothing."""

from __future__ import annotations

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.engine import scoring
from kineticbench.engine.problems import Problems
from kineticbench.engine.rescore import IN_ORDER, rescore
from kineticbench.results.store import Store, current


@pytest.fixture
def filled(lab, listed) -> Store:
    """Three records."""
    lab.run(*({"name": lab.solver("good"), "settings": [{"shift": shift} for shift in (0.0, 0.5, 1.0)]},))
    return lab.store


def reasons(store: Store, every: bool = False) -> list[str | None]:
    return [reason for _, reason in rescore(store, current(store.read().records), every)]


def test_a_changed_metric_is_scored_once(filled, monkeypatch):
    assert reasons(filled) == ["Its scores are up to date."] * 3
    before = {path: path.read_bytes() for path in filled.folder.glob("*.json")}
    monkeypatch.setattr(scoring, "code", lambda _names: "f" * 64)
    old = filled.read().records
    assert reasons(filled) == [None] * 3
    assert reasons(filled) == ["Its scores are up to date."] * 3
    assert {path: path.read_bytes() for path in before} == before
    for record, was in zip(filled.read().records, old, strict=True):
        assert record.metrics is not None
        assert was.metrics is not None
        assert (record.metrics.code, record.metrics.values) == ("f" * 64, was.metrics.values)


def test_what_was_scored_before_an_interruption_stays(filled, monkeypatch):
    monkeypatch.setattr(scoring, "code", lambda _names: "f" * 64)
    real, calls = scoring.score, []

    def interrupted(*arguments):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(scoring, "score", interrupted)
    with pytest.raises(KeyboardInterrupt):
        reasons(filled)
    assert sorted(map(str, reasons(filled))) == ["Its scores are up to date.", "None", "None"]


def test_solutions_that_are_gone_or_not_what_they_were_are_passed_over(filled):
    gone, torn, _ = sorted((filled.folder / "solutions").iterdir())
    gone.unlink()
    torn.write_bytes(torn.read_bytes()[:-10])
    told = sorted(filter(None, reasons(filled, every=True)))
    assert len(told) == 2
    for path, reason in zip((gone, torn), told, strict=True):
        assert reason == f"{path} is missing or not the file its record speaks of. Run the cell again."
    assert not set(told) & set(IN_ORDER)


def test_a_dataset_that_breaks_is_told_and_a_full_disk_ends_it(filled, monkeypatch):
    def full(_scores):
        raise InvalidInput("Cannot write: No space left on device.")

    with monkeypatch.context() as patch:
        patch.setattr(filled, "write_scores", full)
        with pytest.raises(InvalidInput, match="No space"):
            reasons(filled, every=True)

    def broken(*_arguments):
        raise OSError("no tape")

    monkeypatch.setattr(Problems, "problem", broken)
    assert reasons(filled, every=True) == ["OSError: no tape"] * 3


def test_a_record_opens_no_file_that_it_names(filled, lab, tmp_path):
    marker = tmp_path / "opened"
    evil = tmp_path / "evil.py"
    evil.write_text(f"open({str(marker)!r}, 'w')\n" + lab.dataset.read_text())
    paths = sorted(filled.folder.glob("*.json"))
    paths[0].write_text(paths[0].read_text().replace('"name": "free"', f'"name": "{evil}"'))
    paths[1].write_text(paths[1].read_text().replace('"file": "solutions/', '"file": "../solutions/'))
    told = sorted(map(str, reasons(filled, every=True)))
    assert "A record names no files." in told[1]
    assert "is no file beside a record" in told[0]
    assert told[2] == "None"
    assert not marker.exists()
