"""benchmarks/alarms.py: what is compared with what, and when that is right."""

from __future__ import annotations

from benchmarks import alarms, injected

from kineticbench.ranking.change import Change


def test_twenty_comparisons_of_neighbours_and_two_of_five_a_side() -> None:
    order = alarms.schedule(21, 5)
    sides = [side for side in alarms.comparisons(order, 5) if side.finds is None and side.what != "nothing"]
    assert [len(side.old) for side in sides] == [1] * 20 + [5, 5]
    assert all({run.variant for run in (*side.old, *side.new)} == {"unchanged"} for side in sides)
    for side in sides[20:]:
        assert not set(side.old) & set(side.new)


def test_slower_runs_lie_beside_their_partners() -> None:
    order = alarms.schedule(21, 5)
    slower = next(side for side in alarms.comparisons(order, 5) if side.what == "slower")
    assert [run.variant for run in slower.old] == ["unchanged"] * 5
    assert [order.index(new) - order.index(old) for old, new in zip(slower.old, slower.new, strict=True)] == [1] * 5


def test_every_injected_change_has_something_to_find_and_only_the_comment_nothing() -> None:
    assert set(alarms.FINDS) == {change.name for change in injected.INJECTED}
    assert [name for name, finds in alarms.FINDS.items() if finds is None] == ["nothing"]


def test_a_side_is_right_where_what_should_be_found_is() -> None:
    found = Change("cell", "bkw", "sheets", "5 steps", (0,), "seconds a call", verdict="worse")
    slower, same = alarms.Side("slower", (), (), ("seconds a call", "sheets")), alarms.Side("same", (), (), None)
    assert alarms.is_right(slower, [found])
    assert not alarms.is_right(slower, [])
    assert not alarms.is_right(same, [found])
    assert alarms.is_right(same, [])


def test_a_false_alarm_beside_what_should_be_found_is_wrong() -> None:
    found = Change("cell", "bkw", "sheets", "5 steps", (0,), "drift_momentum", verdict="worse")
    other = Change("cell", "bkw", "sbtm", "400 particles", (0,), "seconds of the fit", verdict="worse")
    leak = alarms.Side("a leak", (), (), ("drift_momentum", "sheets"))
    assert alarms.is_right(leak, [found])
    assert not alarms.is_right(leak, [found, other])
