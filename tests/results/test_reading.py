"""Reading with and without a cache gives what `Store.read` gives, whatever the cache holds."""

from __future__ import annotations

import importlib.util
import os
import random
import sys
from pathlib import Path

import pytest

from kineticbench.contracts import InvalidInput
from kineticbench.ranking.boards import boards
from kineticbench.results import glance, reading
from kineticbench.results.record import Metrics, Record, Scores
from kineticbench.results.store import Store


def _load(path: str):
    spec = importlib.util.spec_from_file_location(Path(path).stem, Path(__file__).parents[1] / path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


factory, synthetic = _load("site/record_factory.py"), _load("support/synthetic_records.py")


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "records")
    for record in factory.suite():
        store.write(record)
    age(store.folder)
    return store


def age(folder: Path) -> None:
    """Make files look as if they had been written long ago."""
    for path in folder.glob("*.json"):
        os.utime(path, (1e9, 1e9), follow_symlinks=False)


def ranking(records) -> list:
    """All that ranking says of some records."""
    return [
        (
            board.variant,
            board.place,
            board.metrics,
            [board.reach(level) for level in board.levels()],
            [
                [s.entry.solver, s.entry.setting, s.tier, s.frontier, s.interval, s.overtakes, s.entry.cost]
                + [s.entry.reason, s.entry.memory]
                + [sample and sample.mean for sample in map(s.entry.sample, board.metrics)]
                + [s.entry.missing(metric) for metric in board.metrics]
                for s in board.standings
            ],
        )
        for board in boards(records)
    ]  # fmt: skip


def test_attempts_rank_as_their_records_do(store: Store, tmp_path: Path):
    expected = ranking(store.read().records)
    for cache in (None, tmp_path / "cache", tmp_path / "cache"):
        assert ranking(reading.read(store.folder, cache).records) == expected


def test_an_attempt_says_what_its_record_says(store: Store, tmp_path: Path):
    contents = reading.read(store.folder)
    whole = {(record.cell, record.run): record for record in store.read().records}
    assert [(r.cell, r.run) for r in sorted(whole.values(), key=lambda r: (r.run, r.cell))] == [
        (r.cell, r.run) for r in contents.records
    ]
    for attempt in contents.records:
        record = whole[attempt.cell, attempt.run]
        assert contents.record(attempt) == record
        for name in ("state", "reason", "trust", "family", "hardware", "codes"):
            assert getattr(attempt, name) == getattr(record, name)
        for name in ("dataset", "solver", "seed", "device", "threads", "precision"):
            assert getattr(attempt.settings, name) == getattr(record.settings, name)
        if record.solve is not None and attempt.solve is not None:
            for name in ("cases", "cold_s", "fresh", "warm_s", "home_s", "peak_bytes", "baseline_bytes", "noisy"):
                assert getattr(attempt.solve, name) == getattr(record.solve, name)
        if record.metrics is not None and attempt.metrics is not None:
            assert list(attempt.metrics.values) == list(record.metrics.values)
            for name, values in record.metrics.values.items():
                held = attempt.metrics.values[name]
                assert (held.times, held.mean, held.floor, held.bar) == (
                    values.times, values.mean, values.floor, values.bar)  # fmt: skip
                assert held.blocks.tolist() == values.blocks


def test_only_what_has_changed_is_read_again(store: Store, tmp_path: Path, monkeypatch):
    cache = tmp_path / "cache"
    first = reading.read(store.folder, cache)
    read: list[str] = []
    pack = reading._pack
    monkeypatch.setattr(reading, "_pack", lambda *args: (read.append(args[2]), pack(*args)))
    assert reading.read(store.folder, cache).records == first.records or not read
    assert read == []
    added = store.write(factory.record("another"))
    assert len(reading.read(store.folder, cache).records) == len(first.records) + 1
    assert read == [added.name]
    added.unlink()
    assert len(reading.read(store.folder, cache).records) == len(first.records)
    assert read == [added.name]


def test_a_record_changed_in_place_is_seen(store: Store, tmp_path: Path):
    cache = tmp_path / "cache"
    path = store.write(factory.record("another", warm=0.125))
    for warm in (0.125, 0.375, 0.625):  # the same size each time, within one tick of a coarse clock
        path.write_text(factory.record("another", warm=warm).json_text())
        (found,) = [r for r in reading.read(store.folder, cache).records if r.settings.solver.name == "another"]
        assert found.solve is not None
        assert found.solve.warm_s[0] == warm
    before = found.content
    path.write_text("{}")
    contents = reading.read(store.folder, cache)
    assert path.name in contents.skipped
    path.write_text(factory.record("another", warm=0.625).json_text())
    (found,) = [r for r in reading.read(store.folder, cache).records if r.settings.solver.name == "another"]
    assert found.content == before


def test_a_corrupt_cache_is_made_again(store: Store, tmp_path: Path):
    cache = tmp_path / "cache"
    expected = ranking(reading.read(store.folder, cache).records)
    chance = random.Random(5)
    shelves = sorted(cache.glob("*.shelf"))
    assert shelves
    for trial in range(30):
        for path in shelves:
            held = bytearray(path.read_bytes())
            match trial % 5:
                case 0:
                    held = held[: chance.randrange(len(held))]
                case 1:
                    held[chance.randrange(min(60, len(held)))] ^= 1 << chance.randrange(8)
                case 2:
                    held[chance.randrange(len(held))] ^= 1 << chance.randrange(8)
                case 3:
                    held = bytearray(chance.randbytes(500))
                case _:
                    held += b"more"
            path.write_bytes(held)
        assert ranking(reading.read(store.folder, cache).records) == expected
    shelves[0].unlink()
    shelves[0].mkdir()
    assert ranking(reading.read(store.folder, cache).records) == expected


def test_a_cache_that_cannot_be_written_is_done_without(store: Store, tmp_path: Path):
    (tmp_path / "file").write_text("")
    assert len(reading.read(store.folder, tmp_path / "file" / "cache").records) == len(store.read().records)


def test_a_cache_of_other_code_is_not_used(store: Store, tmp_path: Path, monkeypatch):
    reading.read(store.folder, tmp_path)
    monkeypatch.setattr(reading, "_version", lambda: "another")
    read: list[str] = []
    pack = reading._pack
    monkeypatch.setattr(reading, "_pack", lambda *args: (read.append(args[2]), pack(*args)))
    reading.read(store.folder, tmp_path)
    assert len(read) == len(store.read().records)


def test_new_scores_replace_the_old(store: Store, tmp_path: Path):
    record = next(r for r in store.read().records if r.metrics is not None)
    first = next(r for r in reading.read(store.folder, tmp_path).records if r.cell == record.cell)
    for code, created in (("b" * 64, "2026-02-01"), ("a" * 64, "2026-03-01")):
        scores = {"cell": record.cell, "run": record.run, "created": created, "metrics": {"code": code, "names": ["w"]}}
        store.write_scores(Scores.model_validate(scores))
    contents = reading.read(store.folder, tmp_path)
    found = next(r for r in contents.records if r.cell == record.cell)
    assert found.metrics is not None
    assert found.metrics.code == "a" * 64
    assert found.content != first.content
    assert contents.record(found).metrics == Metrics(code="a" * 64, names=["w"])


def test_hostile_files_are_named_and_nothing_hangs(tmp_path: Path):
    folder, cache = tmp_path / "records", tmp_path / "cache"
    synthetic.write(folder, 40)
    bad = synthetic.hostile(folder)
    os.mkfifo(folder / f"{'2' * 64}.20260102T030405Z-0000.json")
    huge = folder / f"{'3' * 64}.20260102T030405Z-0000.json"
    with huge.open("wb") as file:
        file.truncate(glance.LARGEST + 1)
    for _ in range(2):
        contents = reading.read(folder, cache)
        assert len(contents.records) == 40
        assert len(contents.skipped) == bad + 2
        assert all(len(why) < 300 for why in contents.skipped.values())


def test_figures_that_do_not_fit_or_are_too_large_stop_nothing(tmp_path: Path):
    store = Store(tmp_path)
    plain = factory.record("pic")
    changes = [
        {"times": []}, {"mean": []}, {"blocks": [[0.1], [0.1, 0.2], [], [], []]}, {"blocks": []}, {"floor": [None] * 5},
        {"blocks": [[1e200] * 64] * 5}, {"blocks": [[None] * 64] * 5}, {"bar": [-1e300] * 5}, {"blocks": [[]] * 5},
        {"blocks": [[-0.5] * 64] * 5}, {"blocks": [[0.0] * 64] * 5}, {"mean": [1e308] * 5},
    ]  # fmt: skip
    for number, change in enumerate(changes):
        data = factory.record(f"solver {number}").model_dump(by_alias=True)
        data["metrics"]["values"]["w1_position"] |= change
        store.write(Record.model_validate(data))
    odd = [("cold_s", 1e308), ("warm_s", [1e308, 1e308]), ("warm_s", []), ("cases", -5), ("cases", 0)]
    odd += [("cases", 10**400), ("peak_bytes", 10**4299)]
    for number, (key, value) in enumerate(odd):
        data = plain.model_dump(by_alias=True)
        data["settings"]["solver"]["name"] = f"clock {number}"
        data["solve"][key] = value
        data["cell"] = f"{number:064x}"
        store.write(Record.model_validate(data))
    store.write(plain)
    expected = ranking(store.read().records)
    contents = reading.read(tmp_path)
    assert contents.skipped == {}
    assert len(contents.records) == len(changes) + 8
    found = ranking(contents.records)
    assert [[row[:7] for row in board[4]] for board in found] == [[row[:7] for row in board[4]] for board in expected]


@pytest.mark.parametrize("helper", [sys.executable, "/bin/false"])
def test_a_second_process_helps_and_is_not_needed(tmp_path: Path, monkeypatch, helper: str):
    folder = tmp_path / "records"
    synthetic.write(folder, 300)
    age(folder)
    expected = ranking(reading.read(folder).records)
    monkeypatch.setattr(reading, "_HELPED_FROM", 10)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(sys, "executable", helper)
    assert ranking(reading.read(folder, tmp_path / "cache").records) == expected


def test_the_content_of_a_board_tells_whether_it_has_changed(store: Store):
    before = {board.variant.name: board.content for board in boards(reading.read(store.folder).records)}
    store.write(factory.record("another", dataset="landau_damping", dataset_parameters={"k": 0.5, "amplitude": 0.01},
                               cases=1, errors=factory.rates(0.1), times=[20.0]))  # fmt: skip
    after = {board.variant.name: board.content for board in boards(reading.read(store.folder).records)}
    assert before["gaussian_ensemble"] == after["gaussian_ensemble"]
    assert before["landau_damping"] != after["landau_damping"]
    assert boards(store.read().records)[0].content is None


def test_a_missing_folder_is_an_error_and_an_empty_one_is_not(tmp_path: Path):
    with pytest.raises(InvalidInput, match="no results folder"):
        reading.read(tmp_path / "nowhere")
    assert reading.read(tmp_path).records == []
