"""JSON messages, one a line, over pipes that belong to nothing else."""

from __future__ import annotations

import json
import os
from typing import Any

Message = dict[str, Any]


def encode(message: Message) -> bytes:
    """One line."""
    return json.dumps(message, separators=(",", ":"), default=_number).encode() + b"\n"


def _number(value: Any) -> Any:
    """NumPy scalars as Python numbers."""
    if hasattr(value, "item"):
        return value.item()
    raise TypeError(f"{type(value).__name__} cannot travel in a message")


def write_all(descriptor: int, data: bytes) -> None:
    """Write everything, however many calls it takes."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


class Lines:
    """Splits what arrives in pieces into messages."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> list[Message]:
        """The messages that `data` completes."""
        self._rest += data
        if b"\n" not in data:
            return []
        *lines, rest = bytes(self._rest).split(b"\n")
        self._rest = bytearray(rest)
        return [json.loads(line) for line in lines]


class Channel:
    """Both directions, for whoever may wait.

    Parameters
    ----------
    incoming, outgoing
        Descriptors to read from and write to.
    """

    def __init__(self, incoming: int, outgoing: int):
        self._in, self._out = incoming, outgoing
        self._lines, self._ready = Lines(), list[Message]()

    def send(self, message: Message) -> None:
        """Send a message; `BrokenPipeError` where nobody listens any more."""
        write_all(self._out, encode(message))

    def receive(self) -> Message | None:
        """Wait for the next message; None where the other side is gone."""
        while not self._ready:
            data = os.read(self._in, 1 << 16)
            if not data:
                return None
            self._ready = self._lines.feed(data)
        return self._ready.pop(0)
