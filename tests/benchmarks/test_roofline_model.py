"""The roofline's arithmetic: bounds of parts, and counts that agree with the expressions they stand for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from benchmarks.roofline import counts
from benchmarks.roofline.model import PARTS, Case, Counts, Traffic, row, rung, sized

CEILINGS = {
    "bytes/1000": 100.0,
    "bytes/1000000": 10.0,
    "operations/float64": 50.0,
    "exponentials/float64": 10.0,
    "divisions/float64": 20.0,
}


def case(each: Counts, units: float = 10.0) -> Case:
    return Case("kernel", "", "unit", units, "all", each, lambda: None)


def test_what_one_part_does_adds_up_and_parts_work_at_once():
    each = Counts((), {"operations/float64": 5, "exponentials/float64": 1, "divisions/float64": 2})
    found = row(case(each), 4.0, CEILINGS)
    assert found.rate == 2.5
    assert found.fractions == pytest.approx({"arithmetic": 2.5 * (5 / 50 + 1 / 10), "divider": 2.5 * 2 / 20})
    assert found.binding == "arithmetic"
    assert found.fraction == pytest.approx(0.5)


def test_traffic_is_held_to_the_level_it_lies_in():
    near = row(case(Counts((Traffic(8, 500_000),), {})), 1.0, CEILINGS)
    far = row(case(Counts((Traffic(8, 5e6),), {})), 1.0, CEILINGS)
    assert far.fraction == pytest.approx(10 * near.fraction)
    assert rung(1, CEILINGS) == 1000
    assert far.binding == f"traffic in {sized(1_000_000)}"


class Counted:
    """A number that counts the additions and multiplications made with it."""

    made = {"+": 0, "*": 0}

    def _with(self, sign: str) -> Counted:
        Counted.made[sign] += 1
        return Counted()

    def __add__(self, _: Any) -> Counted:
        return self._with("+")

    def __mul__(self, _: Any) -> Counted:
        return self._with("*")

    __sub__ = __radd__ = __rsub__ = __add__
    __rmul__ = __mul__


def operations(expression: Any) -> tuple[int, int]:
    """Additions and multiplications of an expression."""
    Counted.made = {"+": 0, "*": 0}
    expression()
    return Counted.made["+"], Counted.made["*"]


def coulomb_pair(d: int) -> None:
    """As written down, with |z|⁻¹ given."""
    v, s, u, r, root = [Counted()] * d, [Counted()] * d, [Counted()] * d, [Counted()] * d, Counted()
    z, e = [a - b for a, b in zip(v, u, strict=True)], [a - b for a, b in zip(s, r, strict=True)]
    along = z[0] * e[0]
    for a, b in zip(z[1:], e[1:], strict=True):
        along = along + a * b
    square = z[0] * z[0]
    for a in z[1:]:
        square = square + a * a
    along = along * (root * root)
    for a, b in zip(z, e, strict=True):
        pushed = root * (b - along * a)
        _ = Counted() + pushed
        _ = Counted() - pushed  # both particles


@pytest.mark.parametrize("d", [2, 3])
def test_a_pair_takes_as_many_operations_as_are_written(d: int):
    added, multiplied = operations(lambda: coulomb_pair(d))
    counted = 2 * counts.pair_sum(d, "float64").does["operations/float64"]
    assert max(added, multiplied) <= counted <= added + multiplied


def every_count() -> dict[str, Counts]:
    return {
        "pic": counts.pic("float32", 1e6),
        "pair": counts.pair_sum(3, "float32"),
        "one way": counts.pair_sum_one_way(3, "float32"),
        "maxwell": counts.maxwell_moments(3, "float64", 1e6),
        "blob mesh": counts.blob_mesh(2, 6, "float64"),
        "blob pairs": counts.blob_pairs(2),
        "estimate": counts.kernel_estimate([20.0, 20.0], 32_768),
        "anywhere": counts.kernel_estimate_anywhere(2, 0.5),
        "wasserstein": counts.wasserstein("float64", 1e6),
        "crossing": counts.sheet_crossing(),
        "sheets": counts.sheet_step(0.1),
        "vlasov": counts.vlasov_step(256, 1024, 6, "float64", 1e6),
        "landau": counts.landau_operator(3, 32, 1e6),
        "gradient": counts.score_gradient(2, 32, 4, "float32"),
        "volume": counts.score_volume(2, "float32"),
        "tabulated": counts.nhf_tabulated(256, 256, 256),
        "exact": counts.nhf_exact(256, 256),
        "grazing": counts.grazing(3, True, 1e6),
    }


@pytest.mark.parametrize("name", every_count())
def test_counts_are_positive_and_name_a_ceiling(name: str):
    each = every_count()[name]
    assert each.does or each.traffic
    assert all(amount > 0 and math.isfinite(amount) for amount in each.does.values())
    assert all(traffic.bytes > 0 for traffic in each.traffic)
    assert {ceiling.partition("/")[0] for ceiling in each.does} <= set(PARTS)


def test_counts_grow_as_the_work_does():
    assert counts.pic("float64", 1).traffic[0].bytes == 2 * counts.pic("float32", 1).traffic[0].bytes
    one, both = (counts.pair_sum_one_way(3, "float32"), counts.pair_sum(3, "float32"))
    assert both.does["roots/float32"] == one.does["roots/float32"] / 2
    cells = [counts.blob_mesh(2, reach, "float64").does["operations/float64"] for reach in (5, 10, 20)]
    assert cells[2] / cells[1] == pytest.approx(4, rel=0.15)
    assert cells[1] > cells[0]


def test_moments_take_what_a_plain_sum_in_numpy_takes():
    """The products of a particle, counted in the arrays that hold them."""
    d = 3
    outer = np.triu_indices(d)[0].size + d * d
    assert counts.maxwell_moments(d, "float64", 1).does["operations/float64"] > outer + 5 * d
