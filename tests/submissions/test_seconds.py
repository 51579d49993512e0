"""Seconds that are claimed too small are found, whichever way they are made to look honest; honest ones pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from claimed import edited, judged, record

from kineticbench.engine.cell import Cell
from kineticbench.results.record import Record
from kineticbench.submissions.finding import SECONDS
from kineticbench.submissions.rerun import Setting
from kineticbench.submissions.seconds import EXCUSED, HONEST, seconds

Change = Callable[[dict[str, Any]], Any]
COST: dict[str, Any] = {"warm": 0.2, "fit": 5.0}
OURS = [record(seed=seed, **COST) for seed in range(5)]
DRAWN = [record(seed=seed, **COST) for seed in (70_001, 70_002)]


def differing(change: Change, seeds: tuple[int, ...] = (0, 1, 2, 3, 4)) -> set[str]:
    """The quantities found wrong where the records of some seeds of five are changed."""
    claims = [edited(it, change) if place in seeds else it for place, it in enumerate(OURS)]
    found = judged(claims, OURS, DRAWN, SECONDS)
    assert all(it.reason for it in found if it.answer == "differs")
    return {it.quantity for it in found if it.answer == "differs"}


def divided(by: float, kernel: float = 1.0, machine: str = "a") -> Change:
    """Calls and their kernel that are claimed to be faster."""

    def change(held: dict[str, Any]) -> None:
        solve = held["solve"]
        solve["warm_s"] = [value / by for value in solve["warm_s"]]
        solve["kernel_s"] = [value / kernel for value in solve["kernel_s"]]
        held["hardware"]["id"] = machine

    return change


@pytest.mark.parametrize("kernel", [1.0, 1.5, 2.0, 3.0, 5.0, 5.9, 10.0, 1e9, 0.1])
@pytest.mark.parametrize("seeds", [(0, 1, 2, 3, 4), (0,), (3, 4)])
def test_ten_times_too_small_is_found_whatever_is_said_of_the_kernel(kernel, seeds):
    assert HONEST * EXCUSED < 10
    assert "a warm call" in differing(divided(10, kernel), seeds)


@pytest.mark.parametrize(
    ("by", "kernel", "machine", "found"),
    [(17, 5.9, "a", True), (6.1, 3, "a", True), (5.9, 2.5, "a", False), (2.9, 1, "a", False), (3.1, 1, "a", True),
     (35, 5.9, "b", True), (12.1, 5.9, "b", True), (11.9, 5.9, "b", False), (10, 1, "b", True), (5.9, 1, "b", False)],
)  # fmt: skip
def test_a_slower_kernel_excuses_twice_at_most(by, kernel, machine, found):
    assert differing(divided(by, kernel, machine)) == ({"a warm call"} if found else set())


def test_one_record_of_another_machine_excuses_no_other():
    claims = [edited(it, divided(10, 2, "b" if place == 0 else "a")) for place, it in enumerate(OURS)]
    assert {it.quantity for it in judged(claims, OURS, DRAWN, SECONDS) if it.answer == "differs"} == {"a warm call"}


def hide(part: str, **values: Any) -> Change:
    return lambda held: held[part].update(values)


HIDDEN: list[tuple[Change, str]] = [
    (hide("solve", warm_s=[], cold_s=1e-6, fresh=False), "a warm call"),
    (hide("solve", warm_s=[], cold_s=1e-6, fresh=False), "the cold call"),
    (hide("solve", warm_s=[]), "a warm call"),
    (hide("solve", fresh=False), "the cold call"),
    (hide("solve", cold_s=None), "the cold call"),
    (hide("solve", cold_s=1e-6), "the cold call"),
    (lambda held: held.update(solve=None), "a warm call"),
    (lambda held: held.update(fit=None), "the fit"),
    (hide("fit", fit_s=0.0), "the fit"),
    (hide("fit", restored=True, id="mine-0", fit_s=0.5), "the fit"),
    (hide("solve", cases=16_000), "cases and fits"),
    (hide("fit", amortised=True), "cases and fits"),
]


@pytest.mark.parametrize(("change", "quantity"), HIDDEN)
def test_what_is_left_out_or_shared_by_more_is_found(change, quantity):
    assert quantity in differing(change)


MINORITY: list[tuple[Change, str]] = [
    (divided(1e6), "a warm call"),
    (divided(6.1), "a warm call"),
    (hide("solve", warm_s=[]), "a warm call"),
    (hide("solve", cold_s=1e-6), "the cold call"),
    (hide("solve", cold_s=1e-6, fresh=False), "the cold call"),
    (hide("fit", fit_s=0.1), "the fit"),
    (lambda held: held.update(fit=None), "the fit"),
    (hide("solve", cases=17), "cases and fits"),
]


@pytest.mark.parametrize(("change", "quantity"), MINORITY)
@pytest.mark.parametrize("seeds", [(0,), (4,), (1, 3)])
def test_a_minority_of_seeds_is_not_hidden_by_the_others(change, quantity, seeds):
    assert differing(change, seeds) == {quantity}


def restored(trained: Record, **changes: Any) -> Record:
    """A record whose fit was found ready."""
    return edited(trained, hide("fit", restored=True, id="mine-0", **changes))


HONEST_CHANGES: list[Change] = [
    hide("solve", fresh=True),
    divided(2.9),
    divided(5.5, 3.1),  # taken in a quiet hour, and here it is busy
    divided(0.1, 0.3),
    hide("fit", id="mine-0", restored=True, fit_s=4.0),
]


@pytest.mark.parametrize("change", HONEST_CHANGES)
def test_honest_seconds_pass(change):
    assert differing(change) == set()
    assert differing(change, (1, 3)) == set()


def test_one_fresh_call_of_a_process_is_enough():
    used = hide("solve", fresh=False, cold_s=0.21)
    claims = [OURS[0], *(edited(it, used) for it in OURS[1:])]
    assert not [it for it in judged(claims, claims, DRAWN, SECONDS) if it.answer == "differs"]
    other = [edited(it, lambda held: (used(held), held["settings"]["dataset"].update(cases=8))) for it in OURS[:2]]
    both = []
    for side in (claims, other):
        cells = tuple(Cell.from_dict(it.settings.model_dump()) for it in side)
        both.append(Setting(tuple(side), cells, ()))
    ours = {cell.id: one for cell, one in zip(both[1].cells, OURS[:2], strict=True)}
    ours |= {it.cell: it for it in OURS}
    assert not [it for it in seconds(both, ours) if it.answer == "differs"]
    assert {it.quantity for it in seconds(both[1:], ours) if it.answer == "differs"} == {"the cold call"}


def test_a_fit_is_held_to_where_it_was_trained_here_and_not_where_it_was_found():
    ours = [edited(OURS[0], hide("fit", id="mine-0")), restored(OURS[1])]
    cheap = [ours[0], restored(OURS[1], fit_s=0.5)]
    assert not [it for it in judged(ours, ours, [], SECONDS) if it.answer == "differs"]
    assert {it.quantity for it in judged(cheap, ours, [], SECONDS) if it.answer == "differs"} == {"the fit"}
    found = [restored(it) for it in OURS[:2]]  # as it came with the solver: those seconds are not ours
    assert not [it for it in judged(cheap, found, [], SECONDS) if it.answer == "differs"]
    none = [edited(it, lambda held: held.update(fit=None)) for it in OURS[:2]]
    assert {it.quantity for it in judged(none, found, [], SECONDS) if it.answer == "differs"} == {"the fit"}
