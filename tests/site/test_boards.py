from typing import Any

import pytest
from record_factory import MACHINE, OTHER, both, record, suite

from kineticbench.ranking.boards import boards
from kineticbench.ranking.overtaking import Overtaking


def total(entry, cases):
    assert entry.cost is not None
    return entry.cost.total(cases)


def sample(standing):
    assert standing.sample is not None
    return standing.sample


def names(board):
    return [(s.entry.solver, s.entry.setting, s.tier) for s in board.standings]


def test_a_suite_makes_one_board_for_each_dataset():
    made = boards(suite())
    assert [board.variant.name for board in made] == ["gaussian_ensemble", "landau_damping"]
    first = made[0]
    assert first.metrics[0] == "w1_position"
    assert names(first)[0] == ("sheets", "25 steps", 1)
    assert [s.entry.setting for s in first.standings if s.entry.solver == "pde_nhf"] == ["25 steps", "5 steps"]
    assert first.failed[0].entry.state == "unsupported"
    assert names(first)[-1][0] == "vlasov_grid"


def test_the_order_of_records_does_not_matter():
    records = suite()
    assert [names(board) for board in boards(records)] == [names(board) for board in boards(records[::-1])]


def test_what_may_not_be_compared_stands_apart():
    here = record()
    others: tuple[dict[str, Any], ...] = (
        {"hardware": OTHER},
        {"dataset_parameters": {"generator": "published"}},
        {"cases": 64},
        {"dataset": "two_stream"},
    )
    for changed in others:
        assert len(boards([here, record(**changed)])) == 2
    assert len(boards([here, record(solver="sheets")])) == 1


def test_the_newest_good_record_counts():
    old = record(errors=both(0.5, 1), run="20260101T000000Z-0001")
    new = record(errors=both(0.1, 1), run="20260201T000000Z-0001")
    failed = record(state="error", reason="boom", run="20260301T000000Z-0001")
    (standing,) = boards([new, failed, old])[0].standings
    assert sample(standing).mean == pytest.approx(0.1, rel=0.2)
    assert standing.entry.state == "ok"
    (standing,) = boards([failed])[0].standings
    assert (standing.entry.state, standing.entry.reason, standing.tier) == ("error", "boom", None)


def test_seeds_are_merged_and_failed_ones_told():
    runs = [record(seed=seed, errors=both(0.1 * (1 + seed), 1)) for seed in (0, 1, 2)]
    runs.append(record(seed=3, state="diverged", reason="NaN"))
    (standing,) = boards(runs)[0].standings
    assert sample(standing).seeds == (0, 1, 2)
    assert sample(standing).mean == pytest.approx(0.2, rel=0.1)
    assert standing.entry.reason == "1 of 4 seeds: diverged"


def test_totals_and_the_frontier():
    cheap = record("a", warm=0.1, cold=0.2, errors=both(0.5, 1))
    good = record("b", warm=1.0, cold=2.0, errors=both(0.1, 1))
    poor = record("c", warm=5.0, cold=6.0, errors=both(0.3, 1))
    (board,) = boards([cheap, good, poor])
    assert {s.entry.solver: s.frontier for s in board.standings} == {"a": True, "b": True, "c": False}
    seconds = next(total(s.entry, 6384) for s in board.standings if s.entry.solver == "b")
    assert seconds == pytest.approx(2.0)
    reached = board.reach(0.3)
    assert reached["b"] == pytest.approx(2.0)
    assert reached["a"] is None


def test_what_training_overtakes():
    slow = record("classical", warm=6384.0, cold=6384.0, errors=both(0.1, 1), cases=6384)
    fast: dict[str, Any] = {"family": "learned", "warm": 638.4, "cold": 638.4, "data": 10.0, "fit": 80.0}
    (board,) = boards([slow, record("learned", errors=both(0.1, 1), **fast)])
    standing = next(s for s in board.standings if s.entry.learned)
    assert standing.overtakes in (Overtaking(100, "from"), Overtaking(101, "from"))  # 90 + 0.1 n < n
    (board,) = boards([slow, record("learned", errors=both(0.01, 1), **fast)])
    assert board.standings[0].overtakes == Overtaking(None, "unmatched")
    (board,) = boards([slow, record("learned", errors=both(0.1, 1), fit_hardware="elsewhere", **fast)])
    standing = next(s for s in board.standings if s.entry.learned)
    assert standing.overtakes == Overtaking(None, "elsewhere")
    assert total(standing.entry, 1) is None
    (board,) = boards([record("classical", warm=1e-3, errors=both(0.1, 1)), record("l", errors=both(0.1, 1), **fast)])
    assert next(s for s in board.standings if s.entry.learned).overtakes == Overtaking(None, "never")


def test_errors_that_are_missing_or_not_finite_have_no_tier():
    broken = record("broken").model_dump(by_alias=True)
    broken["metrics"]["values"]["w1_position"]["blocks"][-1][3] = None
    huge = record("huge", errors={"w1_position": 1e200, "w1_momentum": 1e200})
    (board,) = boards([type(huge).model_validate(broken), huge, record("fine")])
    assert {s.entry.solver: s.tier for s in board.standings} == {"fine": 1, "broken": None, "huge": None}


def test_levels_are_round_and_within_what_was_reached():
    (board,) = boards([record("a", errors=both(0.9, 1)), record("b", errors=both(0.004, 1))])
    levels = board.levels()
    assert levels == sorted(levels, reverse=True)
    assert len(levels) == 5
    assert all(0.003 < level < 1.0 for level in levels)


def test_a_machine_that_is_busy_is_told():
    noisy = record().model_dump(by_alias=True)
    noisy["solve"]["noisy"] = True
    noisy["hardware"] = MACHINE
    (standing,) = boards([type(record()).model_validate(noisy)])[0].standings
    assert standing.entry.noisy
