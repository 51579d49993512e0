"""Errors that are claimed in other ways than by one smaller mean: each is found, and what is honest passes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from claimed import answers, edited, judged, record

from kineticbench.results.record import Record
from kineticbench.submissions.finding import DRAWN, SAME

Change = Callable[[dict[str, Any]], Any]
DRAWS = [record(0.1 * factor, seed) for seed, factor in ((70_001, 1.02), (70_002, 0.97))]


def several(one: Record, family: str = "classical", times: int = 3, level: float = 1.0) -> Record:
    """The record at several times, its errors the smaller the earlier."""

    def change(held: dict[str, Any]) -> None:
        values = held["metrics"]["values"]["w1"]
        sizes = [level * 0.5 ** (times - 1 - place) for place in range(times)]
        values["times"] = [float(place + 1) for place in range(times)]
        values["mean"] = [size * values["mean"][0] for size in sizes]
        values["blocks"] = [[size * value for value in values["blocks"][0]] for size in sizes]
        values["floor"], values["bar"] = values["floor"] * times, values["bar"] * times
        held["family"] = family

    return edited(one, change)


def scaled(share: float, places: tuple[int, ...], keys: tuple[str, ...] = ("mean", "blocks")) -> Change:
    """Errors multiplied at some of the times."""

    def change(held: dict[str, Any]) -> None:
        values = held["metrics"]["values"]["w1"]
        for place in places:
            if "mean" in keys:
                values["mean"][place] *= share
            if "blocks" in keys:
                values["blocks"][place] = [share * value for value in values["blocks"][place]]

    return change


def put(key: str, value: Any) -> Change:
    return lambda held: held["metrics"]["values"]["w1"].update({key: value})


def told(family: str) -> Change:
    return lambda held: held.update(family=family)


def renamed(held: dict[str, Any]) -> None:
    held["metrics"]["values"]["w2"] = held["metrics"]["values"].pop("w1")


def evened(held: dict[str, Any]) -> None:
    """Every block is the mean of all, so that there seems to be no doubt of it."""
    values = held["metrics"]["values"]["w1"]
    values["blocks"] = [[mean] * 16 for mean in values["mean"]]


def both(*changes: Change) -> Change:
    return lambda held: [change(held) for change in changes]


OF_ANY: list[tuple[str, Change]] = [
    ("a metric that has no figure here", renamed),
    ("earlier times", put("times", [0.001, 0.002, 0.003])),
    ("a last time that is none", put("times", [1.0, 2.0, 2.5])),
    ("fewer times", both(put("times", [1.0]), put("mean", [0.1]), put("blocks", [[0.1] * 16]))),
    ("more means than times", put("mean", [0.1] * 4)),
    ("an invented figure at the first time", scaled(1e-6, (0,))),
    ("an invented figure in the middle", scaled(1e-6, (1,))),
    ("blocks that are smaller, which rank", scaled(1e-6, (2,), ("blocks",))),
    ("blocks that are smaller at an earlier time", scaled(1e-6, (0,), ("blocks",))),
    ("a mean that is smaller, which is shown", scaled(1e-6, (2,), ("mean",))),
    ("fewer blocks", put("blocks", [[0.1] * 8] * 3)),
    ("no blocks", put("blocks", [])),
    ("a bar that makes everybody a tie", put("bar", [0.0, 0.0, 1e3])),
    ("a floor that makes everybody a tie", put("floor", [0.0, 0.0, 1e3])),
]  # fmt: skip


@pytest.mark.parametrize("change", [it[1] for it in OF_ANY], ids=[it[0] for it in OF_ANY])
@pytest.mark.parametrize("family", ["classical", "learned"])
def test_claims_that_cannot_be_are_found_of_any_method(change, family):
    ours = [several(record(0.1, seed), family, level=level) for seed, level in ((0, 1.0), (1, 1.1), (2, 0.93))]
    drawn = [several(record(0.1, 70_000 + seed), family, level=level) for seed, level in ((1, 0.95), (2, 1.05))]
    assert answers(ours, ours, drawn, SAME) == {"agrees"}
    claims = [edited(ours[0], change), *ours[1:]]  # one of several is enough
    assert "differs" in answers(claims, ours, drawn, SAME)
    assert "differs" in answers([edited(it, change) for it in ours], ours, drawn, SAME)


def test_blocks_that_are_all_alike_are_found():
    ours = [several(record(0.1))]
    (finding,) = judged([edited(ours[0], evened)], ours, DRAWS, SAME)
    assert finding.answer == "differs"
    assert "to scatter far less over cases" in finding.reason


@pytest.mark.parametrize("share", [0.5, 0.9, 0.98])
def test_no_word_in_a_claim_makes_a_method_a_trained_one(share):
    ours = [record(0.1)]
    assert answers([edited(ours[0], both(told("learned"), scaled(share, (0,))))], ours, DRAWS, SAME) == {"differs"}


def test_no_word_in_a_claim_makes_a_trained_method_another():
    ours, drawn = [record(0.1, family="learned")], [record(0.13, 70_001, family="learned")]
    claim = edited(record(0.11, family="learned"), told("classical"))
    assert answers([claim], ours, drawn, SAME) == {"agrees"}


def test_a_figure_that_is_finite_in_no_training_here():
    ours = [edited(several(record(0.1, seed), "learned"), put("mean", [None, 0.05, 0.1])) for seed in (0, 1, 2)]
    claims = [several(record(0.1, seed), "learned") for seed in (0, 1, 2)]
    found = [it for it in judged(claims, ours, [], SAME) if it.answer == "differs"]
    assert len(found) == 3
    assert all("is not finite here" in it.reason for it in found)


def test_a_metric_that_drawn_seeds_never_have():
    public = [record(0.1)]
    assert answers(public, public, [edited(it, renamed) for it in DRAWS], DRAWN) == {"differs"}


@pytest.mark.parametrize("scatter", [0.1, 0.3, 0.6])
def test_honest_trainings_at_many_times_are_seldom_rejected(scatter):
    """Their errors walk from time to time as those of trainings do: each time resembles the one before."""
    random, rejected, runs, times = np.random.default_rng(11), 0, 60, 8

    def training(seed: int) -> Record:
        walk = random.standard_normal(times)
        for place in range(1, times):
            walk[place] = 0.8 * walk[place - 1] + 0.6 * walk[place]
        levels = 0.1 * np.exp(scatter * walk)
        values = {"times": [float(place) for place in range(times)], "mean": levels.tolist(), "blocks": [
            [float(level)] * 16 for level in levels], "floor": [0.0] * times, "bar": [0.0] * times}  # fmt: skip
        return edited(record(0.1, seed, family="learned"), lambda held: held["metrics"]["values"]["w1"].update(values))

    for _ in range(runs):
        claims, ours = [training(0)], [training(0)]
        drawn = [training(70_000 + place) for place in range(2)]
        rejected += any(it.answer == "differs" for it in judged(claims, ours, drawn, SAME))
    assert rejected <= 0.024 * runs
