"""Tries a plug-in in a process without the secrets of this one's environment, and outlives whatever it does."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..contracts import InvalidInput
from ..engine import threads
from ..engine.inherited import inherited
from ..engine.protocol import Channel, Message
from .outcome import Finding

PROMISE = "It comes through every try without ending the process, hanging or taking all memory."


@dataclass(frozen=True)
class Limits:
    """What one try may take, of one rule on one problem.

    Parameters
    ----------
    seconds
        Wall time.
    bytes
        Memory of the process and all that it starts.
    """

    seconds: float = 300.0
    bytes: float = 4e9


@dataclass
class Report:
    """What was found.

    Parameters
    ----------
    subject
        "kind", "name", "class" and "summary" of the plug-in, and "problems", what each small problem is.
    findings
        In the order of the rules.
    printed
        What the plug-in printed.
    """

    subject: dict[str, Any] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    printed: str = ""

    @property
    def broken(self) -> list[Finding]:
        """What is to be mended."""
        return [finding for finding in self.findings if finding.state == "broken"]


def report(name: str, limits: Limits = Limits(), listener: Callable[[str], Any] = lambda _: None) -> Report:
    """Try the plug-in of that name or in that file; `listener` hears what is tried next.

    A process that dies, hangs or takes too much memory is a finding like any other, and the last one.

    Raises
    ------
    InvalidInput
        For a name or a file that cannot be meant.
    """
    variables = {**threads.environment(1, "float64"), "PYTHONHASHSEED": "0"}
    variables |= {"JAX_PLATFORMS": "cpu", "CUDA_VISIBLE_DEVICES": ""}
    child = [sys.executable, "-m", "kineticbench.conformance.run"]
    keeper = [sys.executable, "-m", "kineticbench.engine.keeper", json.dumps(variables), *child]
    process = subprocess.Popen(
        keeper,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=inherited(os.environ),
        start_new_session=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        channel = Channel(process.stdout.fileno(), process.stdin.fileno())
        watched = {"seconds": limits.seconds, "setup_seconds": limits.seconds, "bytes": limits.bytes}
        channel.send({"name": name, "limits": watched})
        return _heard(channel, name, limits, listener)
    finally:
        for stream in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10.0)
        process.kill()  # no more than a keeper that does not end
        process.wait()


def _heard(channel: Channel, name: str, limits: Limits, listener: Callable[[str], Any]) -> Report:
    found, doing = Report(), {"rule": "", "problem": ""}
    while (message := channel.receive()) is not None:
        event = message.pop("event")
        if event == "subject":
            found.subject = message
        elif event == "trying":
            doing = message
            listener(" on ".join(part for part in (doing["rule"], doing["problem"]) if part))
        elif event == "finding":
            found.findings.append(Finding(**message))
        elif event == "done":
            if "message" in message:
                raise InvalidInput(message["message"], message["remedy"])
            found.printed = message["log"]
            return found
        elif event == "ended":
            break
    ended = message or {"why": "exit", "reason": "What watches the process ended.", "log": ""}
    found.printed = ended["log"]
    found.findings.append(_ended(ended, doing, name, limits))
    return found


def _ended(message: Message, doing: Message, name: str, limits: Limits) -> Finding:
    """The finding that a process is which did not come to its end."""
    trying = " on ".join(part for part in (doing["rule"], doing["problem"]) if part) or "starting"
    if message["why"] == "timeout":
        what = f"It took longer than {limits.seconds:g} s"
        remedy = "Look for a loop that does not end, or give it more --seconds."
    elif message["why"] == "out-of-memory":
        what = f"It took more than {limits.bytes / 1e9:g} GB of memory"
        remedy = "Look for what grows, or give it more --memory."
    else:
        what, remedy = message["reason"].rstrip("."), "Raise an error where it cannot go on; look at what it printed."
    where = _place(message["log"], name)
    return Finding("process", PROMISE, doing["problem"], "broken", f"{what}{where}, trying: {trying}.", remedy)


def _place(log: str, name: str) -> str:
    """Where in the plug-in's file it was, as Python's fault handler has printed it."""
    file = re.escape(re.split(r"[/\\]", name)[-1].removesuffix(".py"))
    told = re.split(r"Fatal Python error|Timeout \(\d", log)
    lines = re.findall(rf'File "[^"\n]*\b{file}\.py", line (\d+) in (\w+)', told[-1]) if len(told) > 1 else []
    return f", in line {lines[0][0]} ({lines[0][1]})" if lines else ""
