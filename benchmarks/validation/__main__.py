"""`python -m benchmarks.validation`: run every study and keep its errors. About a minute on one core."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from . import collisions, plasma

KEPT = Path(__file__).with_name("measured.json")
STUDIES = {function.__name__: function for function in (*plasma.STUDIES, *collisions.STUDIES)}


def main(arguments: list[str] | None = None) -> int:
    """The command."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.validation", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=STUDIES, metavar="STUDY", help=f"of {', '.join(STUDIES)}")
    parser.add_argument("--output", type=Path, default=KEPT, help="where to keep them")
    asked = parser.parse_args(arguments)
    made = []
    for name in asked.only or STUDIES:
        print(name, file=sys.stderr, flush=True)  # noqa: T201
        made.append(STUDIES[name]())
    text = json.dumps({"studies": made}, indent=1, ensure_ascii=False, allow_nan=False)
    asked.output.write_text(f"{text}\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
