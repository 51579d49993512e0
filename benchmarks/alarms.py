"""Does `kineticbench compare` find what got worse, and nothing else? The suite `smoke`, many times over.

    python -m benchmarks.alarms                     # 21 runs of unchanged code, five of code made slower; 20 minutes

Unchanged code is compared with itself: each run with the next, and all of them in groups of five a side, in the order
of `benchmarks/against.py`. The changes of `benchmarks/injected.py` are compared with it: what takes longer by five runs
a side, each beside its partner; what changes numbers by one. Runs are kept under `--results`, and the same command goes
on. Exit status 1 where there is a false alarm or a change is missed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kineticbench.ranking.change import Change
    from kineticbench.results.record import Record

ROOT = Path(__file__).resolve().parents[1]
# What `compare` must call worse for each injected change: quantity and solver.
FINDS = {
    "nothing": None,
    "slower": ("seconds a call", "sheets"),
    "less right": ("w1_momentum", "pic"),
    "a leak": ("drift_momentum", "sheets"),
}
UNCHANGED, SLOWER = "unchanged", "slower"


@dataclass(frozen=True)
class Run:
    """A run of the suite with the code of a variant."""

    variant: str
    number: int

    @property
    def name(self) -> str:
        """Its folder."""
        return f"{self.variant.replace(' ', '-')}-{self.number:02d}"


@dataclass(frozen=True)
class Side:
    """What is compared: two lists of runs, and what must be found in the second ((quantity, solver), or None)."""

    what: str
    old: tuple[Run, ...]
    new: tuple[Run, ...]
    finds: tuple[str, str] | None


def schedule(runs: int, times: int) -> list[Run]:
    """The runs in order: those of the slower code spread over those of unchanged code, each after its partner."""
    slow = {round((turn + 0.5) * runs / times): turn for turn in range(times)}
    order: list[Run] = []
    for number in range(runs):
        order.append(Run(UNCHANGED, number))
        if number in slow:
            order.append(Run(SLOWER, slow[number]))
    return order + [Run(variant, 0) for variant in FINDS if variant != SLOWER]


def comparisons(order: Sequence[Run], times: int) -> Iterator[Side]:
    """What is compared with what."""
    same = [run for run in order if run.variant == UNCHANGED]
    for one, next_one in itertools.pairwise(same):
        yield Side(f"{one.name} and the next", (one,), (next_one,), None)
    for start in range(0, len(same) - 2 * times + 1, 2 * times):
        old, new = [], []
        for turn in range(times):
            pair = same[start + 2 * turn : start + 2 * turn + 2]
            first, second = pair if turn % 2 == 0 else pair[::-1]
            old.append(first)
            new.append(second)
        yield Side(f"unchanged from {old[0].name}, {times} a side", tuple(old), tuple(new), None)
    partners = [(order[place - 1], run) for place, run in enumerate(order) if run.variant == SLOWER]
    yield Side(SLOWER, tuple(old for old, _ in partners), tuple(new for _, new in partners), FINDS[SLOWER])
    for run in order:
        if run.variant not in (UNCHANGED, SLOWER):
            yield Side(run.variant, (same[-1],), (run,), FINDS[run.variant])


def checkout(variant: str, suite: str, scratch: Path, spare: Path) -> Path:
    """A worktree of the last commit with what is injected added, its loops compiled by a run in a spare folder."""
    from .injected import INJECTED

    folder = scratch / variant.replace(" ", "-")
    if not folder.exists():
        subprocess.run(
            ["git", "-C", str(ROOT), "worktree", "add", "--quiet", "--detach", str(folder), "HEAD"], check=True
        )
        for injected in INJECTED:
            if injected.name == variant:
                path = folder / injected.file
                path.write_text(path.read_text() + injected.code)
        run_suite(folder, suite, spare)
        shutil.rmtree(spare)
    return folder


def run_suite(folder: Path, suite: str, results: Path) -> None:
    """Run the suite with the code of a checkout; the program ends where a solver failed."""
    from .against import kineticbench

    status = kineticbench(folder, "run", suite, "--results", str(results))
    if status:
        raise SystemExit(status)


def make(order: Sequence[Run], suite: str, results: Path) -> None:
    """Every run that is not there yet, whole or not at all."""
    results.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        try:
            for place, run in enumerate(order):
                if (results / run.name).exists():
                    continue
                print(f"{place + 1}/{len(order)} {run.name}", flush=True)  # noqa: T201
                half = results / "half"
                shutil.rmtree(half, ignore_errors=True)
                run_suite(checkout(run.variant, suite, Path(scratch), half), suite, half)
                half.rename(results / run.name)
        finally:
            for folder in Path(scratch).iterdir():
                subprocess.run(["git", "-C", str(ROOT), "worktree", "remove", "--force", str(folder)], check=True)


def worse(side: Side, results: Path) -> list[Change]:
    """What `compare` calls worse."""
    from kineticbench.ranking.compare import compare
    from kineticbench.results.store import Store

    def records(runs: Sequence[Run]) -> list[Record]:
        return [record for run in runs for record in Store(results / run.name).read().records]

    return compare(records(side.old), records(side.new)).of("worse")


def is_right(side: Side, found: Sequence[Change]) -> bool:
    """Whether what should be found was, and nothing that the injected change does not touch."""
    if side.finds is None:
        return not found
    of_metric = side.finds[0].startswith("w1_")  # a metric is worse under every solver, a solver in every quantity
    strange = [c for c in found if not (c.quantity.startswith("w1_") if of_metric else c.solver == side.finds[1])]
    return side.finds in {(change.quantity, change.solver) for change in found} and not strange


def main() -> int:
    """Run, compare, say."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=21, help="of unchanged code")
    parser.add_argument("--times", type=int, default=5, help="runs a side of what takes longer")
    parser.add_argument("--suite", default="smoke")
    parser.add_argument("--results", type=Path, default=ROOT / "results" / "alarms")
    asked = parser.parse_args()
    if asked.times < 1 or asked.runs < 2 * asked.times:
        parser.error("--runs must be at least twice --times")
    order, results = schedule(asked.runs, asked.times), asked.results.resolve()
    make(order, asked.suite, results)
    wrong = 0
    for side in comparisons(order, asked.times):
        found = worse(side, results)
        right = is_right(side, found)
        wrong += not right
        words = [f"{c.solver} {c.setting}: {c.quantity} {json.dumps(c.ratio and round(c.ratio, 3))}" for c in found]
        print(f"{'right' if right else 'WRONG'}  {side.what}: {'; '.join(words) or 'nothing'}")  # noqa: T201
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
