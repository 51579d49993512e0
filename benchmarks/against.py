"""Whether this checkout is worse than another commit: both run the same suite in turn, then `kineticbench compare`.

    python benchmarks/against.py main                        # smoke, five times each
    python benchmarks/against.py v0.1 --suite quick --times 3 --results results/against

Runs alternate (old, new, new, old, …), since a machine that is shared changes its speed from minute to minute. The exit
status is that of `compare`: 1 where something surely got worse. Results are kept; the same command adds to them.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def kineticbench(checkout: Path, *words: str) -> int:
    """Exit status of a command run with the code of a checkout."""
    environment = os.environ | {"PYTHONPATH": str(checkout / "src")}
    start = "from kineticbench.cli import main; main()"  # `python -m kineticbench` is younger than some commits
    return subprocess.run([sys.executable, "-c", start, *words], env=environment, cwd=checkout, check=False).returncode


def alternate(old: Path, new: Path, suite: Sequence[str], times: int, results: Path) -> None:
    """Run the suite `times` times on both sides, the first of a pair second in the next."""
    sides = [(old, results / "old"), (new, results / "new")]
    for turn in range(times):
        for checkout, folder in sides if turn % 2 == 0 else sides[::-1]:
            print(f"{turn + 1}/{times} {folder.name}", flush=True)  # noqa: T201
            status = kineticbench(checkout, "run", *suite, "--only", "all", "--results", str(folder))
            if status not in (0, 1):  # 1: some cells failed, which compare tells of
                raise SystemExit(status)


def main() -> int:
    """Parse, check out, run, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("base", help="commit, branch or tag to compare with")
    parser.add_argument("--suite", action="append", help="suite to run (smoke); may be repeated")
    parser.add_argument("--times", type=int, default=5, help="runs a side")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "against", help="folder for old/ and new/")
    parser.add_argument("--markdown", type=Path, help="also write the table to this file")
    asked = parser.parse_args()
    if asked.times < 1:
        parser.error("--times must be at least 1")
    git = ["git", "-C", str(ROOT)]
    found = subprocess.run(
        [*git, "rev-parse", "--verify", "--quiet", f"{asked.base}^{{commit}}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if found.returncode:
        parser.error(f"{asked.base} is no commit of this repository")
    results = asked.results.resolve()
    with tempfile.TemporaryDirectory() as scratch:
        old = Path(scratch) / "old"
        subprocess.run([*git, "worktree", "add", "--quiet", "--detach", str(old), found.stdout.strip()], check=True)
        try:
            alternate(old, ROOT, asked.suite or ["smoke"], asked.times, results)
        finally:
            subprocess.run([*git, "worktree", "remove", "--force", str(old)], check=True)
    words = ["compare", str(results / "old"), str(results / "new")]
    return kineticbench(ROOT, *words, *(["--markdown", str(asked.markdown.resolve())] if asked.markdown else []))


if __name__ == "__main__":
    sys.exit(main())
