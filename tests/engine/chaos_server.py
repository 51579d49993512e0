"""Runs the same suite over and over, each time in a child that may be killed: `chaos_server.py FOLDER CELLS SECONDS`.

Each line of standard input is the name of a results folder; the answers are "pid NUMBER" and, when the child has ended,
"ended STATUS". One process imports and plans once, so that a run starts as quickly as its worker does.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from conftest import DATASET, Lab

from kineticbench.engine import run as running
from kineticbench.engine.environment import hardware
from kineticbench.engine.executors.local import Local
from kineticbench.engine.plan import chosen, jobs, plan
from kineticbench.results.store import Store

BODY = """
        with open({calls!r}, "a") as file:
            file.write(f"{{self.seed}} {{os.getpid()}}\\n")
        time.sleep({seconds})
"""


def tell(*words: object) -> None:
    sys.stdout.write(" ".join(map(str, words)) + "\n")
    sys.stdout.flush()


def main(folder: Path, cells: int, seconds: float) -> None:
    """Answer until standard input ends."""
    lab = Lab(folder)
    lab.dataset.write_text(DATASET.replace(', "growth_rate"', ""))  # which takes long to import
    solver = lab.solver("tiny", BODY.format(calls=str(folder / "calls"), seconds=seconds).strip())
    suite = lab.suite(solver, seeds=list(range(cells)))
    planned = plan(suite)
    tell("ready")
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            store = Store(folder / line.strip())
            store.prepare()
            left = chosen(planned, store.known(), hardware()["id"])
            made = sum(1 for _ in running.run(jobs(left, suite, store.folder), store, Local(), lambda *_: None))
            os._exit(0 if made == len(left) else 3)
        tell("pid", child)
        _, status = os.waitpid(child, 0)
        tell("ended", os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
