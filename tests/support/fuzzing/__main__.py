"""`make fuzz`: ten thousand inputs and more of each kind; exit status 1 where a reader did anything but refuse."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path

from .session import fuzz
from .targets import targets


def main() -> int:
    """Fuzz every kind of file, or those that are named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", help=f"of {', '.join(targets())}; all by default")
    parser.add_argument("--inputs", type=int, default=12_500, help="how many of each kind")
    parser.add_argument("--seed", type=int, default=None, help="draws the same inputs again")
    parser.add_argument("--keep", type=Path, default=Path("results/fuzz"), help="where inputs that do harm are kept")
    asked = parser.parse_args()
    kinds = asked.kinds or list(targets())
    if not set(kinds) <= targets().keys():
        parser.error(f"kinds are {', '.join(targets())}")
    seed = secrets.randbelow(1 << 32) if asked.seed is None else asked.seed
    _say(f"--seed {seed} draws these inputs again")
    harmful, total = 0, 0
    for kind in kinds:
        begun = time.perf_counter()
        found = fuzz(kind, asked.inputs, seed, asked.keep)
        total += found.inputs
        harmful += found.harm is not None
        _say(
            f"{kind:>12}: {found.inputs} inputs, {found.refused} refused, {found.inputs - found.refused} taken, "
            f"{time.perf_counter() - begun:.0f} s{f'; HARM: {found.harm}' if found.harm else ''}"
        )
    _say(f"{total} inputs, {harmful} kinds of file that do harm.")
    return 1 if harmful else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
