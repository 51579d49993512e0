"""One side of a comparison in a process of its own, so that one that crashes takes nothing with it.

`python -m benchmarks.peers.side KEY ours|theirs DEVICE` prepares the work and makes the first call. Then it answers
each line of its standard input with a line of JSON: "turn SECONDS" with the seconds of as many calls as take that long,
and "error" with the error of the last answer. What libraries print goes to standard error.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import time
from typing import Any, TextIO

from .comparison import Task, find


def ready(answer: Any) -> Any:
    """The answer once JAX and torch have finished it."""
    jax, torch = sys.modules.get("jax"), sys.modules.get("torch")
    if jax is not None:
        jax.block_until_ready(answer)
    if torch is not None and torch.cuda.is_available():
        torch.cuda.synchronize()
    return answer


def turn(task: Task, seconds: float) -> tuple[Any, dict[str, Any]]:
    """The last answer, and how long how many calls took; at least one, and none begun after `seconds`."""
    calls, begun = 0, time.perf_counter()
    while True:
        answer = ready(task.call())
        calls += 1
        spent = time.perf_counter() - begun
        if spent >= seconds:
            return answer, {"seconds": spent, "calls": calls}


def version(package: str | None) -> str | None:
    """Of an installed distribution."""
    return None if package is None else importlib.metadata.version(package)


def serve(task: Task, package: str | None, orders: TextIO, replies: TextIO) -> None:
    """Answer orders until there are no more."""
    answer, _ = turn(task, 0.0)

    def reply(**data: Any) -> None:
        replies.write(json.dumps(data) + "\n")
        replies.flush()

    reply(units=task.units, version=version(package))
    for order in orders:
        what, _, seconds = order.strip().partition(" ")
        if what == "turn":
            answer, taken = turn(task, float(seconds))
            reply(**taken)
        else:
            reply(error=float(task.error(answer)))


def main(key: str, name: str, device: str) -> None:
    """Serve one side; standard output is kept for replies."""
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    comparison = find(key)
    serve(comparison.sides[name](device), comparison.package if name == "theirs" else None, sys.stdin, replies)


if __name__ == "__main__":
    main(*sys.argv[1:])
