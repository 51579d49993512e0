"""The roofline as a table for a terminal and as a page of Markdown; the same report gives the same text."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .model import GOAL, LIBRARIES, Row, sized
from .reasons import reason
from .report import Report

PROSE = """\
# How near hot loops come to what the machine can do

A solver's time says something about its method only where its code is near what the machine can do. For each hot kernel
this page counts what one unit of work takes at least, and tells what part of the machine's measured ceilings it
reaches. `make roofline` measures the machine that it runs on; this page shows one run, kept in
`benchmarks/roofline/official.json`, and was written by `make roofline-page`.

Measured {made} on {machine}, {threads}, {memory}, {system}; {versions}; {commit}.{shared}

## Reading it

An operation is an addition, a multiplication or both fused, of one number; what each kernel takes is derived in
`benchmarks/roofline/counts.py`. Parts of the machine work at the same time, so the slowest bounds a kernel; what one
part does adds up. Ceilings are rates that small compiled loops or a library reach on this machine, not those of a data
sheet. Where sorting or transforms bind, that is NumPy's and SciPy's own rate, and the next part is told too. Kernels
that run on one thread are held to the ceilings of one thread. Times are the shortest of several.
"""

SHARED = """
Others used the machine meanwhile, so times are those of the processor, and caches and memory were shared."""

HEADS = ("kernel", "size", "a second", "least for one", "bound by", "reached")


def print_table(report: Report) -> None:
    """For people: ceilings, kernels, and why some are far from theirs."""
    from rich.console import Console
    from rich.table import Table

    console = Console()
    for title, heads, rows in (
        ("Ceilings, a second", ("of", "one thread", "all: " + _threads(report)), _ceilings(report)),
        ("Kernels", HEADS, [_cells(row) for row in report.rows]),
    ):
        table = Table(title=title)
        for number, head in enumerate(heads):
            table.add_column(
                head, justify="right" if number and head not in ("size", "least for one", "bound by") else "left"
            )
        for cells in rows:
            table.add_row(*cells)
        console.print(table)
    for name, why in _far(report.rows):
        console.print(f"[bold]{name}[/]: {why}", highlight=False)


def page(report: Report) -> str:
    """docs/roofline.md."""
    hardware, packages = report.hardware, report.packages
    versions = ", ".join(f"{name} {packages[name]}" for name in ("numpy", "scipy", "numba", "jax") if name in packages)
    commit = f"commit {(report.commit or 'unknown')[:12]}{', with changes' if report.dirty else ''}"
    memory = sized(hardware["memory_bytes"])
    lines = [
        PROSE.format(
            made=report.made[:10],
            machine=hardware.get("gpu") or hardware["cpu"],
            threads=_threads(report),
            shared=SHARED if report.clock == "processor" else "",
            memory=memory,
            system=hardware["system"],
            versions=versions,
            commit=commit,
        ),
        "## Ceilings, a second",
        "",
        *_markdown(("of", "one thread", "all: " + _threads(report)), _ceilings(report), numbers=2),
        "",
        "## Kernels",
        "",
        *_markdown(HEADS, [_cells(row) for row in report.rows], numbers=1),
        "",
        f"## Below {GOAL:.0%}",
        "",
        *[line for name, why in _far(report.rows) for line in (f"**{name}.** {why}", "")],
    ]
    return "\n".join(lines).rstrip() + "\n"


def _markdown(heads: Iterable[str], rows: Iterable[Iterable[str]], numbers: int) -> list[str]:
    """A table, its last `numbers` columns to the right."""
    heads = list(heads)
    rule = ["---"] * (len(heads) - numbers) + ["--:"] * numbers
    return [f"| {' | '.join(cells)} |" for cells in (heads, rule, *rows)]


def _threads(report: Report) -> str:
    return "one thread" if report.threads == 1 else f"{report.threads} threads"


def _ceilings(report: Report) -> list[tuple[str, str, str]]:
    one, every = report.ceilings.get("one", {}), report.ceilings["all"]
    return [(_named(name), _si(one.get(name)), _si(every[name])) for name in every]


def _named(name: str) -> str:
    what, _, of = name.partition("/")
    return f"bytes within {sized(float(of))} a thread" if what == "bytes" else f"{what}, {of}" if of else what


def _cells(row: Row) -> tuple[str, ...]:
    takes = ", ".join(f"{_plain(amount)} {name.partition('/')[0]}" for name, amount in row.counts.items() if amount)
    one = " (one thread)" if row.threads == "one" else ""
    return (row.name + one, row.size, f"{_si(row.rate)} {row.unit}s", takes, *_reached(row))


def _reached(row: Row) -> tuple[str, str]:
    bound, told = row.binding, f"{row.fraction:.0%}"
    rest = {part: of for part, of in row.fractions.items() if part not in LIBRARIES}
    if bound in LIBRARIES and rest:
        second = max(rest, key=rest.__getitem__)
        return f"{bound}, then {second}", f"{told}, {rest[second]:.0%}"
    return bound, told


def _far(rows: Iterable[Row]) -> list[tuple[str, str]]:
    """Kernels below the goal at any size, each once, and why."""
    found: dict[str, str] = {}
    for row in rows:
        if row.fraction < GOAL:
            known = reason(row.name)
            key, why = known if known else (row.name, "The reason is not known yet.")
            found.setdefault(key, why)
    return list(found.items())


def _si(number: Any) -> str:
    if number is None:
        return ""
    for factor, prefix in ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= factor:
            return f"{number / factor:.3g} {prefix}"
    return f"{number:.3g} "


def _plain(number: float) -> str:
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"
