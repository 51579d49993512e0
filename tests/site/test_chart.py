import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from record_factory import record

from kineticbench.ranking.boards import boards
from kineticbench.site import figures
from kineticbench.site.board_data import board_data
from kineticbench.site.chart.canvas import NARROW, WIDE
from kineticbench.site.chart.draw import draw
from kineticbench.site.chart.scale import Linear, Log
from kineticbench.site.marks import mark_of
from kineticbench.site.thumbnail import thumbnail

positive = st.floats(1e-290, 1e290)


def test_scales_map_ends_and_middle():
    log = Log(1e-3, 1e1)
    assert [log(value) for value in (1e-3, 1e-1, 1e1, 0.0, 1e5)] == pytest.approx([0, 0.5, 1, 0, 1])
    linear = Linear(0.0, 4.0)
    assert [linear(value) for value in (0, 1, 4, -1, 9)] == [0, 0.25, 1, 0, 1]


@given(st.lists(positive, min_size=1, max_size=5), st.integers(2, 9))
def test_log_ticks_are_few_round_and_inside(values, most):
    scale = Log.of(values)
    ticks = scale.ticks(most)
    assert len(ticks) <= most
    assert all(scale.low <= tick <= scale.high for tick in ticks)
    assert all(f"{tick:e}"[0] in "1235" for tick in ticks)
    assert all(0 <= scale(value) <= 1 for value in values)
    assert ticks == sorted(ticks)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=5), st.integers(2, 9))
def test_linear_ticks_are_inside(values, most):
    scale = Linear.of(values)
    ticks = scale.ticks(most)
    assert len(ticks) <= most + 1
    room = 1e-6 * (scale.high - scale.low)
    assert all(scale.low - room <= tick <= scale.high + room for tick in ticks)


def test_a_log_scale_of_nothing_or_one_value_is_half_a_decade():
    for values in ([], [0.0], [5.0]):
        scale = Log.of(values)
        assert math.log10(scale.high / scale.low) >= 0.5


def test_every_setting_is_on_the_chart(records):
    board = boards(records)[0]
    style = figures.Style({name: place for place, name in enumerate(board.solvers)})
    price = figures.prices(board)[0]
    figure = figures.error_against_cost(board, "w1_position", price, style, "f")
    assert figure is not None
    assert sum(len(series.points) for series in figure.series) == len(board.ranked)
    best = [
        (s.entry.cost.total(board.cases), s.sample.mean)
        for s in board.standings
        if s.frontier and s.entry.cost is not None and s.sample is not None
    ]
    assert sorted(figure.frontier) == sorted(best)
    assert {series.name: series.dashed for series in figure.series}["pde_nhf"]
    assert not {series.name: series.dashed for series in figure.series}["sheets"]
    for canvas in (WIDE, NARROW):
        root = ElementTree.fromstring(draw(figure, canvas))
        marks = root.findall(".//*[@class='point']")
        assert len(marks) == len(board.ranked)


def test_charts_are_missing_where_there_is_nothing_to_show(records):
    board = boards(records)[1]
    assert figures.error_against_cost(board, "no_such_metric", figures.prices(board)[0], figures.Style({}), "c") is None
    nothing = board_data(boards([record(state="error", reason="boom")])[0])
    assert thumbnail(nothing, {}, "t") == ""


def test_a_thumbnail_draws_the_frontier_of_every_solver(records):
    data = board_data(boards(records)[0])
    drawn = thumbnail(data, {name: k for k, name in enumerate(data["solvers"])}, "t")
    root = ElementTree.fromstring(str(drawn))
    groups = root.findall("{http://www.w3.org/2000/svg}g")
    assert len(groups) == 5
    assert "<text" not in drawn


def test_markers_differ_in_shape_or_filling_beyond_eight_solvers():
    shapes = [re.sub(r"s\d", "", str(mark_of(style))) for style in range(16)]
    assert len(set(shapes)) == 16


def test_the_profile_counts_problems_within_a_factor(records):
    from kineticbench.site.profiles import profile

    made = [board_data(board) for board in boards(records)]
    figure = profile(made, {})
    assert figure is not None
    by_name = {series.name: series.points for series in figure.series}
    assert "6 problems" in figure.title
    assert by_name["sheets"][0].y == pytest.approx(0.5)
    assert by_name["vlasov_grid"][0].y == pytest.approx(0.5)
    assert by_name["pic"][0].y == 0
    for points in by_name.values():
        shares = [point.y for point in points]
        assert shares == sorted(shares)
        assert figure.x.scale(points[-1].x) == 1.0
    assert profile([], {}) is None
    assert profile(made[:1], {}) is not None
