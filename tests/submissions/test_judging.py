"""Claims beside what was found, without running anything: each kind of lie has its own finding."""

from __future__ import annotations

import math

import numpy as np
import pytest
from claimed import answers, judged, record

from kineticbench.results.record import Record
from kineticbench.submissions.finding import DRAWN, SAME, Finding, Verdict

DRAWS = [record(0.1 * factor, seed) for seed, factor in ((70_001, 1.02), (70_002, 0.97))]


@pytest.mark.parametrize(
    ("claimed", "found", "answer"),
    [(0.1, 0.1, "agrees"), (0.1, 0.1005, "agrees"), (0.1, 0.102, "differs"), (0.09, 0.1, "differs"),
     (0.2, 0.1, "differs"), (1e-13, 5e-13, "agrees"), (0.0, 0.1, "differs")],
)  # fmt: skip
def test_the_same_cells_come_out_the_same(claimed, found, answer):
    assert answers([record(claimed)], [record(found)], DRAWS, SAME) == {answer}


def test_below_the_bar_of_our_reference_nothing_is_told_and_the_claimed_bar_counts_for_nothing():
    assert answers([record(0.1)], [record(0.13, bar=0.2)], DRAWS, SAME) == {"agrees"}
    assert answers([record(0.1, bar=0.2)], [record(0.13)], DRAWS, SAME) == {"differs"}


def apart(share: float) -> tuple[Record, Record]:
    """Two records of one cell whose blocks differ to both sides, and whose means by about a share."""
    one = record(0.1).model_dump()
    two = record(0.1).model_dump()
    random = np.random.default_rng(3)
    rows = np.array(one["metrics"]["values"]["w1"]["blocks"][0])
    noise = random.standard_normal(16)
    noise += share / 0.15 - noise.mean()
    rows = rows * (1 + 0.15 * noise)
    two["metrics"]["values"]["w1"] |= {"blocks": [rows.tolist()], "mean": [float(rows.mean())]}
    return Record.model_validate(one), Record.model_validate(two)


def test_rounding_that_has_grown_is_excused_within_reason():
    assert answers(*([it] for it in apart(0.03)), DRAWS, SAME) == {"agrees"}
    assert answers(*([it] for it in apart(0.12)), DRAWS, SAME) == {"differs"}
    few = [it.model_dump() for it in apart(0.03)]
    for held in few:
        values = held["metrics"]["values"]["w1"]
        values["blocks"] = [values["blocks"][0][:4]]
    assert answers(*([Record.model_validate(held)] for held in few), DRAWS, SAME) == {"differs"}


def test_a_mean_that_is_not_that_of_its_blocks_is_not_excused():
    claim, ours = apart(0.0)
    held = claim.model_dump()
    held["metrics"]["values"]["w1"]["mean"] = [0.97 * ours.metrics.values["w1"].mean[0]]  # type: ignore[union-attr]
    assert answers([Record.model_validate(held)], [ours], DRAWS, SAME) == {"differs"}


def trainings(*values: float) -> list[Record]:
    return [record(value, 80_000 + place, family="learned") for place, value in enumerate(values)]


def test_a_training_is_held_against_the_scatter_of_trainings_here():
    claim, ours = [record(0.1, family="learned")], [record(0.13, family="learned")]
    assert answers(claim, ours, trainings(0.09, 0.12, 0.1), SAME) == {"agrees"}
    lie = [record(0.001, family="learned")]
    assert answers(lie, ours, trainings(0.09, 0.12, 0.1), SAME) == {"differs"}
    assert answers([record(0.5, family="learned")], ours, trainings(0.09, 0.12), SAME) == {"agrees"}


def test_one_training_alone_is_undecided():
    claim, ours = [record(0.1, family="learned")], [record(0.5, family="learned")]
    (finding,) = judged(claim, ours, [], SAME)
    assert finding.answer == "undecided"
    assert "--draws" in finding.reason


def test_drawn_seeds_must_do_as_well():
    public = [record(0.1)]
    assert answers(public, public, DRAWS, DRAWN) == {"agrees"}
    better = [record(0.05, 70_001), record(0.05, 70_002)]
    assert answers(public, public, better, DRAWN) == {"agrees"}
    worse = [record(value, 70_001 + place) for place, value in enumerate((0.2, 0.21, 0.19, 0.205))]
    (finding,) = judged(public, public, worse, DRAWN)
    assert finding.answer == "differs"
    assert finding.chance is not None
    assert finding.chance < 0.005
    assert finding.low is not None
    assert finding.high is not None
    assert 1 < finding.low < 2.05 < finding.high
    perfect = [record(0.0)]
    assert answers(perfect, perfect, DRAWS, DRAWN) == {"differs"}
    assert answers(perfect, perfect, [record(0.0, 70_001)], DRAWN) == {"agrees"}


@pytest.mark.parametrize(
    ("claim", "ours", "differs"),
    [
        ({}, {}, set()),
        ({"warm": 0.002}, {}, {"a warm call"}),
        ({"warm": 0.01}, {}, set()),
        ({"warm": 0.2}, {}, set()),
        ({"warm": 0.002, "kernel": 0.001}, {}, {"a warm call", "the reference kernel"}),  # a faster machine, it says
        ({"warm": 0.005, "machine": "b"}, {}, set()),
        ({"warm": 0.002, "machine": "b"}, {}, {"a warm call"}),
        ({}, {"warm": 0.08, "kernel": 0.04}, set()),  # a busy hour here
        ({"fit": 1.0}, {"fit": 10.0}, {"the fit"}),
        ({"fit": 0.001}, {"fit": 0.01}, set()),
        ({"warm": 1e-6}, {"warm": 1e-5}, set()),
        ({"warm": 0.8e308}, {}, set()),
    ],
)
def test_seconds_within_an_honest_factor(claim, ours, differs):
    drawn = [record(seed=seed, **ours) for seed in (70_001, 70_002)]
    found = judged([record(**claim)], [record(**ours)], drawn, "seconds")
    assert {it.quantity for it in found if it.answer == "differs"} == differs
    assert all(it.reason for it in found if it.answer == "differs")
    assert all(math.isfinite(value) for it in found for value in (it.claimed, it.found) if value is not None)


def test_what_is_accepted():
    agrees, differs = Finding(SAME, "", "w1", "agrees"), Finding(SAME, "", "w1", "differs", reason="why")
    unsure = Finding(SAME, "", "w1", "undecided", reason="how")
    assert Verdict((agrees,)).accepted
    assert not Verdict(()).accepted
    assert not Verdict((agrees, unsure)).accepted
    assert Verdict((agrees, unsure, differs)).reasons == ["how", "why"]


@pytest.mark.parametrize("family", ["classical", "learned"])
def test_honest_submissions_are_seldom_rejected_by_chance(family):
    random, rejected, times = np.random.default_rng(5), 0, 250
    for _ in range(times):
        claim, again, *drawn = 0.1 * np.exp(0.3 * random.standard_normal(6))
        again = claim if family == "classical" else again  # a training goes elsewhere
        ours = [record(value, 90_000 + place, family=family) for place, value in enumerate(drawn)]
        claims, public = [record(claim, family=family)], [record(again, family=family)]
        found = [*judged(claims, public, ours, SAME), *judged(claims, public, ours, DRAWN)]
        rejected += any(it.answer != "agrees" for it in found)
    assert rejected <= 0.024 * times  # of 1 % that are allowed
