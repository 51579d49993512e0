"""A verification as people read it, and as a report."""

from __future__ import annotations

import json
import math
import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import typer

from ..files import write_atomically
from ..site.text import plain, seconds
from ..submissions.drawing import Draw
from ..submissions.finding import CHECKS, SECONDS, Finding, Verdict, counted
from ..submissions.submission import Submission

SCHEMA = "kineticbench/verification/1"
_SOURCES = {"chance": "by chance, now", "given": "from the base given", "beacon": "from a beacon"}
_WIDTH = 180  # of a table that no terminal shows


def short(submission: Submission, draw: Draw) -> str:
    """A few digits that tell one verification from another."""
    import hashlib

    return hashlib.sha256(f"{submission.digest} {draw.base}".encode()).hexdigest()[:8]


def command(submission: Submission, draw: Draw, draws: int) -> str:
    """The command that draws and judges the same again, as records keep it."""
    words = ["kineticbench", "verify", Path(submission.solver).name, "--seed", draw.base]
    return shlex.join([*words, "--draws", str(draws)])


def begin(submission: Submission, draw: Draw) -> None:
    """Say what was sent in and drawn, before anything is run."""
    count = len(submission.records)
    typer.echo(
        f"{submission.name}: {count} record{'s' if count != 1 else ''}, SHA-256 {submission.digest}\n"
        f"Seeds drawn {_SOURCES[draw.source]}; --seed {plain(shlex.quote(draw.base), 1100)} draws them again: "
        f"{', '.join(f'{of_dataset}/{seed}' for of_dataset, seed in draw.seeds)} (dataset/solver)",
        err=True,
    )


def report(submission: Submission, draw: Draw, verdict: Verdict, confidence: float, results: Path) -> dict[str, Any]:
    """Everything, for other programs and for later."""
    return {
        "schema": SCHEMA,
        "solver": submission.name,
        "submission": submission.digest,
        "accepted": verdict.accepted,
        "trust": "rerun here" if verdict.accepted else None,
        "reasons": verdict.reasons,
        "draw": {"source": draw.source, "base": draw.base, "seeds": [list(pair) for pair in draw.seeds]},
        "false_alarm": 1 - confidence,
        "results": str(results),
        "findings": [asdict(finding) for finding in verdict.findings],
    }


def keep(report: dict[str, Any], folder: Path) -> None:
    """Keep the report beside our records."""
    path = folder / "verification" / f"{report['submission'][:16]}.json"
    write_atomically(path, (json.dumps(report, indent=1, allow_nan=False) + "\n").encode())


def show(report: dict[str, Any], verdict: Verdict, as_json: bool, every: bool) -> None:
    """Print the verdict."""
    if as_json:
        typer.echo(json.dumps(report, indent=1, allow_nan=False))
        return
    _table(verdict, every)
    for check, (agrees, differs, undecided) in counted(verdict.findings).items():
        found = [f"{agrees} agree"] + [
            f"{n} {word}" for n, word in ((differs, "differ"), (undecided, "undecided")) if n
        ]
        typer.echo(f"{check}: {', '.join(found)}")
    for reason in verdict.reasons:
        typer.echo(f"✗ {plain(reason, 600)}")
    alarm = f"{report['false_alarm']:.3g}"
    if verdict.accepted:
        typer.echo(f"Accepted. Our records are rerun here: {plain(report['results'], 300)}")
    else:
        typer.echo("Rejected.")
    typer.echo(f"Chance rejects an honest submission with a probability of at most {alarm}.")


def _table(verdict: Verdict, every: bool) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    rows = [it for check in CHECKS for it in verdict.findings if it.check == check]
    rows = [it for it in rows if it.claimed is not None and (every or it.answer != "agrees")]
    if not rows:
        return
    console = Console()
    console.width = console.width if sys.stdout.isatty() else _WIDTH
    table = Table(box=None, pad_edge=False)
    for heading in ("", "setting", "what", "claimed", "found", "found / claimed"):
        table.add_column(heading, justify="left" if heading in ("", "setting", "what") else "right")
    for it in rows:
        what = f"{plain(it.quantity, 60)} ({it.check})"
        table.add_row(*map(Text, (it.answer, plain(it.setting, 120), what, *_figures(it))))
    console.print(table)


def _figures(finding: Finding) -> tuple[str, str, str]:
    shown = seconds if finding.check == SECONDS else lambda value: "–" if value is None else f"{value:.4g}"
    ratio = ""
    if finding.claimed and finding.found is not None:
        ratio = _times(finding.found / finding.claimed)
        if finding.chance is not None:
            ratio += f" [{_times(finding.low)}, {_times(finding.high)}]"
    return shown(finding.claimed), shown(finding.found), ratio


def _times(ratio: float | None) -> str:
    if ratio is None or not math.isfinite(ratio):
        return "?"
    return f"{ratio:.2f}" if 0.01 <= abs(ratio) < 100 else f"{ratio:.1e}"
