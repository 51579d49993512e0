"""The roofline: what a kernel asks of the parts of a machine, against what they can do.

    t ≥ max over parts of Σ over what it does there of (amount / ceiling),    fraction = that bound / the time measured

Parts work at the same time, so the slowest of them bounds the kernel; what one part does, it does one after another, so
its times add up. The bound is lower still than S. Williams, A. Waterman and D. Patterson's (Commun. ACM 52(4), 65
(2009)) where several operations share a part, and so is the fraction that is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Which part of the machine does what a ceiling of this name measures.
PARTS = {
    "bytes": "traffic",
    "operations": "arithmetic",
    "roots": "arithmetic",
    "exponentials": "arithmetic",
    "logarithms": "arithmetic",
    "cosines": "arithmetic",
    "divisions": "divider",
    "gathers": "tables",
    "deposits": "tables",
    "samples": "sorting",
    "transforms": "transforms",
    "swaps": "random access",
    "rows": "random access",
    "tournaments": "dependent steps",
}
LIBRARIES = ("sorting", "transforms")  # rates of NumPy and SciPy, not of the processor
GOAL = 0.5


@dataclass(frozen=True)
class Traffic:
    """Bytes that one unit of work reads and writes, and through how many a thread goes before it comes back."""

    bytes: float
    footprint: float


@dataclass(frozen=True)
class Counts:
    """The least that one unit of work takes.

    Parameters
    ----------
    traffic
        To and from caches and memory; each entry is a part of its own.
    does
        How often it does what a ceiling of this name measures.
    """

    traffic: tuple[Traffic, ...]
    does: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class Case:
    """A kernel at one size.

    Parameters
    ----------
    name, size
        For people.
    unit
        What `units` of are done in a call.
    threads
        "all", or "one" where the kernel runs on one thread.
    counts
        Of one unit.
    call
        Does the work.
    """

    name: str
    size: str
    unit: str
    units: float
    threads: str
    counts: Counts
    call: Callable[[], Any]


@dataclass(frozen=True)
class Row:
    """What was found for a case; plain data."""

    name: str
    size: str
    unit: str
    threads: str
    rate: float
    counts: dict[str, float]
    fractions: dict[str, float]

    @property
    def binding(self) -> str:
        """The part that bounds it."""
        return max(self.fractions, key=self.fractions.__getitem__)

    @property
    def fraction(self) -> float:
        """Of that part's ceiling."""
        return self.fractions[self.binding]


def row(case: Case, seconds: float, ceilings: Mapping[str, float]) -> Row:
    """The fractions of all parts that a case reached in a call of so many seconds."""
    bounds: dict[str, float] = {}
    for traffic in case.counts.traffic:
        level = rung(traffic.footprint, ceilings)
        name = f"traffic in {sized(level)}"
        bounds[name] = bounds.get(name, 0.0) + traffic.bytes / ceilings[f"bytes/{level}"]
    for name, amount in case.counts.does.items():
        part = PARTS[name.partition("/")[0]]
        bounds[part] = bounds.get(part, 0.0) + amount / ceilings[name]
    rate = case.units / seconds
    counts = {f"bytes ({sized(rung(t.footprint, ceilings))})": t.bytes for t in case.counts.traffic}
    return Row(
        *(case.name, case.size, case.unit, case.threads, rate),
        counts | dict(case.counts.does),
        {part: bound * rate for part, bound in bounds.items()},
    )


def rung(footprint: float, ceilings: Mapping[str, float]) -> int:
    """The largest measured footprint that is not above this one, or the smallest: no slower than the true level."""
    rungs = sorted(int(name.partition("/")[2]) for name in ceilings if name.startswith("bytes/"))
    return max((r for r in rungs if r <= footprint), default=rungs[0])


def sized(number: float) -> str:
    """24 KiB, 12 MiB."""
    for unit in ("B", "KiB", "MiB"):
        if number < 1024:
            return f"{number:.3g} {unit}"
        number /= 1024
    return f"{number:.3g} GiB"
