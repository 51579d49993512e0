"""How long a newcomer takes from a clone to a scored solver of their own: a tutorial word by word, timed.

    python -m benchmarks.newcomer                 the tutorial on submitting a solver
    python -m benchmarks.newcomer compare guard   others, in the same clone

The repository is cloned into an empty folder, set up by `make .venv/ready`, and every command of the tutorial is run
there as it is written. Reading and thinking are not in the seconds.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "docs"))

from handbook.documents import blocks  # noqa: E402

TUTORIALS = ROOT / "docs" / "tutorials"


def followed(place: Path, tutorial: str) -> Iterator[tuple[str, float]]:
    """First line and seconds of every block of a tutorial that is run, in a clone that is set up."""
    python = ""
    for block in blocks(TUTORIALS / f"{tutorial}.md"):
        if block.name is not None:
            (place / block.name).write_text(block.body, encoding="utf-8")
        elif block.language == "bash":
            yield block.body.partition("\n")[0], timed(place, block.body)
        elif block.language == "python":
            python += block.body
            yield block.body.partition("\n")[0], timed(place, f"python - <<'END'\n{python}\nEND\n")


def timed(place: Path, script: str) -> float:
    """Seconds of a script, whose output is shown where it fails."""
    path = os.pathsep.join([str(place / ".venv" / "bin"), os.environ["PATH"]])
    variables = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
    command = ["bash", "-euo", "pipefail", "-c", script]
    begun = time.perf_counter()
    done = subprocess.run(command, cwd=place, env={**variables, "PATH": path}, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{script}\n{done.stdout}\n{done.stderr}")
    return time.perf_counter() - begun


def main() -> None:
    """Follow them and say how long each step took."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    known = sorted(path.stem for path in TUTORIALS.glob("*.md"))
    parser.add_argument("tutorials", nargs="*", metavar="TUTORIAL", help=f"of {', '.join(known)}; submit by default")
    asked = parser.parse_args().tutorials or ["submit"]
    if not set(asked) <= set(known):
        parser.error(f"the tutorials are {', '.join(known)}")
    with tempfile.TemporaryDirectory(prefix="kineticbench-") as folder:
        place, total = Path(folder) / "kineticbench", 0.0
        steps = [(f"git clone {ROOT.name}", timed(Path(folder), f"git clone --quiet '{ROOT}' kineticbench"))]
        steps.append(("make .venv/ready", timed(place, "make .venv/ready")))
        for name, seconds in steps:
            total += said(name, seconds)
        for tutorial in asked:
            for name, seconds in followed(place, tutorial):
                total += said(name, seconds)
    said("altogether", total)


def said(name: str, seconds: float) -> float:
    """The seconds of a step, printed."""
    sys.stdout.write(f"{seconds:7.1f} s  {name[:100]}\n")
    sys.stdout.flush()
    return seconds


if __name__ == "__main__":
    main()
