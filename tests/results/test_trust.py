"""One function says how far a result can be trusted, and what is trusted most is what is shown."""

from __future__ import annotations

import importlib.util
import typing
from pathlib import Path

import pytest

from kineticbench.ranking.entries import entries
from kineticbench.results import trust
from kineticbench.results.record import Trust

_SPEC = importlib.util.spec_from_file_location("factory", Path(__file__).parents[1] / "site" / "record_factory.py")
assert _SPEC is not None
assert _SPEC.loader is not None
factory = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(factory)


@pytest.mark.parametrize(
    ("ran", "scored", "word"),
    [
        ("here", "here", "rerun here"),
        ("here", "elsewhere", "rerun here"),
        ("elsewhere", "here", "rescored here"),
        ("elsewhere", "elsewhere", "self-reported"),
    ],
)
def test_who_ran_and_who_scored_give_the_word(ran, scored, word):
    assert trust.trust(ran, scored) == word


def test_scoring_makes_surer_and_never_less_sure():
    for word in typing.get_args(Trust):
        assert trust.sureness(trust.rescored(word)) >= trust.sureness(word)
    assert trust.rescored("self-reported") == "rescored here"
    assert trust.rescored("rescored here") == "rescored here"
    assert trust.rescored("rerun here") == "rerun here"
    assert sorted(typing.get_args(Trust), key=trust.sureness) == list(trust.ORDER)


def test_of_two_records_of_one_cell_the_one_trusted_more_counts():
    told = factory.record("pic", errors={"w1_position": 0.01}, run="20991231T120000Z-0001", trust="self-reported")
    ours = factory.record("pic", errors={"w1_position": 0.04}, run="20261122T120000Z-0001")
    assert told.cell == ours.cell
    for order in ((told, ours), (ours, told)):
        ((entry,),) = entries(order).values()
        assert [record.trust for record in entry.records] == ["rerun here"]
