"""What `kineticbench check` found, as a table, in words, and as data."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from ..site.text import plain

if TYPE_CHECKING:
    from ..conformance.outcome import Finding
    from ..conformance.outside import Report

SCHEMA = "kineticbench/check/1"
SIGNS = {"holds": ("✓", "green"), "broken": ("✗", "red"), "not asked": ("–", "dim")}


def as_data(report: Report) -> dict[str, Any]:
    """For programs: the plug-in, whether it passed, and every finding."""
    return {
        "schema": SCHEMA,
        **report.subject,
        "passed": not report.broken,
        "findings": [asdict(finding) for finding in report.findings],
        "printed": report.printed,
    }


def show(report: Report, console: Console | None = None) -> None:
    """Print a table of all rules, then what is to be mended."""
    console = console or Console()
    if report.subject:
        kind, name, summary = (plain(report.subject[key]) for key in ("kind", "name", "summary"))
        console.print(Text(f"{kind.removesuffix('s')} {name}: {summary}", style="bold"), end="\n\n")
    console.print(table(report.findings), end="\n\n")
    console.print(mend(report), soft_wrap=False)


def table(findings: list[Finding]) -> Table:
    """A row for each rule: its sign, its name, its promise, and where it was tried or why it was not."""
    shown = Table("", "", "", show_header=False, box=None, padding=(0, 1, 0, 0))
    shown.columns[1].no_wrap = True
    for rule in dict.fromkeys(finding.rule for finding in findings):
        own = [finding for finding in findings if finding.rule == rule]
        state = next(one for one in ("broken", "holds", "not asked") if one in {finding.state for finding in own})
        sign, style = SIGNS[state]
        more = _where([finding for finding in own if finding.state == state])
        if state == "not asked":
            more = plain(own[0].found, 200)
        promise = Text(plain(own[0].promise, 300))
        shown.add_row(Text(sign, style), rule, promise.append(f" ({more})" if more else "", "dim"))
    return shown


def mend(report: Report) -> RenderableType:
    """What was found where a promise is broken, and what to do; the same on several problems is told once."""
    faults: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in report.broken:
        faults.setdefault((finding.rule, finding.found, finding.remedy), []).append(finding)
    held = sum(finding.state == "holds" for finding in report.findings)
    if not faults:
        return Text(f"Nothing to mend: {held} tries held.", style="green")
    lines: list[RenderableType] = [Text(f"{len(faults)} to mend; {held} tries held.", style="red"), Text()]
    list_ = Table("", "", show_header=False, box=None, padding=(0, 1, 0, 0))
    for number, ((rule, found, remedy), where) in enumerate(faults.items(), 1):
        at = _where(where)
        list_.add_row(f"{number}.", Text(f"{rule}{f' ({at})' if at else ''}: {plain(found, 1000)}"))
        list_.add_row("", Text(f"→ {plain(remedy, 400)}", style="bold"))
    known = report.subject.get("problems", {})
    tried = [finding.problem for finding in report.broken if finding.problem in known]
    for problem in dict.fromkeys(tried):
        list_.add_row("", Text(f"{problem}: {plain(known[problem])}", style="dim"))
    printed = report.printed.strip().splitlines()
    if printed and any(finding.rule == "process" for finding in report.broken):
        list_.add_row("", Text(f"It printed last: {plain(printed[-1], 400)}", style="dim"))
    return Group(*lines, list_)


def _where(findings: list[Finding]) -> str:
    return ", ".join(plain(finding.problem) for finding in findings if finding.problem)
