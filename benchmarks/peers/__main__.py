"""`python -m benchmarks.peers`: measure, keep every sample, write docs/performance.md."""

from __future__ import annotations

import argparse
import json
import signal
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from kineticbench.contracts import InvalidInput
from kineticbench.contracts.errors import KineticbenchError
from kineticbench.files import write_atomically

from . import page
from .comparison import DEVICES, FILES, Comparison, find, keys, text, title
from .turns import Plan, take_turns

ROOT = Path(__file__).parents[2]
SAMPLES, PAGE = Path(__file__).with_name("measured.json"), ROOT / "docs" / "performance.md"
SCHEMA = "kineticbench/peers/1"


def arguments(given: list[str] | None = None) -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        "python -m benchmarks.peers",
        description="Measure our code beside its peers, keep every sample, and write docs/performance.md.",
        epilog="All rows on a CPU go to benchmarks/peers/measured.json and docs/performance.md, others to results/.",
    )
    parser.add_argument("--only", nargs="+", metavar="NAME", help=f"of {', '.join(FILES)}, or one row as FILE/NAME")
    parser.add_argument("--device", choices=DEVICES, default="cpu")
    parser.add_argument("--rounds", type=int, default=Plan.rounds, help="turns of each side (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=Plan.seconds, help="least length of a turn")
    parser.add_argument("--limit", type=float, default=Plan.limit, help="seconds after which a side is given up")
    parser.add_argument("--samples", type=Path, help="where the samples go (JSON); see below")
    parser.add_argument("--page", type=Path, help="where the page goes (Markdown); see below")
    parser.add_argument("--write-only", action="store_true", help="measure nothing; write the page of these samples")
    parser.add_argument("--list", action="store_true", help="print the names of all rows")
    asked = parser.parse_args(given)
    if asked.rounds < 1 or asked.seconds < 0 or asked.limit <= 0:
        raise InvalidInput("--rounds must be at least 1, --seconds not negative, and --limit positive.")
    official = asked.write_only or (asked.device == "cpu" and not asked.only)
    asked.samples = asked.samples or (SAMPLES if official else ROOT / "results" / f"peers-{asked.device}.json")
    asked.page = asked.page or (PAGE if official else asked.samples.with_suffix(".md"))
    return asked


def chosen(only: list[str] | None, device: str) -> list[tuple[str, Comparison]]:
    """The comparisons with their keys, in the order of the page, of those that run on the device."""
    picked = set()
    for name in only or FILES:
        picked |= {name} if "/" in name else set(keys([name]))
    for name in picked:
        find(name)
    pairs = [(key, find(key)) for key in keys(FILES) if key in picked]
    return [(key, comparison) for key, comparison in pairs if device in comparison.devices]


def measure(asked: argparse.Namespace) -> Iterator[dict[str, Any]]:
    """All samples so far and what they were made on, after each row, so that little is lost where a run is ended."""
    from kineticbench.engine.environment import Machine

    here, plan, rows = Machine.here(), Plan(asked.rounds, asked.seconds, asked.limit), []
    for key, comparison in chosen(asked.only, asked.device):
        print(key, flush=True)  # noqa: T201
        row = take_turns(key, comparison, asked.device, plan)
        told = {name: getattr(comparison, name) for name in ("work", "unit", "measure", "peer", "target")}
        rows.append({**row, **told})
        yield {
            "schema": SCHEMA,
            "date": date.today().isoformat(),
            "commit": here.commit,
            "dirty": here.dirty,
            "hardware": here.hardware,
            "packages": here.packages,
            "device": asked.device,
            "rounds": asked.rounds,
            "seconds": asked.seconds,
            "sections": {file: {"title": title(file), "text": text(file)} for file in FILES},
            "rows": rows,
        }


def main(given: list[str] | None = None) -> None:
    """Measure and write."""
    asked = arguments(given)
    if asked.list:
        print(*keys(FILES), sep="\n")  # noqa: T201
        return
    if not asked.write_only:
        for run in measure(asked):
            write_atomically(asked.samples, (json.dumps(run, indent=1, ensure_ascii=False) + "\n").encode())
    write_atomically(asked.page, page.page(read(asked.samples)).encode())
    print(asked.page)  # noqa: T201


def read(path: Path) -> dict[str, Any]:
    """Samples that were written; `InvalidInput` where they are not there."""
    try:
        run = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path} cannot be read: {error}.", "Measure first.") from None
    if not isinstance(run, dict) or run.get("schema") != SCHEMA:
        raise InvalidInput(f"{path} is not a file of samples ({SCHEMA}).", "Measure first.")
    return run


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the sides are ended, too
    try:
        main()
    except KineticbenchError as error:
        print(error, file=sys.stderr)  # noqa: T201
        sys.exit(2)
