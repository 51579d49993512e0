"""The process in which a plug-in is tried: `python -m kineticbench.conformance.run INCOMING OUTGOING`.

Started by the engine's keeper, which watches time and memory. One job comes in, {"name": …, "limits": …}; messages go
out: {"event": "subject"}, then {"event": "trying"} and {"event": "finding"} for each rule and problem, and "done",
which says whether the name could not be meant at all. Whatever the plug-in prints goes elsewhere.
"""

from __future__ import annotations

import faulthandler
import os
import sys
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ..engine.protocol import Channel


def main(arguments: list[str]) -> None:
    """Try the plug-in that the job names."""
    incoming, outgoing = (int(descriptor) for descriptor in arguments)
    for descriptor in (incoming, outgoing):
        os.set_inheritable(descriptor, False)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")  # where memory runs out, this goes first
    faulthandler.enable(2)
    channel = Channel(incoming, outgoing)
    job = channel.receive()
    if job is not None:
        channel.send({"event": "done", **_try(job, channel)})
        channel.receive()  # the other side closes when it has heard
    os._exit(0)  # threads and exit handlers of the plug-in must not keep it


def _try(job: dict[str, Any], channel: Channel) -> dict[str, Any]:
    from ..contracts import InvalidInput
    from . import suite
    from .problems import KINDS

    seconds = job["limits"]["setup_seconds"]

    def listen(rule: Any, problem: str) -> None:
        faulthandler.dump_traceback_later(0.95 * seconds, file=2)  # where it hangs is known before it is ended
        channel.send({"event": "clock", "running": False})  # begins the seconds anew
        channel.send({"event": "trying", "rule": rule.name, "problem": problem})

    try:
        of = suite.subject(job["name"])
    except InvalidInput as error:
        return {"message": error.message, "remedy": error.remedy}
    plug_in = of.plug_in
    about = {"kind": plug_in.kind, "name": plug_in.name, "class": plug_in.class_name, "summary": plug_in.summary}
    channel.send({"event": "subject", **about, "problems": KINDS if plug_in.kind == "solvers" else {}})
    for finding in suite.tried(of, listen):
        channel.send({"event": "finding", **asdict(finding)})
    faulthandler.cancel_dump_traceback_later()
    return {}


if __name__ == "__main__":
    main(sys.argv[1:])
