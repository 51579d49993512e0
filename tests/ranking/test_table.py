"""Boards as tables for download: every figure comes back, and no text is executed."""

import csv
import importlib.util
import io
import json
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet
import pytest
from typer.testing import CliRunner

from kineticbench.cli import app
from kineticbench.ranking.boards import boards
from kineticbench.ranking.table import columns, table
from kineticbench.results.cells import clean, content, harmless
from kineticbench.results.store import Store

_SPEC = importlib.util.spec_from_file_location("factory", Path(__file__).parents[1] / "site" / "record_factory.py")
assert _SPEC is not None
assert _SPEC.loader is not None
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)


def read(text: bytes, ending: str) -> list[dict]:
    if ending == ".json":
        return json.loads(text)
    if ending == ".parquet":
        return pyarrow.parquet.read_table(io.BytesIO(text)).to_pylist()
    return [{name: value or None for name, value in row.items()} for row in csv.DictReader(io.StringIO(text.decode()))]


@pytest.mark.parametrize("ending", [".csv", ".json", ".parquet"])
def test_every_standing_comes_back(ending):
    made = boards(factory.suite())
    rows = read(table(made, ending, lambda _: False), ending)
    standings = [(board, standing) for board in made for standing in board.standings]
    assert len(rows) == len(standings)
    for row, (board, standing) in zip(rows, standings, strict=True):
        entry = standing.entry
        assert (row["solver"], row["setting"], row["state"]) == (entry.solver, entry.setting, entry.state)
        assert row["record"] == f"{entry.first.cell}.{entry.first.run}"
        assert (row["tier"] is None) == (standing.tier is None)
        assert str(row["stale"]) == "False"
        if standing.interval is not None and standing.sample is not None:
            known = standing.interval
            assert int(row["tier"]) == standing.tier
            figures = [row[f"{board.metrics[0]} {part}"] for part in ("mean", "low", "high", "floor")]
            assert [None if value is None else float(value) for value in figures] == [
                known.estimate, known.low, known.high, standing.sample.floor]  # fmt: skip
        if entry.cost is not None:
            assert float(row["total_all_cases_s"]) == entry.cost.total(entry.cases)


def test_the_same_boards_give_the_same_bytes():
    for ending in (".csv", ".json", ".parquet"):
        assert table(boards(factory.suite()), ending) == table(boards(factory.suite()[::-1]), ending)


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t=", "\n@", " =", "\u200b=", "\x00=", "\uff1d"])
def test_a_spreadsheet_executes_nothing(begin):
    evil = f'{begin}HYPERLINK("http://x","y")'
    record = factory.record(evil, evil, state="error", reason=evil)
    rows = list(csv.reader(io.StringIO(table(boards([record]), ".csv").decode())))
    texts = [one for row in rows for one in row if "HYPERLINK" in one]
    assert len(texts) == 3
    assert all(one.startswith("'") for one in texts)


def test_numbers_stay_numbers_also_where_they_are_negative():
    assert content({"a": [-1.5, None], "b": ["-x", None]}, ".csv") == b"a,b\n-1.5,'-x\n,\n"


def test_control_characters_are_removed_and_text_is_one_line():
    assert clean("a\x00b\x1b[31m\nc\u202ed\ud800") == "ab[31m cd"
    assert harmless("µ = 1") == "µ = 1"
    assert harmless("  -5") == "'-5"


def test_nothing_is_a_table_too():
    for ending in (".csv", ".json", ".parquet"):
        assert read(table([], ending), ending) == []
    assert "solver" in columns([])


def test_text_tables_need_neither_pandas_nor_arrow():
    code = (
        "import sys; from kineticbench.ranking.table import table; table([], '.csv'); table([], '.json');"
        "assert not {'pandas', 'pyarrow', 'jax', 'torch'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_command_writes_boards(tmp_path: Path, monkeypatch):
    monkeypatch.setenv("KINETICBENCH_CACHE", str(tmp_path / "cache"))
    store = Store(tmp_path / "records")
    for record in factory.suite():
        store.write(record)
    for _ in range(2):  # the second time from the cache
        path = tmp_path / "boards.json"
        command = ["leaderboard", "export", str(store.folder), str(path), "--ranked"]
        assert CliRunner().invoke(app, command).exit_code == 0
        rows = json.loads(path.read_text())
        assert len(rows) == sum(len(board.standings) for board in boards(factory.suite()))
        assert {row["stale"] for row in rows} <= {True, None}
