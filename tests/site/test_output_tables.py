"""Data scripts and the tables to download."""

import csv
import io
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_factory import both, record

from kineticbench.ranking.boards import boards
from kineticbench.site import guide, tables
from kineticbench.site.board_data import board_data, errors
from kineticbench.site.scripts import data_of, number, script
from kineticbench.site.solver_page import citations

values = st.recursive(
    st.none() | st.booleans() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.text(), values)
def test_a_script_hands_over_what_it_was_given_and_is_harmless_text(name, data):
    made = script(name, data)
    assert data_of(made) == data
    assert all(32 <= byte < 127 or byte == 10 for byte in made)
    assert not set(b"<>&") & set(made)


@pytest.mark.parametrize("content", [b"", b"kineticbench(", b"alert(1)\n{})\n", b'kineticbench("a",\n{)\n'])
def test_what_is_no_script_of_ours_is_refused(content):
    with pytest.raises(ValueError, match=r"."):
        data_of(content)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, None), (math.inf, None), (math.nan, None), (2.0, 2), (1 / 3, 0.333333), (1e308, 1e308)]
)
def test_figures_keep_six_digits_and_are_finite(value, shown):
    assert number(value) == shown


def test_errors_have_intervals_and_floors_at_every_time(records):
    board = boards(records)[0]
    full, quick = errors(board, "w1_position", True), errors(board, "w1_position", False)
    assert len(full["mean"]) == 5
    for row, other in zip(full["mean"], quick["mean"], strict=True):
        assert [value is None for value in row] == [value is None for value in other]
        assert [value for value in row if value] == pytest.approx([value for value in other if value], rel=1e-4)
    assert "low" not in quick
    assert full["floor"] == quick["floor"]
    known = [i for i, value in enumerate(full["mean"][-1]) if value is not None]
    assert all(full["low"][-1][i] <= full["mean"][-1][i] <= full["high"][-1][i] for i in known)


def test_every_format_holds_the_same_table(records):
    import pyarrow.parquet

    data = [board_data(board) for board in boards(records)]
    table = tables.settings_table(data)
    assert table.num_rows == sum(len(one["columns"]["solver"]) for one in data)
    rows = json.loads(tables.content(table, "json"))
    read = pyarrow.parquet.read_table(io.BytesIO(tables.content(table, "parquet")))
    assert read.to_pylist() == rows == table.to_pylist()
    text = list(csv.DictReader(io.StringIO(tables.content(table, "csv").decode())))
    assert [one["solver"] for one in text] == [one["solver"] for one in rows]
    assert [float(one["error"]) for one in text if one["error"]] == [one["error"] for one in rows if one["error"]]
    own = tables.settings_table(data, "pic")
    assert set(own.column("solver").to_pylist()) == {"pic"}
    for kind in tables.FORMATS:
        assert tables.content(table, kind) == tables.content(tables.settings_table(data), kind)


def test_the_table_of_errors_has_a_row_for_each_metric_and_time(records):
    board = boards(records)[0]
    data = board_data(board)
    table = tables.errors_table(data, [errors(board, metric, True) for metric in board.metrics])
    wanted = sum(len(s.entry.times(metric)) for s in board.standings for metric in board.metrics)
    assert table.num_rows == wanted
    assert {"w1_position", "w1_momentum", "learned_force"} == set(table.column("metric").to_pylist())
    reach = tables.reach_table(data)
    assert reach.num_rows == len(data["solvers"]) * len(data["levels"])


def test_a_spreadsheet_finds_no_formula():
    data = board_data(boards([record("=1+1", "@x", errors=both(0.1, 1))])[0])
    text = tables.content(tables.settings_table([data]), "csv").decode()
    assert "'=1+1" in text
    assert "'@x" in text
    assert '"=1+1' not in text


def test_markdown_becomes_text_and_tables_and_never_markup():
    source = (
        "# Title <b>\n\nSome *words*, <script>x</script>, [a](http://b), ![c](d)\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n"
    )
    made = guide.guide("Odd name/..", source)
    assert made.page == "guide-odd-name.html"
    assert made.title == "Title <b>"
    assert "<em>words</em>" in made.body
    assert "&lt;script&gt;" in made.body
    assert 'class="to-right"' in made.body
    for markup in ("<script", "<img", "<a ", "style="):
        assert markup not in made.body


def test_methods_are_measured_on_the_first_page_of_text():
    assert next(one.page for one in guide.guides()) == "guide-methodology.html"


def test_citations_hold_each_entry_once(records):
    made = citations([board_data(board) for board in boards(records)])
    entries = [line for line in made.splitlines() if line.startswith("@")]
    assert entries
    assert len(entries) == len(set(entries))
